"""`ports.Translator` on mapping packs; and the same run for a file that is only looked at."""

from __future__ import annotations

import csv
import io
from collections import OrderedDict
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any

from gateway.domain.account import Account
from gateway.domain.catalogue import Catalogue
from gateway.domain.errors import Misconfigured, Rejected, problem
from gateway.domain.facts import HeldGroup
from gateway.domain.record import canonical, plain
from gateway.domain.report import Report, ReportHead
from gateway.mapping.conflicts import Severity
from gateway.mapping.pack import FIELDS, Pack, load
from gateway.mapping.run import Mapped, run
from gateway.ports import Translation

_MOST_PACKS_KEPT = 32


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
        kept = io.StringIO()
        writer = csv.DictWriter(kept, ["indicator", "organisation", "unit", "value", "breakdown", "rows"])
        writer.writeheader()
        for row in self._rows():
            said = ";".join(f"{name}={value}" for name, value in sorted(row["breakdown"].items()))
            writer.writerow({**row, "breakdown": said, "rows": " ".join(map(str, row["rows"]))})
        return kept.getvalue()

    def _rows(self) -> list[dict[str, Any]]:
        columns = self.mapped.columns
        return [
            {
                "indicator": columns.indicator[i],
                "organisation": columns.organisation[i],
                "unit": columns.unit[i],
                "value": columns.value[i],
                "breakdown": {name: column[i] for name, column in columns.breakdown.items() if column[i]},
                "rows": self.mapped.lineage[i],
            }
            for i in range(len(columns))
        ]


class PackTranslator:
    """Packs of one folder, compiled once for each content and kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: OrderedDict[tuple[str, tuple[tuple[str, int, int], ...]], Pack] = OrderedDict()
        self._lock = Lock()

    def translate(self, report: Report, pack: str, catalogue: Catalogue | None) -> Translation:
        """Raises `Rejected` (D-001) when nothing could be mapped, `Misconfigured` (D-002) for a faulty pack."""
        compiled = self._compiled(pack)
        mapped = run(compiled, report, catalogue)
        account = mapped.account
        if not len(mapped.columns):
            raise Rejected(problem("D-001", received=account.received, held=account.held, excluded=account.excluded))
        return Translation(
            report=Report(_head(compiled, report.head), mapped.columns),
            pack=compiled.name,
            pack_digest=compiled.digest,
            account=account,
            held=tuple(
                HeldGroup(one.code, one.rule.vi.format(what=one.what), len(one.rows), one.rows)
                for one in mapped.conflicts
                if one.rule.severity is Severity.HELD
            ),
            findings=canonical(_findings(mapped)),
        )

    def _compiled(self, name: str) -> Pack:
        folder = self._folder / name
        if Path(name).name != name or not folder.is_dir():
            raise Misconfigured(problem("D-002", pack=name, reason="no such pack"))
        with self._lock:
            key = (name, _stamp(folder))
            if key not in self._kept:
                self._kept[key] = load(folder)
                while len(self._kept) > _MOST_PACKS_KEPT:
                    self._kept.popitem(last=False)
            return self._kept[key]


def check_pack(folder: Path) -> None:
    """Raises `Misconfigured` (D-002) with every fault of the pack in `folder`."""
    load(folder)


def map_report(report: Report, folder: Path, period: str | None = None, organisation: str | None = None) -> Looked:
    """Map a report with the pack in `folder`, its period or reporter changed where named."""
    head = replace(report.head, period=period or report.head.period, reporter=organisation or report.head.reporter)
    asked = replace(report, head=head)
    pack = load(folder)
    return Looked(replace(asked, head=_head(pack, asked.head)), run(pack, asked, None))


def _head(pack: Pack, head: ReportHead) -> ReportHead:
    """With the constants of the pack (hằng số)."""
    constants: dict[str, Any] = {FIELDS[line["truong"]]: line["gia_tri"] for line in pack.lines["hang_so"]}
    return replace(head, **constants)


def _findings(mapped: Mapped) -> dict[str, Any]:
    merged = [{"result": i, "rows": rows} for i, rows in enumerate(mapped.lineage) if len(rows) > 1]
    return {
        "account": plain(mapped.account),
        "conflicts": [one.as_json() for one in mapped.conflicts],
        "collapsed": merged,
    }


def _stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """What changes when a file does; the digest itself is taken once, at compilation."""
    return tuple((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in sorted(folder.iterdir()))
