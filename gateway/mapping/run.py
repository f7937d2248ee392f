"""Run a pack over reports: look up, scale, collapse, derive, check; account for every value.

Several reports go through in one run: most of what a small one costs is the price of a call to polars, not of its
values. What becomes of a report never hangs on its neighbours in the batch.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from gateway.domain.account import Account
from gateway.domain.catalogue import Catalogue
from gateway.domain.report import Columns, Report
from gateway.mapping import balance, causes, checking, derive, figures
from gateway.mapping.batch import NUMBERED, Batch, looked_up
from gateway.mapping.checking import Checked
from gateway.mapping.collapse import collapse
from gateway.mapping.conflicts import Conflict
from gateway.mapping.pack import Pack
from gateway.mapping.resolve import EXCLUDED
from gateway.mapping.wide import before


@dataclass(frozen=True, slots=True)
class Mapped:
    """What became of a report. `sums` balances each target indicator; `checks` counts each rule's outcomes."""

    columns: Columns
    conflicts: tuple[Conflict, ...]
    account: Account
    sums: tuple[balance.Sum, ...] = ()
    checks: tuple[Checked, ...] = ()
    derived: frozenset[int] = frozenset()
    rows: pl.Series = field(default_factory=lambda: pl.Series([], dtype=pl.List(pl.UInt32)))

    @property
    def lineage(self) -> list[list[int]]:
        """For each result, the rows of the submission it was made of, counted from 0."""
        return self.rows.to_list()


def run(pack: Pack, report: Report, catalogue: Catalogue | None, previous: Columns | None = None) -> Mapped:
    """Map the values of `report`; what nobody may guess is held and named. `previous` are the figures sent for the
    period before, for rules that ask for them."""
    return run_many(pack, [report], catalogue, {0: previous} if previous else {})[0]


def run_many(
    pack: Pack, reports: Sequence[Report], catalogue: Catalogue | None, previous: Mapping[int, Columns] | None = None
) -> list[Mapped]:
    """Each report as `run` would map it alone, in one go. `previous` by the number of the report."""
    if not reports:
        return []
    batch = looked_up(pack, reports, catalogue)
    collapsed = collapse(batch, adds_repetitions=pack.settings["duplicate"] == "sum")
    earlier = before(previous or {})
    derived = derive.derived(batch, pack, collapsed, earlier)
    checked = checking.checked(batch, pack, derived, earlier)
    held = _held(batch, derived.stuck)
    sums = balance.balanced(batch, derived, held)
    found = causes.conflicts(batch, held, derived.dropped)
    for more in (derived.conflicts, checked.conflicts):
        for report, conflicts in more.items():
            found[report].extend(conflicts)
    return list(_told(batch, derived, checked, found, sums))


def _held(batch: Batch, stuck: pl.DataFrame) -> pl.DataFrame:
    """Every value that goes nowhere, with what stands against it."""
    frame = batch.frame.select(stuck.columns).filter(pl.col("against") > NUMBERED[EXCLUDED])
    return pl.concat([frame, stuck]) if stuck.height else frame


def _told(
    batch: Batch,
    derived: derive.Derived,
    checked: checking.Outcome,
    found: Mapping[int, list[Conflict]],
    sums: Mapping[int, list[balance.Sum]],
) -> Iterator[Mapped]:
    results = checked.results
    texts = (
        results.select(
            pl.when(pl.col("number").is_not_null()).then(figures.written(pl.col("number"))).otherwise("mark")
        )
        .to_series()
        .to_list()
    )
    said = derived.targets.said
    codes, units = [code for code, *_ in said], [unit for _, _, unit, _ in said]
    broken = [dict(part.split("=", 1) for part in text.split(";")) if text else {} for _, text, *_ in said]
    where, to, rows = results["target"].to_list(), results["to"].to_list(), results["rows"]
    computed = results["derived"].to_list() if derived.any_derived else []
    places = derived.targets.organisations
    at = 0
    counts = _counts(batch, results, derived.dropped)
    for number, report in enumerate(batch.reports):
        size, mapped, excluded = counts[number]
        chosen = where[at : at + size]
        columns = Columns(
            indicator=list(map(codes.__getitem__, chosen)),
            organisation=list(map(places.__getitem__, to[at : at + size])),
            unit=list(map(units.__getitem__, chosen)),
            value=texts[at : at + size],
            breakdown=_breakdown(broken, chosen),
        )
        conflicts = tuple(sorted(found[number], key=lambda one: (one.code, one.what)))
        held = len({row for one in conflicts if one.holds for row in one.rows})
        yield Mapped(
            columns,
            conflicts,
            Account(len(report.columns), mapped, held, excluded),
            tuple(sums.get(number, ())),
            checked.outcomes.get(number, ()),
            frozenset(n for n, is_derived in enumerate(computed[at : at + size]) if is_derived),
            rows.slice(at, size),
        )
        at += size


def _counts(batch: Batch, results: pl.DataFrame, dropped: pl.DataFrame) -> list[tuple[int, int, int]]:
    """Of each report: how many results, how many values are in them (repetitions with them), how many are excluded."""
    sizes = dict(results.group_by("report").agg(pl.len()).iter_rows())
    if batch.splits or results["derived"].any():
        used = results.select("report", "rows").explode("rows").unique().group_by("report").agg(pl.len())
    else:
        used = results.group_by("report").agg(pl.col("rows").list.len().sum())
    mapped = dict(used.iter_rows())
    again = Counter(dropped["report"].to_list())
    excluded = batch.frame["report"].filter(batch.frame["against"] == NUMBERED[EXCLUDED])
    out = Counter(excluded.to_list())
    return [(sizes.get(n, 0), mapped.get(n, 0) + again[n], out[n]) for n in range(len(batch.reports))]


def _breakdown(broken: list[dict[str, str]], chosen: list[int]) -> dict[str, list[str]]:
    """Only the dimensions that some of the chosen targets have."""
    dimensions = {name for target in set(chosen) for name in broken[target]}
    found: dict[str, list[str]] = {}
    for name in sorted(dimensions):
        values = [one.get(name, "") for one in broken]
        found[name] = list(map(values.__getitem__, chosen))
    return found
