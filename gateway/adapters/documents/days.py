"""The days that lists of documents are asked for."""

from __future__ import annotations

from datetime import datetime, timedelta

from gateway.domain.calendar import VIETNAM

_BACK = timedelta(days=31)
# The other side dates by its own clock. A host whose clock stands behind must find what it sent, else it sends it once
# more; besides, nothing is listed in the future.
_AHEAD = timedelta(days=3660)


def days(now: datetime) -> dict[str, str]:
    """`fromDate` and `toDate`, both inclusive."""
    today = now.astimezone(VIETNAM)
    return {name: f"{day:%Y/%m/%d}" for name, day in (("fromDate", today - _BACK), ("toDate", today + _AHEAD))}
