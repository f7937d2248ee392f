"""Houses to try the way in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.journey.scene import House

Build = Callable[..., House]


@pytest.fixture(scope="session")
def ledgers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Paths of ledgers that nobody has written yet."""
    folder = tmp_path_factory.mktemp("ledgers")
    return (folder / f"{number}.ledger" for number in count(1))


@pytest.fixture
def build(ledgers: Iterator[Path]) -> Iterator[Build]:
    """Makes a house with agreements, a time or doors of one's own; closed at the end."""
    built: list[House] = []

    def make(*agreements: object, **doors: object) -> House:
        built.append(House(next(ledgers), *agreements, **doors))  # type: ignore[arg-type]
        return built[-1]

    yield make
    for house in built:
        house.close()


@pytest.fixture
def house(build: Build) -> House:
    return build()
