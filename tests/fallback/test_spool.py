"""The ledgers of a host's doors: one for each, none of them lost when its door goes."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from fallback.frames import Frames
from fallback.spool import LedgerSpool, Spools
from gateway.clock import SystemClock
from gateway.domain.errors import Unavailable, problem
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
    assert (left(ours), ours.wait_elsewhere()) == ([["gd-k2"]], True)  # looked at; it waits until it is emptied
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


@pytest.mark.parametrize("record", [b"[]\n", b'{"blobs": [], "grown": [{"exchange": "x", "opening": 5}]}\n', b"?"])
def test_a_record_that_is_not_one_of_ours_is_damage_and_leaves_its_ledger_open_to_others(
    host: Host, caplog: pytest.LogCaptureFixture, record: bytes
) -> None:
    path = host.folder / "intake.ledger"
    with closing(Frames(path)) as frames:
        frames.add(record)
    door = host.door()
    assert left(door) == []
    assert [each.getMessage() for each in caplog.records] == ["spool damaged"]
    with closing(Frames(path)) as frames:
        assert [payload for _, payload in frames] == [record]


def test_where_no_file_can_be_made_there_is_no_spool(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_bytes(b"")
    door = Spools(tmp_path / "file" / "spool", SystemClock(), most=_ROOM)
    assert door.take() is None
    assert [record.getMessage() for record in caplog.records] == ["no spool"]
    assert os.listdir(tmp_path) == ["file"]
    assert (left(door), door.wait_elsewhere()) == ([], False)


def test_a_door_for_which_no_ledger_is_left_says_so(host: Host, caplog: pytest.LogCaptureFixture) -> None:
    doors = [host.taken(host.door()) for _ in range(64)]
    assert host.door().take() is None
    assert [record.getMessage() for record in caplog.records] == ["no spool"]
    doors[7].close()
    assert host.taken(host.door()).waiting == 0


def test_nothing_that_was_left_is_read_before_the_store_has_answered(
    host: Host, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[str] = []

    def away() -> None:
        asked.append("is it there?")
        raise Unavailable(problem("F-003", seconds=1, reason="-"))

    door = host.door()
    assert (list(door.left_behind(away)), asked) == ([], [])  # nobody is asked for nothing
    spool = host.taken(host.door())
    for key in ("k1", "k2"):
        spool.keep(birth(key))
    spool.close()
    path = host.folder / "intake.ledger"
    path.write_bytes(b"?" + path.read_bytes()[1:])
    with pytest.raises(Unavailable, match="F-003"):
        list(door.left_behind(away))
    assert caplog.records == []  # who had read it would have told of the damage


def test_what_cannot_be_opened_for_a_moment_is_not_taken_for_damaged(
    host: Host, caplog: pytest.LogCaptureFixture
) -> None:
    spool = host.taken(host.door())
    spool.keep(birth("k1"))
    spool.close()
    door = host.door()
    with _limited(resource.RLIMIT_NOFILE, 1):
        nothing = [left(door), left(door)]
    assert nothing == [[], []]
    assert left(door) == [["gd-k1"]]
    assert [record.getMessage() for record in caplog.records] == ["spool not opened"]


def test_once_there_is_room_again_a_door_keeps_reports_again(host: Host) -> None:
    spool = host.taken(host.door())
    path = host.folder / "intake.ledger"
    for number in range(2):  # nothing waits; something waits
        kept = [x.id for x in spool.after(0)]
        with _limited(resource.RLIMIT_FSIZE, path.stat().st_size + 20):  # a part of it is written
            refused = [_code(spool, f"full-{number}"), _code(spool, f"full-{number}")]
            again = [spool.keep(birth(x.removeprefix("gd-")))[1] for x in kept]
        assert (refused, again) == (["F-003", "F-003"], [False for _ in kept])
        spool.keep(birth(f"k{number}"))
        assert [x.id for x in spool.after(0)] == [*kept, f"gd-k{number}"]
    spool.close()
    assert [x.id for x in host.taken(host.door()).after(0)] == ["gd-k0", "gd-k1"]


def test_a_ledger_that_cannot_be_emptied_holds_nothing_up_and_is_emptied_before_anything_new_is_in_it(
    host: Host, caplog: pytest.LogCaptureFixture
) -> None:
    spool = host.taken(host.door())
    path = host.folder / "intake.ledger"
    spool.keep(birth("k1"))
    with _read_only(path):
        with spool.shut():
            spool.forget()
        assert (spool.waiting, spool.keep_behind(birth("k2"))) == (0, None)
        assert _code(spool, "k2") == "F-003"
    assert [record.getMessage() for record in caplog.records] == ["spool not emptied"]
    assert path.stat().st_size  # the next process hands it over once more
    spool.keep(birth("k3"))
    assert [x.id for x in spool.after(0)] == ["gd-k3"]
    spool.close()
    assert [x.id for x in host.taken(host.door()).after(0)] == ["gd-k3"]


def test_a_ledger_that_was_full_and_could_not_be_emptied_is_not_full_for_ever(host: Host) -> None:
    path = host.folder / "intake.ledger"
    with closing(LedgerSpool(path, SystemClock(), most=1)) as spool:
        spool.keep(birth("k1"))
        assert _code(spool, "k2") == "F-030"
        with _read_only(path), spool.shut():
            spool.forget()
        assert spool.keep(birth("k2"))[1]


def _code(spool: LedgerSpool, key: str) -> str:
    """How `spool` refuses a report."""
    with pytest.raises(Unavailable) as refused:
        spool.keep(birth(key))
    return refused.value.problem.code


@contextmanager
def _limited(what: int, most: int) -> Iterator[None]:
    """This process may have no more than that for a moment."""
    before, hard = resource.getrlimit(what)
    resource.setrlimit(what, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(what, (before, hard))


@contextmanager
def _read_only(path: Path) -> Iterator[None]:
    """Whoever has `path` open in this process may only read it, as on a disk that gave up."""
    [held] = [int(name) for name in os.listdir("/proc/self/fd") if _leads_to(name, path)]
    kept, reading = os.dup(held), os.open(path, os.O_RDONLY)
    os.dup2(reading, held, inheritable=False)
    os.close(reading)
    try:
        yield
    finally:
        os.dup2(kept, held, inheritable=False)
        os.close(kept)


def _leads_to(name: str, path: Path) -> bool:
    try:
        return os.readlink(f"/proc/self/fd/{name}") == str(path)
    except OSError:  # the one that listed them
        return False
