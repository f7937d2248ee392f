"""The intake opened and closed by notice, maintenance, and whose doing lateness is: on the whole way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.domain.agreement import Schedule
from gateway.domain.deadlines import Window
from gateway.domain.errors import Conflict, NotFound, Rejected, Unavailable
from gateway.domain.exchange import Stage
from gateway.domain.facts import Acknowledged, Postponed
from gateway.domain.incident import Incident
from gateway.domain.maintenance import Maintenance
from gateway.domain.obligations import Cause, Standing
from gateway.domain.parcel import Answer
from gateway.domain.register import Deed, Sheet
from gateway.domain.workdays import Level
from gateway.journey.arrange import Clerk, Notice, announce, call_off, due_within, open_window
from gateway.journey.inventory import lateness, owed
from gateway.journey.operate import replay, sync_catalogue
from gateway.journey.outage import close_incident, open_incident, promise
from gateway.schemas.deadlines import DeclaredDeadlines
from gateway.schemas.province import province, window_of
from tests.journey.scene import AGREED, NATIONAL, WHO, House
from tests.journey.wires import Ending

PROFILES = Path(__file__).parents[2] / "gateway" / "profiles"
PLACE = ("KTXH", "ND09:2026M11", "tong-hop")
MONTHLY = replace(AGREED, schedule=Schedule("KTXH", "tong-hop"), deadlines={}, fallback=None, owes=(("ND09", "thang"),))
OPENS = datetime.fromisoformat("2026-11-15T08:00:00+07:00")
CLOSES = datetime.fromisoformat("2026-11-24T17:00:00+07:00")
DUE = datetime.fromisoformat("2026-11-20T23:59:59+07:00")


class Notebook:
    """`ports.Register` on a list: what the rules of this room need of it and no more."""

    def __init__(self) -> None:
        self.deeds: list[Deed] = []
        self.told_to: list[tuple[str, ...]] = []

    def write(self, deed: Deed, tell: Any = ()) -> Deed:
        self.deeds.append(replace(deed, ordinal=len(self.deeds) + 1))
        self.told_to.append(tuple(tell))
        return self.deeds[-1]

    def standing(self, sheet: Sheet) -> dict[str, Deed]:
        newest = {deed.subject: deed for deed in self.deeds if deed.sheet is sheet}
        return {subject: deed for subject, deed in newest.items() if deed.after is not None}

    def last(self, sheet: Sheet, subject: str) -> Deed | None:
        return next((d for d in reversed(self.deeds) if (d.sheet, d.subject) == (sheet, subject)), None)

    def told(self, sheet: Sheet | None = None, subject: str = "", limit: int = 100) -> list[Deed]:
        return [d for d in reversed(self.deeds) if sheet in (None, d.sheet) and subject in ("", d.subject)][:limit]


class Office:
    """A house under Lào Cai's calendar, and the hand that writes into its register."""

    def __init__(self, house: House) -> None:
        self.house, self.register = house, Notebook()
        self.regulation = province(PROFILES / "lao-cai" / "province.toml")
        self.calendar = DeclaredDeadlines(PROFILES / "lao-cai", self.regulation, self.register)
        house.doors = replace(house.doors, deadlines=self.calendar)
        house.runner = house.worker("w1")

    @property
    def clerk(self) -> Clerk:
        return Clerk(self.register, WHO, self.house.clock.now(), "12/TB-SKHDT")

    def opens(self, opens: datetime = OPENS, closes: datetime = CLOSES) -> Window:
        window = window_of(self.regulation, PLACE, opens=opens, closes=closes, notice="12/TB-SKHDT")
        open_window(self.house.doors, self.clerk, window, self.calendar.windows())
        return window

    def maintains(
        self, starts: datetime, hours: float, destination: str = NATIONAL, level: Level | None = None
    ) -> Maintenance:
        now = self.house.clock.now()
        m = Maintenance(
            f"bt-{len(self.register.deeds)}", destination, starts, starts + timedelta(hours=hours), "nâng cấp"
        )
        earliest = level.end(now, self.calendar.days(now.date(), now.date())) if level else now
        announce(self.house.doors, self.clerk, m, self.calendar.maintenance(), Notice(earliest, level))
        return m


@pytest.fixture
def office(build: Callable[..., House]) -> Office:
    return Office(build(MONTHLY, at=OPENS - timedelta(days=2)))


def handed_in(office: Office, key: str = "k1", **changes: Any) -> Any:
    return office.house.hand_in(key, period="ND09:2026M11", **changes)


