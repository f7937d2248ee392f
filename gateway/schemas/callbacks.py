"""A call-back as the receiver sends it: packet 7, trạng thái báo cáo."""

from __future__ import annotations

from gateway.domain.errors import Rejected, problem
from gateway.journey.callbacks import Word
from gateway.schemas.national import packet
from gateway.schemas.national.model import Status

_XML = ("application/xml", "text/xml")
_LONGEST_KEY = 200


def word(content: bytes, media_type: str) -> Word:
    """Raises `Rejected` (C-001 … C-006): no packet 7, one that does not balance, or another media type."""
    if media_type not in _XML:
        raise Rejected(problem("C-006", media_type=media_type or "–"))
    came = packet.read(content)
    told, key = came.content, came.header.message_id
    if not isinstance(told, Status) or len(key) > _LONGEST_KEY:
        place = {"path": "/Packet/Header", "line": "-", "reason": key[:_LONGEST_KEY]}
        raise Rejected(problem("C-005", expected="status", **place))
    return Word(key, told.message_id, told.reference, told.answer.value, media_type, content)
