"""The shipped units and settings name verbs, paths and figures that exist, and are as strict as they say."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest
import yaml

from gateway.schemas.settings import Server
from tests.cli.house import ROOT, run

FOLDER = ROOT / "docs" / "deploy"
UNITS = sorted(FOLDER.glob("*.service"))


def unit(path: Path) -> configparser.ConfigParser:
    read = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string(path.read_text("utf-8"))
    return read


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_runs_verbs_that_exist_with_options_they_have(path: Path) -> None:
    commands = re.findall(r"^ExecStart(?:Pre)?=(\S+) (.+)$", path.read_text("utf-8"), re.MULTILINE)
    assert commands
    for program, words in commands:
        assert program.endswith("/gateway")
        verb = [word for word in words.split() if not word.startswith("-")]
        shown = run(*(verb[:1] if verb[0] in ("serve", "work", "check") else verb[:2]), "-h")
        assert shown.code == 0, words
        for option in re.findall(r"--[a-z-]+", words):
            assert option in shown.out, (words, option)


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_runs_as_nobody_special_and_holds_no_secret(path: Path) -> None:
    service = unit(path)["Service"]
    assert service["User"] == "gateway"
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["UMask"] == "0077"
    text = path.read_text("utf-8")
    assert not re.search(r"postgres(ql)?://|rediss?://|password|GATEWAY_(DATABASE|REDIS)_URL=", text)
    assert "GATEWAY_DATABASE_URL_FILE=%d/" in text


def test_the_copy_for_the_desk_across_the_street_is_written_each_night() -> None:
    assert unit(FOLDER / "gateway-nightly.service")["Unit"]["Wants"] == "gateway-standby.service"
    [command] = re.findall(r"ExecStart=.*", (FOLDER / "gateway-standby.service").read_text("utf-8"))
    assert "gateway fallback standby " in command
    assert "Unit=" not in (FOLDER / "gateway-nightly.timer").read_text("utf-8")  # the service of its own name


def test_what_must_always_run_is_started_again_and_given_time_to_finish() -> None:
    for name in ("gateway-serve.service", "gateway-front@.service", "gateway-work@.service"):
        service = unit(FOLDER / name)["Service"]
        assert service["Restart"] == "always"
        assert float(service["TimeoutStopSec"]) > 60  # a lease: what is on the wire ends before


def test_the_proxy_bounds_headers_slow_senders_and_bodies_and_asks_for_certificates() -> None:
    text = (FOLDER / "nginx.conf").read_text("utf-8")
    for setting in (
        "large_client_header_buffers 4 8k;", "client_header_timeout", "client_body_timeout", "send_timeout", "limit_conn ",
        "limit_req ", "ssl_client_certificate", "ssl_crl", "ssl_verify_client", "proxy_request_buffering on;",
    ):  # fmt: skip
        assert setting in text, setting
    [megabytes] = re.findall(r"client_max_body_size\s+(\d+)m;", text)
    assert int(megabytes) * 1024 * 1024 == Server().max_bytes
    assert re.search(r"location /v1/ \{\s+if \(\$ssl_client_verify != SUCCESS\)", text)
    assert not re.search(r"TLSv1(\.1)?[ ;]", text)


def test_what_a_sender_claims_is_overwritten_by_the_proxy_and_nothing_is_sent_twice_by_it() -> None:
    text = (FOLDER / "gateway-proxy.conf").read_text("utf-8")
    assert "X-Forwarded-For   $remote_addr;" in text
    assert "$proxy_add_x_forwarded_for" not in text
    assert "proxy_next_upstream off;" in text


def test_every_figure_an_alert_watches_is_one_that_is_given() -> None:
    rules = yaml.safe_load((FOLDER / "prometheus-rules.yml").read_text("utf-8"))
    watched = {
        name
        for group in rules["groups"]
        for rule in group["rules"]
        for name in re.findall(r"gateway_\w+", rule["expr"])
    }
    given = set(re.findall(r'"(gateway_\w+)"', (ROOT / "gateway" / "api" / "metrics.py").read_text("utf-8")))
    assert watched <= given
    assert watched
