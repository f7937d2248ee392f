"""One deployment for the whole folder, with its catalogue in force; whoever breaks one makes a copy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.deploy import connect, create
from gateway.sandbox import Sandbox
from tests.api.house import THANG, new_database
from tests.cli.house import Office


@pytest.fixture(scope="package")
def office(tmp_path_factory: pytest.TempPathFactory, postgres: str, migrated: str) -> Iterator[Office]:
    home = tmp_path_factory.mktemp("deployment") / "home"
    folder = tmp_path_factory.mktemp("side")
    with new_database(postgres, migrated) as database, Sandbox.thread(folder) as other_side:
        other_side.mode(judge_after=0.02, office_after=0.02)
        create(home, "thanh-hoa")
        connect(home, other_side)
        local = home / "local.toml"
        addresses = local.read_text("utf-8")
        quick = f"\n[agreements.{THANG}]\nsettles_after_seconds = 1\n"
        local.write_text(f'database_url = "{database}"\n{addresses}{quick}', "utf-8")
        opened = Office(home, database, other_side, folder)
        assert opened.run("catalogue", "sync", "--as", THANG).code == 0
        yield opened


@pytest.fixture
def copied(office: Office, tmp_path: Path) -> Path:
    """The deployment's files again, to be broken."""
    return Path(shutil.copytree(office.home, tmp_path / "copied"))


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A deployment as `init` makes it, not connected to anybody."""
    home = tmp_path / "fresh"
    create(home, "thanh-hoa")
    return home
