"""What a catalogue breaks, by code and by day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.catalogue import Catalogue, Item
from gateway.domain.impact import Breakage, Figures, Impact, Next, Row, impact

SINCE = date(2026, 7, 1)
BEFORE = Catalogue("CT", "1", date(2026, 1, 1), tuple(Item(code, code, unit="ha") for code in "ABCD"))
ROW = Row("goi", "chi_tieu:2", "TA", "A")
REPORT = Figures("x-1", "thang", "packaged", "01", "ND09:2026M07", date(2026, 7, 14), ("A", "B"))
AHEAD = Next("thang", "goi", "ND09:2026M07", date(2026, 7, 14), datetime(2026, 7, 19, tzinfo=UTC))


def after(*items: Item) -> Catalogue:
    return Catalogue("CT", "2", SINCE, items)


def told(now: Catalogue, *rows: Row, report: Figures = REPORT, due: Next = AHEAD) -> Impact:
    return impact(BEFORE, now, rows, [report], [due])


def test_a_code_that_is_gone_breaks_its_rows_reports_and_deadlines() -> None:
    found = told(after(*BEFORE.items[1:]), ROW, Row("goi", "chi_tieu:3", "TB", "B"))
    assert [(one.row.target, one.since) for one in found.rows] == [("A", SINCE)]
    assert [one.codes for one in found.reports] == [("A",)]
    assert [one.codes for one in found.deadlines] == [("A",)]
    assert found.packs == ("goi",)


def test_another_unit_breaks_and_another_name_does_not() -> None:
    a, *rest = BEFORE.items
    assert told(after(replace(a, unit="km"), *rest), ROW).rows[0].why.en == "unit ha → km"
    assert not told(after(replace(a, name="Tên khác"), *rest), ROW)


def test_a_code_that_ends_later_breaks_only_the_figures_of_later_days() -> None:
    a, *rest = BEFORE.items
    ends = after(replace(a, valid_to=date(2026, 9, 30)), *rest)
    found = told(ends, ROW)
    assert [one.since for one in found.rows] == [date(2026, 10, 1)]
    assert (found.reports, found.deadlines) == ((), ())
    later = replace(AHEAD, day=date(2026, 10, 14), deadline=datetime(2026, 10, 19, tzinfo=UTC))
    assert [one.codes for one in told(ends, ROW, due=later).deadlines] == [("A",)]


def test_a_row_that_ends_before_the_catalogue_takes_effect_is_not_broken_by_it() -> None:
    assert not told(after(*BEFORE.items[1:]), replace(ROW, valid_to=date(2026, 6, 30))).rows


def test_a_deadline_that_the_old_catalogue_still_decides_is_left_alone() -> None:
    early = replace(AHEAD, deadline=datetime(2026, 6, 30, 9, tzinfo=UTC))
    assert not told(after(*BEFORE.items[1:]), ROW, due=early).deadlines


def test_what_takes_its_place_is_proposed() -> None:
    taker = Item("AB", "AB", unit="ha", attributes={"replaces": "A B"})
    assert told(after(*BEFORE.items[2:], taker), ROW).rows[0].now == ("AB",)


def test_what_becomes_required_and_nobody_gives_is_told() -> None:
    new = Item("E", "E", required=True)
    assert told(after(*BEFORE.items, new), ROW).unsourced == ("E",)
    assert told(after(*BEFORE.items, new), ROW, Row("goi", "chi_tieu:9", "TE", "E")).unsourced == ()


def test_what_led_nowhere_before_is_not_this_catalogues_doing() -> None:
    assert not told(after(*BEFORE.items), Row("goi", "chi_tieu:4", "TX", "X"))


_DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
_SPANS = st.tuples(st.none() | _DAYS, st.none() | _DAYS).filter(lambda s: None in s or s[0] <= s[1])  # type: ignore[operator]


@given(_SPANS, _SPANS, _SPANS)
def test_the_first_broken_day_is_the_first_of_all_days(
    old: tuple[date | None, date | None], new: tuple[date | None, date | None], row: tuple[date | None, date | None]
) -> None:
    """Looked at only where something turns, it is what looking at every day gives."""
    broken = Breakage(
        replace(BEFORE, items=(Item("A", "A", valid_from=old[0], valid_to=old[1]),)),
        after(Item("A", "A", valid_from=new[0], valid_to=new[1])),
    )
    found = broken.row(replace(ROW, valid_from=row[0], valid_to=row[1]))
    days = (date.fromordinal(number) for number in range(SINCE.toordinal(), date(2028, 2, 1).toordinal()))
    valid = (day for day in days if (row[0] or date.min) <= day <= (row[1] or date.max))
    assert (found.since if found else None) == next((day for day in valid if broken.of("A", day)), None)
