"""The folded exchange as it lies in its row: read back as it was, whoever wrote it."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.adapters.sql.state import kept, revived
from gateway.domain.account import Account
from gateway.domain.exchange import Exchange, fold
from gateway.domain.facts import GENESIS, Fact, Recorded, link
from gateway.domain.record import plain, restore
from tests.contracts.telling import birth, every_fact, read

ZONES = st.sampled_from([UTC, timezone(timedelta(hours=7)), timezone(timedelta(hours=-3, minutes=-30))])
TIMES = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=ZONES)  # noqa: DTZ001  # a zone is given
ACCOUNTS = st.tuples(*[st.integers(0, 10**12)] * 3).map(lambda n: Account(sum(n), *n))
COUNTS = st.integers(-(2**63), 2**63 - 1)  # what counts something has an end
BY_HAND = {int: COUNTS, datetime | None: st.none() | TIMES, Account | None: st.none() | ACCOUNTS}
EXCHANGES = st.builds(
    Exchange, **{name: BY_HAND.get(hint, st.from_type(hint)) for name, hint in get_type_hints(Exchange).items()}
)


def as_before(x: Exchange) -> tuple[str, Exchange]:
    """As the versions before wrote the state, by one rule for all values, and read it back."""
    apart = ("ordinal", "progress")
    default = {f.name: f.default for f in fields(Exchange)}
    told = {f.name: getattr(x, f.name) for f in fields(Exchange) if f.name not in apart}
    told = {name: plain(value) for name, value in told.items() if value != default[name]}
    text = json.dumps({**told, "progress": sorted(x.progress)}, separators=(",", ":"), ensure_ascii=False)
    back = restore(Exchange, {name: value for name, value in json.loads(text).items() if name not in apart})
    return text, replace(back, ordinal=x.ordinal, progress=frozenset(json.loads(text)["progress"]))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(EXCHANGES)
def test_any_exchange_is_written_as_before_and_read_back_whoever_wrote_it(x: Exchange) -> None:
    text, back = as_before(x)

    assert json.loads(kept(x)) == json.loads(text)
    assert revived(x.ordinal, kept(x).decode()) == revived(x.ordinal, text) == back == x


@pytest.mark.parametrize("fact", every_fact(), ids=lambda fact: type(fact).__name__)
def test_what_a_fact_makes_of_an_exchange_is_read_back(fact: Fact) -> None:
    x = _folded(fact)

    again = revived(7, kept(x).decode())

    assert again == replace(x, ordinal=7)
    assert kept(again) == kept(x)  # its times are told as before, whatever class the reader gave their zone


def test_a_part_that_is_told_again_and_again_is_told_the_same_and_another_one_is_not_taken_for_it() -> None:
    x = _folded(read())
    assert x.payload is not None

    for size in range(5000):  # more than are remembered
        other = replace(x, payload=replace(x.payload, size=size))
        assert json.loads(kept(other))["payload"]["size"] == json.loads(kept(other))["payload"]["size"] == size


def test_what_an_older_version_wrote_more_loosely_is_still_read() -> None:
    x = _folded(read())
    told = json.loads(kept(x))
    told["values"] = "3"  # no version checked the kind of what it kept

    again = revived(1, json.dumps(told))

    assert again == replace(x, ordinal=1, values="3")  # type: ignore[arg-type]
    assert isinstance(again.progress, frozenset)


def test_what_a_newer_version_adds_is_passed_over_and_the_rows_own_number_counts() -> None:
    x = _folded(read())
    told = json.loads(kept(x)) | {"ordinal": 99, "a_field_of_tomorrow": {"x": [1]}}

    assert revived(1, json.dumps(told)) == replace(x, ordinal=1)


@pytest.mark.parametrize("damaged", ["{}", "null", "[]", "7", '"x"', '{"id": 1, "progress": []}', '{"progress": 7}'])
def test_what_is_no_exchange_is_refused(damaged: str) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        revived(1, damaged)


def _folded(*facts: Fact) -> Exchange:
    born = birth()
    told: list[Recorded] = []
    previous = GENESIS
    for number, fact in enumerate([born.entries[0].fact, *facts], start=1):
        told.append(link(born.opening.id, number, born.entries[0].at, fact, previous))
        previous = told[-1].digest
    return fold(born.opening, told)
