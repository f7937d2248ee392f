"""Bytes as the table keeps them: large ones compressed, every one known by the digest of what it was.

No column says which are compressed: the digest does. What has the digest of its name is plain; everything else
is a zstandard frame, and what comes out of it has to have that digest. So whatever is read is checked as well
(1 ms a megabyte), and old rows need no rewriting.
"""

from __future__ import annotations

import zstandard

from gateway.domain.errors import NotFound, problem
from gateway.domain.ids import digest_of

_SMALL = 8 * 1024  # below, a frame saves too little for its time
_LEVEL = 1
_MOST = 256 * 1024 * 1024  # no submission is larger; a forged frame that says so is not unpacked


def packed(content: bytes) -> bytes:
    """`content` as it is kept: compressed where that is worth it."""
    if len(content) < _SMALL:
        return content
    frame = zstandard.ZstdCompressor(level=_LEVEL).compress(content)
    return frame if len(frame) < len(content) else content


def unpacked(digest: str, kept: bytes) -> bytes:
    """The bytes named `digest`. Raises `NotFound` (F-006) when what is kept is not them."""
    if digest_of(kept) == digest:
        return kept
    try:
        content = zstandard.ZstdDecompressor().decompress(kept, max_output_size=_MOST)
    except zstandard.ZstdError:
        content = b""
    if digest_of(content) != digest:
        raise NotFound(problem("F-006", name=f"sha256:{digest}"))
    return content
