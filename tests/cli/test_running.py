"""What runs on: it says where it is, does its work, and ends when it is told to, with nothing left behind."""

from __future__ import annotations

import json
import signal
import socket
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.api.house import as_json, until
from tests.cli.house import PATIENCE, Office, Running, run, started

SOON = 60.0


def key_of(office: Office) -> str:
    return (office.home / "secrets" / "ht-bao-cao-tinh.key").read_text("utf-8")


def ended_soon(running: Running, number: signal.Signals) -> None:
    """Ended by the signal, cleanly: exit code 0, in seconds, and not a word of Python."""
    began = time.monotonic()
    told = running.ended_by(number)
    assert told.code == 0, told.err
    assert time.monotonic() - began < SOON
    assert "Traceback" not in told.err


def first_document(running: Running) -> dict[str, str]:
    assert running.child.stdout is not None
    text = ""
    for line in running.child.stdout:
        text += line
        if line.startswith("}"):
            break
    found: dict[str, str] = json.loads(text)
    return found


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_takes_a_report_delivers_it_and_ends_when_told(office: Office, number: signal.Signals) -> None:
    with started("serve", "--port", "0", "--json", "--home", str(office.home)) as serving:
        url = first_document(serving)["url"]
        assert url in serving.said("Trang theo dõi")
        headers = {"Authorization": f"Bearer {key_of(office)}", "Agreement": "ktxh-thang"}
        with httpx.Client(base_url=url, headers=headers, timeout=PATIENCE, trust_env=False) as desk:
            sent = {"Idempotency-Key": f"serve-{number}", "Content-Type": "application/json"}
            taken = desk.post("/v1/reports", content=as_json(), headers=sent)
            assert taken.status_code == 202, taken.text
            location = taken.headers["Location"]
            until(lambda: desk.get(location).json()["receipt"], "the report is delivered")
            ended_soon(serving, number)


def test_serve_ends_though_a_sender_has_stopped_in_the_middle_of_a_report(office: Office) -> None:
    with started("serve", "--port", "0", "--json", "--home", str(office.home)) as serving:
        address = urlsplit(first_document(serving)["url"])
        serving.said("Trang theo dõi")
        half = (
            f"POST /v1/reports HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {key_of(office)}\r\n"
            "Agreement: ktxh-thang\r\nIdempotency-Key: half\r\nContent-Type: application/json\r\n"
            "Content-Length: 1000\r\n\r\n{"
        )
        with closing(socket.create_connection((address.hostname, address.port))) as sender:
            sender.sendall(half.encode())
            alive = httpx.get(f"http://{address.netloc}/livez", timeout=PATIENCE, trust_env=False)
            assert alive.status_code == 200  # by now the half is in its hands
            ended_soon(serving, signal.SIGTERM)


def test_serve_on_a_port_that_is_taken_names_it(office: Office) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        told = office.run("serve", "--port", str(port))
    assert told.code == 1
    assert str(port) in told.err
    assert "Traceback" not in told.err


def test_work_delivers_what_others_took_and_ends_when_told(office: Office) -> None:
    identity = office.submitted()
    with started("work", "--json", "--home", str(office.home)) as working:
        assert first_document(working) == {"destinations": ["quoc-gia", "truc-van-ban"]}
        working.said("Ctrl-C")
        until(lambda: office.other_side.count(identity) or None, "the report is delivered")
        ended_soon(working, signal.SIGINT)
    assert office.other_side.count(identity) == 1


def test_the_sandbox_connects_a_deployment_and_leaves_nothing_behind(fresh: Path, tmp_path: Path) -> None:
    tmp = tmp_path / "tmp"
    tmp.mkdir()
    with started("sandbox", "--for", str(fresh), "--port", "0", "--json", TMPDIR=str(tmp)) as sandbox:
        addresses = first_document(sandbox)
        assert addresses["national_url"] in sandbox.said("national")
        sandbox.said("Ctrl-C")
        assert addresses["national_url"] in (fresh / "local.toml").read_text("utf-8")
        assert run("check", "--home", str(fresh)).code == 0
        ended_soon(sandbox, signal.SIGTERM)
    assert list(tmp.iterdir()) == []


def test_a_reader_that_leaves_early_is_no_fault_worth_a_word(office: Office) -> None:
    office.submitted()
    for verb in (("ls",), ("ls", "--json")):
        with started(*verb, "--home", str(office.home)) as listing:
            assert listing.child.stdout is not None
            assert listing.child.stderr is not None
            listing.child.stdout.close()
            assert listing.child.wait(PATIENCE) == 1
            assert listing.child.stderr.read() == ""


def test_a_reader_that_left_before_a_refusal_still_leaves_it_on_stderr(office: Office) -> None:
    with started("show", "gd-0", "--json", "--home", str(office.home)) as showing:
        assert showing.child.stdout is not None
        assert showing.child.stderr is not None
        showing.child.stdout.close()
        assert showing.child.wait(PATIENCE) != 0
        assert "Exception ignored" not in showing.child.stderr.read()


def test_ctrl_c_in_the_middle_of_a_verb_is_130_without_a_word_of_python(office: Office, tmp_path: Path) -> None:
    with started("demo", "--once", "--keep", str(tmp_path / "demo")) as telling:
        until(lambda: (tmp_path / "demo" / "deployment").exists() or None, "the story has begun")
        told = telling.ended_by(signal.SIGINT)
    assert told.code == 130
    assert "Traceback" not in told.err
    assert not told.stdout
