"""One append-only file of records, each on disk before it counts.

    frame = "RGL1" · length of the payload (4 bytes) · CRC-32 of the payload (4 bytes) · payload

Opened by one process at a time. A frame torn by a crash is cut off when the file is opened: nobody
was ever told that it was there. A bad frame with good ones behind it is damage, and is refused.
"""

from __future__ import annotations

import fcntl
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from gateway.domain.errors import Misconfigured, Unavailable, problem

_MAGIC = b"RGL1"
_HEAD = struct.Struct(">4sII")
_LONGEST = 1 << 31


class OpenElsewhere(Misconfigured):
    """Another process has the file open."""


class Frames:
    """The file at `path`, made when it is not there.

    Raises `OpenElsewhere`, `Misconfigured` (both F-005), `Unavailable` (F-003).
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = _opened(path)
        self._broken = False
        try:
            self._end = self._cut()
        except BaseException as error:  # passed on; only the lock must not outlive it
            os.close(self._file)
            if isinstance(error, OSError):
                raise _faulty(path, "-", error.strerror or "") from error
            raise

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """Every payload with its offset, oldest first."""
        at = 0
        while (payload := self._frame(at)) is not None:
            yield at + _HEAD.size, payload
            at += _HEAD.size + len(payload)

    def add(self, payload: bytes) -> int:
        """Append one record; its payload's offset, once it is on disk. All of it, or none."""
        if self._broken:
            raise _full("an earlier write failed; open the ledger again")
        at = self._end
        frame = _HEAD.pack(_MAGIC, len(payload), zlib.crc32(payload)) + payload
        try:
            _write(self._file, frame, at)
            os.fsync(self._file)
        except OSError as error:
            # After a failed fsync nobody knows what is on disk: only reading it again tells.
            self._broken = True
            raise _full(error.strerror or "") from error
        self._end = at + len(frame)
        return at + _HEAD.size

    def clear(self) -> None:
        """Nothing is in it any more. Not by another file in its place: whoever opens this one now would keep it.

        Where the disk fails (F-003) nothing counts all the same, and `mend` empties it.
        """
        self._end, self._broken = 0, True
        self.mend()

    def mend(self) -> None:
        """After a failed write: cut off what is behind the last record that counts. Only where nobody follows the
        file: they would have read it.
        """
        if not self._broken:
            return
        try:
            os.ftruncate(self._file, self._end)
            os.fsync(self._file)
        except OSError as error:
            raise _full(error.strerror or "") from error
        self._broken = False

    def read(self, at: int, size: int) -> bytes:
        return os.pread(self._file, size, at)

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _frame(self, at: int) -> bytes | None:
        head = os.pread(self._file, _HEAD.size, at)
        if len(head) < _HEAD.size:
            return None
        magic, size, crc = _HEAD.unpack(head)
        if magic != _MAGIC or not 0 < size <= _LONGEST:  # no record is empty; a head of which the end is zeros says so
            return None
        payload = os.pread(self._file, size, at + _HEAD.size)
        return payload if len(payload) == size and zlib.crc32(payload) == crc else None

    def _cut(self) -> int:
        good = sum(_HEAD.size + len(payload) for _, payload in self)
        size = os.fstat(self._file).st_size
        if size > good:
            self._refuse_damage(good, size)
            os.ftruncate(self._file, good)
            os.fsync(self._file)
        return good

    def _refuse_damage(self, good: int, size: int) -> None:
        rest = os.pread(self._file, size - good, good)
        at = rest.find(_MAGIC, 1)
        while at >= 0:
            if self._frame(good + at) is not None:
                raise _faulty(self._path, f"offset {good}", "damaged, with good records behind it")
            at = rest.find(_MAGIC, at + 1)


def _opened(path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _faulty(path, "-", error.strerror or "") from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _settle(path.parent)
    except BlockingIOError as error:
        os.close(file)
        raise OpenElsewhere(problem("F-005", file=path, key="flock", reason="another process has it open")) from error
    except OSError as error:
        os.close(file)
        raise _faulty(path, "-", error.strerror or "") from error
    return file


def _settle(folder: Path) -> None:
    """A new file is on disk only when its folder is."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _write(file: int, content: bytes, at: int) -> None:
    left = memoryview(content)
    while left:
        written = os.pwrite(file, left, at)
        left, at = left[written:], at + written


def _full(reason: str) -> Unavailable:
    return Unavailable(problem("F-003", seconds=60, reason=reason), retry_after=60)


def _faulty(path: Path, key: str, reason: str) -> Misconfigured:
    return Misconfigured(problem("F-005", file=path, key=key, reason=reason))


def followed(path: Path, at: int = 0) -> Iterator[tuple[int, bytes]]:
    """Every whole payload from offset `at` on, with the offset behind it; read beside whoever writes.

    Ends before a frame that is not whole: perhaps it is being written this moment.
    """
    with path.open("rb") as file:
        file.seek(at)
        while len(head := file.read(_HEAD.size)) == _HEAD.size:
            magic, size, crc = _HEAD.unpack(head)
            if magic != _MAGIC or not 0 < size <= _LONGEST:
                return
            payload = file.read(size)
            if len(payload) != size or zlib.crc32(payload) != crc:
                return
            at += _HEAD.size + size
            yield at, payload
