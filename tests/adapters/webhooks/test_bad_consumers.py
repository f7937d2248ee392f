"""Consumers that are slow, lie, break off or send one elsewhere: nothing is lost, and nobody else waits."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import BinaryIO

import pytest

from gateway.adapters.http import HttpLine
from gateway.adapters.sql import SqlInbox, SqlJournal, SqlRegister
from gateway.adapters.webhooks import Hook, Teller, Told
from gateway.ports import Bulletin, Notice
from tests.adapters.clock import SetClock
from tests.adapters.webhooks.consumer import consuming
from tests.adapters.webhooks.test_telling import HOUR, SECRET, announced, hurried, told, waits

_LITTLE = 0.5  # seconds, for one that never answers; the others may take all the time a busy machine needs
_MOST = 1024


@dataclass
class Rogue:
    """A listener that does to each request what `manner` does; it counts what it was asked."""

    url: str = ""
    asked: list[bytes] = field(default_factory=list)  # the head of each request
    over: threading.Event = field(default_factory=threading.Event)


Manner = Callable[[Rogue, BinaryIO], None]


def yes(_: Rogue, out: BinaryIO) -> None:
    out.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


def silent(rogue: Rogue, _: BinaryIO) -> None:
    rogue.over.wait(60)


def endless(_: Rogue, out: BinaryIO) -> None:
    """Says yes, and never comes to an end."""
    out.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 9999999\r\n\r\n")
    out.write(b"x" * (4 * _MOST))


def broken_off(_: Rogue, out: BinaryIO) -> None:
    out.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nyes")


def babbling(_: Rogue, out: BinaryIO) -> None:
    out.write(b"250 OK queued\r\n")


def halfway(_: Rogue, out: BinaryIO) -> None:
    """103 is no end of an answer, and none follows."""
    out.write(b"HTTP/1.1 103 Early Hints\r\n\r\n")


@contextmanager
def rogue(manner: Manner) -> Iterator[Rogue]:
    found = Rogue()

    class Door(StreamRequestHandler):
        def handle(self) -> None:
            head = b"".join(iter(self.rfile.readline, b"\r\n"))
            if head:
                found.asked.append(head)
                manner(found, self.wfile)  # type: ignore[arg-type]  # a writable file

    class Listener(ThreadingTCPServer):
        daemon_threads, allow_reuse_address = True, True

        def handle_error(self, *_: object) -> None:
            return None  # the teller hung up: that is what is tried here

    with Listener(("127.0.0.1", 0), Door) as server:
        found.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield found
        finally:
            found.over.set()
            server.shutdown()
            thread.join()


def bodies(news: Sequence[Notice | Bulletin]) -> list[tuple[str, bytes]]:
    return [(one.id, json.dumps({"id": one.id}).encode()) for one in news]


def client(name: str, url: str, seconds: float = 30) -> tuple[str, Told]:
    """With the agreement of its own name; `seconds` is what it is given for one event."""
    return name, Told((name,), Hook(HttpLine(name, url, deadline=seconds, most_answered=_MOST), (SECRET,)))


def teller(inbox: SqlInbox, *clients: tuple[str, Told], clock: SetClock | None = None) -> Teller:
    return Teller(inbox.telling, dict(clients), bodies, clock or SetClock(), HOUR)


@pytest.mark.parametrize("manner", [silent, endless, broken_off, babbling, halfway])
def test_an_answer_that_is_no_whole_yes_is_asked_for_again(
    journal: SqlJournal, register: SqlRegister, database: str, manner: Manner
) -> None:
    inbox = SqlInbox(journal, register)
    event = announced(register, "bt-1", "thang")
    with rogue(manner) as bad:
        assert told(teller(inbox, client("thang", bad.url, _LITTLE if manner is silent else 30))) == 0
        assert len(bad.asked) <= 1  # what may have been taken is not sent again at once
        assert waits(database, event) <= 5
    hurried(database)
    with consuming(SECRET) as consumer:
        assert told(teller(inbox, client("thang", consumer.url))) == 1
    assert list(consumer.known) == [event]


def test_one_that_is_slow_keeps_nobody_else_waiting(journal: SqlJournal, register: SqlRegister) -> None:
    """It answers only once the other has heard everything: told one after the other, it would be given up."""
    inbox = SqlInbox(journal, register)
    for number in range(3):
        announced(register, f"bt-{number}", "cham")
    quick = [announced(register, f"bt-n{number}", "nhanh") for number in range(3)]
    with consuming(SECRET) as consumer:

        def last(_: Rogue, out: BinaryIO) -> None:
            while len(consumer.known) < 3 and consumer.changed.wait(60):
                consumer.changed.clear()
            yes(_, out)

        with rogue(last) as slow:
            assert told(teller(inbox, client("cham", slow.url), client("nhanh", consumer.url))) == 6
    assert consumer.asked == quick


def test_after_one_that_did_not_answer_its_other_events_are_not_tried(
    journal: SqlJournal, register: SqlRegister
) -> None:
    inbox = SqlInbox(journal, register)
    for number in range(3):
        announced(register, f"bt-{number}", "thang")
    with rogue(broken_off) as bad:
        assert told(teller(inbox, client("thang", bad.url))) == 0
        assert len(bad.asked) == 1


def test_a_redirect_is_not_followed_and_tells_nobody_else_anything(
    journal: SqlJournal, register: SqlRegister, database: str
) -> None:
    inbox = SqlInbox(journal, register)
    event = announced(register, "bt-1", "thang")
    with consuming(SECRET) as elsewhere:
        for status in (301, 302, 303, 307, 308):

            def redirecting(_: Rogue, out: BinaryIO, status: int = status) -> None:
                out.write(f"HTTP/1.1 {status} X\r\nLocation: {elsewhere.url}\r\nContent-Length: 0\r\n\r\n".encode())

            with rogue(redirecting) as bad:
                assert told(teller(inbox, client("thang", bad.url))) == 0, status
            hurried(database)
    assert elsewhere.asked == []
    assert [one.id for one in inbox.bulletins(["thang"], 9)] == [event]


def test_one_that_says_yes_and_forgets_finds_it_in_the_inbox_still(journal: SqlJournal, register: SqlRegister) -> None:
    inbox = SqlInbox(journal, register)
    event = announced(register, "bt-1", "thang")

    with rogue(yes) as bad:
        assert [told(teller(inbox, client("thang", bad.url))) for _ in range(2)] == [1, 0]
    assert [one.id for one in inbox.bulletins(["thang"], 9)] == [event]


def test_nothing_an_answer_says_is_logged_or_kept(
    journal: SqlJournal, register: SqlRegister, caplog: pytest.LogCaptureFixture
) -> None:
    inbox = SqlInbox(journal, register)
    announced(register, "bt-1", "thang")

    def talkative(_: Rogue, out: BinaryIO) -> None:
        out.write(b"HTTP/1.1 500 X\r\nContent-Length: 9\r\n\r\nmat-khau!")

    with rogue(talkative) as bad:
        told(teller(inbox, client("thang", bad.url)))
    [line] = [record for record in caplog.records if record.name == "gateway.webhooks"]
    assert "mat-khau" not in str(vars(line))


def test_a_message_told_again_later_is_signed_for_its_new_time(
    journal: SqlJournal, register: SqlRegister, database: str
) -> None:
    """A consumer refuses what is older than some minutes; the id stays, the stamp and the signature do not."""
    inbox = SqlInbox(journal, register)
    announced(register, "bt-1", "thang")
    clock = SetClock()
    with consuming(SECRET, 503, 204) as consumer:
        telling = teller(inbox, client("thang", consumer.url), clock=clock)
        assert told(telling) == 0
        clock.move(hours=3)
        hurried(database)
        assert told(telling) == 1
    assert consumer.stamps[1] - consumer.stamps[0] == 3 * 3600
    assert len(consumer.known) == 1
