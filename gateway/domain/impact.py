"""What a catalogue breaks (tác động), told before it takes effect. Pure: packs, reports, deadlines come in as values.

A code breaks for a day on which the catalogue in force so far has it and the new one has not, or has it in another
unit. Names break nothing: figures travel by code. What was wrong before is not told here; that is `coverage`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from gateway.domain.catalogue import Catalogue, Item, by_code, compare
from gateway.domain.problems import Text

_DAY = timedelta(days=1)
_GONE = Text("không còn trong danh mục", "not in the catalogue any more")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a pack that gives figures for `target`; both days inclusive, None is open."""

    pack: str
    place: str
    source: str
    target: str
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """A report on its way: the national codes it carries, as of the day that decides its codes' validity."""

    exchange: str
    agreement: str
    stage: str
    form: str
    period: str
    day: date
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Next:
    """A deadline ahead, whose report will be mapped by `pack`."""

    agreement: str
    pack: str
    period: str
    day: date
    deadline: datetime


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """`since` is the first day of figures for which the row leads nowhere; `now` what takes its target's place."""

    row: Row
    since: date
    why: Text
    now: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BrokenReport:
    report: Figures
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BrokenDeadline:
    due: Next
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Impact:
    """`unsourced`: codes that are required from now on and that no row of a pack gives."""

    takes_effect: date
    rows: tuple[BrokenRow, ...]
    unsourced: tuple[str, ...]
    reports: tuple[BrokenReport, ...]
    deadlines: tuple[BrokenDeadline, ...]

    def __bool__(self) -> bool:
        return bool(self.rows or self.unsourced or self.reports or self.deadlines)

    @property
    def packs(self) -> tuple[str, ...]:
        return tuple(sorted({broken.row.pack for broken in self.rows}))


class Breakage:
    """Which codes `now` breaks for the users of `before`, and for which days."""

    def __init__(self, before: Catalogue, now: Catalogue) -> None:
        self._before, self._now = by_code(before.items), by_code(now.items)
        self._since = now.valid_from
        self._changes = compare(before, now)

    def of(self, code: str, day: date) -> Text | None:
        """Why figures of `day` can go under `code` no more; None where they can, or never could."""
        old, new = _on(self._before.get(code, ()), day), _on(self._now.get(code, ()), day)
        if old is None:
            return None
        if new is None:
            return _GONE
        if old.unit != new.unit:
            return Text(f"đơn vị tính {old.unit} → {new.unit}", f"unit {old.unit} → {new.unit}")
        return None

    def row(self, row: Row) -> BrokenRow | None:
        """The first day on which `row` breaks, of figures that are still to be told."""
        for day in self._turns(row):
            why = self.of(row.target, day)
            if why is not None:
                return BrokenRow(row, day, why, self.followers(row.target))
        return None

    def followers(self, code: str) -> tuple[str, ...]:
        """By the issuer's word what takes the place of `code`."""
        told = (*self._changes.merged, *self._changes.split, *self._changes.recoded)
        return tuple(sorted({taker for one in told if code in one.before for taker in one.after}))

    def newly_required(self) -> Iterator[str]:
        """Codes required on the first day, or on their own first day, that were not before."""
        for code, items in sorted(self._now.items()):
            was = any(item.required for item in self._before.get(code, ()))
            if not was and any(item.required and (item.valid_to or date.max) >= self._since for item in items):
                yield code

    def _turns(self, row: Row) -> list[date]:
        """The days on which what is true of the row may change: nothing changes between two of them."""
        entries = (*self._before.get(row.target, ()), *self._now.get(row.target, ()))
        begins = (item.valid_from for item in entries if item.valid_from)
        after = (item.valid_to + _DAY for item in entries if item.valid_to and item.valid_to < date.max)
        first, last = max(row.valid_from or date.min, self._since), row.valid_to or date.max
        return sorted({day for day in (first, *begins, *after) if first <= day <= last})


def impact(
    before: Catalogue, now: Catalogue, rows: Iterable[Row], reports: Iterable[Figures], ahead: Iterable[Next]
) -> Impact:
    """What breaks when `now` takes the place of `before`."""
    broken, given = Breakage(before, now), list(rows)
    targets: dict[str, list[Row]] = {}
    for row in given:
        targets.setdefault(row.pack, []).append(row)
    sourced = {row.target for row in given}
    return Impact(
        takes_effect=now.valid_from,
        rows=tuple(found for row in given if (found := broken.row(row)) is not None),
        unsourced=tuple(code for code in broken.newly_required() if code not in sourced),
        reports=tuple(
            BrokenReport(report, codes)
            for report in reports
            if (codes := tuple(sorted(code for code in report.codes if broken.of(code, report.day))))
        ),
        deadlines=tuple(_broken_deadlines(broken, now.valid_from, targets, ahead)),
    )


def _broken_deadlines(
    broken: Breakage, since: date, rows: Mapping[str, list[Row]], ahead: Iterable[Next]
) -> Iterator[BrokenDeadline]:
    """Of deadlines that the new catalogue decides: those that end before it takes effect are met by the old one."""
    for due in ahead:
        if due.deadline.date() < since:
            continue
        valid = (row for row in rows.get(due.pack, ()) if _holds(row, due.day))
        codes = tuple(sorted({row.target for row in valid if broken.of(row.target, due.day)}))
        if codes:
            yield BrokenDeadline(due, codes)


def _on(items: Iterable[Item], day: date) -> Item | None:
    return next((item for item in items if item.valid_on(day)), None)


def _holds(row: Row, day: date) -> bool:
    return (row.valid_from or date.min) <= day <= (row.valid_to or date.max)
