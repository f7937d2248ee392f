"""The province's deadlines for machines: rows, and a calendar to subscribe to."""

from __future__ import annotations

import httpx

from tests.api.house import House, as_json

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


def test_without_a_key_nobody_is_told(house: House) -> None:
    assert httpx.get(f"{house.url}/v1/deadlines", params=SPAN).status_code == 401


def test_an_exchange_knows_its_deadline_and_the_time_left(house: House) -> None:
    shown = house.at_rest(house.taken(as_json(period="LICH:2024")))
    assert shown["deadline"] == "2024-12-19T23:59:59+07:00"
    assert shown["seconds_left"] < 0
    assert "7.6" in shown["deadline_rule"]
