"""The picture of a journey: stations on one line, and where the exchange stands.

Drawn from the facts' names, never from the stage alone: what was reached stays reached, however the
exchange ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.console.stages import Mood, look
from gateway.domain.exchange import Exchange, Kind, Stage
from gateway.domain.facts import Recorded
from gateway.domain.problems import Text


class Place(StrEnum):
    """A station beside the exchange: behind it, under it, ahead of it."""

    REACHED = "reached"
    HERE = "here"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class Station:
    """`fact` is what makes it reached."""

    fact: str
    word: Text


@dataclass(frozen=True, slots=True)
class Stop:
    word: Text
    place: Place
    mood: Mood
    at: datetime | None


_TAKEN = Station("Accepted", Text("Nhận", "Taken"))
_CHECKED = Station("Validated", Text("Kiểm tra", "Checked"))
_VERIFIED = Station("Verified", Text("Chữ ký", "Signature"))
_MAPPED = Station("Translated", Text("Ánh xạ", "Mapped"))
_PACKED = Station("Packaged", Text("Lập gói", "Packed"))
_DELIVERED = Station("Delivered", Text("Gửi", "Delivered"))
_DIVERTED = Station("Diverted", Text("Chuyển sang văn bản", "To a document"))
_BACKFILLED = Station("Backfilled", Text("Cập nhật bổ sung", "Updated afterwards"))
_ANSWERED = Station("Acknowledged", Text("Phản hồi", "Answered"))
_RECONCILED = Station("Reconciled", Text("Đối soát", "Reconciled"))

_BEFORE_THE_WIRE = (_TAKEN, _CHECKED, _VERIFIED, _MAPPED, _PACKED)
_OUTBOUND = (*_BEFORE_THE_WIRE, _DELIVERED, _ANSWERED, _RECONCILED)
_ROUNDABOUT = (*_BEFORE_THE_WIRE, _DIVERTED, _BACKFILLED, _ANSWERED, _RECONCILED)
_DOCUMENT = (
    Station("Prepared", Text("Lập văn bản", "Written")),
    Station("Numbered", Text("Cấp số, ký số", "Numbered, signed")),
    Station("Ready", Text("Đóng gói", "Packed")),
    Station("Sent", Text("Gửi qua trục", "Sent")),
    Station("Arrived", Text("Đến nơi", "Arrived")),
    Station("DocumentAccepted", Text("Tiếp nhận", "Taken in")),
)
_INBOUND = (
    Station("Fetched", Text("Tải về", "Fetched")),
    _CHECKED,
    Station("Compared", Text("So sánh", "Compared")),
    Station("Published", Text("Áp dụng", "In force")),
)
_SAME_AGAIN = (*_INBOUND[:2], Station("Unchanged", Text("Không thay đổi", "Unchanged")))

# Judged, but not as hoped: they stand at the judgement itself, not before what comes after it.
_JUDGED = {
    Stage.RETURNED: "Acknowledged",
    Stage.PARTLY_ACCEPTED: "Acknowledged",
    Stage.DOCUMENT_REJECTED: "DocumentAccepted",
    Stage.RECALLED: "DocumentAccepted",
}
_ARRIVED_FOR_GOOD = frozenset(
    {Stage.RECONCILED, Stage.CORRECTED, Stage.DOCUMENT_ACCEPTED, Stage.PUBLISHED, Stage.UNCHANGED}
)


def track(x: Exchange, history: Sequence[Recorded]) -> list[Stop]:
    """The stations of `x`, each with its place and when it was reached last."""
    line = _line(x)
    at = {link.name: link.at for link in history}
    here = _here(x, line)
    return [_stop(x, station, station.fact == here, at) for station in line]


def _line(x: Exchange) -> tuple[Station, ...]:
    if x.kind is Kind.DOCUMENT:
        return _DOCUMENT
    if x.kind is Kind.INBOUND:
        return _SAME_AGAIN if "Unchanged" in x.progress else _INBOUND
    return _ROUNDABOUT if "Diverted" in x.progress else _OUTBOUND


def _here(x: Exchange, line: tuple[Station, ...]) -> str | None:
    """The fact of the station it stands at; None once it has arrived for good.

    That is the one after the furthest it reached: documents' statuses come in any order.
    """
    if x.stage in _ARRIVED_FOR_GOOD:
        return None
    if x.stage in _JUDGED:
        return _JUDGED[x.stage]
    furthest = max((i for i, station in enumerate(line) if station.fact in x.progress), default=-1)
    return line[furthest + 1].fact if furthest + 1 < len(line) else None


def _stop(x: Exchange, station: Station, is_here: bool, at: dict[str, datetime]) -> Stop:
    reached_at = at.get(station.fact)
    if is_here:
        return Stop(station.word, Place.HERE, look(x).mood, reached_at or x.since)
    if station.fact in x.progress:
        return Stop(station.word, Place.REACHED, Mood.GOOD, reached_at)
    return Stop(station.word, Place.AHEAD, Mood.QUIET, None)
