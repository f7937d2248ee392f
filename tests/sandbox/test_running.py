"""The other side as a program: started, ended, started again with what it had."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import closing
from datetime import date
from pathlib import Path

import httpx

from gateway.sandbox import Client, Sandbox
from tests.sandbox.partner import KNOWN, Partner, document, packet, send_document


def test_arrivals_statuses_credentials_and_keys_survive_a_restart(tmp_path: Path) -> None:
    with Sandbox.process(tmp_path) as before:
        for code, unit in KNOWN:
            before.add_indicator(code, code, unit)
        partner = Partner(before)
        with closing(partner.http):
            reference = partner.sent(packet("gt-1"))
            status = partner.status(reference).content
        send_document(before, document())
        kept = before.arrivals(), before.documents(), before.credentials, before.control_url
        _, signed_before = before.issue("agency", "H56")
    with Sandbox.process(tmp_path) as after:
        assert (after.arrivals(), after.documents(), after.credentials, after.control_url) == kept
        partner = Partner(after)
        with closing(partner.http):
            assert partner.status(reference).content == status
            assert partner.sent(packet("gt-1")) != reference
        assert after.count("gt-1") == 2
        _, signed_after = after.issue("agency", "H56")
        assert signed_after.issuer == signed_before.issuer
        assert b"T601" in _catalogue(after)


def test_the_program_prints_its_addresses_and_ends_on_sigterm(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "gateway.sandbox", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        told = json.loads(child.stdout.readline())
        with Client(told["control_url"]) as client:
            assert (client.national_url, client.axis_url) == (told["national_url"], told["axis_url"])
        os.kill(child.pid, signal.SIGTERM)
        assert child.wait(120) == 0


def test_a_sandbox_without_a_folder_keeps_nothing() -> None:
    with Sandbox.thread() as other_side:
        assert other_side.arrivals() == []


def test_the_document_system_gives_numbers_and_the_files_back(other_side: Sandbox) -> None:
    files = [("bao-cao.pdf", b"%PDF-1.7 x"), ("số liệu.zip", b"PK")]
    first, second = (other_side.register("Báo cáo tháng", files) for _ in range(2))
    assert first.files == dict(files)
    assert int(second.number) == int(first.number) + 1
    assert date.fromisoformat(first.issued)
    assert all((first.notation, first.signer, first.position))


def test_secrets_are_not_shown(other_side: Sandbox) -> None:
    shown = repr(other_side.credentials)
    assert not any(secret in shown for secret in other_side.credentials.model_dump().values())
    assert len(set(other_side.credentials.model_dump().values())) == 6


def _catalogue(other_side: Client) -> bytes:
    partner = Partner(other_side)
    with closing(partner.http):
        answer: httpx.Response = partner.http.get("/v1/catalogues/VPCP-CT")
        return answer.content
