"""One served gateway for the whole folder; whoever breaks things asks for one of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from gateway.sandbox import Sandbox
from tests.api.house import House, new_database

Opened = Callable[..., House]


@pytest.fixture(scope="package")
def other_side_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("other-side")


@pytest.fixture(scope="package")
def other_side(other_side_folder: Path) -> Iterator[Sandbox]:
    with Sandbox.thread(other_side_folder) as running:
        running.mode(judge_after=0.02)
        yield running


@pytest.fixture(scope="package")
def house(
    tmp_path_factory: pytest.TempPathFactory, postgres: str, migrated: str, other_side: Sandbox, other_side_folder: Path
) -> Iterator[House]:
    with new_database(postgres, migrated) as database:
        home = tmp_path_factory.mktemp("deployment") / "home"
        with House.opened(home, database, other_side, other_side_folder) as opened:
            yield opened


@pytest.fixture
def another(tmp_path: Path, database: str, other_side: Sandbox, other_side_folder: Path) -> Iterator[Opened]:
    """A second gateway on a database of its own; `more` goes into its ``local.toml``."""
    with ExitStack() as stack:

        def opened(more: str = "", *, drains: bool = True) -> House:
            there = (tmp_path / "home", database, other_side, other_side_folder, more)
            return stack.enter_context(House.opened(*there, drains=drains))

        yield opened
