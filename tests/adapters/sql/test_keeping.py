"""The journal kept whole: checked, made again from its facts, written out and taken in again."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
import zstandard
from psycopg import Connection

from gateway.adapters.sql import SqlJournal, portable
from gateway.adapters.sql.check import check
from gateway.adapters.sql.packing import packed, unpacked
from gateway.adapters.sql.rebuild import rebuild
from gateway.domain import facts as f
from gateway.domain.errors import Conflict, Misconfigured, NotFound
from gateway.domain.exchange import Exchange, Stage
from gateway.domain.ids import digest_of
from gateway.domain.parcel import Blob, Parcel, Receipt
from gateway.ports import Query
from tests.contracts.telling import CLOCK, HEAD, PURE, claimed, entry, opened, paper, read, told

PACKET = b"<packet>" + b"12 " * 5000 + b"</packet>"
BODY = Blob(digest_of(PACKET), len(PACKET), "application/xml")


@pytest.fixture
def filled(journal: SqlJournal) -> list[Exchange]:
    """One settled, one on the wire's brink, one just taken, one held by a person."""
    settled = _packaged(journal, "k1")
    receipt = Receipt("doc-1", BODY.digest, CLOCK.now())
    settled = told(journal, settled, f.Attempted("quoc-gia", 1), f.Delivered(receipt), f.Cancelled("an", "nhầm"))
    kept = told(journal, opened(journal, "k4"), f.Retained("an", "thanh tra"))
    return [settled, _packaged(journal, "k2"), opened(journal, "k3"), kept]


def _packaged(journal: SqlJournal, key: str) -> Exchange:
    x = told(journal, opened(journal, key, f'{{"key": "{key}"}}'.encode()), read())
    packaged = f.Packaged(Parcel(x.id, "report-data", BODY, HEAD.lane))
    return journal.append(x, [entry(packaged, PACKET)])


def silent(what: str, done: int, total: int) -> None:
    """Nobody watches."""


# ── check ────────────────────────────────────────────────────────────────────────────────────────
def test_a_journal_nobody_touched_is_whole(filled: list[Exchange], hand: Connection) -> None:
    seen = check(hand, silent)
    assert seen.faults == []
    assert (seen.exchanges, seen.facts, seen.blobs) == (4, 12, 4)
    assert seen.bytes > len(PACKET)


@pytest.mark.parametrize(
    ("damage", "told_of"),
    [
        ("UPDATE fact SET body = replace(body::text, 'nhầm', 'đúng')::json WHERE name = 'Cancelled'", "not what was"),
        ("UPDATE fact SET at = at - interval '1 hour' WHERE name = 'Attempted'", "not what was"),
        ("UPDATE fact SET name = 'Corrected' WHERE name = 'Cancelled'", "not what was"),
        ("UPDATE fact SET name = 'Nothing' WHERE name = 'Cancelled'", "cannot be read"),
        ("DELETE FROM fact WHERE name = 'Attempted'", "place 4 is missing"),
        ("DELETE FROM fact WHERE name = 'Cancelled'", "missing or too many"),
        ("DELETE FROM fact", "has no facts"),
        ("UPDATE exchange SET stage = 'delivered' WHERE stage = 'cancelled'", "rebuild"),
        ("UPDATE exchange SET state = '{\"progress\": []}' WHERE stage = 'packaged'", "rebuild"),
        ("DELETE FROM work WHERE stage = 'packaged'", "not owed at packaged"),
        ("DELETE FROM exchange WHERE stage = 'cancelled'", "no exchange"),
        ("DELETE FROM blob WHERE length(bytes) < 100", "not there"),
        ("UPDATE blob SET bytes = 'other'", "not the bytes of that name"),
    ],
)
def test_whatever_is_changed_behind_its_back_is_found(
    filled: list[Exchange], hand: Connection, damage: str, told_of: str
) -> None:
    _unguarded(hand, damage)
    seen = check(hand, silent)
    assert any(told_of in fault.what for fault in seen.faults), seen.faults
    with pytest.raises(Misconfigured) as caught:
        seen.insist()
    assert caught.value.problem.code == "F-023"


def test_facts_and_bytes_refuse_to_be_changed_or_taken_away(filled: list[Exchange], hand: Connection) -> None:
    for statement in (
        "UPDATE fact SET name = 'Parked'", "DELETE FROM fact", "TRUNCATE fact",
        "UPDATE blob SET bytes = ''", "DELETE FROM blob", "TRUNCATE blob",
    ):  # fmt: skip
        with pytest.raises(psycopg.errors.IntegrityError):
            hand.execute(statement)  # type: ignore[arg-type]