# ── the intake ───────────────────────────────────────────────────────────────────────────────────
def test_a_report_before_its_window_is_kept_and_goes_when_it_opens(office: Office) -> None:
    window = office.opens()
    x = handed_in(office)
    office.house.work()
    held = office.house.read(x)

    assert (held.stage, held.due) == (Stage.VALIDATED, window.opens)
    assert held.trouble is not None
    assert (held.trouble.code, held.trouble.details["who"]) == ("C-015", "Sở Kế hoạch và Đầu tư")
    office.house.clock.at = window.opens
    assert office.house.until(x, Stage.RECONCILED).stage is Stage.RECONCILED


def test_a_kept_report_stands_in_nobody_elses_way(office: Office) -> None:
    office.opens()
    handed_in(office)
    office.house.work()
    other = office.house.hand_in("k2", period="ND09:2026M10")

    assert office.house.until(other, Stage.RECONCILED)


def test_a_report_after_its_window_is_refused_and_told_who_can_open_it(office: Office) -> None:
    window = office.opens()
    office.house.clock.at = window.closes + timedelta(seconds=1)
    x = handed_in(office)
    office.house.work()
    refused = office.house.read(x)

    assert refused.stage is Stage.REFUSED
    assert [reason.code for reason in refused.reasons] == ["C-016"]
    assert "17:00:00 24/11/2026" in refused.reasons[0].title.vi
    assert "Sở Kế hoạch và Đầu tư" in refused.reasons[0].advice.vi


def test_the_last_second_of_the_window_is_inside(office: Office) -> None:
    office.house.clock.at = office.opens().closes
    x = handed_in(office)

    assert office.house.until(x, Stage.RECONCILED)


def test_a_report_handed_in_while_it_was_open_is_read_later_and_still_goes(office: Office) -> None:
    office.house.clock.at = office.opens().closes
    x = handed_in(office)
    office.house.clock.move(hours=3)

    assert office.house.until(x, Stage.RECONCILED)


def test_what_the_receiver_returned_is_corrected_whatever_is_closed(office: Office) -> None:
    office.house.clock.at = office.opens().opens
    x = office.house.until(handed_in(office), Stage.RECONCILED)
    acknowledgement = office.house.last(x, Acknowledged).acknowledgement
    office.house.told(x, Acknowledged(replace(acknowledgement, answer=Answer.RETURNED)))
    office.house.clock.at = CLOSES + timedelta(days=1)
    again = handed_in(office, "k2", revision=2)

    assert office.house.until(again, Stage.RECONCILED, Stage.CORRECTED)


def test_what_a_person_replays_goes_on_whatever_is_closed(office: Office) -> None:
    office.house.clock.at = office.opens().opens
    x = office.house.until(handed_in(office), Stage.RECONCILED)
    office.house.clock.at = CLOSES + timedelta(days=1)

    assert office.house.until(replay(office.house.doors, x.id, WHO), Stage.RECONCILED)


def test_a_notice_that_opens_sooner_wakes_what_was_kept(office: Office) -> None:
    office.opens()
    x = handed_in(office)
    office.house.work()
    clerk = office.clerk
    clerk.take_back(Sheet.WINDOW, "/".join(PLACE))
    now = office.house.clock.now()
    office.opens(now - timedelta(minutes=1), CLOSES)

    assert office.house.until(x, Stage.RECONCILED)


def test_whoever_follows_the_regime_is_told_of_the_notice(office: Office) -> None:
    office.opens()

    assert office.register.told_to == [(MONTHLY.id,)]
    assert office.register.deeds[0].document == "12/TB-SKHDT"


def test_a_second_window_for_one_place_is_refused(office: Office) -> None:
    office.opens()

    with pytest.raises(Conflict) as refused:
        office.opens(CLOSES - timedelta(hours=1), CLOSES + timedelta(days=1))
    assert refused.value.problem.code == "C-018"


@pytest.mark.parametrize(
    ("place", "opens", "closes", "notice", "why"),
    [
        (PLACE, CLOSES, OPENS, "12/TB", "closes before it opens"),
        (PLACE, OPENS - timedelta(days=9), OPENS - timedelta(days=5), "12/TB", "cut-off"),
        (PLACE, OPENS, CLOSES, "theo điện thoại", "number"),
        (PLACE, OPENS.replace(tzinfo=None), CLOSES, "12/TB", "offset"),
        (PLACE, datetime.fromisoformat("2026-11-15T08:00:00+08:00"), CLOSES, "12/TB", "+07:00"),
        (("KTXH", "LICH:2026M11", "tong-hop"), OPENS, CLOSES, "12/TB", "calendar"),
        (("KTXH", "ND09:2026M13", "tong-hop"), OPENS, CLOSES, "12/TB", "no month 13"),
        (("KTXH", "ND09:2026M11", "huyen"), OPENS, CLOSES, "12/TB", "stage"),
        (("XA", "ND09:2026M11", "tong-hop"), OPENS, CLOSES, "12/TB", "unknown regime"),
    ],
)
def test_a_window_that_cannot_be_is_refused_by_name(
    place: tuple[str, str, str], opens: datetime, closes: datetime, notice: str, why: str
) -> None:
    regulation = province(PROFILES / "lao-cai" / "province.toml")
    with pytest.raises(Rejected) as refused:
        window_of(regulation, place, opens=opens, closes=closes, notice=notice)
    assert any(why in problem.details["reason"] for problem in refused.value.problems), refused.value


