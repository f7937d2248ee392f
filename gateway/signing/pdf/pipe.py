"""How the two processes talk: messages with their length before them. Without the PDF library, which is heavy."""

from __future__ import annotations

from typing import IO

SECONDS = 5  # of the processor's, for each file: how loaded the machine is must decide no verdict
FILES = b"files"  # asked for in place of the rules
READY = b"\1"
_SIZE = 8


def put(stream: IO[bytes], data: bytes) -> None:
    stream.write(len(data).to_bytes(_SIZE, "big"))
    stream.write(data)
    stream.flush()


def taken(stream: IO[bytes]) -> bytes | None:
    """The next message; None where the other end has hung up."""
    head = stream.read(_SIZE)
    if len(head) < _SIZE:
        return None
    size = int.from_bytes(head, "big")
    data = stream.read(size)
    return data if len(data) == size else None
