"""A real PostgreSQL that comes with the package: one per folder, on a private socket, no TCP.

Any number of processes may use the same folder. The first one starts the server, the last one to
stop takes it down; a process that was killed leaves it running, and the next one finds it.

    folder/start.lock   held while somebody starts or stops
    folder/users.lock   shared by everybody who uses the server
    folder/socket       where its socket is
    folder/place        where its data is (the account that runs it may not reach `folder`)
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from gateway.adapters.sql.account import ELSEWHERE, Account, account, binaries
from gateway.adapters.sql.server import Server
from gateway.domain.errors import Misconfigured, problem
from gateway.domain.ids import digest_of

RESTORED = "data.restored"  # complete, and about to become the data: a restore may be cut off right there


class EmbeddedPostgres:
    """The PostgreSQL of `folder`.

    with EmbeddedPostgres(home / "var" / "postgres") as url: …
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._users: int | None = None

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> str:
        """The URL of the running server, started here if nobody had. Raises `Misconfigured` (F-005)."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._alone():
            if self._users is None:
                self._users = _opened(self._folder / "users.lock")
                fcntl.flock(self._users, fcntl.LOCK_SH)
            server = self._server()
            try:
                return server.running() or server.start()
            except BaseException:  # passed on; who did not get in must not count as a user
                self._leave()
                raise

    def stop(self) -> None:
        """Leave the server; the last one to leave takes it down. Harmless when never started."""
        if self._users is None:
            return
        with self._alone():
            if self._leave():
                self._server().stop()

    def discard(self) -> None:
        """Stop, and delete the data unless somebody else uses it: for demonstrations and tests."""
        self.start()
        with self._alone():
            if self._leave():
                self._server().stop()
                shutil.rmtree(self._place(account()))

    @contextmanager
    def at_rest(self) -> Iterator[Path]:
        """Where its data is, while the server is stopped and nobody may start it. Raises `Misconfigured` (F-021)."""
        self._folder.mkdir(parents=True, exist_ok=True)
        users = _opened(self._folder / "users.lock")
        try:
            with self._alone():
                try:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    raise Misconfigured(problem("F-021", reason=f"{self._folder} is in use")) from None
                self._server().stop()
                yield self._place(account())
        finally:
            os.close(users)

    def beside(self, name: str) -> Path:
        """A folder beside its data, made for a server under the same account."""
        runs_as = account()
        self._folder.mkdir(parents=True, exist_ok=True)
        return runs_as.own(self._place(runs_as) / name)

    def _leave(self) -> bool:
        """Give up our part in users.lock; whether nobody else has one."""
        users, self._users = self._users, None
        assert users is not None
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        else:
            return True
        finally:
            os.close(users)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        held = _opened(self._folder / "start.lock")
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield
        finally:
            os.close(held)

    def _server(self) -> Server:
        runs_as = account()
        place = self._place(runs_as)
        if (place / RESTORED).is_dir() and not (place / "data").exists():
            (place / RESTORED).rename(place / "data")
        return Server(self._folder, place, runs_as, binaries(runs_as))

    def _place(self, runs_as: Account) -> Path:
        pointer = self._folder / "place"
        if pointer.is_file():
            return runs_as.own(Path(pointer.read_text("utf-8")))
        if runs_as.reaches(self._folder):
            return runs_as.own(self._folder / "server")
        ELSEWHERE.mkdir(mode=0o755, parents=True, exist_ok=True)
        place = ELSEWHERE / digest_of(str(self._folder).encode())[:16]
        pointer.write_text(str(place), "utf-8")
        return runs_as.own(place)


def _opened(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
