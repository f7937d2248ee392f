"""Several reports as one frame, and what each of their distinct keys becomes. Lookup costs integer joins only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import Any

import polars as pl

from gateway.domain.calendar import period
from gateway.domain.catalogue import Catalogue
from gateway.domain.report import Columns, Report
from gateway.mapping.figures import PLACES, WHOLE
from gateway.mapping.figures import read as figures_of
from gateway.mapping.pack import Pack
from gateway.mapping.resolve import EXCLUDED, Placing, Resolver, Ruling, Scaling
from gateway.mapping.units import Unit, Units

_ROOM = 1 << 40
_FEW = 1000
# What may stand against a value, by number: joins and comparisons of bytes, not of texts. 0 is nothing.
CODES = (
    "", EXCLUDED, "M101", "M102", "M103", "M104", "M201", "M202", "M301", "M302", "M402", "M501", "M502", "M503",
    "M504", "M505", "M601", "M702", "M901", "M902",
)  # fmt: skip
NUMBERED = {code: number for number, code in enumerate(CODES)}


@dataclass(slots=True)
class Batch:
    """The values of `reports` with the numbers of what their keys become.

    `frame`: report, row, value, rule, scaling, place (indices into the lists), against, number, mark.
    """

    reports: Sequence[Report]
    frame: pl.DataFrame
    resolvers: list[Resolver]
    periods: list[int]  # of each report, its resolver
    rules: list[Ruling]
    rule_names: list[str]  # the indicator of each rule, as given
    rule_values: list[str]  # and its breakdown, as given
    scalings: list[Scaling]
    scaling_names: list[str]  # the unit of each scaling, as given
    units: Units
    convention: str  # how figures are written: machine or vietnamese
    places: list[Placing]
    place_names: list[str]

    @property
    def splits(self) -> bool:
        """Whether some value goes to several organisations."""
        return any(len(place.to) > 1 for place in self.places)

    def each(self, what: str, say: Callable[[Any], Any], kind: Any) -> pl.Series:
        """What `say` says of the rule, scaling or place of each value."""
        of: dict[str, Sequence[Any]] = {"rule": self.rules, "scaling": self.scalings, "place": self.places}
        return _each(of[what], say, self.frame[what], kind)


def looked_up(pack: Pack, reports: Sequence[Report], catalogue: Catalogue | None) -> Batch:
    """Each value with its rule, scale, place and figure, or the first thing against it."""
    names = list(dict.fromkeys(report.head.period for report in reports))
    resolvers = [Resolver(pack, period(name), catalogue) for name in names]
    periods = [names.index(report.head.period) for report in reports]
    dimensions = sorted({name for report in reports for name in report.columns.breakdown})
    frame = _frame(reports, periods, dimensions)
    of_rule = ["period", "indicator", *(f"dim:{name}" for name in dimensions)]
    frame, rules_of = _numbered(frame, of_rule, "rule")
    rules = [_ruling(resolvers[key["period"]], key, dimensions) for key in rules_of]
    classes: dict[tuple[Unit, Unit] | None, int] = {}
    of_rule_class = [
        classes.setdefault((r.declared, r.unit) if r.declared and r.unit else None, len(classes)) for r in rules
    ]
    frame = frame.with_columns(pl.Series(of_rule_class, dtype=pl.UInt32).gather(frame["rule"]).alias("class"))
    frame, keys = _numbered(frame, ["class", "unit"], "scaling")
    units = list(classes)
    scalings = [_scaling(resolvers[0], units[key["class"]], key["unit"]) for key in keys]
    frame, places = _numbered(frame, ["period", "organisation"], "place")
    placings = [resolvers[key["period"]].organisation(key["organisation"]) for key in places]
    return Batch(
        reports=reports,
        frame=_with_figures(frame, pack, rules, scalings, placings),
        resolvers=resolvers,
        periods=periods,
        rules=rules,
        rule_names=[key["indicator"] for key in rules_of],
        rule_values=[_said(key, dimensions) for key in rules_of],
        scalings=scalings,
        scaling_names=[key["unit"] for key in keys],
        units=pack.units,
        convention=pack.settings["figures"],
        places=placings,
        place_names=[key["organisation"] for key in places],
    )


def _frame(reports: Sequence[Report], periods: Sequence[int], dimensions: Sequence[str]) -> pl.DataFrame:
    def text(name: str, of: Callable[[Columns], Sequence[str]]) -> pl.Series:
        columns = [of(report.columns) for report in reports]
        values = list(columns[0]) if len(columns) == 1 else list(chain.from_iterable(columns))
        return pl.Series(name, values, dtype=pl.String).fill_null("")

    def broken(name: str) -> Callable[[Columns], Sequence[str]]:
        return lambda columns: columns.breakdown.get(name) or [""] * len(columns)

    sizes = [len(report.columns) for report in reports]
    said = [
        text("indicator", lambda columns: columns.indicator),
        text("organisation", lambda columns: columns.organisation),
        text("unit", lambda columns: columns.unit),
        text("value", lambda columns: columns.value),
        *(text(f"dim:{name}", broken(name)) for name in dimensions),
    ]
    if len(reports) == 1:
        none = pl.Series("report", [0], dtype=pl.UInt32).new_from_index(0, sizes[0])
        counted = pl.int_range(sizes[0], dtype=pl.UInt32, eager=True).alias("row")
        return pl.DataFrame([counted, none, none.alias("period"), *said])
    numbers = {
        "row": list(chain.from_iterable(range(size) for size in sizes)),
        "report": list(chain.from_iterable([n] * size for n, size in enumerate(sizes))),
        "period": list(chain.from_iterable([n] * size for n, size in zip(periods, sizes, strict=True))),
    }
    return pl.DataFrame([*(pl.Series(name, list_, dtype=pl.UInt32) for name, list_ in numbers.items()), *said])


def _numbered(frame: pl.DataFrame, columns: list[str], name: str) -> tuple[pl.DataFrame, list[dict[str, Any]]]:
    """With a column `name`: the number of each row's combination of `columns`; and the combinations, in order."""
    if frame.height < _FEW:
        return _numbered_few(frame, columns, name)
    key, size = _coded(frame[columns[0]])
    for column in columns[1:]:
        other, width = _coded(frame[column])
        if width > 1:
            key, size = key * width + other, size * width
        if size > _ROOM:
            key, size = _coded(key)
    first = key.arg_unique()
    if len(first) == 1:
        numbers = pl.zeros(frame.height, dtype=pl.UInt32, eager=True)
    else:
        numbers = key.replace_strict(key.gather(first), pl.int_range(len(first), dtype=pl.UInt32, eager=True))
    combinations = frame.select(columns)[first].to_dicts()
    return frame.with_columns(numbers.alias(name)), combinations


