"""GET /v1/inbox: what came down, until somebody took note of it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest

from gateway.ports import BULLETIN
from gateway.working import synchronised
from tests.api.house import THANG, VALUE, House, as_json, new_key, report, until


@pytest.fixture(autouse=True)
def room(house: House) -> None:
    """What the reports of others left is taken note of: a question shows two hundred, the oldest."""
    for one in house.read("/v1/inbox?limit=200"):
        if one["type"] != "report-gateway.published" and not one["id"].startswith(BULLETIN):
            house.desk.post(f"/v1/inbox/{one['id']}/ack")


def notices(house: House, exchange: str) -> list[dict[str, Any]]:
    """What waits about one exchange."""
    return [one for one in house.read("/v1/inbox?limit=200") if one["subject"] == exchange]


def told(house: House, location: str, kind: str) -> dict[str, Any]:
    exchange = location.rpartition("/")[2]

    def looked() -> dict[str, Any] | None:
        return next((one for one in notices(house, exchange) if one["type"] == f"report-gateway.{kind}"), None)

    return until(looked, f"{kind} of {exchange}")


def test_an_acknowledgement_comes_down_as_a_cloud_event(house: House) -> None:
    location = house.taken(as_json())
    x = house.at_rest(location)
    event = told(house, location, "acknowledged")
    assert (event["specversion"], event["subject"], event["datacontenttype"]) == ("1.0", x["id"], "application/json")
    assert event["source"]
    assert {**event["data"], "seconds_left": None} == {**house.read(location), "seconds_left": None}
    assert datetime.fromisoformat(event["time"]).tzinfo is not None


def test_a_return_comes_down_with_its_reasons(house: House) -> None:
    said = report(period="LICH:2019M03")
    house.other_side.judge("01/KTXH", "LICH:2019M03", "returned")
    location = house.taken(json.dumps(said).encode())
    assert house.at_rest(location)["stage"] == "returned"
    house.other_side.judge_normally()
    acknowledgement = told(house, location, "acknowledged")["data"]["acknowledgement"]
    assert acknowledgement["answer"] == "returned"
    assert "rà soát" in " ".join(acknowledgement["reasons"])


def test_what_is_refused_or_held_here_comes_down_too(house: House) -> None:
    refused, held = house.taken(b"{"), house.taken(as_json(VALUE, {**VALUE, "indicator": "KHONG-CO"}))
    assert told(house, refused, "refused")["data"]["problem"]["code"] == "C-009"
    assert told(house, held, "held")["data"]["held"] == 1


def test_a_published_catalogue_comes_down(house: House) -> None:
    events = [one for one in house.read("/v1/inbox?limit=200") if one["type"] == "report-gateway.published"]
    assert [one["data"]["kind"] for one in events] == ["inbound"]
    house.other_side.add_indicator("Z0001", "Chỉ tiêu thử", "nguoi")
    x = synchronised(house.gateway, THANG, "VPCP-CT")
    assert told(house, f"/v1/exchanges/{x.id}", "published")["data"]["stage"] == "published"


def test_the_oldest_comes_first_and_a_limit_holds(house: House) -> None:
    for _ in range(3):
        house.at_rest(house.taken(b"{"))
    every = house.read("/v1/inbox?limit=200")
    single = [one["time"] for one in every if not one["id"].startswith(BULLETIN)]  # what concerns everybody is before
    assert single == sorted(single)
    assert house.read("/v1/inbox?limit=2") == every[:2]
    assert house.desk.get("/v1/inbox?limit=0").json()["code"] == "C-012"


def test_what_was_acknowledged_is_gone_and_acknowledging_again_is_nothing(house: House) -> None:
    location = house.taken(b"{")
    event = told(house, location, "refused")
    for _ in range(2):
        answer = house.desk.post(f"/v1/inbox/{event['id']}/ack")
        assert (answer.status_code, answer.content) == (204, b"")
    assert notices(house, location.rpartition("/")[2]) == []


def test_many_may_acknowledge_at_once_and_the_first_is_remembered(house: House) -> None:
    event = told(house, house.taken(b"{"), "refused")
    exchange, _, seq = event["id"].rpartition(".")
    read = "SELECT settled_at, settled_by FROM notice WHERE exchange = %s AND seq = %s"
    with ThreadPoolExecutor(20) as crowd:
        answers = list(crowd.map(lambda _: house.desk.post(f"/v1/inbox/{event['id']}/ack").status_code, range(40)))
    assert set(answers) == {204}
    first = house.stored(read, exchange, int(seq))
    house.desk.post(f"/v1/inbox/{event['id']}/ack")
    assert house.stored(read, exchange, int(seq)) == first


def test_nobody_takes_note_of_what_is_for_another(house: House) -> None:
    headers = {"Idempotency-Key": new_key(), "Content-Type": "application/json"}
    location = house.other.post("/v1/reports", content=b"{", headers=headers).headers["Location"]
    house.at_rest(location, house.other)
    [event] = [one for one in house.other.get("/v1/inbox").json() if one["subject"] == location.rpartition("/")[2]]
    answer = house.desk.post(f"/v1/inbox/{event['id']}/ack")
    assert (answer.status_code, answer.json()["code"]) == (404, "F-006")
    assert notices(house, event["subject"]) == []
    assert house.other.get("/v1/inbox").json() != []


@pytest.mark.parametrize(
    "notice", ["x", "x.1", ".1", "gd-1.", "gd-1.%C2%B2", "gd-1.99999999999999999999", "gd%00.1", "%00"]
)
def test_a_notice_there_is_not_is_404(house: House, notice: str) -> None:
    answer = house.desk.post(f"/v1/inbox/{notice}/ack")
    assert (answer.status_code, answer.json()["code"]) == (404, "F-006")
