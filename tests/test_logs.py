"""One line per fact, and never a word of what is in a report."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import signal
import threading
from pathlib import Path

import httpx

from gateway.deploy import connect, create, discard
from gateway.logs import lines_to
from gateway.sandbox import Sandbox
from gateway.wiring import build
from gateway.working import synchronised
from tests.api.house import until
from tests.cli.house import started

_MANY = 20_000  # lines: twice what may wait


def _lines(caught: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in caught.getvalue().splitlines()]


def test_an_exception_is_told_by_its_kind_and_place_and_never_by_its_words() -> None:
    caught = io.StringIO()
    with lines_to(caught):
        try:
            float("12.345,6 ha lúa của xã Hoằng Hoá")
        except ValueError:
            logging.getLogger("gateway.journey").exception("stumbled", extra={"exchange": "gd-1", "payload": "12.345"})
    [line] = _lines(caught)
    assert (line["event"], line["level"], line["exchange"], line["error"]) == (
        "stumbled",
        "error",
        "gd-1",
        "ValueError",
    )
    assert str(line["ts"]).endswith("+07:00")
    assert "12.345" not in caught.getvalue()


def test_others_are_heard_only_when_they_warn() -> None:
    caught = io.StringIO()
    with lines_to(caught):
        logging.getLogger("somebody.else").info("chatter")
        logging.getLogger("somebody.else").warning("trouble")
    assert [line["event"] for line in _lines(caught)] == ["trouble"]


def test_of_others_only_the_first_words_are_told_since_what_follows_quotes_what_they_stumbled_over() -> None:
    caught = io.StringIO()
    with lines_to(caught):
        logging.getLogger("somebody.else").error("never retrieved\nValueError('1050000.5, UBND xã Một')")
        logging.getLogger("somebody.else").error("x" * 1000)
    assert [line["event"] for line in _lines(caught)] == ["never retrieved", "x" * 80]


def test_a_line_that_cannot_be_made_takes_no_other_with_it() -> None:
    caught = io.StringIO()
    with lines_to(caught):
        for word, seconds in (("first", 1), ("second", _Unsayable()), ("third", 3)):
            logging.getLogger("gateway").warning(word, extra={"seconds": seconds})
    assert [line["event"] for line in _lines(caught)] == ["first", "lines lost", "third"]


class _Unsayable:
    def __str__(self) -> str:
        raise ValueError("nothing to say")


class _Stalled(io.StringIO):
    """A reader that takes nothing until it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.goes_on = threading.Event(), threading.Event()

    def write(self, text: str) -> int:
        self.asked.set()
        self.goes_on.wait(60)
        return super().write(text)


def test_a_reader_that_stalls_holds_up_nobody() -> None:
    reading, writing = os.pipe()
    log = logging.getLogger("gateway.facts")
    with os.fdopen(reading, "rb") as late, os.fdopen(writing, "w") as stalled:
        with lines_to(stalled):
            for _ in range(_MANY):
                log.warning("x" * 200)
        found = late.read1(1 << 20)  # whoever comes back finds the lines that had room
        while b"\n" not in found[-1:]:
            found += late.read1(1 << 20)
    assert 100 < found.count(b"\n") < _MANY / 2
    assert all(json.loads(line)["level"] == "warning" for line in found.splitlines())


def test_what_found_no_room_is_counted_and_told_as_soon_as_there_is_some_and_the_rest_keeps_its_order() -> None:
    caught = _Stalled()
    log = logging.getLogger("gateway.facts")
    with lines_to(caught):
        log.warning("0")
        assert caught.asked.wait(60)
        for number in range(1, _MANY):
            log.warning(str(number))
        caught.goes_on.set()
        until(lambda: caught.getvalue().count("\n") > 1000, "some room")
        log.warning("again")
    lines = _lines(caught)
    told = [str(line["event"]) for line in lines]
    assert told[-2:] == ["lines lost", "again"]
    assert told[:-2] == [str(number) for number in range(len(told) - 2)]
    assert int(str(lines[-2]["why"])) == _MANY - (len(told) - 2)


def test_the_last_line_before_the_end_is_written_too() -> None:
    for _ in range(20):
        caught = io.StringIO()
        with lines_to(caught):
            logging.getLogger("gateway").warning("the end")
        assert [line["event"] for line in _lines(caught)] == ["the end"]


