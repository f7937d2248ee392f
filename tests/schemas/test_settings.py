"""Where a deployment runs: read once, refused aloud."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.deploy import create
from gateway.domain.errors import Misconfigured
from gateway.schemas.declarations import declarations
from gateway.schemas.settings import disagreements, settings


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
