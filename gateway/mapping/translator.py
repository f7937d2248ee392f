"""`ports.Translator` on mapping packs; and the same run for a file that is only looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gateway.domain.account import Account
from gateway.domain.calendar import period as period_named
from gateway.domain.catalogue import Catalogue
from gateway.domain.errors import GatewayError, Misconfigured, Rejected, problem
from gateway.domain.facts import HeldGroup
from gateway.domain.record import canonical, plain
from gateway.domain.report import Report, ReportHead
from gateway.mapping.approval import approved
from gateway.mapping.book import as_csv
from gateway.mapping.compiling import FIELDS
from gateway.mapping.loading import load
from gateway.mapping.pack import Pack
from gateway.mapping.run import Mapped, run, run_many
from gateway.mapping.shelf import Shelf, Version, nothing_kept, unapproved
from gateway.ports import Earlier, Previous, Translation


@dataclass(frozen=True, slots=True)
class Looked:
    """What a run gave, for people: `gateway map`."""

    report: Report
    mapped: Mapped

    @property
    def account(self) -> Account:
        return self.mapped.account

    def as_json(self) -> dict[str, Any]:
        return {**_findings(self.mapped), "head": plain(self.report.head), "result": self._rows()}

    def as_csv(self) -> str:
        """No cell of it is a formula to a spreadsheet."""
        head = ["indicator", "organisation", "unit", "value", "breakdown", "rows"]
        rows = [
            [
                *(row[name] for name in head[:4]),
                ";".join(f"{name}={value}" for name, value in sorted(row["breakdown"].items())),
                " ".join(map(str, row["rows"])),
            ]
            for row in self._rows()
        ]
        return as_csv([head, *rows])

    def _rows(self) -> list[dict[str, Any]]:
        columns, lineage = self.mapped.columns, self.mapped.lineage
        return [
            {
                "indicator": columns.indicator[i],
                "organisation": columns.organisation[i],
                "unit": columns.unit[i],
                "value": columns.value[i],
                "breakdown": {name: column[i] for name, column in columns.breakdown.items() if column[i]},
                "rows": lineage[i],
                "derived": i in self.mapped.derived,
            }
            for i in range(len(columns))
        ]


class NothingBefore:
    """`ports.Previous` where no earlier report is to be had."""

    def before(self, heads: Sequence[ReportHead]) -> list[Earlier | None]:
        return [None] * len(heads)


class PackTranslator:
    """`ports.Translator` with the approved packs of one folder.

    `kept` gives the contents of earlier versions by digest, `previous` the figures of the period before.
    """

    def __init__(
        self, folder: Path, kept: Callable[[str], bytes] = nothing_kept, previous: Previous | None = None
    ) -> None:
        self._shelf = Shelf(folder, kept)
        self._previous = previous or NothingBefore()

    def translate(self, report: Report, pack: str, catalogue: Catalogue | None) -> Translation:
        """Raises `Rejected` (D-001) when nothing could be mapped, and what `pack` does."""
        [done] = self.translate_many([report], pack, catalogue)
        if isinstance(done, GatewayError):
            raise done
        return done

    def translate_many(
        self, reports: Sequence[Report], pack: str, catalogue: Catalogue | None
    ) -> list[Translation | Rejected]:
        """Each report as `translate` would take it alone, in one run; in place of its translation the error that it
        would raise. A report whose period no calendar has is refused by itself."""
        version = self._shelf.live(pack)
        done: dict[int, Translation | Rejected] = {}
        sound: list[int] = []
        for number, report in enumerate(reports):
            try:
                period_named(report.head.period)
                sound.append(number)
            except Rejected as refused:
                done[number] = refused
        earlier = self._previous.before([reports[number].head for number in sound])
        compared = {n: one.columns for n, one in enumerate(earlier) if one}
        mapped = run_many(version.pack, [reports[number] for number in sound], catalogue, compared)
        for number, one, before in zip(sound, mapped, earlier, strict=True):
            done[number] = _translated(version, reports[number], one, before)
        return [done[number] for number in range(len(reports))]

    def pack(self, name: str) -> Pack:
        """The pack to read and map live reports with. Raises as `Shelf.live`."""
        return self._shelf.live(name).pack


def check_pack(folder: Path) -> None:
    """Raises `Misconfigured` with every fault of the pack in `folder` (D-002), or that nobody approved it (D-008)."""
    pack = load(folder)
    if approved(folder, pack) is None:
        raise Misconfigured(unapproved(folder.name, pack))


def map_report(report: Report, folder: Path, period: str | None = None, organisation: str | None = None) -> Looked:
    """Map a report with the pack in `folder`, its period or reporter changed where named."""
    return looked(load(folder), asked(report, period, organisation))


def asked(report: Report, period: str | None, organisation: str | None) -> Report:
    """`report` with its period or reporter changed where named."""
    head = replace(report.head, period=period or report.head.period, reporter=organisation or report.head.reporter)
    return replace(report, head=head)


def looked(pack: Pack, report: Report, mapped: Mapped | None = None) -> Looked:
    """What becomes of `report`, for people; `mapped` where it is known already."""
    return Looked(replace(report, head=_head(pack, report.head)), mapped or run(pack, report, None))


def _translated(version: Version, report: Report, mapped: Mapped, before: Earlier | None) -> Translation | Rejected:
    account, pack = mapped.account, version.pack
    if not len(mapped.columns):
        return Rejected(problem("D-001", received=account.received, held=account.held, excluded=account.excluded))
    findings = _findings(mapped)
    findings["previous"] = {"exchange": before.exchange, "document": before.document} if before else None
    return Translation(
        report=Report(_head(pack, report.head), mapped.columns),
        pack=pack.name,
        pack_digest=pack.digest,
        account=account,
        held=tuple(
            HeldGroup(one.code, one.said(one.rule.vi), len(one.rows), one.rows)
            for one in mapped.conflicts
            if one.holds and one.rows
        ),
        findings=canonical(findings),
        approval=version.approval.number if version.approval else 0,
        content=pack.content,
    )


def _head(pack: Pack, head: ReportHead) -> ReportHead:
    """With the constants of the pack (hằng số) that are valid in the report's period."""
    covers = period_named(head.period)
    day = covers.start if pack.settings["as_of"] == "period_start" else covers.end
    constants: dict[str, Any] = {
        FIELDS[line["truong"]]: line["gia_tri"] for line in pack.lines["hang_so"] if line.valid_on(day)
    }
    return replace(head, **constants)


def _findings(mapped: Mapped) -> dict[str, Any]:
    merged = [{"result": i, "rows": rows} for i, rows in enumerate(mapped.lineage) if len(rows) != 1]
    return {
        "account": plain(mapped.account),
        "sums": plain(mapped.sums),
        "conflicts": [one.as_json() for one in mapped.conflicts],
        "checks": plain(mapped.checks),
        "collapsed": merged,
    }