def test_where_the_regulation_knows_no_opening_none_is_recorded() -> None:
    regulation = province(PROFILES / "thanh-hoa" / "province.toml")
    with pytest.raises(Rejected) as refused:
        window_of(regulation, ("DINH-KY", "ND09:2026M11", "gui"), opens=OPENS, closes=CLOSES, notice="12/TB")
    assert "no opening" in refused.value.problem.details["reason"]


# ── maintenance ──────────────────────────────────────────────────────────────────────────────────
def test_nothing_is_sent_to_a_destination_under_maintenance_until_it_ends(office: Office) -> None:
    m = office.maintains(office.house.clock.now(), hours=4)
    x = handed_in(office)
    office.house.work()
    waiting = office.house.read(x)

    assert (waiting.stage, waiting.due, waiting.attempts) == (Stage.PACKAGED, m.ends, 0)
    assert office.house.last(x, Postponed).why.code == "F-012"
    assert office.house.doors.journal.line(NATIONAL).failures == 0
    office.house.clock.at = m.ends
    assert office.house.until(x, Stage.RECONCILED).attempts == 1


def test_what_is_in_doubt_is_not_asked_about_either(office: Office) -> None:
    office.house.receiver.otherwise = Ending.UNREACHABLE
    office.maintains(office.house.clock.now(), hours=4, destination="")
    x = handed_in(office)
    office.house.work()

    assert office.house.read(x).attempts == 0


def test_catalogues_are_not_fetched_meanwhile(office: Office) -> None:
    m = office.maintains(office.house.clock.now(), hours=4)
    with pytest.raises(Unavailable) as refused:
        office.house._loop.run(sync_catalogue(office.house.doors, MONTHLY.id, "VPCP-CT"))
    assert refused.value.until == m.ends


def test_maintenance_told_too_late_is_refused_with_the_earliest_start(office: Office) -> None:
    ten = Level(10, "working_hours", "20.3")
    office.house.clock.at = datetime.fromisoformat("2026-11-09T07:30:00+07:00")
    with pytest.raises(Rejected) as refused:
        office.maintains(datetime.fromisoformat("2026-11-10T09:59:00+07:00"), 2, level=ten)
    told = refused.value.problem

    assert (told.code, told.details["earliest"]) == ("C-017", "10:00:00 10/11/2026")
    assert "20.3" in told.title.vi
    office.maintains(datetime.fromisoformat("2026-11-10T10:00:00+07:00"), 2, level=ten)
    assert len(office.register.deeds) == 1


def test_every_sender_to_the_destination_is_told_and_told_again_when_it_is_called_off(office: Office) -> None:
    m = office.maintains(office.house.clock.now() + timedelta(days=9), hours=4)
    call_off(office.house.doors, office.clerk, m)

    assert office.register.told_to[0] == office.register.told_to[1]
    assert MONTHLY.id in office.register.told_to[0]
    assert not office.calendar.maintenance()


def test_a_deadline_within_the_maintenance_is_told_to_the_operator(office: Office) -> None:
    inside = office.maintains(DUE - timedelta(hours=2), hours=4)
    outside = office.maintains(DUE + timedelta(hours=3), hours=4)

    assert [(name, due.deadline) for name, due in due_within(office.house.doors, inside)] == [(MONTHLY.id, DUE)]
    assert not due_within(office.house.doors, outside)


def test_maintenance_that_overlaps_or_is_of_nobody_is_refused(office: Office) -> None:
    start = office.house.clock.now() + timedelta(days=1)
    office.maintains(start, hours=4)

    with pytest.raises(Conflict):
        office.maintains(start + timedelta(hours=3), hours=4, destination="")
    with pytest.raises(NotFound):
        office.maintains(start, hours=4, destination="khong-co")


# ── lateness ─────────────────────────────────────────────────────────────────────────────────────
def test_a_report_handed_in_late_is_the_units_doing(office: Office) -> None:
    office.house.clock.at = DUE + timedelta(hours=1)
    x = office.house.until(handed_in(office), Stage.RECONCILED)

    assert lateness(office.house.doors, x, office.house.clock.now()) is Cause.UNIT


