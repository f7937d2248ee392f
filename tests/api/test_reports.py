"""POST /v1/reports: what is taken, and that it is on disk before anybody is told so."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from gateway.domain.ids import digest_of
from tests.api.house import House, as_json, new_key, report


def test_a_report_is_202_with_its_place_and_is_on_disk_by_then(house: House) -> None:
    payload = as_json()
    answer = house.hand_in(payload, key="thang-9/H56")
    assert (answer.status_code, answer.headers["Idempotent-Replayed"]) == (202, "false")
    exchange = answer.headers["Location"].removeprefix("/v1/exchanges/")
    # Another connection than any of the gateway's: what it sees was committed.
    [(agreement, key, content)] = house.stored("SELECT agreement, key, content FROM exchange WHERE id = %s", exchange)
    assert (agreement, key, content) == ("ktxh-thang", "thang-9/H56", digest_of(payload))
    assert house.stored("SELECT bytes FROM blob WHERE digest = %s", digest_of(payload)) == [(payload,)]
    assert house.stored("SELECT name FROM fact WHERE exchange = %s AND seq = 1", exchange) == [("Accepted",)]
    said = answer.json()
    assert (said["id"], said["digest"], said["stage_vi"]) == (exchange, digest_of(payload), "Đã nhận")


def test_the_same_key_and_content_is_the_same_exchange_and_later_the_same_receipt(house: House) -> None:
    payload, key = as_json(), new_key()
    first, again = house.hand_in(payload, key=key), house.hand_in(payload, key=key)
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (202, "true")
    assert again.headers["Location"] == first.headers["Location"]
    location = first.headers["Location"]
    assert house.at_rest(location)["stage"] == "reconciled"
    late = house.hand_in(payload, key=key)
    assert late.headers["Location"] == location
    assert late.json()["receipt"] == house.read(f"{location}/receipt")["receipt"]
    assert house.arrived(location) == 1


def test_other_content_under_the_same_key_is_409_and_names_both_digests(house: House) -> None:
    key, payload, changed = new_key(), as_json(), as_json()
    house.taken(payload, key=key)
    answer = house.hand_in(changed, key=key)
    assert answer.status_code == 409
    said = answer.json()
    assert said["code"] == "C-008"
    assert {digest_of(payload), digest_of(changed)} <= set(said["problems"][0]["details"].values())
    assert digest_of(payload) in said["title"]
    assert digest_of(changed) in said["title"]


def test_the_same_key_under_another_agreement_is_another_exchange(house: House) -> None:
    key, payload = new_key(), as_json()
    assert house.taken(payload, key=key) != house.taken(payload, key=key, agreement="ktxh-nho")


def test_a_hundred_at_once_are_one_exchange_and_one_arrival(house: House) -> None:
    payload, key = as_json(), new_key()
    with ThreadPoolExecutor(100) as crowd:
        answers = list(crowd.map(lambda _: house.hand_in(payload, key=key), range(100)))
    assert {answer.status_code for answer in answers} == {202}
    # A store that is busy for a second lets some into the spool, under a name that leads to the one.
    ends = {name: house.at_rest(name)["stage"] for name in {answer.headers["Location"] for answer in answers}}
    [one] = [name for name, stage in ends.items() if stage != "superseded"]
    told = [answer.headers["Idempotent-Replayed"] for answer in answers if answer.headers["Location"] == one]
    assert ends[one] == "reconciled"
    assert told.count("false") <= 1  # none: whoever opened it heard of another that was spooled before
    assert [house.arrived(name) for name in ends if name != one] == [0] * (len(ends) - 1)
    assert house.arrived(one) == 1


def test_a_hundred_different_at_once_under_one_key_let_one_win(house: House) -> None:
    key, payloads = new_key(), [as_json(note=f"bản {n}") for n in range(20)]
    with ThreadPoolExecutor(20) as crowd:
        answers = list(crowd.map(lambda payload: house.hand_in(payload, key=key), payloads))
    taken = [answer.headers["Location"] for answer in answers if answer.status_code == 202]
    assert [answer.status_code for answer in answers].count(409) == 20 - len(taken)
    # What a store that was busy for a second let into the spool is refused once it is handed over.
    assert len([location for location in taken if house.at_rest(location)["stage"] != "refused"]) == 1


@pytest.mark.parametrize("key", ["", "k" * 201])
def test_a_missing_or_overlong_key_is_400(house: House, key: str) -> None:
    headers = {"Agreement": "ktxh-thang", "Content-Type": "application/json", "Idempotency-Key": key}
    answer = house.desk.post("/v1/reports", content=as_json(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "C-007")
    assert "thiếu hoặc dài quá 200 ký tự" in answer.json()["title"]  # the one sentence is true of both
    if not key:
        del headers["Idempotency-Key"]
        assert house.desk.post("/v1/reports", content=as_json(), headers=headers).json()["code"] == "C-007"


@pytest.mark.parametrize("said", [None, "Bearer wrong", "Bearer", "Basic dXNlcjpwYXNz", "Digest x"])
@pytest.mark.parametrize("call", ["POST /v1/reports", "GET /v1/exchanges", "GET /v1/inbox", "GET /v1/catalogues/x"])
def test_without_a_known_key_everything_is_401(house: House, said: str | None, call: str) -> None:
    method, path = call.split()
    answer = httpx.request(method, house.url + path, headers={"Authorization": said} if said else {}, trust_env=False)
    assert (answer.status_code, answer.json()["code"]) == (401, "B-002")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_an_agreement_the_key_may_not_use_looks_like_one_there_is_not(house: House) -> None:
    kept, unknown = (house.hand_in(as_json(), agreement=name) for name in ("ktxh-so", "khong-co"))
    assert (kept.status_code, kept.json()["code"]) == (404, "B-005")
    assert kept.text.replace("ktxh-so", "khong-co") == unknown.text


def test_a_key_of_several_agreements_names_one_and_a_key_of_one_need_not(house: House) -> None:
    headers = {"Idempotency-Key": new_key(), "Content-Type": "application/json"}
    answer = house.desk.post("/v1/reports", content=as_json(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "B-005")
    assert "Thiếu tiêu đề Agreement" in answer.json()["title"]
    assert "“”" not in answer.text
    alone = house.other.post("/v1/reports", content=as_json(), headers=headers)
    assert (alone.status_code, alone.json()["agreement"]) == (202, "ktxh-so")


@pytest.mark.parametrize("regime", ["thong-ke", "che-do-mat", "noi-bo"])
def test_a_regime_declared_closed_is_403_and_leaves_no_trace(house: House, regime: str) -> None:
    payload = as_json(note=f"không được lưu {regime}")
    answer = house.hand_in(payload, agreement=regime)
    assert (answer.status_code, answer.json()["code"]) == (403, "B-006")
    assert house.stored("SELECT 1 FROM blob WHERE digest = %s", digest_of(payload)) == []


@pytest.mark.parametrize("regime", ["thong-ke", "che-do-mat"])
def test_a_closed_regime_is_refused_before_its_figures_are_read(house: House, regime: str) -> None:
    # An endless body: answered although it never ends, so nobody waited for it.
    def endless():  # type: ignore[no-untyped-def]
        while True:
            yield b"x" * 65536

    headers = {"Idempotency-Key": new_key(), "Agreement": regime, "Content-Type": "application/json"}
    with house.desk.stream("POST", "/v1/reports", content=endless(), headers=headers) as answer:
        answer.read()
    assert (answer.status_code, answer.json()["code"]) == (403, "B-006")


@pytest.mark.parametrize("media_type", ["text/html", "application/octet-stream", "application/pdf", ""])
def test_a_media_type_nobody_agreed_on_is_415(house: House, media_type: str) -> None:
    answer = house.hand_in(b"%PDF", media_type)
    assert (answer.status_code, answer.json()["code"]) == (415, "C-006")


def test_who_sends_another_type_is_told_what_is_taken_where(house: House) -> None:
    told = house.hand_in(b"%PDF", "application/pdf", headers={"Accept-Language": "en"}).json()
    assert "its words: JSON or XML" in str(told)


def test_a_media_type_of_another_agreement_is_415(house: House) -> None:
    answer = house.hand_in(as_json(), agreement="ktxh-ky-so")
    assert (answer.status_code, answer.json()["code"]) == (415, "C-006")


def test_parameters_of_the_media_type_and_its_case_do_not_matter(house: House) -> None:
    assert house.hand_in(as_json(), "Application/JSON; charset=utf-8").status_code == 202


def test_an_empty_body_is_kept_and_refused_by_its_content(house: House) -> None:
    x = house.at_rest(house.taken(b""))
    assert (x["stage"], x["problem"]["code"]) == ("refused", "C-009")


def test_every_form_of_one_report_is_taken(house: House) -> None:
    said = report()
    short = json.dumps(said).encode()
    head = f"# che_do=KTXH-THANG\n# bieu=01/KTXH\n# ky={said['period']}\n# don_vi={said['reporter']}\n# sua_doi=2\n"
    rows = "chi_tieu,to_chuc,don_vi_tinh,gia_tri\nT0101,38,%,12.15\n"
    for payload, media_type in ((short, "application/json"), ((head + rows).encode(), "text/csv")):
        x = house.at_rest(house.taken(payload, media_type))
        assert x["stage"] in ("reconciled", "corrected"), x