# ── rebuild ──────────────────────────────────────────────────────────────────────────────────────
def test_what_is_beside_the_facts_is_made_again_from_them(
    journal: SqlJournal, filled: list[Exchange], hand: Connection
) -> None:
    before = (journal.find(Query()), journal.count())
    hand.execute("UPDATE exchange SET state = '{\"progress\": []}', stage = 'reconciled', lane = NULL, seq = 99")
    hand.execute("DELETE FROM work")
    hand.execute("INSERT INTO work (exchange, ordinal, destination, agreement, stage, blocks) "
                 "VALUES ('gd-gone', 1, 'quoc-gia', 'ktxh', 'packaged', false)")  # fmt: skip
    hand.execute("UPDATE tally SET n = 77")

    assert rebuild(hand, silent) == 4
    assert check(hand, silent).faults == []
    assert (journal.find(Query()), journal.count()) == before
    assert [lease.exchange.key for lease in claimed(journal, PURE)] == ["k4", "k3"]
    assert rebuild(hand, silent) == 0


def test_a_number_that_was_given_is_taken_again_after_a_rebuild(journal: SqlJournal, hand: Connection) -> None:
    holder, other = (journal.open(paper(opened(journal, key)))[0] for key in ("k1", "k2"))
    given = f.Numbered("128", "BC-UBND", "2026-11-20", "A", "Chủ tịch", "an", (), "H56")
    told(journal, holder, given)
    hand.execute("DELETE FROM number_given")
    rebuild(hand, silent)
    with pytest.raises(Conflict) as caught:
        told(journal, other, given)
    assert caught.value.problem.details["document"] == holder.id


def test_a_rebuild_beside_writers_mends_what_was_wrong_and_touches_nothing_of_theirs(
    journal: SqlJournal, filled: list[Exchange], hand: Connection
) -> None:
    def hands_in(number: int) -> int:
        for turn in range(80):
            x = told(journal, opened(journal, f"{number}.{turn}"), read())
            told(journal, x, f.Cancelled("an", "nhầm"))
        return 80

    hand.execute("UPDATE exchange SET state = '{\"progress\": []}' WHERE key = 'k4'")
    hand.execute("UPDATE tally SET n = 77")
    with ThreadPoolExecutor(4) as desk:
        writers = [desk.submit(hands_in, number) for number in range(4)]
        mended = [rebuild(hand, silent)]
        while not all(writer.done() for writer in writers):
            mended.append(rebuild(hand, silent))

    written = sum(writer.result() for writer in writers)
    assert sum(mended) == 1
    assert check(hand, silent).faults == []
    assert sum(journal.count().values()) == len(filled) + written
    assert journal.count() == dict(hand.execute("SELECT stage, count(*) FROM exchange GROUP BY stage").fetchall())


def test_what_a_worker_holds_stays_his_through_a_rebuild(
    journal: SqlJournal, filled: list[Exchange], hand: Connection
) -> None:
    leases = claimed(journal)
    rebuild(hand, silent)

    assert leases
    assert claimed(journal) == []
    for lease in leases:
        told(journal, lease.exchange, f.Stumbled("x", "y"), lease=lease)
    assert check(hand, silent).faults == []


def test_numbers_given_beside_a_rebuild_are_kept(journal: SqlJournal, hand: Connection) -> None:
    papers = [journal.open(paper(opened(journal, f"k{n}")))[0] for n in range(30)]

    def gives(number: int) -> None:
        fact = f.Numbered(str(number), "BC-UBND", "2026-11-20", "A", "Chủ tịch", "an", (), "H56")
        told(journal, papers[number], fact)

    with ThreadPoolExecutor(4) as clerks:
        given = [clerks.submit(gives, number) for number in range(len(papers))]
        rebuild(hand, silent)
        while not all(one.done() for one in given):
            rebuild(hand, silent)
    assert [one.exception() for one in given] == [None] * len(papers)
    assert hand.execute("SELECT count(*) FROM number_given").fetchone() == (len(papers),)


def test_nothing_is_made_of_facts_that_are_not_whole(filled: list[Exchange], hand: Connection) -> None:
    _unguarded(hand, "DELETE FROM fact WHERE name = 'Attempted'")
    with pytest.raises(Misconfigured):
        rebuild(hand, silent)


