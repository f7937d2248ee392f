"""Every fault, seen from the partner's end of a real socket."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import httpx
import pytest

from gateway.sandbox import Sandbox
from gateway.sandbox.switches import FAULTS
from tests.sandbox.partner import Partner, axis, document, packet, send_document, until

SEEN_BELOW = {
    "refuse", "hang", "drip", "reset", "reset_before_storing", "fail_before_storing", "fail_after_storing",
    "too_many", "duplicate", "redirect", "lie", "wrong_token", "slow", "expire_tokens",
}  # fmt: skip


def test_every_fault_has_its_test() -> None:
    assert SEEN_BELOW == FAULTS


def test_refuse_shuts_the_national_door_and_leaves_the_axis_open(other_side: Sandbox, partner: Partner) -> None:
    other_side.fault("refuse")
    with pytest.raises(httpx.ConnectError):
        partner.find("gt-1")
    assert axis(other_side, "getAgenciesList").json()["status"] == "OK"
    other_side.clear()
    assert partner.find("gt-1").status_code == 404


def test_refuse_ends_by_itself_after_its_seconds(other_side: Sandbox, partner: Partner) -> None:
    other_side.fault("refuse", seconds=0.2)
    with pytest.raises(httpx.ConnectError):
        partner.find("gt-1")

    def asked() -> httpx.Response:
        try:
            return partner.find("gt-1")
        except httpx.ConnectError:
            return httpx.Response(503)

    assert until(asked, lambda r: r.status_code != 503).status_code == 404


def test_the_axis_refuses_when_it_is_named(other_side: Sandbox, partner: Partner) -> None:
    other_side.fault("axis:refuse")
    with pytest.raises(httpx.ConnectError):
        axis(other_side, "getAgenciesList")
    assert partner.find("gt-1").status_code == 404


def test_hang_answers_nothing_and_stores_nothing(other_side: Sandbox, partner: Partner) -> None:
    other_side.fault("hang", times=1)
    with pytest.raises(httpx.ReadTimeout):
        partner.send(packet("gt-1"), timeout=0.3)
    assert other_side.count("gt-1") == 0
    partner.sent(packet("gt-1"))


def test_clear_cuts_off_what_hangs(other_side: Sandbox, partner: Partner) -> None:
    other_side.fault("hang", seconds=0.1)
    with pytest.raises(httpx.TransportError):
        partner.find("gt-1")
    other_side.clear()
    assert partner.find("gt-1").status_code == 404


def test_drip_keeps_every_single_read_alive_and_never_ends(other_side: Sandbox, partner: Partner) -> None:
    other_side.fault("drip", times=1, seconds=0.05)
    payload = {"packetFile": ("x.xml", packet("gt-1"), "application/xml")}
    began, read = time.monotonic(), 0
    with partner.http.stream("POST", "/v1/packets", files=payload, data={"messageType": "report-data"}) as answer:
        for chunk in answer.iter_raw():
            read += len(chunk)
            if read >= 5:
                break
    assert time.monotonic() - began >= 0.2
    assert other_side.count("gt-1") == 1


def test_reset_tears_the_line_in_the_middle_of_an_answer_after_storing(other_side: Sandbox, partner: Partner) -> None:
    other_side.fault("reset", times=1)
    with pytest.raises(httpx.ReadError, match=r"(?i)reset"):
        partner.send(packet("gt-1"))
    assert other_side.count("gt-1") == 1
    assert partner.find("gt-1").status_code == 200


def test_reset_before_storing_leaves_nothing(other_side: Sandbox, partner: Partner) -> None:
    other_side.fault("reset_before_storing", times=1)
    with pytest.raises(httpx.ReadError, match=r"(?i)reset"):
        partner.send(packet("gt-1"))
    assert other_side.count("gt-1") == 0


@pytest.mark.parametrize(("name", "stored"), [("fail_before_storing", 0), ("fail_after_storing", 1)])
def test_a_500_comes_before_or_after_storing(other_side: Sandbox, partner: Partner, name: str, stored: int) -> None:
    other_side.fault(name, times=1)
    assert partner.send(packet("gt-1")).status_code == 500
    assert other_side.count("gt-1") == stored
    assert partner.find("gt-1").status_code == (200 if stored else 404)


def test_too_many_asks_to_wait_a_second(other_side: Sandbox, partner: Partner) -> None:
    other_side.fault("too_many", times=2)
    answers = [partner.send(packet("gt-1")) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["Retry-After"] == "1"
    assert other_side.count("gt-1") == 1


def test_duplicate_answers_24_in_each_side_s_own_words(other_side: Sandbox, partner: Partner) -> None:
    other_side.fault("duplicate", times=2)
    assert partner.send(packet("gt-1")).json()["code"] == 24
    assert send_document(other_side, document()).json()["ErrorCode"] == "24"


def test_a_redirect_leads_back_to_the_same_place_and_takes_nothing(other_side: Sandbox, partner: Partner) -> None:
    other_side.fault("redirect", times=1)
    answer = partner.send(packet("gt-1"))
    assert (answer.status_code, answer.headers["Location"]) == (307, "/national/v1/packets")
    assert other_side.count("gt-1") == 0


def test_a_lie_is_a_receipt_for_other_content_than_what_was_stored(other_side: Sandbox, partner: Partner) -> None:
    other_side.fault("lie", times=1)
    said = partner.send(packet("gt-1")).json()["data"]
    assert said["docId"]
    assert said["digest"] != partner.find("gt-1").json()["data"]["digest"]
    assert other_side.count("gt-1") == 1


def test_wrong_token_is_401_until_cleared(other_side: Sandbox, partner: Partner) -> None:
    other_side.fault("wrong_token")
    for _ in range(2):
        partner.login()
        answer = partner.send(packet("gt-1"))
        assert (answer.status_code, answer.text) == (401, "Unauthorized")
    other_side.clear()
    partner.sent(packet("gt-1"))


@pytest.mark.parametrize("times", [None, 1])
def test_expired_tokens_cost_one_login(other_side: Sandbox, partner: Partner, times: int | None) -> None:
    other_side.fault("expire_tokens", times=times)
    assert partner.send(packet("gt-1")).status_code == 401
    partner.login()
    partner.sent(packet("gt-1"))
    assert other_side.count("gt-1") == 1


def test_slow_answers_late(other_side: Sandbox, partner: Partner) -> None:
    other_side.fault("slow", times=1, seconds=0.3)
    began = time.monotonic()
    partner.sent(packet("gt-1"))
    assert time.monotonic() - began >= 0.3


def test_a_number_of_times_counts_packets_and_leaves_questions_alone(other_side: Sandbox, partner: Partner) -> None:
    other_side.fault("hang", times=1)
    assert partner.find("gt-1").status_code == 404
    with pytest.raises(httpx.ReadTimeout):
        partner.send(packet("gt-1"), timeout=0.2)


def test_a_fault_of_one_side_leaves_the_other_alone(other_side: Sandbox, partner: Partner) -> None:
    other_side.fault("axis:fail_before_storing")
    partner.sent(packet("gt-1"))
    assert send_document(other_side, document()).status_code == 500
    other_side.clear()
    other_side.fault("national:too_many")
    assert send_document(other_side, document()).json()["ErrorCode"] == "0"


def test_a_fault_there_is_not_is_said_so(other_side: Sandbox) -> None:
    for wrong in ("explode", "lgsp:hang"):
        with pytest.raises(httpx.HTTPStatusError, match=wrong):
            other_side.fault(wrong)
    with pytest.raises(httpx.HTTPStatusError, match="sleepy"):
        other_side.mode(sleepy=True)


def test_the_control_port_answers_whatever_is_wrong(other_side: Sandbox) -> None:
    for name in ("refuse", "hang", "reset", "fail_before_storing"):
        other_side.fault(name)
    assert other_side.arrivals() == []


def test_what_is_not_answered_yet_is_counted(other_side: Sandbox, partner: Partner) -> None:
    def answers(number: int) -> None:
        last = time.monotonic() + 60
        while other_side.answering() != number:
            assert time.monotonic() < last

    other_side.fault("hang", times=1)
    answers(0)
    with ThreadPoolExecutor(1) as beside:
        answer = beside.submit(partner.send, packet("gt-1"))
        answers(1)
        other_side.clear()
        assert isinstance(answer.exception(), httpx.TransportError)
    answers(0)


def test_an_end_in_the_middle_of_a_hang_does_not_wait(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("hanging")
    began = time.monotonic()
    with Sandbox.thread(folder) as other_side:
        partner = Partner(other_side)
        with closing(partner.http):
            other_side.fault("hang")
            with pytest.raises(httpx.ReadTimeout):
                partner.http.get("/v1/packets", timeout=0.1)
    assert time.monotonic() - began < 60