def test_a_report_that_an_outage_held_up_is_not(office: Office) -> None:
    office.house.clock.at = DUE - timedelta(hours=2)
    office.house.receiver.otherwise = Ending.UNREACHABLE
    x = handed_in(office)
    office.house.later(hours=3)

    assert lateness(office.house.doors, office.house.read(x), office.house.clock.now()) is Cause.LINK


def test_a_recorded_incident_of_the_receiver_names_the_receiver(office: Office) -> None:
    office.house.clock.at = DUE - timedelta(hours=1)
    open_incident(office.house.doors, office.clerk, NATIONAL, "nơi nhận ngừng nhận", cause=Cause.AUTHORITY)
    office.house.clock.at = DUE + timedelta(hours=1)
    x = office.house.until(handed_in(office), Stage.RECONCILED)

    assert lateness(office.house.doors, x, office.house.clock.now()) is Cause.AUTHORITY


def test_what_is_owed_is_listed_for_every_form_and_says_how_it_stands(office: Office) -> None:
    office.house.clock.at = DUE - timedelta(days=3)
    x = office.house.until(handed_in(office), Stage.RECONCILED)
    now, day = office.house.clock.now(), DUE.date()
    found = {one.form: one for one in owed(office.house.doors, [MONTHLY], day, day, now)}

    assert found.keys() == set(MONTHLY.forms)
    assert (found["01/KTXH"].standing, found["01/KTXH"].exchange) == (Standing.IN_TIME, x.id)
    assert {one.standing for form, one in found.items() if form != "01/KTXH"} == {Standing.OPEN}
    late = {one.form: one for one in owed(office.house.doors, [MONTHLY], day, day, DUE + timedelta(days=1))}
    assert (late["02/TCNS"].standing, late["02/TCNS"].cause) == (Standing.OVERDUE, Cause.UNIT)
    assert late["01/KTXH"].cause is None


# ── incidents ────────────────────────────────────────────────────────────────────────────────────
def test_an_incident_is_opened_with_what_the_journal_knows_and_the_reports_at_risk(office: Office) -> None:
    office.house.receiver.otherwise = Ending.UNREACHABLE
    x = handed_in(office)
    office.house.later(minutes=30)
    incident = open_incident(office.house.doors, office.clerk, NATIONAL, "đứt cáp", words="phiếu 4711")
    line = office.house.doors.journal.line(NATIONAL)

    assert (incident.evidence.failures, incident.began) == (line.failures, line.since)
    assert (incident.evidence.problem, incident.evidence.words) == ("A-001", "phiếu 4711")
    assert [(risk.exchange, risk.deadline) for risk in incident.at_risk] == [(x.id, DUE)]
    assert office.calendar.incidents() == [incident]


def test_a_closed_incident_names_what_is_late_and_stops_nothing_any_more(office: Office) -> None:
    office.house.receiver.otherwise = Ending.UNREACHABLE
    x = handed_in(office)
    office.house.later(minutes=30)
    opened = open_incident(office.house.doors, office.clerk, NATIONAL, "đứt cáp")
    promise(office.house.doors, office.clerk, opened.id, DUE)
    office.house.clock.at = DUE + timedelta(hours=2)
    closed = close_incident(office.house.doors, office.clerk, opened.id)

    assert [risk.exchange for risk in closed.late] == [x.id]
    assert (closed.outcome, closed.closed_by) == (WHO.because, WHO.name)
    assert [deed.act for deed in office.register.deeds] == ["open", "promise", "close"]
    [kept] = office.calendar.incidents()
    assert kept == closed
    with pytest.raises(Conflict):
        close_incident(office.house.doors, office.clerk, opened.id)


def test_one_line_has_one_open_incident(office: Office) -> None:
    open_incident(office.house.doors, office.clerk, NATIONAL, "đứt cáp")
    with pytest.raises(Conflict):
        open_incident(office.house.doors, office.clerk, NATIONAL, "lại đứt cáp")


def test_an_incident_of_nobody_or_of_tomorrow_is_refused(office: Office) -> None:
    doors, clerk = office.house.doors, office.clerk
    with pytest.raises(NotFound):
        open_incident(doors, clerk, "khong-co", "x")
    with pytest.raises(Rejected):
        open_incident(doors, clerk, NATIONAL, "x", began=clerk.now + timedelta(days=1))
    with pytest.raises(NotFound):
        close_incident(doors, clerk, "sc-khong-co")
    opened: Incident = open_incident(doors, clerk, NATIONAL, "x")
    with pytest.raises(Rejected):
        promise(doors, clerk, opened.id, clerk.now)
    with pytest.raises(Rejected):
        close_incident(doors, clerk, opened.id, clerk.now + timedelta(hours=1))
