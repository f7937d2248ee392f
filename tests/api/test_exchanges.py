"""GET /v1/exchanges: one's own, in lists, page by page, and one by one."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import httpx
import pytest

from gateway.domain.ids import digest_of
from tests.api.house import OFFICE, SMALL, THANG, VALUE, House, as_json, new_key, report


def test_an_exchange_is_shown_in_vietnamese_with_its_report_and_times(house: House) -> None:
    said = report()
    x = house.at_rest(house.taken(as_json(**said)))
    assert (x["stage"], x["stage_vi"], x["kind"]) == ("reconciled", "Đã đối soát", "outbound")
    assert (x["report"]["form"], x["report"]["reporter"]) == ("01/KTXH", said["reporter"])
    assert x["account"] == {"received": 1, "mapped": 1, "held": 0, "excluded": 0}
    assert datetime.fromisoformat(x["opened_at"]).tzinfo is not None
    assert datetime.fromisoformat(x["opened_at"]) <= datetime.fromisoformat(x["changed_at"])


def test_what_another_client_handed_in_does_not_exist(house: House) -> None:
    headers = {"Idempotency-Key": new_key(), "Content-Type": "application/json"}
    theirs = house.other.post("/v1/reports", content=as_json(), headers=headers).headers["Location"]
    unknown = "/v1/exchanges/gd-00000000000000000000000000"
    for path in ("", "/facts", "/receipt", "/evidence"):
        hidden, absent = house.desk.get(theirs + path), house.desk.get(unknown + path)
        assert (hidden.status_code, hidden.json()["code"]) == (404, "F-006")
        assert hidden.text.replace(theirs.rpartition("/")[2], unknown.rpartition("/")[2]) == absent.text
    listed = [x["id"] for x in _every(house.desk, "/v1/exchanges?limit=200")]
    assert theirs.rpartition("/")[2] not in listed
    assert [x["agreement"] for x in _every(house.other, "/v1/exchanges")] == [OFFICE]
    assert house.desk.get("/v1/exchanges", params={"agreement": OFFICE}).status_code == 404


def test_the_receipt_is_404_until_there_is_one(house: House) -> None:
    house.other_side.fault("refuse")
    try:
        location = house.taken(as_json())
        answer = house.desk.get(f"{location}/receipt")
        assert (answer.status_code, answer.json()["code"]) == (404, "F-006")
    finally:
        house.other_side.clear()
    assert house.at_rest(location)["stage"] == "reconciled"
    receipt = house.read(f"{location}/receipt")
    assert receipt["receipt"]["reference"].startswith("VPCP-")
    assert receipt["acknowledgement"]["answer"] == "accepted"
    assert receipt["stage"] == "reconciled"


def test_the_facts_are_a_chain_from_the_first_to_the_last(house: House) -> None:
    location = house.taken(as_json())
    house.at_rest(location)
    told = house.read(f"{location}/facts")
    assert told["chain_intact"] is True
    assert [fact["seq"] for fact in told["facts"]] == list(range(1, len(told["facts"]) + 1))
    assert all(one["digest"] == two["previous"] for one, two in zip(told["facts"], told["facts"][1:], strict=False))
    assert [fact["fact"] for fact in told["facts"]][:5] == [
        "Accepted",
        "Validated",
        "Verified",
        "Translated",
        "Packaged",
    ]


def test_the_evidence_names_what_came_and_what_went(house: House) -> None:
    payload = as_json()
    location = house.taken(payload)
    x = house.at_rest(location)
    evidence = house.read(f"{location}/evidence")
    arrived = next(one for one in house.other_side.arrivals() if one["messageId"] == x["id"])
    assert (evidence["payload_sha256"], evidence["packet_sha256"]) == (digest_of(payload), arrived["digest"])
    assert evidence["chain_intact"] is True
    assert evidence["verdict"] is None


# ── lists ────────────────────────────────────────────────────────────────────────────────────────
def test_a_list_is_narrowed_by_each_of_its_filters(house: House) -> None:
    fine = house.at_rest(house.taken(as_json(), agreement=SMALL))
    refused = house.at_rest(house.taken(b"{", agreement=SMALL))
    both = {fine["id"], refused["id"]}

    def listed(**asked: str | list[str]) -> set[str]:
        return {
            x["id"] for x in _every(house.desk, "/v1/exchanges", params={"agreement": SMALL, "limit": "200", **asked})
        }

    assert both <= listed()
    assert listed(stage="refused") & both == {refused["id"]}
    assert both <= listed(stage=["refused", "reconciled"])
    assert listed(kind="inbound") == set()
    assert both <= listed(partner="quoc-gia")
    assert listed(partner="truc-van-ban") == set()
    assert listed(parent=fine["id"]) == set()
    later = (datetime.fromisoformat(refused["opened_at"])).isoformat()
    assert listed(since=later) & both == {refused["id"]}
    # Without an offset a time is Vietnamese time.
    naive = datetime.fromisoformat(refused["opened_at"]).astimezone(_VIETNAM).replace(tzinfo=None)
    assert listed(since=naive.isoformat()) & both == {refused["id"]}
    assert listed(since=(naive + timedelta(days=1)).isoformat()) == set()


def test_the_catalogue_that_came_down_is_in_the_list(house: House) -> None:
    found = _every(house.desk, "/v1/exchanges", params={"kind": "inbound", "agreement": THANG})
    assert [(x["stage"], x["stage_vi"]) for x in found] == [("published", "Đã áp dụng")]


def test_a_walk_meets_everything_once_while_new_ones_arrive(house: House) -> None:
    before = {house.taken(b"{", agreement=SMALL).rpartition("/")[2] for _ in range(12)}
    stop = threading.Event()

    def arriving() -> None:
        while not stop.is_set():
            house.taken(b"[", agreement=SMALL)

    thread = threading.Thread(target=arriving)
    thread.start()
    try:
        met = [x["id"] for x in _every(house.desk, "/v1/exchanges?limit=3&agreement=" + SMALL)]
    finally:
        stop.set()
        thread.join()
    assert len(met) == len(set(met))
    assert before <= set(met)


def test_a_page_names_the_next_one_with_all_that_was_asked(house: House) -> None:
    for _ in range(3):
        house.at_rest(house.taken(b"{", agreement=SMALL))
    answer = house.desk.get("/v1/exchanges", params={"limit": 2, "agreement": SMALL, "stage": ["refused", "parked"]})
    following = httpx.URL(answer.links["next"]["url"])
    assert following.path == "/v1/exchanges"
    assert following.params.get_list("stage") == ["refused", "parked"]
    assert (following.params["limit"], following.params["agreement"]) == ("2", SMALL)
    ids = [x["id"] for x in answer.json()]
    assert not {x["id"] for x in house.desk.get(str(following)).json()} & set(ids)


def test_the_last_page_names_no_next_one(house: House) -> None:
    assert "next" not in house.desk.get("/v1/exchanges?limit=200&kind=inbound").links


@pytest.mark.parametrize(
    "cursor",
    ["x", "AAAAAAAAAAA=", "AAAAAAAAAA", "////////////", "__________8", "AAAAAAAAAAB", "1' OR '1'='1", "é", "\0"],
)
def test_a_cursor_that_was_not_given_out_is_a_problem(house: House, cursor: str) -> None:
    answer = house.desk.get("/v1/exchanges", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (422, "C-012"), answer.text


@pytest.mark.parametrize(
    "asked",
    [
        {"limit": "0"},
        {"limit": "201"},
        {"limit": "nhiều"},
        {"stage": "bogus"},
        {"kind": "x"},
        {"since": "hôm qua"},
        {"partner": "a\0b"},
        {"parent": "' OR 1=1 --"},
        {"parent": "\0"},
    ],
)
def test_a_filter_that_means_nothing_is_a_problem_that_names_it(house: House, asked: dict[str, str]) -> None:
    answer = house.desk.get("/v1/exchanges", params=asked)
    assert (answer.status_code, answer.json()["code"]) == (422, "C-012")
    assert next(iter(asked)) in answer.json()["title"]


def test_a_query_name_that_nobody_reads_is_refused_as_beside_a_report(house: House) -> None:
    asked = {"partnr": "quoc-gia", "agrement": THANG}
    headers = {"Idempotency-Key": new_key(), "Content-Type": "application/json", "Agreement": THANG}
    handed = house.desk.post("/v1/reports", content=as_json(), headers=headers, params=asked)
    answer = house.desk.get("/v1/exchanges", params={**asked, "limit": "2"})
    assert (answer.status_code, answer.json()["code"]) == (422, "C-012")
    assert "?agrement, partnr." in answer.json()["title"]
    assert answer.json()["title"] == handed.json()["title"]
    for path in ("inbox", "deadlines", "deadlines.ics", "catalogues/VPCP-CT", "exchanges/gd-1"):
        elsewhere = house.desk.get(f"/v1/{path}", params=asked)
        assert elsewhere.json()["title"] == handed.json()["title"], path
    stranger = house.desk.get("/v1/exchanges", params=asked, headers={"Authorization": "Bearer x"})
    assert (stranger.status_code, stranger.json()["code"]) == (401, "B-002")


@pytest.mark.parametrize(
    "since", ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "9999-12-31"]
)
def test_the_ends_of_time_are_times(house: House, since: str) -> None:
    assert house.desk.get("/v1/exchanges", params={"since": since}).status_code == 200


def test_a_report_of_which_all_is_held_waits_for_nobody(house: House) -> None:
    x = house.at_rest(house.taken(as_json({**VALUE, "indicator": "KHONG-CO"})))
    assert (x["stage"], x["problem"]["code"]) == ("refused", "D-001")


_VIETNAM = datetime.fromisoformat("2024-01-01T00:00:00+07:00").tzinfo


def _every(client: httpx.Client, url: str, params: dict[str, str | list[str]] | None = None) -> list[dict]:  # type: ignore[type-arg]
    """Every page, by the links."""
    found: list[dict] = []  # type: ignore[type-arg]
    answer = client.get(url, params=params)
    while True:
        assert answer.status_code == 200, answer.text
        found += answer.json()
        if "next" not in answer.links:
            return found
        answer = client.get(answer.links["next"]["url"])
