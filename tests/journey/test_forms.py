"""Forms and the reports by them: what is recorded of a form decides, by the report's period, whether it may go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from gateway.domain.errors import Rejected
from gateway.domain.exchange import Exchange, Stage
from gateway.domain.facts import Acknowledged
from gateway.domain.forms import FormVersion, to_end, to_test, used_already
from gateway.domain.parcel import Answer
from gateway.journey.forms import must_be_known, record
from gateway.journey.operate import replay
from tests.journey.scene import WHO, House
from tests.journey.test_intake import MONTHLY, OPENS, Office, handed_in

FORM = "01/KTXH"
ENDS = date(2026, 11, 14)  # the last day of the period that is reported
DAY = timedelta(days=1)


@pytest.fixture
def office(build: Callable[..., House]) -> Office:
    return Office(build(MONTHLY, at=OPENS))


def drafted(office: Office, version: str = "1", form: str = FORM) -> FormVersion:
    now = office.house.clock.now()
    return FormVersion(form, version, "Biểu tổng hợp", ("0601",), now, now)


def used(office: Office, since: date, last: date | None = None, version: str = "1") -> FormVersion:
    made = used_already(drafted(office, version), since, "15/TB-VP", [])
    return to_end(made, last, "16/TB-VP") if last else made


def kept(office: Office, *versions: FormVersion) -> None:
    for one in versions:
        record(office.house.doors, office.clerk, "record", one)


def reported(office: Office, key: str = "k1", **changes: Any) -> Exchange:
    x = handed_in(office, key, **changes)
    return office.house.until(x, Stage.RECONCILED, Stage.REFUSED)


def refusal(x: Exchange) -> tuple[Stage, list[str]]:
    return x.stage, [reason.code for reason in x.reasons]


def test_a_form_of_which_nothing_is_recorded_is_as_it_was_agreed(office: Office) -> None:
    kept(office, drafted(office, form="99/KHAC"))

    assert reported(office).stage is Stage.RECONCILED


def test_a_form_that_is_only_drafted_or_tested_is_not_reported_by_yet(office: Office) -> None:
    kept(office, drafted(office))
    drafts = reported(office)
    kept(office, to_test(drafted(office), office.house.clock.now(), None))
    tested = reported(office, "k2")

    assert [refusal(x) for x in (drafts, tested)] == [(Stage.REFUSED, ["C-024"])] * 2
    assert "dự thảo" in drafts.reasons[0].title.vi
    assert "đang kiểm thử" in tested.reasons[0].title.vi
    assert "gateway map" in tested.reasons[0].advice.vi


def test_while_the_next_version_is_tested_reports_go_by_the_one_in_use(office: Office) -> None:
    kept(office, used(office, date(2025, 1, 1)))
    kept(office, to_test(drafted(office, "2"), office.house.clock.now(), None))

    assert reported(office).stage is Stage.RECONCILED


@pytest.mark.parametrize(
    ("since", "last", "code"),
    [
        (date(2025, 1, 1), None, ""),
        (ENDS, ENDS, ""),
        (ENDS + DAY, None, "C-024"),
        (date(2025, 1, 1), ENDS - DAY, "C-023"),
    ],
)
def test_the_last_day_of_the_period_decides_and_not_the_day_of_arrival(
    office: Office, since: date, last: date | None, code: str
) -> None:
    kept(office, used(office, since, last))
    office.house.clock.move(days=5)
    x = reported(office)

    assert refusal(x) == ((Stage.REFUSED, [code]) if code else (Stage.RECONCILED, []))


def test_a_form_that_ended_says_when_and_by_which_document(office: Office) -> None:
    kept(office, used(office, date(2025, 1, 1), date(2026, 10, 14)))
    [why] = reported(office).reasons

    assert "14/10/2026" in why.title.vi
    assert "16/TB-VP" in why.title.vi
    assert "2026-10-14" in why.title.en


def test_a_wrong_last_day_is_put_right_and_what_it_stopped_is_replayed(office: Office) -> None:
    wrong = used(office, date(2025, 1, 1), date(2026, 10, 14))
    kept(office, wrong)
    stopped = reported(office)
    kept(office, to_end(wrong, ENDS, ""))

    assert office.house.until(replay(office.house.doors, stopped.id, WHO), Stage.RECONCILED)
    assert reported(office, "k2", revision=2).stage is Stage.RECONCILED


def test_what_the_receiver_returned_is_corrected_by_its_form_though_that_has_ended(office: Office) -> None:
    kept(office, used(office, date(2025, 1, 1)))
    x = reported(office)
    acknowledgement = office.house.last(x, Acknowledged).acknowledgement
    office.house.told(x, Acknowledged(replace(acknowledgement, answer=Answer.RETURNED)))
    kept(office, used(office, date(2025, 1, 1), date(2026, 10, 14)))
    again = handed_in(office, "k2", revision=2)

    assert office.house.until(again, Stage.RECONCILED, Stage.CORRECTED)


def test_a_form_that_agreements_carry_is_recorded_before_another_version_of_it_is_drafted(office: Office) -> None:
    with pytest.raises(Rejected) as refused:
        must_be_known(office.house.doors, FORM)
    assert refused.value.problem.code == "D-013"
    assert MONTHLY.id in refused.value.problem.details["agreements"]

    kept(office, used(office, date(2025, 1, 1)))
    must_be_known(office.house.doors, FORM)
    must_be_known(office.house.doors, "99/KHAC")
