"""Files of a deployment that a verb writes: whole or not at all, on disk when it says so, for whom they were before.

Beside `wiring`: what changes declarations and secrets comes in. One person at a time.
"""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gateway.domain.errors import Misconfigured, problem

PRIVATE, PUBLIC = 0o600, 0o666  # the latter as far as the umask lets it


@contextmanager
def by_one(home: Path) -> Iterator[None]:
    """By one person at a time: the second one reads what the first one wrote. Raises `Misconfigured` (F-005)."""
    if not (home / "gateway.toml").is_file():
        raise Misconfigured(problem("F-005", file="gateway.toml", key="-", reason=f"not found in {home}"))
    folder = os.open(home, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def fresh(path: Path, content: bytes, mode: int = PRIVATE) -> Path:
    """A file that was not there. Raises `FileExistsError`."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            path.unlink(missing_ok=True)
            raise
    _on_disk(path.parent)
    return path


def exchange(path: Path, content: bytes, mode: int = PUBLIC) -> None:
    """The old file or the new one, never half of one; where a link leads, and for whoever might read the old one.

    One that was not there has the owner of its folder, so that a service reads what an administrator brings.
    """
    place = path.resolve()
    new = place.with_name(f".{place.name}.new")
    new.unlink(missing_ok=True)  # of one who was killed
    fresh(new, content, PRIVATE if mode == PRIVATE else PUBLIC)
    try:
        was = place.stat() if place.exists() else place.parent.stat()
        with suppress(PermissionError):
            os.chown(new, was.st_uid, was.st_gid)
        if place.exists() and mode != PRIVATE:
            new.chmod(stat.S_IMODE(was.st_mode))
        new.replace(place)
    except OSError:
        new.unlink(missing_ok=True)
        raise
    _on_disk(place.parent)


def _on_disk(folder: Path) -> None:
    """The names in it; a file system that keeps them by itself need not be told."""
    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