def _numbered_few(frame: pl.DataFrame, columns: list[str], name: str) -> tuple[pl.DataFrame, list[dict[str, Any]]]:
    """The same without polars, whose calls cost more than a few hundred rows."""
    found: dict[tuple[Any, ...], int] = {}
    keys = zip(*(frame[column].to_list() for column in columns), strict=True)
    numbers = pl.Series(name, [found.setdefault(key, len(found)) for key in keys], dtype=pl.UInt32)
    frame = frame.insert_column(frame.width, numbers)
    return frame, [dict(zip(columns, key, strict=True)) for key in found]


def _coded(column: pl.Series) -> tuple[pl.Series, int]:
    """A whole number for each value, and how many there are."""
    if column.dtype.is_integer():
        return column.cast(pl.UInt64), int(column.max() or 0) + 1  # type: ignore[arg-type]
    distinct = column.unique(maintain_order=True)
    if len(distinct) == 1:
        return pl.zeros(len(column), dtype=pl.UInt64, eager=True), 1
    return column.replace_strict(distinct, pl.int_range(len(distinct), dtype=pl.UInt64, eager=True)), len(distinct)


def _ruling(resolver: Resolver, key: dict[str, Any], dimensions: Sequence[str]) -> Ruling:
    if resolver.period_line is None:
        return Ruling(against="M402", what=resolver.covers.name)
    return resolver.indicator(key["indicator"], {name: key[f"dim:{name}"] for name in dimensions})


