"""Deadlines as an iCalendar feed (RFC 5545), for whatever calendar program an office has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from gateway.domain.deadlines import Due

MEDIA_TYPE = "text/calendar"
_LONGEST_LINE = 74  # section 3.1: 75 octets with the blank that begins a continued line


def icalendar(province: str, found: Iterable[Due], now: datetime) -> bytes:
    """The half hour before each deadline in `found`; `province`: its id, which makes the identities everybody's own."""
    return "".join(f"{line}\r\n" for line in _lines(province, found, now)).encode()


def _lines(province: str, found: Iterable[Due], now: datetime) -> Iterator[str]:
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//report-gateway//deadlines//VI", "CALSCALE:GREGORIAN")
    for due in found:
        yield "BEGIN:VEVENT"
        yield f"UID:{due.period.name}.{due.stage}@{province}"
        yield f"DTSTAMP:{_utc(now)}"
        yield f"DTSTART:{_utc(due.deadline - timedelta(minutes=30))}"
        yield f"DTEND:{_utc(due.deadline)}"
        days, name = f"{due.period.start:%d/%m/%Y}–{due.period.end:%d/%m/%Y}", f"{due.period.name} {due.stage}".rstrip()
        yield from _folded(f"SUMMARY:Hạn gửi báo cáo kỳ {days} ({_text(name)})")
        yield from _folded(f"DESCRIPTION:{_text(due.rule)}")
        yield "END:VEVENT"
    yield "END:VCALENDAR"


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(said: str) -> str:
    """Escaped as section 3.3.11 wants it."""
    return said.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """A line in pieces of at most 75 octets, no letter cut in two."""
    piece = ""
    for letter in line:
        if len((piece + letter).encode()) > _LONGEST_LINE:
            yield piece
            piece = " "
        piece += letter
    yield piece
