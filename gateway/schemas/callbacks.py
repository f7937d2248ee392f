"""A call-back as the receiver sends it (packet 7, trạng thái báo cáo), and what it is answered."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict

from gateway.domain.errors import Rejected, problem
from gateway.domain.exchange import STAGE_WORDS, Exchange, Stage
from gateway.domain.facts import CalledBack
from gateway.journey.callbacks import Word
from gateway.schemas.national import packet
from gateway.schemas.national.model import Status

_XML = ("application/xml", "text/xml")


class CallBackShown(BaseModel):
    """The word as it is kept, and where the report stands. Of what was handed in it shows nothing."""

    model_config = ConfigDict(frozen=True)

    message: str
    key: str
    digest: str
    answer: str
    kept_at: datetime
    stage: Stage
    stage_vi: str

    @classmethod
    def of(cls, x: Exchange, fact: CalledBack, at: datetime) -> Self:
        return cls(
            message=x.id,
            key=fact.key,
            digest=fact.word.digest,
            answer=fact.answer,
            kept_at=at,
            stage=x.stage,
            stage_vi=STAGE_WORDS[x.stage],
        )


def word(content: bytes, media_type: str) -> Word:
    """Raises `Rejected` (C-001 … C-006): no packet 7, one that does not balance, or another media type."""
    if media_type not in _XML:
        raise Rejected(problem("C-006", media_type=media_type or "–"))
    came = packet.read(content)
    told = came.content
    if not isinstance(told, Status):
        raise Rejected(problem("C-005", path="/Packet/@packet", line="-", reason=came.header.packet, expected="status"))
    return Word(came.header.message_id, told.message_id, told.reference, told.answer.value, media_type, content)