def _scaling(resolver: Resolver, units: tuple[Unit, Unit] | None, text: str) -> Scaling:
    return resolver.scaling(*units, text) if units else Scaling()


def _said(key: dict[str, Any], dimensions: Sequence[str]) -> str:
    return ";".join(f"{name}={key[f'dim:{name}']}" for name in dimensions if key[f"dim:{name}"])


def _each(of: Sequence[Any], say: Callable[[Any], Any], by: pl.Series, kind: Any) -> pl.Series:
    return pl.Series([say(one) for one in of], dtype=kind).gather(by)


def _with_figures(
    frame: pl.DataFrame, pack: Pack, rules: list[Ruling], scalings: list[Scaling], places: list[Placing]
) -> pl.DataFrame:
    """With number and mark of each value, and the number of the first thing against it."""
    figures = figures_of(frame["value"], pack.settings["figures"])
    splits = [max((_places_of(to.share) for to in placing.to), default=0) for placing in places]
    shift = _each(scalings, lambda s: s.scale.shift, frame["scaling"], pl.Int32)
    by_place = _each(places, lambda p: NUMBERED[p.against], frame["place"], pl.UInt8)
    if any(splits):
        shift = shift + pl.Series(splits, dtype=pl.Int32).gather(frame["place"])
        added = _each(rules, lambda r: r.collapse == "cong", frame["rule"], pl.Boolean)
        split = _each(places, lambda p: len(p.to) > 1, frame["place"], pl.Boolean)
        # A ratio has no share of itself: half a province has not half its growth.
        by_place = by_place.zip_with(~split | added, by_place * 0 + NUMBERED["M503"])
    return (
        frame.with_columns(figures)
        .with_columns(
            _each(rules, lambda r: NUMBERED[r.against], frame["rule"], pl.UInt8).alias("by_rule"),
            _each(scalings, lambda s: NUMBERED[s.against], frame["scaling"], pl.UInt8).alias("by_scaling"),
            by_place.alias("by_place"),
            shift.alias("shift"),
            _each(scalings, lambda s: s.scale.whole, frame["scaling"], pl.Int32).alias("gain"),
        )
        .with_columns(_against().alias("against"))
        .drop("by_rule", "by_scaling", "by_place", "shift", "gain")
    )


def _against() -> pl.Expr:
    """Whatever comes first: the indicator, the unit, the organisation, the figure."""
    no_figure = pl.col("mark").is_null() & pl.col("whole").is_null()
    too_long = (pl.col("places") + pl.col("shift") > PLACES) | (pl.col("whole") + pl.col("gain") > WHOLE)
    return (
        pl.when(pl.col("by_rule") > 0)
        .then(pl.col("by_rule"))
        .when(pl.col("by_scaling") > 0)
        .then(pl.col("by_scaling"))
        .when(pl.col("by_place") > 0)
        .then(pl.col("by_place"))
        .when(no_figure)
        .then(pl.lit(NUMBERED["M901"], dtype=pl.UInt8))
        .when(pl.col("mark").is_null() & too_long)
        .then(pl.lit(NUMBERED["M902"], dtype=pl.UInt8))
        .otherwise(pl.lit(0, dtype=pl.UInt8))
    )


def _places_of(share: Fraction) -> int:
    """How many decimals a share (a finite decimal) has."""
    return next(n for n in range(PLACES + 1) if (share * 10**n).denominator == 1)
