"""What is said of a report that was just taken is what is said of any exchange."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.domain.chain import grow
from gateway.domain.exchange import Exchange, Kind, Opening, begin
from gateway.domain.facts import Accepted, Fact, Parked, Submission
from gateway.domain.parcel import Blob, Enclosed
from gateway.domain.problems import problem
from gateway.schemas.http import ExchangeShown
from gateway.schemas.taken import taken

_AT = datetime(2026, 11, 2, 1, 2, 3, 456789, tzinfo=UTC)
_BLOB = Blob("ab" * 32, 2048, "application/xml")
_PLAIN = Submission("ktxh-ky-so", "khoá “1”\u2028", "so-tai-chinh", "application/xml")
_ENCLOSED = Submission(
    "ktxh-ky-so", "2", "so-tai-chinh", "application/xml", narrative=_BLOB, attachments=(Enclosed("phụ lục.pdf", _BLOB),)
)


def _exchange(told: Submission, *later: Fact, at: datetime = _AT, parent: str | None = None) -> Exchange:
    opening = Opening("gd-1", Kind.OUTBOUND, told.agreement, told.key, "cd" * 32, "quoc-gia", parent)
    facts = [Accepted(told, _BLOB), *later]
    return grow(begin(opening, 7), [(fact, at + timedelta(minutes=n)) for n, fact in enumerate(facts)])[0]


@pytest.mark.parametrize(
    "x",
    [
        _exchange(_PLAIN),
        _exchange(_PLAIN, at=_AT.replace(microsecond=0)),
        _exchange(_PLAIN, at=_AT.replace(microsecond=100)),
        _exchange(_PLAIN, parent="gd-0"),
        _exchange(_ENCLOSED),
        _exchange(_PLAIN, Parked(problem("F-004", step="validate", reason="?"))),
    ],
    ids=["taken", "on the second", "tenths of a millisecond", "replayed", "with parts", "further on the way"],
)
@pytest.mark.parametrize("spooled", [False, True])
def test_a_report_just_taken_is_shown_as_every_exchange_is(x: Exchange, spooled: bool) -> None:
    assert taken(x, spooled=spooled) == ExchangeShown.of(x, spooled=spooled).model_dump_json().encode()
