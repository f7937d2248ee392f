"""What a receiver is answered that called back."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict

from gateway.domain.exchange import STAGE_WORDS, Exchange, Stage
from gateway.domain.facts import CalledBack


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