# ── export and import ────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("name", ["journal.jsonl", "journal.jsonl.zst"])
def test_what_was_written_out_is_whole_by_itself_and_lives_on_elsewhere(
    filled: list[Exchange], hand: Connection, bare_database: str, tmp_path: Path, name: str
) -> None:
    file = tmp_path / name
    written = portable.export(hand, file, silent)
    assert (written.exchanges, written.facts, written.blobs) == (4, 12, 4)
    assert portable.examine(file, silent).faults == []

    elsewhere = SqlJournal.connect(bare_database)
    try:
        with psycopg.connect(bare_database, autocommit=True, options="-c timezone=UTC") as there:
            portable.bring_in(there, file, silent)
            assert check(there, silent).faults == []
            with pytest.raises(Misconfigured):
                portable.bring_in(there, file, silent)
        stages = {x.key: x.stage for x in elsewhere.find(Query())}
        # What may have been sent by the other installation since is asked after first.
        assert stages == {
            "k1": Stage.CANCELLED, "k2": Stage.IN_DOUBT, "k3": Stage.ACCEPTED, "k4": Stage.ACCEPTED,
        }  # fmt: skip
        assert elsewhere.history(filled[0].id) == SqlJournalOf(hand).history(filled[0].id)
        assert elsewhere.bytes_of(BODY.digest) == PACKET
        fresh = opened(elsewhere, "k5")
        assert fresh.ordinal > max(x.ordinal for x in filled)
    finally:
        elsewhere.close()


class SqlJournalOf:
    """Reads one history by the hand's own connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def history(self, exchange: str) -> list[f.Recorded]:
        rows = self._connection.execute(
            "SELECT exchange, seq, at, name, body, previous, digest FROM fact WHERE exchange = %s ORDER BY seq",
            [exchange],
        )
        return [f.Recorded(x, seq, at, f.revive(name, body), old, new) for x, seq, at, name, body, old, new in rows]


@pytest.mark.parametrize("cut", ["last line", "an exchange", "a byte", "nothing but rubbish"])
def test_a_file_that_is_not_whole_is_refused_before_anything_is_taken_in(
    filled: list[Exchange], hand: Connection, bare_database: str, tmp_path: Path, cut: str
) -> None:
    file = tmp_path / "journal.jsonl"
    portable.export(hand, file, silent)
    lines = file.read_bytes().splitlines(keepends=True)
    match cut:
        case "last line":
            lines = lines[:-1]
        case "an exchange":
            lines.remove(next(line for line in lines if line.startswith(b'{"exchange"')))
        case "a byte":
            lines = [line.replace("nhầm".encode(), "nhằm".encode()) for line in lines]
        case _:
            lines = [os.urandom(100)]
    file.write_bytes(b"".join(lines))
    SqlJournal.connect(bare_database).close()
    with psycopg.connect(bare_database, autocommit=True) as there:
        with pytest.raises(Misconfigured) as caught:
            portable.bring_in(there, file, silent)
        assert caught.value.problem.code == "F-023"
        assert there.execute("SELECT count(*) FROM exchange").fetchone() == (0,)


def test_every_table_is_written_out_or_made_again(hand: Connection) -> None:
    made_again = {"exchange", "fact", "blob", "work", "tally", "number_given"}  # from the chains and the bytes
    # where it stands and how fast it goes, not what happened
    of_this_place = {"migration", "origin", "line", "unnamed", "pace", "allowance", "seat", "telling"}
    tables = {name for (name,) in hand.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    assert tables - made_again - of_this_place == set(portable._TABLES)


# ── bytes ────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("content", [b"", b"{}", PACKET, os.urandom(20_000), zstandard.compress(PACKET)])
def test_bytes_come_back_as_they_were(content: bytes) -> None:
    assert unpacked(digest_of(content), packed(content)) == content
    assert unpacked(digest_of(content), content) == content
    assert len(packed(content)) <= len(content)


def test_large_text_is_kept_small() -> None:
    assert len(packed(PACKET)) < len(PACKET) / 20


def test_a_frame_of_other_bytes_is_not_taken_for_them() -> None:
    for kept in (zstandard.compress(b"other"), b"other", b"\x28\xb5\x2f\xfd\x00"):
        with pytest.raises(NotFound):
            unpacked(BODY.digest, kept)


def _unguarded(hand: Connection, statement: str) -> None:
    for table in ("fact", "blob"):
        hand.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")  # type: ignore[arg-type]
    hand.execute(statement)  # type: ignore[arg-type]
