"""A real gateway on a fresh database, at rest, and a reader before its desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from gateway.ports import Journal
from gateway.wiring import Gateway, Seen
from tests.console.reader import Reader, put_together

Deploy = Callable[[Seen], Gateway]


@pytest.fixture
def deploy(tmp_path: Path, database: str) -> Iterator[Deploy]:
    """Puts a gateway together on the test's database; its doors as they are, or as the test wants them."""
    with ExitStack() as closing:
        homes = (tmp_path / f"thanh-hoa-{number}" for number in range(9))

        def deployed(seen: Seen) -> Gateway:
            return closing.enter_context(put_together(next(homes), database, seen))

        yield deployed


@pytest.fixture
def gateway(deploy: Deploy) -> Gateway:
    return deploy(Seen())


@pytest.fixture
def journal(gateway: Gateway) -> Journal:
    return gateway.journal


@pytest.fixture
def desk(gateway: Gateway) -> Reader:
    return Reader(gateway)
