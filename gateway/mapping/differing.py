"""What would change: two packs over the same submissions, or a run against what is stored; and the plan of a run.

A plan id names everything the answer hangs on. Who commits it commits to what was looked at, or is told what moved.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from gateway.domain.catalogue import Catalogue
from gateway.domain.errors import Conflict, problem
from gateway.domain.ids import digest_of
from gateway.domain.record import canonical
from gateway.domain.report import Columns, Report
from gateway.mapping.pack import Pack
from gateway.mapping.run import Mapped, run, run_many

Key = tuple[str, str, str]
_PARTS = ("input", "pack", "catalogue", "stored")
_LETTERS = 12


@dataclass(frozen=True, slots=True)
class Change:
    """`kind` is insert, update or withdraw; a unit is part of a value."""

    kind: str
    period: str
    indicator: str
    organisation: str
    breakdown: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a run would do to what is stored, and the id under which it may be done."""

    plan: str
    mapped: Mapped
    changes: tuple[Change, ...]
    unchanged: int

    def as_json(self) -> dict[str, Any]:
        kinds = Counter(change.kind for change in self.changes)
        counts = {"inserted": kinds["insert"], "updated": kinds["update"], "withdrawn": kinds["withdraw"]}
        return {
            "plan_id": self.plan,
            "summary": {**asdict(self.mapped.account), **counts, "unchanged": self.unchanged},
            "changes": [asdict(change) for change in self.changes],
        }


def dry_run(pack: Pack, report: Report, catalogue: Catalogue | None, stored: Columns | None) -> DryRun:
    """Map `report` and hold the result against the `stored` values of its lane and period.

    Those are of the same period: no rule that asks for the one before may take them for it.
    """
    mapped = run(pack, report, catalogue)
    changes, unchanged = _compared(report.head.period, stored, mapped.columns)
    digests = (
        digest_of(canonical(report)),
        pack.digest,
        digest_of(canonical(catalogue)) if catalogue else "",
        digest_of(canonical(_rows(stored))) if stored else "",
    )
    plan = "-".join(digest[:_LETTERS] or "0" for digest in digests)
    return DryRun(plan, mapped, tuple(changes), unchanged)


def committed(plan: str, fresh: DryRun) -> Mapped:
    """The result that was looked at under `plan`. Raises `Conflict` (D-006) naming what changed since."""
    if plan != fresh.plan:
        pairs = zip(_PARTS, plan.split("-"), fresh.plan.split("-"), strict=False)
        changed = [name for name, before, now in pairs if before != now] or ["plan"]
        raise Conflict(problem("D-006", plan=plan, changed=", ".join(changed)))
    return fresh.mapped


def pack_diff(old: Pack, new: Pack, reports: Sequence[Report], catalogue: Catalogue | None = None) -> dict[str, Any]:
    """Which results of `reports` would be others under `new`, by indicator and by organisation."""
    changes: list[Change] = []
    unchanged = 0
    pairs = zip(reports, run_many(old, reports, catalogue), run_many(new, reports, catalogue), strict=True)
    for report, before, after in pairs:
        found, same = _compared(report.head.period, before.columns, after.columns)
        changes += found
        unchanged += same
    return {
        "old": old.digest,
        "new": new.digest,
        "reports": len(reports),
        "unchanged": unchanged,
        "changes": [asdict(change) for change in changes],
        "by_indicator": dict(sorted(Counter(change.indicator for change in changes).items())),
        "by_organisation": dict(sorted(Counter(change.organisation for change in changes).items())),
    }


def _compared(period: str, before: Columns | None, after: Columns) -> tuple[list[Change], int]:
    old, new = dict(_values(before)) if before else {}, dict(_values(after))
    found = [
        Change(_kind(old, new, key), period, *key, before=old.get(key, ""), after=new.get(key, ""))
        for key in sorted(old.keys() | new.keys())
        if old.get(key) != new.get(key)
    ]
    return found, sum(old.get(key) == value for key, value in new.items())


def _kind(old: Mapping[Key, str], new: Mapping[Key, str], key: Key) -> str:
    if key not in old:
        return "insert"
    return "update" if key in new else "withdraw"


def _values(columns: Columns) -> Iterator[tuple[Key, str]]:
    names = sorted(columns.breakdown)
    for n in range(len(columns)):
        broken = ";".join(f"{name}={columns.breakdown[name][n]}" for name in names if columns.breakdown[name][n])
        yield (columns.indicator[n], columns.organisation[n], broken), f"{columns.value[n]} {columns.unit[n]}"


def _rows(columns: Columns) -> Iterable[tuple[Key, str]]:
    return sorted(_values(columns))
