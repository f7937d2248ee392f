"""A call-back as the receiver sends it: packet 7, trạng thái báo cáo."""

from __future__ import annotations

from gateway.domain.errors import Rejected, problem
from gateway.journey.callbacks import Word
from gateway.schemas.national import packet
from gateway.schemas.national.model import Status

_XML = ("application/xml", "text/xml")


def word(content: bytes, media_type: str) -> Word:
    """Raises `Rejected` (C-001 … C-006): no packet 7, one that does not balance, or another media type."""
    if media_type not in _XML:
        raise Rejected(problem("C-006", media_type=media_type or "–"))
    came = packet.read(content)
    told = came.content
    if not isinstance(told, Status):
        raise Rejected(problem("C-005", path="/Packet/@packet", line="-", reason=came.header.packet, expected="status"))
    return Word(came.header.message_id, told.message_id, told.reference, told.answer.value, media_type, content)
