"""What lies beside the figures of a composite report, as the front door shows it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from gateway.domain.exchange import Exchange
from gateway.domain.facts import Verified
from gateway.domain.outline import Attachment as Attached
from gateway.domain.parcel import Blob
from gateway.domain.record import plain


class _Shown(BaseModel):
    model_config = ConfigDict(frozen=True)


class PartShown(_Shown):
    """What lies beside the figures of a composite report: its narrative, or an attachment.

    `role` (narrative, form, annex) and `form` are known once the narrative has been read, which names them.
    """

    part: str
    name: str
    role: str
    form: str
    media_type: str
    size: int
    sha256: str

    @classmethod
    def each(cls, x: Exchange) -> list[Self]:
        told = x.submission
        if told is None:
            return []
        roles = {one.name: one for one in x.attached}
        parts = [cls._of("narrative", "", told.narrative, None)] if told.narrative else []
        files = [cls._of("attachment", one.name, one.content, roles.get(one.name)) for one in told.attachments]
        return parts + files

    @classmethod
    def _of(cls, part: str, name: str, content: Blob, named: Attached | None) -> Self:
        return cls(
            part=part,
            name=name,
            role=named.role if named else "",
            form=named.form if named else "",
            media_type=content.media_type,
            size=content.size,
            sha256=content.digest,
        )


class PartVerdict(_Shown):
    """The verdict on a signed file of a composite report, by its name."""

    part: str
    verdict: dict[str, Any] | None

    @classmethod
    def each(cls, verified: Iterable[Verified]) -> list[Self]:
        return [cls(part=fact.part, verdict=plain(fact.verdict)) for fact in verified if fact.part]
