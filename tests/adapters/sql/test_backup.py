"""Copies, the stream between them, and what a database that is another one than before means."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from gateway.adapters.sql import EmbeddedPostgres, SqlJournal
from gateway.adapters.sql.backup import bases, damage, prune, take
from gateway.adapters.sql.origin import settle_in
from gateway.adapters.sql.restore import checked, choose
from gateway.adapters.sql.tools import Tools
from gateway.adapters.sql.wal import Plan, Stream, gap
from gateway.domain import facts as f
from gateway.domain.errors import Misconfigured
from gateway.domain.exchange import Stage
from gateway.domain.parcel import Receipt
from tests.adapters.sql.test_keeping import silent
from tests.contracts.telling import BLOB, CLOCK, TROUBLE, opened, packaged, packed, told


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of one's own, with a journal in it: what is copied is the whole of it."""
    postgres = EmbeddedPostgres(tmp_path_factory.mktemp("server"))
    url = postgres.start()
    SqlJournal.connect(url).close()
    yield url
    postgres.discard()


@contextmanager
def streamed(url: str, store: Path) -> Iterator[list[str]]:
    stop, begun = threading.Event(), threading.Event()
    heard: list[str] = []

    def hear(said: str) -> None:
        heard.append(said)
        begun.set()

    thread = threading.Thread(target=Stream(url, store, Plan(), hear).run, args=(stop,))
    thread.start()
    try:
        assert begun.wait(240)
        yield heard
    finally:
        stop.set()
        thread.join()


def written(url: str) -> None:
    """Enough changes that the log goes on in another segment."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS noise (t text)")
        connection.execute("INSERT INTO noise VALUES ('x')")
        connection.execute("SELECT pg_switch_wal()")


def test_a_stream_that_does_not_go_on_from_the_last_copy_begins_with_a_new_one(server: str, tmp_path: Path) -> None:
    lonely = take(server, tmp_path, silent)
    for _ in range(3):
        written(server)
    with streamed(server, tmp_path) as heard:
        written(server)
    newest = choose(tmp_path, None)
    assert heard == [newest.name]
    assert newest.name != lonely.name
    assert gap(newest, tmp_path) is None
    checked(newest, tmp_path, silent)
    # The first copy is whole and cannot go further than itself: it is refused by name, not restored too short.
    assert damage(lonely, tmp_path, silent) == []
    with pytest.raises(Misconfigured) as caught:
        checked(lonely, tmp_path, silent)
    assert caught.value.problem.code == "F-022"
    with streamed_again(server, tmp_path) as heard:
        assert heard == []


@contextmanager
def streamed_again(url: str, store: Path) -> Iterator[list[str]]:
    """A stream that has nothing to say: it goes on where it stopped."""
    stop = threading.Event()
    heard: list[str] = []
    thread = threading.Thread(target=Stream(url, store, Plan(), heard.append).run, args=(stop,))
    thread.start()
    with psycopg.connect(url, autocommit=True) as connection:
        while not connection.execute("SELECT FROM pg_stat_replication WHERE state = 'streaming'").fetchall():
            assert thread.is_alive()
    yield heard
    stop.set()
    thread.join()


def test_old_copies_go_and_with_them_what_only_they_needed(server: str, tmp_path: Path) -> None:
    with streamed(server, tmp_path):
        for _ in range(2):
            written(server)
            take(server, tmp_path, silent)
    broken_off = tmp_path / bases(tmp_path)[0].identity / "base-20200101T000000000000Z"
    broken_off.mkdir()
    gone = prune(tmp_path, 1)
    [left] = bases(tmp_path)
    assert len(gone) == 3
    assert broken_off.name in gone
    assert all(path.name[:24] >= left.first_wal for path in left.wal(tmp_path).glob("0*"))
    checked(left, tmp_path, silent)


def test_a_role_that_may_not_copy_is_told_what_the_owner_of_the_server_must_do(server: str, tmp_path: Path) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE ROLE plain LOGIN")
    with pytest.raises(Misconfigured) as caught:
        take(server.replace("user=gateway", "user=plain"), tmp_path, silent)
    assert caught.value.problem.code == "F-020"
    assert "plain lacks REPLICATION" in caught.value.problem.title.en
    assert bases(tmp_path) == []


def test_no_password_stands_in_a_command_line() -> None:
    word = "geheim"
    process = Tools(f"postgresql://somebody:{word}@127.0.0.1:1/journal").start("pg_receivewal", "--no-loop", "-D", "/x")
    with process:
        assert word not in " ".join(map(str, process.args))  # type: ignore[arg-type]
        _, said = process.communicate()
    assert word not in said


# ── another database than before ─────────────────────────────────────────────────────────────────
def test_in_another_database_what_is_owed_is_doubted_once_and_what_is_known_is_left_alone(database: str) -> None:
    journal = SqlJournal.connect(database)
    try:
        waits = packaged(journal, "k1")
        fresh = opened(journal, "k2", agreement="b")
        there = told(journal, packaged(journal, "k3", agreement="c"), f.Attempted("quoc-gia", 1))
        there = told(journal, there, f.Delivered(Receipt("doc-1", BLOB.digest, CLOCK.now())))
        over = told(journal, opened(journal, "k4", agreement="d"), f.Cancelled("an", "nhầm"))
        parked = told(journal, packaged(journal, "k5", agreement="e"), f.Parked(TROUBLE))
        with psycopg.connect(database, autocommit=True) as hand:
            assert hand.execute("SELECT doubted FROM origin").fetchall() == [(0,)]
            hand.execute("UPDATE origin SET identity = '1-00000001', since = since - interval '1 day'")
            for _ in range(2):
                settle_in(hand)
            assert hand.execute("SELECT doubted FROM origin ORDER BY since").fetchall() == [(0,), (3,)]
        assert journal.read(waits.id).stage is Stage.IN_DOUBT
        assert journal.read(fresh.id).stage is Stage.ACCEPTED
        assert journal.read(fresh.id).recovered
        assert journal.read(there.id) == there
        assert journal.read(over.id) == over
        assert journal.read(parked.id).stage is Stage.PARKED
        assert told(journal, journal.read(parked.id), f.Released("an", "đi tiếp")).stage is Stage.IN_DOUBT
    finally:
        journal.close()


def test_a_packaged_report_of_a_restored_journal_is_in_doubt_until_it_was_asked_after(database: str) -> None:
    journal = SqlJournal.connect(database)
    try:
        x = told(journal, opened(journal), f.Recovered("1-00000002"))
        x = told(journal, x, f.Validated("s", None, 1), packed(x))
        assert x.stage is Stage.IN_DOUBT
        x = told(journal, x, f.Undelivered(TROUBLE))
        assert (x.stage, x.recovered) == (Stage.PACKAGED, False)
    finally:
        journal.close()
