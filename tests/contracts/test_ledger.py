"""The ledger's file: torn, damaged, altered, open twice."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from fallback.frames import Frames
from fallback.ledger import Ledger
from gateway.domain.errors import Misconfigured, NotFound
from gateway.domain.facts import Numbered, intact, link
from gateway.domain.record import canonical, plain
from gateway.ports import Query

from .telling import CLOCK, opened, packaged, paper, read, told


def _written(path: Path, count: int = 3) -> list[int]:
    """A ledger of `count` exchanges; the file's size after each."""
    sizes = []
    ledger = Ledger(path)
    for number in range(count):
        opened(ledger, f"k{number}", f"payload {number}".encode())
        sizes.append(path.stat().st_size)
    ledger.close()
    return sizes


def _keys(path: Path) -> list[str]:
    ledger = Ledger(path)
    keys = [x.key for x in ledger.find(Query())]
    ledger.close()
    return keys[::-1]


def test_wherever_the_last_record_is_torn_the_others_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    _, good, whole = _written(path)
    content = path.read_bytes()
    for end in range(good, whole):
        path.write_bytes(content[:end])
        assert _keys(path) == ["k0", "k1"]
        assert path.stat().st_size == good


def test_a_torn_record_is_written_again_in_its_place(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    *_, whole = _written(path)
    path.write_bytes(path.read_bytes()[: whole - 5] + b"\0" * 9)
    ledger = Ledger(path)
    opened(ledger, "k9", b"nine")
    ledger.close()

    assert _keys(path) == ["k0", "k1", "k9"]


def test_a_damaged_record_with_good_ones_behind_it_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    first, *_ = _written(path)
    content = bytearray(path.read_bytes())
    for at in (first + 5, first + 40):  # in a length, in a payload
        damaged = content.copy()
        damaged[at] ^= 0xFF
        path.write_bytes(damaged)
        with pytest.raises(Misconfigured) as caught:
            Ledger(path)
        assert "damaged" in caught.value.problem.details["reason"]
        assert path.read_bytes() == damaged


def test_an_exchange_taken_out_of_the_file_changes_the_anchor(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    first, second, _ = _written(path)
    before = _anchors(path)
    content = path.read_bytes()
    path.write_bytes(content[:first] + content[second:])

    assert _anchors(path) != before


def test_a_fact_taken_out_of_the_file_breaks_its_chain(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    ledger = Ledger(path)
    x = opened(ledger)
    first = path.stat().st_size
    x = told(ledger, x, read())
    second = path.stat().st_size
    told(ledger, x, read())
    ledger.close()
    content = path.read_bytes()
    path.write_bytes(content[:first] + content[second:])
    with pytest.raises(Misconfigured) as caught:
        Ledger(path)

    assert "altered" in caught.value.problem.details["reason"]


def test_a_ledger_of_an_earlier_version_is_read_though_a_fact_has_gained_a_field_since(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    ledger = Ledger(path)
    x, _ = ledger.open(paper(packaged(ledger)))
    fact = Numbered("128", "BC-UBND", "2026-11-20", "A", "Chủ tịch", "an", ())
    body = {name: value for name, value in plain(fact).items() if name != "agency"}
    then = link(x.id, x.seq + 1, CLOCK.now(), fact, x.head_digest, written=canonical(body))
    ledger.close()
    facts = [{"name": then.name, "at": then.at, "body": body, "digest": then.digest}]
    told = {"grown": [{"exchange": x.id, "opening": None, "facts": facts}], "evidence": None, "blobs": []}
    frames = Frames(path)
    frames.add(canonical(told) + b"\n")
    frames.close()
    ledger = Ledger(path)

    assert ledger.read(x.id).numbered == fact
    assert ledger.read(x.id).head_digest == then.digest
    assert intact(ledger.history(x.id))
    ledger.close()


def _anchors(path: Path) -> list[tuple[str, int]]:
    """Of today and tomorrow: the written ones are in one of them, wherever we are."""
    ledger = Ledger(path)
    today = CLOCK.now().date()
    found = [ledger.anchor(today + timedelta(days=n)) for n in (0, 1)]
    ledger.close()
    return found


def test_a_second_opening_is_refused_while_the_first_is_open(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    with pytest.raises(Misconfigured):
        Ledger(tmp_path / "ledger")
    ledger.close()
    Ledger(tmp_path / "ledger").close()


def test_births_and_their_parent_share_one_record(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    ledger = Ledger(path)
    x = packaged(ledger)
    good = path.stat().st_size
    born = paper(x)
    ledger.append(x, [], births=[born])
    ledger.close()
    path.write_bytes(path.read_bytes()[:-1])
    ledger = Ledger(path)
    with pytest.raises(NotFound):
        ledger.read(born.opening.id)
    ledger.close()

    assert path.stat().st_size == good


def test_only_its_owner_may_read_the_file(tmp_path: Path) -> None:
    Ledger(tmp_path / "ledger").close()

    assert (tmp_path / "ledger").stat().st_mode & 0o077 == 0
