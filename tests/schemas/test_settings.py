"""Where a deployment runs: read once, refused aloud."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.deploy import create
from gateway.domain.errors import Misconfigured
from gateway.schemas.declarations import declarations
from gateway.schemas.settings import disagreements, settings
from gateway.soundness import faults


@pytest.fixture
def home(tmp_path: Path) -> Path:
    create(tmp_path / "home", "thanh-hoa")
    return tmp_path / "home"


def told(home: Path, **environment: str) -> list[str]:
    """What `settings` and the declarations together are refused for: file, key and reason."""
    try:
        read = settings(home, environment)
        found = list(disagreements(read, declarations(home / "partners", read.local)))
    except Misconfigured as error:
        found = list(error.problems)
    assert all(problem.code == "F-005" for problem in found)
    return [" ".join(problem.details.values()) for problem in found]


def write(home: Path, text: str, name: str = "local.toml") -> None:
    (home / name).write_text(text, "utf-8")


def test_the_shipped_deployment_has_no_fault(home: Path) -> None:
    assert told(home) == []


def test_an_attempt_must_end_before_its_lease(home: Path) -> None:
    write(home, "[work]\nlease_seconds = 20\n")
    assert [fault.split()[1] for fault in told(home)] == ["quoc-gia.deadline_seconds", "truc-van-ban.deadline_seconds"]


def test_a_key_for_an_agreement_nobody_declared_is_a_fault(home: Path) -> None:
    write(home, (home / "clients.toml").read_text("utf-8").replace('"thong-ke"', '"khong-co"'), "clients.toml")
    [fault] = told(home)
    assert "khong-co" in fault


@pytest.mark.parametrize(
    "text",
    [
        "[server]\nport = 70000\n",
        "[server]\nhosts = 'x'\n",
        "[server]\ndesk_from = ['10.0.0.0/33']\n",
        "[work]\nbatch = 0\n",
        "name = \n",
        "unknown = 1\n",
        "[[clients]]\nid = 'x'\nkey_sha256 = 'short'\nagreements = []\n",
    ],
)
def test_a_wrong_word_stops_the_start_and_is_named(home: Path, text: str) -> None:
    write(home, text)
    assert told(home)


CLIENT = '[[clients]]\nid = "x"\nkey_sha256 = "short"\nagreements = []\n'


@pytest.mark.parametrize(
    ("name", "text", "key"),
    [
        ("gateway.toml", "[server]\nport = 70000\n", "server.port"),
        ("clients.toml", CLIENT, "clients.0.key_sha256"),
        ("clients.toml", '[[clients]]\nid = "x"\nagreements = []\n', "clients.0.key_sha256"),
        ("local.toml", CLIENT, "clients.0.key_sha256"),
        ("local.toml", "[server]\nport = 70000\n", "server.port"),
        ("local.toml", "server = 1\n", "server"),
        ("local.toml", "colour = 1\n", "colour"),
        ("local.toml", "partners = 1\n", "partners"),
    ],
)
def test_a_fault_is_named_under_the_file_that_says_it(home: Path, name: str, text: str, key: str) -> None:
    write(home, text, name)
    assert [fault.split()[:2] for fault in told(home)] == [[name, key]]


def test_what_another_file_says_is_not_blamed_on_the_one_that_lies_over_it(home: Path) -> None:
    write(home, "[server]\nport = 70000\n", "gateway.toml")
    write(home, '[server]\nhost = "0.0.0.0"\n')
    assert [fault.split()[:2] for fault in told(home)] == [["gateway.toml", "server.port"]]


def test_a_file_that_cannot_be_read_hides_no_fault_of_the_others(home: Path) -> None:
    write(home, "[server]\nport = 70000\n", "gateway.toml")
    write(home, "[[clients]\n", "clients.toml")
    found = told(home, GATEWAY_REDIS_URL_FILE=str(home / "nowhere"))
    assert [fault.split()[:2] for fault in found] == [
        ["clients.toml", "-"],
        [str(home / "nowhere"), "GATEWAY_REDIS_URL_FILE"],
        ["gateway.toml", "server.port"],
    ]


def test_local_settings_lie_over_the_shipped_ones(home: Path) -> None:
    write(home, "[server]\nport = 9000\n")
    read = settings(home, {})
    assert (read.server.port, read.server.host) == (9000, "127.0.0.1")


def test_a_secret_comes_by_value_or_from_a_file_and_never_shows(home: Path, tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql:///kept\n", "utf-8")
    assert settings(home, {"GATEWAY_DATABASE_URL": "postgresql:///x"}).database_url == "postgresql:///x"
    read = settings(home, {"GATEWAY_DATABASE_URL_FILE": str(tmp_path / "url")})
    assert read.database_url == "postgresql:///kept"
    assert "kept" not in repr(read)


def test_a_secret_file_that_cannot_be_read_stops_the_start(home: Path) -> None:
    [fault] = told(home, GATEWAY_REDIS_URL_FILE=str(home / "nowhere"))
    assert "GATEWAY_REDIS_URL_FILE" in fault


def test_a_folder_without_a_deployment_says_so(tmp_path: Path) -> None:
    [fault] = told(tmp_path)
    assert "gateway.toml" in fault


# ── webhooks ─────────────────────────────────────────────────────────────────────────────────────
WEBHOOK = 'webhook = {{ url = "https://bao-cao.vi-du.vn/hook", secret_files = [{files}]{more} }}\n'


def hooked(home: Path, files: str = '"webhook.secret"', more: str = "") -> None:
    """The shipped client with a webhook."""
    clients = (home / "clients.toml").read_text("utf-8")
    write(home, clients + WEBHOOK.format(files=files, more=more), "clients.toml")


def key(size: int = 32) -> str:
    return f"whsec_{base64.b64encode(os.urandom(size)).decode()}"


@pytest.mark.parametrize("size", [24, 64])
def test_a_webhook_with_its_secret_is_no_fault(home: Path, size: int) -> None:
    hooked(home)
    write(home, f"{key(size)}\n", "webhook.secret")
    assert told(home) == []


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda text: "",
        lambda text: "whsec_",
        lambda text: text.removeprefix("whsec_"),
        lambda text: key(23),
        lambda text: key(65),
        lambda text: f"{text}!",
        lambda text: text[:-2],
        lambda text: text.replace("whsec_", "whsec_ô"),
    ],
    ids=["empty", "no key", "no prefix", "short", "long", "no base64", "cut", "no ASCII"],
)
def test_a_webhook_secret_that_is_none_is_named_and_never_shown(home: Path, spoilt: Callable[[str], str]) -> None:
    hooked(home)
    content = spoilt(key())
    write(home, content, "webhook.secret")
    [fault] = told(home)
    assert "webhook.secret_files webhook.secret" in fault
    assert len(content) < 12 or content[8:20] not in fault


def test_of_two_webhook_secrets_each_is_looked_at(home: Path) -> None:
    hooked(home, '"old.secret", "new.secret"')
    write(home, key(), "old.secret")
    [fault] = told(home)
    assert "new.secret: No such file" in fault


@pytest.mark.parametrize(
    ("files", "more", "named"),
    [
        ("", "", "secret_files"),
        ('"webhook.secret"', ", deadline_seconds = 0", "deadline_seconds"),
        ('"webhook.secret"', ", deadline_seconds = 61", "deadline_seconds"),
        ('"webhook.secret"', ", retries = 3", "retries"),
        ('"webhook.secret"', ', ca_file = "ca.pem"', "webhook.ca_file ca.pem"),
        ('"webhook.secret"', ', ca_file = "webhook.secret"', "webhook.ca_file webhook.secret"),
    ],
)
def test_a_webhook_setting_that_cannot_be_is_named(home: Path, files: str, more: str, named: str) -> None:
    write(home, key(), "webhook.secret")
    hooked(home, files, more)
    [fault] = told(home)
    assert named in fault


@pytest.mark.parametrize(
    "url", ["ftp://bao-cao.vi-du.vn/", "https://ai" + ":mat-khau@bao-cao.vi-du.vn/", "bao-cao.vi-du.vn"]
)
def test_a_webhook_goes_by_http_and_carries_no_password_in_its_address(home: Path, url: str) -> None:
    write(home, key(), "webhook.secret")
    hooked(home)
    write(
        home, (home / "clients.toml").read_text("utf-8").replace("https://bao-cao.vi-du.vn/hook", url), "clients.toml"
    )
    [fault] = told(home)
    assert "url" in fault


def test_a_policy_for_catalogues_that_is_not_there_is_named(home: Path) -> None:
    partner = home / "partners" / "quoc-gia.toml"
    first = 'catalogue = "VPCP-CT"\n'
    text = partner.read_text("utf-8").replace(first, f'{first}catalogue_policy = "khong-co"\n', 1)
    partner.write_text(text, "utf-8")
    before = {fault.code for fault in faults(home, {}) if "khong-co" in " ".join(fault.details.values())}
    assert before == {"F-005"}
