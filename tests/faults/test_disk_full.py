"""The store's disk fills up: what was promised is there afterwards, what was not is refused with a time to come again.

As root the store lies on a small file system of its own (`mount`); else, and there too, the size of its files is
limited (`file-size`). The names of the tests say which ran.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.domain.errors import Unavailable
from tests.faults.checker import judged
from tests.faults.clients import Paper, Partner, paper
from tests.faults.pairs import Pair, pair
from tests.faults.stores import PostgresServer, small_disk, until

pytestmark = pytest.mark.soak

_DISK = 160  # MB: a fresh cluster takes about 60
_NOTE = b"x" * 200_000


@dataclass
class Store:
    """A store whose disk can be filled, and given room again."""

    server: PostgresServer
    fill: Callable[[], None]
    empty: Callable[[], None]

    def has_room(self) -> None:
        self.empty()
        if not self.server.answers():  # its log had no room left: it stopped itself
            with suppress(RuntimeError):
                self.server.stop("immediate")
            self.server.start()


@contextmanager
def on_a_small_disk() -> Iterator[Store]:
    with small_disk(_DISK) as disk:
        if disk is None:
            pytest.skip("no file system can be mounted here")
        ballast = disk / "ballast"

        def fill() -> None:
            with ballast.open("wb") as file, suppress(OSError):
                while True:
                    file.write(bytes(1 << 16))
                    file.flush()

        with PostgresServer(disk / "data").standing() as server:
            yield Store(server, fill, lambda: ballast.unlink(missing_ok=True))


@contextmanager
def with_limited_files() -> Iterator[Store]:
    if shutil.which("prlimit") is None:
        pytest.skip("prlimit is not installed")
    with PostgresServer().standing() as server:
        yield Store(server, lambda: server.limit_files(8192), lambda: server.limit_files(None))


@pytest.fixture(params=["mount", "file-size"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    if request.param == "mount" and os.geteuid() != 0:
        pytest.skip("only root may mount a file system")
    made = {"mount": on_a_small_disk, "file-size": with_limited_files}
    with made[request.param]() as one:
        yield one


@pytest.fixture
def two(tmp_path: Path, store: Store) -> Iterator[Pair]:
    with ExitStack() as stack:
        yield stack.enter_context(pair(tmp_path, store.server.url()))


def test_a_full_disk_loses_nothing_and_promises_nothing(two: Pair, store: Store) -> None:
    reports = [_long(number) for number in range(40)]
    with two.open() as partner:
        assert _kept_by_the_store(partner, reports[0])
        store.fill()
        assert not all(_kept_by_the_store(partner, one) for one in reports), "the disk was never full"
        store.has_room()
        until(lambda: all(_kept_by_the_store(partner, one) for one in reports), "taken with room", 300, every=0.5)
        until(lambda: _all_settled(two, len(reports)), "settled", 600, every=0.25)
    run = two.run()
    assert judged(run) == []


def test_a_store_that_cannot_write_is_away_for_a_while_and_no_bug_of_ours(tmp_path: Path) -> None:
    with with_limited_files() as store, pair(tmp_path, store.server.url()) as two, two.open() as partner:
        store.fill()
        answer = partner.ask(_long(1))
        assert answer is not None
        assert (answer.status_code, answer.json()["spooled"]) == (202, True)  # the host's own disk has room


def _long(number: int) -> Paper:
    """A report with a long note, so that it needs room: zeros would be compressed away."""
    one = paper(f"H56.{number:02}")
    noise = os.urandom(len(_NOTE) // 2).hex().encode()
    return Paper(one.key, one.payload.replace(b'"values"', b'"note": "' + noise + b'", "values"'), one.values)


def _all_settled(two: Pair, number: int) -> bool:
    try:
        kept = two.run().kept
    except Unavailable:  # a connection from before
        return False
    return len(kept) >= number and all(one.settled for one in kept)


def _kept_by_the_store(partner: Partner, one: Paper) -> bool:
    """Promised, and not by an intake that outlives its store."""
    answer = partner.ask(one)
    assert answer is not None, "no answer at all"
    assert answer.status_code == 202 or answer.status_code >= 500, answer.text
    return answer.status_code == 202 and not answer.json().get("spooled", False)
