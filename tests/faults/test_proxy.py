"""The proxy does to bytes what it is told, and nothing else."""

from __future__ import annotations

import contextlib
import gc
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.faults.proxy import Manner, Proxy


class Peer:
    """Takes connections, keeps what it heard, answers each piece with “heard N”."""

    def __init__(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.heard = bytearray()
        self.more = threading.Condition()
        threading.Thread(target=self._live, daemon=True).start()

    @property
    def at(self) -> tuple[str, int]:
        found: tuple[str, int] = self.listening.getsockname()[:2]
        return found

    def has_heard(self, size: int) -> bytes:
        with self.more:
            assert self.more.wait_for(lambda: len(self.heard) >= size, 10), bytes(self.heard)
            return bytes(self.heard)

    def _live(self) -> None:
        while True:
            try:
                line, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self._hear, args=(line,), daemon=True).start()

    def _hear(self, line: socket.socket) -> None:
        with line:
            try:
                while piece := line.recv(4096):
                    with self.more:
                        self.heard += piece
                        self.more.notify_all()
                    line.sendall(b"heard %d" % len(piece))
            except OSError:
                return


@pytest.fixture
def peer() -> Iterator[Peer]:
    one = Peer()
    yield one
    one.listening.close()


@pytest.fixture
def proxy(peer: Peer) -> Iterator[Proxy]:
    with Proxy(peer.at).standing() as one:
        yield one


def called(proxy: Proxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=60)


def heard_to_the_end(line: socket.socket) -> bytes:
    heard = b""
    while piece := line.recv(100):
        heard += piece
    return heard


def test_bytes_pass_both_ways(peer: Peer, proxy: Proxy) -> None:
    with called(proxy) as line:
        line.sendall(b"hello")
        assert line.recv(100) == b"heard 5"
    assert peer.has_heard(5) == b"hello"


def test_a_refusing_door_opens_again_at_the_same_place(proxy: Proxy) -> None:
    with called(proxy) as line:
        line.sendall(b"x")
        assert line.recv(100) == b"heard 1"
        proxy.refuse()
        with pytest.raises(ConnectionResetError):
            line.recv(1)
    with pytest.raises(ConnectionRefusedError):
        called(proxy)

    proxy.clear()
    with called(proxy) as line:
        line.sendall(b"x")
        assert line.recv(100) == b"heard 1"


def test_a_cut_lets_so_many_bytes_pass(peer: Peer, proxy: Proxy) -> None:
    proxy.begin(Manner("cut", size=3, way="up"), times=1)
    with called(proxy) as line:
        line.sendall(b"hello")
        with pytest.raises(ConnectionResetError):
            heard_to_the_end(line)
    assert peer.has_heard(3) == b"hel"
    assert proxy.ended == 1

    with called(proxy) as line:  # its times are over
        line.sendall(b"again")
        assert line.recv(100) == b"heard 5"


def test_a_cut_reply_leaves_the_question_with_the_target(peer: Peer, proxy: Proxy) -> None:
    with called(proxy) as line:
        proxy.begin(Manner("cut_reply"))  # also of a line that is open already
        line.sendall(b"hello")
        with pytest.raises(ConnectionResetError):
            line.recv(100)
    assert peer.has_heard(5) == b"hello"


def test_a_reset_line_brings_nothing(peer: Peer, proxy: Proxy) -> None:
    with proxy.doing(Manner("reset")), called(proxy) as line:
        line.sendall(b"hello")
        with pytest.raises(ConnectionResetError):
            line.recv(100)
    assert peer.heard == b""


def test_what_hangs_arrives_once_it_may_although_its_sender_has_gone(peer: Peer, proxy: Proxy) -> None:
    proxy.begin(Manner("hang", way="up"))
    with called(proxy) as line:
        line.sendall(b"late")
        line.settimeout(0.1)
        with pytest.raises(TimeoutError):
            line.recv(100)
    assert peer.heard == b""

    proxy.clear()
    assert peer.has_heard(4) == b"late"


@pytest.mark.parametrize("manner", [Manner("drip", seconds=0.01, way="up"), Manner("latency", seconds=0.05)])
def test_dripping_and_late_lines_bring_everything(peer: Peer, proxy: Proxy, manner: Manner) -> None:
    with proxy.doing(manner), called(proxy) as line:
        begun = time.monotonic()
        line.sendall(b"slow!")
        assert peer.has_heard(5) == b"slow!"
        assert time.monotonic() - begun >= manner.seconds


def test_a_door_shut_while_callers_come_in_leaves_nobody_half_taken(proxy: Proxy) -> None:
    """What asyncio takes in after its server was closed it never closes: a warning, and here a failure."""
    over = threading.Event()

    def calling() -> None:
        while not over.is_set():
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", proxy.port), timeout=60).close()

    callers = [threading.Thread(target=calling) for _ in range(4)]
    for one in callers:
        one.start()
    for _ in range(60):
        proxy.refuse()
        proxy.clear()
    over.set()
    for one in callers:
        one.join()
    gc.collect()
