"""The province's deadlines for machines: rows, and a calendar to subscribe to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import httpx

from gateway.domain.maintenance import Maintenance
from gateway.journey.arrange import Clerk, Notice, announce, call_off
from gateway.journey.operate import Person
from tests.api.house import SIGNED, House, as_json

SPAN = {"from": "2026-02-01", "to": "2026-03-31"}


def test_deadlines_are_listed_by_time_with_the_rule_they_follow(house: House) -> None:
    rows = house.desk.get("/v1/deadlines", params=SPAN).json()

    assert [row["deadline"] for row in rows] == sorted(row["deadline"] for row in rows)
    [month] = [row for row in rows if row["period"] == "2026M02"]
    assert month["deadline"] == "2026-02-19T23:59:59+07:00"
    assert (month["regime"], month["inclusive"], month["rolled_from"]) == ("ND09", False, None)
    assert "7.3" in month["rule"]


def test_a_span_that_ends_before_it_begins_is_refused(house: House) -> None:
    answer = house.desk.get("/v1/deadlines", params={"from": "2026-03-01", "to": "2026-02-01"})
    assert (answer.status_code, answer.json()["code"]) == (422, "C-005")


def test_the_calendar_holds_the_same_deadlines_in_short_lines(house: House) -> None:
    rows = house.desk.get("/v1/deadlines", params=SPAN).json()
    answer = house.desk.get("/v1/deadlines.ics", params=SPAN)

    assert answer.headers["content-type"].startswith("text/calendar")
    lines = answer.content.decode().split("\r\n")
    assert lines.count("BEGIN:VEVENT") == len(rows)
    assert "DTEND:20260219T165959Z" in lines
    assert all(len(line.encode()) <= 75 for line in lines)
    events = [line for line in lines if line.startswith("UID:")]
    assert len(events) == len(set(events))
    told = answer.content.decode().replace("\r\n ", "")
    assert "SUMMARY:Hạn gửi báo cáo kỳ 15/01/2026–14/02/2026 (ND09:2026M02 gui)" in told


def test_without_a_key_nobody_is_told(house: House) -> None:
    assert httpx.get(f"{house.url}/v1/deadlines", params=SPAN).status_code == 401


def test_an_exchange_knows_its_deadline_and_the_time_left(house: House) -> None:
    shown = house.at_rest(house.taken(as_json(period="LICH:2024")))
    assert shown["deadline"] == "2024-12-19T23:59:59+07:00"
    assert shown["seconds_left"] < 0
    assert "7.6" in shown["deadline_rule"]


def test_what_the_caller_owes_stands_beside_each_deadline(house: House) -> None:
    rows = house.desk.get("/v1/deadlines", params=SPAN).json()
    [month] = [row for row in rows if row["period"] == "2026M02"]

    assert {one["form"] for one in month["owed"]} >= {"01/KTXH", "03/DTC"}
    assert {one["agreement"] for one in month["owed"]} == {SIGNED}
    assert {(one["standing"], one["cause"]) for one in month["owed"]} == {("late", "unit")}
    others = house.other.get("/v1/deadlines", params=SPAN).json()
    assert not any(row["owed"] for row in others)


def test_a_span_of_many_years_is_refused(house: House) -> None:
    answer = house.desk.get("/v1/deadlines", params={"from": "2020-01-01", "to": "2026-02-01"})
    assert (answer.status_code, answer.json()["code"]) == (422, "C-005")


def test_a_late_exchange_says_whose_doing_it_was(house: House) -> None:
    shown = house.at_rest(house.taken(as_json(period="LICH:2024")))

    assert (shown["late_cause"], shown["late_cause_vi"]) == ("unit", "đơn vị")
    assert (shown["period_start"], shown["period_end"]) == ("2024-01-01", "2024-12-31")


def test_maintenance_is_announced_in_the_inbox_of_every_sender_and_settled_once(house: House) -> None:
    gateway = house.gateway
    now = gateway.doors.clock.now()
    m = Maintenance("bt-thu", "truc-van-ban", now + timedelta(days=9), now + timedelta(days=10), "thử")
    announce(gateway.doors, Clerk(gateway.register, Person("vh", "thử"), now), m, [], Notice(now, None))
    elsewhere = [one for one in house.read("/v1/inbox?limit=200") if one["subject"] == "bt-thu"]
    everywhere = replace(m, id="bt-het", destination="")
    announce(gateway.doors, Clerk(gateway.register, Person("vh", "thử"), now), everywhere, [], Notice(now, None))
    told = [one for one in house.read("/v1/inbox?limit=200") if one["subject"] == "bt-het"]

    assert elsewhere == []  # nobody sends there directly
    assert {one["type"] for one in told} == {"report-gateway.maintenance.announce"}
    assert told[0]["data"]["after"]["what"] == "thử"
    assert house.read("/v1/inbox", house.other)
    for one in told:
        assert house.desk.post(f"/v1/inbox/{one['id']}/ack").status_code == 204
    assert not [one for one in house.read("/v1/inbox?limit=200") if one["subject"] == "bt-het"]
    assert house.desk.post("/v1/inbox/so-999999.ktxh-thang/ack").status_code == 404
    call_off(gateway.doors, Clerk(gateway.register, Person("vh", "thử xong"), gateway.doors.clock.now()), m)
    call_off(gateway.doors, Clerk(gateway.register, Person("vh", "thử xong"), gateway.doors.clock.now()), everywhere)
