"""Starting, finding and stopping one PostgreSQL by its own tools.

`embedded` comes in, and holds start.lock while it does.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import quote

import psycopg

from gateway.adapters.sql.account import Account
from gateway.adapters.sql.wall import misconfigured

_ROLE = "gateway"
_PATIENCE = 90.0  # seconds for a start, crash recovery included
_LONGEST_TMP = 60  # a socket's path has 107 bytes in all

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "jit": "off",
    "log_checkpoints": "off",
    "log_timezone": "UTC",
    "timezone": "UTC",
}


class Server:
    """The server itself; whoever uses this holds start.lock."""

    def __init__(self, folder: Path, place: Path, runs_as: Account, tools: Path) -> None:
        self._pointer = folder / "socket"
        self._place = place
        self._data = place / "data"
        self._log = place / "log"
        self._runs_as = runs_as
        self._tools = tools

    def running(self) -> str | None:
        """The URL when it answers; waits while it is on its way up."""
        last = time.monotonic() + _PATIENCE
        while self._pid() is not None and time.monotonic() < last:
            socket = self._socket()
            if socket is None:  # its folder was cleared away: nobody can reach it any more
                self._control("stop", "-m", "fast")
                return None
            if _answers(url := _url(socket)):
                return url
            _pause()
        return None

    def start(self) -> str:
        self._create()
        self._forget_the_dead()
        socket = self._socket() or self._new_socket()
        options = " ".join(f"-c {name}={value or chr(39) * 2}" for name, value in _SETTINGS.items())
        last = time.monotonic() + _PATIENCE
        while True:
            done = self._control("start", "-l", self._log, "-o", f"-k {socket} {options}")
            url = _url(socket)
            if done.returncode == 0 and _answers(url):
                return url
            # Right after a kill the old server's children may still be going; anything else stays wrong.
            if "shared memory" not in self._last_words() or time.monotonic() > last:
                raise misconfigured("embedded", self._last_words() or done.stdout.strip())
            _pause()

    def stop(self) -> None:
        if self._pid() is not None:
            self._control("stop", "-m", "fast")
        socket = self._socket()
        if socket is not None and self._pid() is None:
            shutil.rmtree(socket, ignore_errors=True)
            self._pointer.unlink(missing_ok=True)

    def _create(self) -> None:
        if (self._data / "PG_VERSION").is_file():
            return
        fresh = self._place / "data.new"  # renamed when complete: a half-made one is thrown away
        shutil.rmtree(fresh, ignore_errors=True)
        made = self._runs_as.run(
            [self._tools / "initdb", "-D", fresh, "-U", _ROLE, "-A", "trust", "-E", "UTF8", "--locale=C",
             "--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
            self._place,
        )  # fmt: skip
        if made.returncode != 0:
            raise misconfigured("initdb", made.stdout.strip())
        fresh.rename(self._data)

    def _control(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        command = [self._tools / "pg_ctl", "-D", self._data, "-w", "-t", str(int(_PATIENCE)), *words]
        return self._runs_as.run(command, self._place)

    def _socket(self) -> Path | None:
        """The private folder of the socket, if it is still there and still ours."""
        try:
            socket = Path(self._pointer.read_text("utf-8"))
            owner = socket.stat()
        except FileNotFoundError:
            return None
        private = owner.st_uid == self._runs_as.uid and owner.st_mode & 0o077 == 0
        return socket if private else None

    def _new_socket(self) -> Path:
        tmp = tempfile.gettempdir()
        here = tmp if len(tmp) <= _LONGEST_TMP and self._runs_as.reaches(Path(tmp)) else "/tmp"  # noqa: S108
        socket = self._runs_as.own(Path(tempfile.mkdtemp(prefix="rg-", dir=here)))
        self._pointer.write_text(str(socket), "utf-8")
        return socket

    def _pid(self) -> int | None:
        """The server's process, if the one in postmaster.pid is alive and really runs on this data."""
        try:
            pid = int((self._data / "postmaster.pid").read_text("utf-8").split("\n", 1)[0])
            os.kill(pid, 0)
        except (FileNotFoundError, ValueError, ProcessLookupError, PermissionError):
            return None  # nobody, or another account's process that was given the number since
        return pid if _works_in(pid, self._data) else None

    def _forget_the_dead(self) -> None:
        # The number may belong to somebody else since a reboot, or to a zombie nobody has reaped:
        # PostgreSQL would not start for fear of them. The socket's place is kept, so that others come back.
        if self._pid() is not None:
            return
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        if (socket := self._socket()) is not None:
            for left in socket.iterdir():
                left.unlink()

    def _last_words(self) -> str:
        try:
            lines = self._log.read_text("utf-8", "replace").strip().splitlines()
        except FileNotFoundError:
            return ""
        return " / ".join(lines[-3:])


def _works_in(pid: int, data: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == data.resolve()
    except FileNotFoundError:
        return not Path("/proc/self").exists()  # no /proc on this system: believe the file
    except PermissionError:
        return False


def _url(socket: Path) -> str:
    return f"postgresql:///postgres?host={quote(str(socket), safe='')}&user={_ROLE}"


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _pause() -> None:
    threading.Event().wait(0.05)
