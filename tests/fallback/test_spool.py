"""The ledgers of a host's doors: one for each, none of them lost when its door goes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from fallback.spool import LedgerSpool, Spools
from gateway.clock import SystemClock
from gateway.domain.exchange import Kind, Opening
from gateway.domain.ids import digest_of
from gateway.ports import Birth

_ROOM = 1 << 20


class Host:
    """The folder of one host, and whoever opens it: each as a process of its own would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._closing = ExitStack()

    def door(self) -> Spools:
        return Spools(self.folder, SystemClock(), most=_ROOM)

    def taken(self, door: Spools) -> LedgerSpool:
        spool = door.take()
        assert spool is not None
        self._closing.callback(spool.close)
        return spool

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())

    def close(self) -> None:
        self._closing.close()


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    with closing(Host(tmp_path / "spool")) as one:
        yield one


def birth(key: str) -> Birth:
    return Birth(Opening(f"gd-{key}", Kind.OUTBOUND, "ktxh", key, digest_of(key.encode()), "quoc-gia"), ())


def left(door: Spools) -> list[list[str]]:
    return [[x.id for x in spool.after(0)] for spool in door.left_behind()]


def test_every_door_of_a_host_has_a_ledger_of_its_own_and_has_it_again(host: Host) -> None:
    first, second = host.taken(host.door()), host.taken(host.door())
    second.keep(birth("k2"))
    assert host.names() == ["intake-2.ledger", "intake.ledger"]
    assert (first.waiting, second.waiting) == (0, 1)
    first.close()
    second.close()
    assert [host.taken(host.door()).waiting for _ in range(2)] == [0, 1]


def test_what_a_door_left_is_found_by_another_once_it_has_gone(host: Host) -> None:
    ours, gone = host.door(), host.door()
    host.taken(ours).keep(birth("k1"))
    spool = host.taken(gone)
    spool.keep(birth("k2"))
    assert (left(ours), ours.wait_elsewhere()) == ([], True)
    spool.close()
    assert (left(ours), ours.wait_elsewhere()) == ([["gd-k2"]], False)
    assert left(host.door()) == [["gd-k2"]]  # what a living door has is its own


def test_an_emptied_ledger_is_still_its_doors_and_holds_nothing_for_the_next(host: Host) -> None:
    door = host.door()
    spool = host.taken(door)
    spool.keep(birth("k1"))
    with spool.shut():
        spool.forget()
    assert (spool.waiting, spool.after(0)) == (0, [])
    assert host.taken(host.door()).waiting == 0
    assert host.names() == ["intake-2.ledger", "intake.ledger"]
    spool.keep(birth("k2"))
    assert [x.id for x in spool.after(0)] == ["gd-k2"]
    spool.close()
    assert host.taken(host.door()).waiting == 1


def test_a_damaged_ledger_is_told_of_and_another_is_taken(host: Host, caplog: pytest.LogCaptureFixture) -> None:
    spool = host.taken(host.door())
    for key in ("k1", "k2"):
        spool.keep(birth(key))
    spool.close()
    path = host.folder / "intake.ledger"
    whole = path.read_bytes()
    path.write_bytes(whole[:20] + b"!" + whole[21:])
    door = host.door()
    assert host.taken(door).waiting == 0
    assert left(door) == left(door) == []
    assert [record.getMessage() for record in caplog.records] == ["spool damaged"]
    assert "intake.ledger" in str(vars(caplog.records[0])["why"])
    assert path.stat().st_size == len(whole)


def test_where_no_file_can_be_made_there_is_no_spool(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert Spools(tmp_path / "file" / "spool", SystemClock(), most=_ROOM).take() is None
    assert [record.getMessage() for record in caplog.records] == ["no spool"]
    assert os.listdir(tmp_path) == ["file"]
