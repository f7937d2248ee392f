"""The switches of the other side, from the command line."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx

from tests.cli.house import Office, run


def _switched(office: Office, *words: str) -> int:
    return run("mischief", *words, "--at", office.other_side.control_url).code


def test_a_fault_begins_and_ends(office: Office) -> None:
    assert _switched(office, "refuse") == 0
    try:
        httpx.get(office.other_side.national_url, timeout=60)
        raise AssertionError("it still answers")
    except httpx.ConnectError:
        pass
    assert _switched(office, "--clear") == 0
    assert httpx.get(office.other_side.national_url, timeout=60).status_code < 500


def test_an_unknown_fault_is_refused_with_the_known_ones(office: Office) -> None:
    told = run("mischief", "sulk", "--at", office.other_side.control_url)
    assert told.code == 2
    assert "fail_after_storing" in told.err


def test_a_fault_and_clear_together_or_neither_are_no_order(office: Office) -> None:
    assert _switched(office) == 2
    assert _switched(office, "refuse", "--clear") == 2


def test_a_sandbox_that_is_not_there_is_said_to_be_down() -> None:
    told = run("mischief", "refuse", "--at", "http://127.0.0.1:9")
    assert told.code == 7
    assert "A-001" in told.err
    assert "gateway sandbox" in told.err
    assert "tự gửi lại" not in told.err


def test_a_port_that_somebody_has_is_named_as_the_option_that_chooses_another(office: Office) -> None:
    taken = urlsplit(office.other_side.control_url).port
    told = run("sandbox", "--port", str(taken), "--json")
    assert told.code == 1
    [found] = told.document["problems"]
    assert (found["code"], found["details"]["key"]) == ("F-005", "--port")