def test_a_line_that_cannot_be_written_does_not_silence_those_after_it() -> None:
    class Broken(_Stalled):
        def flush(self) -> None:
            if "first" in self.getvalue():
                self.truncate(0)
                self.seek(0)
                raise BrokenPipeError

    caught = Broken()
    caught.goes_on.set()
    with lines_to(caught):
        logging.getLogger("gateway").warning("first")
        assert caught.asked.wait(60)
        logging.getLogger("gateway").warning("second")
    assert [line["event"] for line in _lines(caught)] == ["second"]


# ── a whole run, as a collector sees it ──────────────────────────────────────────────────────────
def test_a_served_report_leaves_a_line_per_fact_and_no_figure_key_or_name_in_the_log(tmp_path: Path) -> None:
    with Sandbox.thread(tmp_path / "side") as other_side:
        other_side.mode(judge_after=0.02, office_after=0.02)
        home = tmp_path / "home"
        created = create(home, "thanh-hoa")
        connect(home, other_side)
        with build(home, {}) as errand:
            synchronised(errand, "ktxh-thang", "VPCP-CT")
        body = json.loads(sorted((home / "samples").glob("*.json"))[0].read_bytes())
        body["reporter"] = "H56.RIENG.BIET"
        for number, value in enumerate(body["values"]):
            value["value"] = f"9081726354.{number:04}"
        body["values"].append({**body["values"][0], "indicator": "T9999", "value": "7777123.4567"})
        key = created.key_file.read_text("utf-8").strip()
        headers = {"Authorization": f"Bearer {key}", "Agreement": "ktxh-thang", "Idempotency-Key": "khoa-cua-toi-1"}
        with started("serve", "--home", str(home), "--port", "0") as served:
            url = re.search(r"http://\S+?/", served.said("Trang theo dõi"))
            assert url is not None
            with httpx.Client(base_url=url[0], headers=headers, trust_env=False) as desk:
                taken = desk.post("/v1/reports", json=body)
                assert taken.status_code == 202, taken.text
                until(lambda: desk.get(taken.headers["Location"]).json()["stage"] == "reconciled", "the end")
                wrong = desk.post("/v1/reports", json={**body, "form": "99/KHAC"}, headers={"Idempotency-Key": "2"})
                until(lambda: desk.get(wrong.headers["Location"]).json()["stage"] == "refused", "the refusal")
                figures = desk.get("/metrics").text
            said = served.ended_by(signal.SIGTERM).err
        secrets = [path.read_text("utf-8").strip() for path in (home / "secrets").iterdir()]
        discard(home)
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    of_one = [line for line in lines if line.get("exchange") == taken.headers["Location"].rpartition("/")[2]]
    assert [line["fact"] for line in of_one] == [
        "Accepted", "Validated", "Verified", "Translated", "Held", "Packaged", "Attempted", "Delivered", "Acknowledged",
        "Reconciled",
    ]  # fmt: skip
    assert [line["seq"] for line in of_one] == list(range(1, 11))
    assert {line["partner"] for line in of_one} == {"quoc-gia"}
    assert all(line["ms"] >= 0 for line in of_one[1:])
    refused = next(line for line in lines if line.get("fact") == "Refused")
    assert (refused["level"], refused["code"], refused["stage"]) == ("warning", "C-011", "refused")
    for secret in (*secrets, key, "khoa-cua-toi-1", "9081726354", "7777123", "RIENG", "KHAC", "postgresql://"):
        assert secret not in said, secret
    for sample in (
        'outcome="Delivered",partner="quoc-gia",regime="KTXH-THANG"} 1.0', 'outcome="Acknowledged.accepted"',
        'gateway_delivery_duration_seconds_bucket{le="0.05",partner="quoc-gia"}',
        'gateway_queue_depth{partner="quoc-gia"} 0.0', 'gateway_outage_active{partner="truc-van-ban"} 0.0',
        "gateway_backup_streaming 0.0", "gateway_journal_bytes ",
    ):  # fmt: skip
        assert sample in figures
    assert not re.search(r"gd-[0-9A-Z]{26}", figures)
