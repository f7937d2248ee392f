"""The calendar page: a month of deadlines, days of rest, what is owed, and what stands in the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from gateway.domain import facts as f
from gateway.domain.exchange import Exchange
from gateway.domain.maintenance import Maintenance
from gateway.domain.parcel import Parcel, Receipt
from gateway.journey.arrange import Clerk, Notice, announce
from gateway.journey.operate import Person
from gateway.journey.outage import open_incident
from gateway.ports import Entry, Journal
from gateway.wiring import Gateway
from tests.console import stories
from tests.console.reader import Reader, links, words
from tests.contracts.telling import BLOB, CLOCK, told

WHO = Person("Lê Thị Mẫu", "đứt cáp <b>ở</b> đèo")


def test_a_month_shows_its_deadlines_on_their_days_and_what_is_owed(desk: Reader) -> None:
    page = desk.open("/calendar?month=2026-02")
    read = words(page)

    assert page.status_code == 200
    assert "Thứ Hai" in read
    assert "Tháng 2/2026" in read
    assert "23:59:59 19/02/2026" in read
    assert "Chưa gửi, quá hạn" in read
    assert "do đơn vị" in read
    assert read.count("03/DTC") >= 1


def test_the_deadlines_can_be_subscribed_to_by_a_program_that_has_no_key(desk: Reader) -> None:
    assert "/calendar.ics" in links(desk.open("/calendar?month=2026-02"))
    feed = desk.open("/calendar.ics")
    assert feed.headers["content-type"].startswith("text/calendar")
    told = feed.text.replace("\r\n ", "")
    assert told.startswith("BEGIN:VCALENDAR\r\n")
    assert told.count("BEGIN:VEVENT") >= 12
    assert "SUMMARY:Hạn gửi báo cáo kỳ " in told


def test_the_step_of_a_deadline_is_told_in_words_not_by_its_code(desk: Reader) -> None:
    assert "Ngày 30/11/2026 · gửi báo cáo" in words(desk.open("/calendar?month=2026-12"))
    assert "30/11/2026 · submission" in words(desk.open("/calendar?month=2026-12&lang=en"))


def test_days_of_rest_and_their_documents_are_shown(desk: Reader) -> None:
    read = words(desk.open("/calendar?month=2026-01"))

    assert "Hoán đổi: nghỉ thứ Sáu 2/1/2026 (12729/VPCP-KGVX)" in read
    assert "làm bù" in read


def test_one_walks_from_month_to_month_and_over_the_new_year(desk: Reader) -> None:
    found = links(desk.open("/calendar?month=2026-12"))

    assert "/calendar?month=2026-11" in found
    assert "/calendar?month=2027-01" in found


@pytest.mark.parametrize("month", ["2026-13", "2026-00", "0001-01", "9999-12", "hai", "2026-1", "1950-01"])
def test_what_is_no_month_is_told_so(desk: Reader, month: str) -> None:
    assert desk.open(f"/calendar?month={month}").status_code == 422


def test_it_speaks_english_when_asked(desk: Reader) -> None:
    read = words(desk.open("/calendar?month=2026-02&lang=en"))

    assert "Missing, overdue" in read
    assert "by the unit" in read


def test_incidents_and_maintenance_stand_below_with_what_they_put_at_risk(desk: Reader, gateway: Gateway) -> None:
    now = gateway.doors.clock.now()
    clerk = Clerk(gateway.register, WHO, now)
    open_incident(gateway.doors, clerk, "quoc-gia", WHO.because)
    m = Maintenance("bt-1", "quoc-gia", now + timedelta(days=1), now + timedelta(days=2), "nâng cấp máy chủ")
    announce(gateway.doors, clerk, m, [], Notice(now, None))
    page = desk.open("/calendar")

    assert "&lt;b&gt;ở&lt;/b&gt;" in page.text
    assert "nâng cấp máy chủ" in words(page)
    assert "Không có sự cố" not in words(page)


def test_a_school_year_is_called_so(desk: Reader) -> None:
    assert "Năm học 2024-2025" in words(desk.open("/calendar?month=2025-06"))
    assert "School year 2024-2025" in words(desk.open("/calendar?month=2025-06&lang=en"))


def test_what_will_miss_its_deadline_is_said_with_the_time_at_todays_rate(desk: Reader, gateway: Gateway) -> None:
    now = CLOCK.now()
    for number in range(3):
        waiting(gateway.journal, f"k{number}", now + timedelta(minutes=2))
    went = waiting(gateway.journal, "gone", None)
    facts = (f.Attempted("quoc-gia", 1), f.Delivered(Receipt("QG-1", BLOB.digest, now, BLOB)))
    gateway.journal.append(went, [Entry(fact, now - timedelta(minutes=3)) for fact in facts])

    read = words(desk.open("/calendar"))
    assert "sẽ trễ lúc" in read
    assert "với tốc độ hôm nay" in read
    assert "at today's rate" in words(desk.open("/calendar?lang=en"))


def waiting(journal: Journal, key: str, deadline: datetime | None) -> Exchange:
    x = stories.opened(journal, key)
    head = replace(stories.HEAD, reporter=key)
    parcel = Parcel(x.id, "report-data", BLOB, head.lane)
    return told(journal, x, f.Validated("submission-json", head, 1), f.Packaged(parcel, deadline))
