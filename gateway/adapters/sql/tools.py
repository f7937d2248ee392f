"""PostgreSQL's own client programs, spoken to as one server's clients.

Address, role and password go by the environment: a command line can be read by every account of the machine.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from psycopg import pq

from gateway.adapters.sql.account import account, binaries
from gateway.domain.errors import Misconfigured, problem

APPLICATION = "gateway_backup"
_LATEST = 18  # the major version that comes with the package
_DEBIAN = "/usr/lib/postgresql/{major}/bin"


class Tools:
    """The client programs, for the server at `url`. They run as ourselves, root or not."""

    def __init__(self, url: str) -> None:
        self._folder = binaries(account())
        given = {option.envvar: option.val for option in pq.Conninfo.parse(url.encode())}
        named = {name.decode(): value.decode() for name, value in given.items() if name and value}
        named.pop("PGDATABASE", None)  # these speak the replication protocol
        self._environment = {**named, "PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "PGAPPNAME": APPLICATION}

    def start(self, name: str, *words: str | Path) -> subprocess.Popen[str]:
        """Let `name` run; what it says of trouble is on its stderr."""
        command = [str(self._folder / name), "--no-password", *map(str, words)]
        return subprocess.Popen(  # noqa: S603  our own programs and paths
            command, env=self._environment, text=True, errors="replace", umask=0o077, close_fds=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, name: str, *words: str | Path) -> None:
        """Run `name` to its end. Raises `Misconfigured` (F-020) with its last words."""
        with self.start(name, *words) as process:
            _, said = process.communicate()
        if process.returncode != 0:
            raise refused(said)


def refused(said: str) -> Misconfigured:
    """The server, or the program, would not: in its own last words."""
    lines = [line for line in said.strip().splitlines() if line.strip()]
    return Misconfigured(problem("F-020", reason=lines[-1] if lines else "?"))


def server_programs(major: int) -> Path:
    """The folder of ``postgres`` and ``pg_ctl`` of that major version on this machine. Raises `Misconfigured` (F-021).

    A data folder is opened by its own major version and by no other.
    """
    if major == _LATEST:
        return binaries(account())
    folder = Path(_DEBIAN.format(major=major))
    if (folder / "postgres").is_file():
        return folder
    raise Misconfigured(problem("F-021", reason=f"PostgreSQL {major} is not installed here ({folder})"))
