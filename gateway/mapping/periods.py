"""The sheet ky against the calendar: what a pack believes of a period must be what the calendar says."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.domain.calendar import Period, PeriodKind, period, periods_of
from gateway.domain.errors import Rejected
from gateway.mapping.sheets import Line

_TOKEN = re.compile(r"\{([^{}]*)\}")
_EXAMPLE = re.compile(r"(\S+) = (\d{1,2})/(\d{1,2})(?:/(\d{4}))?\s*[–-]\s*(\d{1,2})/(\d{1,2})/(\d{4})")
_TRIED_YEAR = 2025


def code_in(pattern: str, covers: Period) -> str:
    """The code of a period as `pattern` writes it: ``{Y}{MM}`` → 202506. Raises `KeyError` for an unknown token."""
    end = covers.end
    tokens = {
        "Y": str(end.year),
        "Y+1": str(end.year + 1),
        "M": str(end.month),
        "MM": f"{end.month:02}",
        "DD": f"{end.day:02}",
        "Q": str((end.month + 2) // 3),
        "H": str((end.month + 5) // 6),
    }
    if covers.regime == "NAMHOC":
        tokens |= {"Y": str(covers.start.year), "Y+1": str(covers.start.year + 1)}
    return _TOKEN.sub(lambda found: tokens[found[1]], pattern)


def faults(line: Line) -> Iterator[str]:
    """What a row of ky says otherwise than the calendar."""
    tried = next(periods_of(line["che_do"], PeriodKind(line["loai"]), _TRIED_YEAR), None)
    if tried is None:
        return
    for column, day in (("bat_dau", tried.start), ("ket_thuc", tried.end)):
        said = re.search(r"\d+", line[column])
        if said and int(said[0]) != day.day:
            yield f"{line.place} {column}: “{line[column]}”; lịch / the calendar: {tried.name} {day:%d/%m/%Y}"
    for column in ("ma_nguon", "ma_dich"):
        try:
            code_in(line[column], tried)
        except KeyError as token:
            yield f"{line.place} {column}: {{{token.args[0]}}} lạ / unknown; Y, Y+1, M, MM, DD, Q, H"
    if line["vi_du"] and not _is_true(line):
        yield f"{line.place} vi_du: “{line['vi_du']}” không đúng lịch / is not what the calendar says"


def _is_true(line: Line) -> bool:
    found = _EXAMPLE.fullmatch(line["vi_du"])
    if not found:
        return False
    try:
        covers = period(f"{line['che_do']}:{found[1]}")
    except Rejected:
        return False
    first, last = covers.start, covers.end
    year = found[4] or str(first.year)
    return (
        covers.kind.value == line["loai"]
        and (first.day, first.month, str(first.year)) == (int(found[2]), int(found[3]), year)
        and (last.day, last.month, last.year) == (int(found[5]), int(found[6]), int(found[7]))
    )
