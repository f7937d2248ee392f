"""Which figure a value is, so that one that was taken is not sent again and one that was not is found again."""

from __future__ import annotations

from collections.abc import Collection, Container, Sequence
from dataclasses import dataclass, replace

from gateway.domain.report import Columns, Report


@dataclass(frozen=True, slots=True)
class Place:
    """What a figure is about, in national terms; `breakdown` as ``SEX=F;URB=U``, empty for the total."""

    indicator: str
    organisation: str
    breakdown: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.indicator, self.organisation, self.breakdown)))


Figure = tuple[str, str]  # value and unit, as written


def places(columns: Columns) -> list[Place]:
    """The place of every value, in order."""
    dimensions = sorted(columns.breakdown)
    return [
        Place(
            columns.indicator[i],
            columns.organisation[i],
            ";".join(f"{d}={columns.breakdown[d][i]}" for d in dimensions if columns.breakdown[d][i]),
        )
        for i in range(len(columns))
    ]


def figures(columns: Columns) -> dict[Place, Figure]:
    """Every figure by its place."""
    return {place: (columns.value[i], columns.unit[i]) for i, place in enumerate(places(columns))}


def beyond(report: Report, taken: Container[Place]) -> Report:
    """`report` with nothing but what is not `taken` yet."""
    return replace(report, columns=_without(report.columns, taken))


def completed(newer: Columns, older: Columns, gone: Collection[Place] = ()) -> Columns:
    """`newer`, and of `older` every figure that `newer` does not tell anew and that is not `gone`."""
    rest = _without(older, {*places(newer), *gone})
    return Columns(
        indicator=[*newer.indicator, *rest.indicator],
        organisation=[*newer.organisation, *rest.organisation],
        unit=[*newer.unit, *rest.unit],
        value=[*newer.value, *rest.value],
        breakdown={
            name: [*_broken(newer, name), *_broken(rest, name)] for name in sorted({*newer.breakdown, *rest.breakdown})
        },
    )


def _without(columns: Columns, out: Container[Place]) -> Columns:
    rows = [i for i, place in enumerate(places(columns)) if place not in out]
    return Columns(
        indicator=[columns.indicator[i] for i in rows],
        organisation=[columns.organisation[i] for i in rows],
        unit=[columns.unit[i] for i in rows],
        value=[columns.value[i] for i in rows],
        breakdown={name: [column[i] for i in rows] for name, column in columns.breakdown.items()},
        source=[columns.source[i] for i in rows] if columns.source else (),
    )


def _broken(columns: Columns, name: str) -> Sequence[str]:
    return columns.breakdown.get(name, [""] * len(columns))
