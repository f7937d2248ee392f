"""The life of a form: what follows what, and which version is used on a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.errors import Rejected
from gateway.domain.forms import FormVersion, State, in_use, to_draft, to_end, to_test, to_use, unusable, used_already

AT = datetime(2026, 11, 20, 2, tzinfo=UTC)
SINCE = date(2026, 12, 1)
DRAFT = FormVersion("01/KTXH", "1", "Biểu tổng hợp", ("0601",), AT, AT)
NOTICE = "15/TB-VP"


def used(version: str, since: date, last: date | None = None) -> FormVersion:
    made = to_test(FormVersion("01/KTXH", version, "Biểu", ("0601",), AT, AT), AT, None)
    active = to_use(made, AT, since, NOTICE, [])
    return to_end(active, last, "") if last else active


def test_a_form_is_drafted_tested_used_and_ended_in_this_order() -> None:
    tested = to_test(DRAFT, AT, AT + timedelta(days=2))
    active = to_use(tested, AT, SINCE, NOTICE, [])
    ended = to_end(active, date(2027, 6, 30), "")
    assert [one.state for one in (DRAFT, tested, active, ended)] == list(State)
    assert (ended.valid_from, ended.valid_to, ended.notice) == (SINCE, date(2027, 6, 30), NOTICE)


def test_a_fault_found_in_testing_is_mended_on_the_same_clock() -> None:
    mended = to_draft(to_test(DRAFT, AT, None), ("0601", "0401"), "Biểu sửa", AT)
    assert (mended.state, mended.indicators, mended.requested) == (State.DRAFT, ("0601", "0401"), AT)


def test_nothing_is_skipped() -> None:
    active = used("1", SINCE)
    steps = (
        lambda: to_use(DRAFT, AT, SINCE, NOTICE, []),
        lambda: to_end(DRAFT, SINCE, ""),
        lambda: to_test(active, AT, None),
        lambda: to_draft(active, ("1",), "", AT),
        lambda: to_use(to_test(DRAFT, AT, None), AT, SINCE, "", []),
        lambda: to_end(active, SINCE - timedelta(days=1), ""),
        lambda: to_use(to_test(DRAFT, AT, None), AT, SINCE, NOTICE, [used("2", SINCE)]),
    )
    for step in steps:
        with pytest.raises(Rejected) as refused:
            step()
        assert refused.value.problem.code == "D-011"


def test_a_promise_that_was_not_kept_is_seen() -> None:
    late = FormVersion("01", "1", "Biểu", ("1",), AT, AT + timedelta(days=5), AT + timedelta(days=3))
    tested = to_test(DRAFT, AT, AT + timedelta(days=2))
    assert late.built_late
    assert not tested.tested_late(AT + timedelta(days=2))
    assert tested.tested_late(AT + timedelta(days=2, seconds=1))
    assert not to_use(tested, AT + timedelta(days=1), SINCE, NOTICE, []).tested_late(AT + timedelta(days=9))


def test_a_version_gives_way_to_the_next_on_its_first_day_and_comes_back_never() -> None:
    both = [used("2", date(2027, 1, 1), date(2027, 3, 31)), used("1", SINCE)]
    days = {date(2026, 11, 30): "", SINCE: "1", date(2026, 12, 31): "1", date(2027, 1, 1): "2", date(2027, 4, 1): ""}
    for day, version in days.items():
        found = in_use(both, day).get("01/KTXH")
        assert (found.version if found else "") == version


def test_a_form_used_before_anybody_kept_a_register_needs_its_notice_and_its_day_alone() -> None:
    assert used_already(DRAFT, SINCE, NOTICE, []).state is State.ACTIVE
    for notice, others in (("", []), (NOTICE, [used("2", SINCE)])):
        with pytest.raises(Rejected):
            used_already(DRAFT, SINCE, notice, others)


def test_a_last_day_told_wrongly_is_told_anew() -> None:
    wrong = used("1", SINCE, SINCE + timedelta(days=9))
    right = to_end(wrong, SINCE + timedelta(days=20), "16/TB-VP")
    assert (right.valid_to, right.notice) == (SINCE + timedelta(days=20), "16/TB-VP")


def test_nothing_recorded_stops_nobody_and_a_version_in_use_neither() -> None:
    drafted = FormVersion("01/KTXH", "2", "Biểu", ("0601",), AT, AT)
    assert unusable([], SINCE) is None
    assert unusable([drafted, used("1", SINCE)], SINCE) is None


def test_why_a_form_cannot_be_reported_by_is_told_by_the_version_that_comes_nearest() -> None:
    day, tested = timedelta(days=1), to_test(DRAFT, AT, None)
    past = [used("1", SINCE, SINCE + 9 * day), used("2", SINCE + 20 * day)]
    told = {
        "draft": unusable([DRAFT], SINCE),
        "test": unusable([FormVersion("01/KTXH", "2", "Biểu", ("1",), AT, AT + day), tested], SINCE),
        "coming": unusable([used("3", SINCE + 5 * day), used("2", SINCE), tested], SINCE - day),
        "between": unusable(past, SINCE + 10 * day),
    }
    found = {name: (one.version.version, one.ended, one.why.en) for name, one in told.items() if one}
    assert found == {
        "draft": ("1", False, "its state is “draft”"),
        "test": ("1", False, "its state is “test”"),
        "coming": ("2", False, "it is in use from 2026-12-01 only"),
        "between": ("1", True, "its last day was 2026-12-10"),
    }


@given(st.permutations([used(str(n), SINCE + timedelta(days=n)) for n in range(5)]), st.integers(-2, 8))
def test_the_order_in_which_versions_are_kept_changes_nothing(versions: list[FormVersion], days: int) -> None:
    found = in_use(versions, SINCE + timedelta(days=days)).get("01/KTXH")
    assert (int(found.version) if found else -1) == min(max(days, -1), 4)
