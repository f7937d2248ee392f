"""Frozen values as plain JSON values and back, and copies of them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum, IntEnum, StrEnum
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.exchange import Kind, Opening, Stage, begin
from gateway.domain.facts import Fact
from gateway.domain.record import canonical, changed, plain
from tests.contracts.telling import every_fact

NOW = datetime(2026, 11, 20, 1, 2, 3, 4, tzinfo=UTC)


class Colour(Enum):
    RED = "đỏ"


class Step(IntEnum):
    FIRST = 1


class Word(StrEnum):
    YES = "có"


class Number(int):
    pass


class Name(str):
    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Nothing:
    pass


@dataclass(frozen=True, slots=True)
class One:
    only: Any


@dataclass(frozen=True, slots=True)
class Several:
    name: str
    at: datetime | None = None
    inner: One | None = None
    more: dict[Any, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Open:
    """Without slots, as what `changed` copies."""

    name: str
    number: int = 0


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, None),
        (True, True),
        (7, 7),
        ("chữ", "chữ"),
        (Colour.RED, "đỏ"),
        (Step.FIRST, 1),
        (Word.YES, "có"),
        (date(2026, 11, 20), "2026-11-20"),
        (NOW, "2026-11-20T01:02:03.000004+00:00"),
        (NOW.astimezone(timezone(timedelta(hours=7))), "2026-11-20T08:02:03.000004+07:00"),
        ((1, (2,), [3]), [1, [2], [3]]),
        (MappingProxyType({1: Word.YES, "b": (NOW,)}), {"1": "có", "b": ["2026-11-20T01:02:03.000004+00:00"]}),
        (Nothing(), {}),
        (One((Nothing(),)), {"only": [{}]}),
        (
            Several("a", NOW, One(Colour.RED), {"k": One(None)}),
            {
                "name": "a", "at": "2026-11-20T01:02:03.000004+00:00",
                "inner": {"only": "đỏ"}, "more": {"k": {"only": None}},
            },
        ),
        (range(3), [0, 1, 2]),
    ],
    ids=str,
)  # fmt: skip
def test_a_value_is_told_as_json_can_hold_it(value: Any, told: Any) -> None:
    assert plain(value) == told
    assert plain([value, value]) == [told, told]


def test_an_enumerated_value_is_told_as_what_it_stands_for_and_not_as_itself() -> None:
    assert type(plain(Word.YES)) is str
    assert type(plain(Step.FIRST)) is int


def test_the_byte_form_has_its_names_sorted_and_no_spaces() -> None:
    assert canonical(Several("ố", NOW)) == (
        '{"at":"2026-11-20T01:02:03.000004+00:00","inner":null,"more":{},"name":"ố"}'.encode()
    )


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.sampled_from([*Colour, *Step, *Word, date(2026, 11, 20), Nothing(), Number(7), Name('a"b\u2028')])
    | st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=7)), timezone(timedelta(seconds=-3))])),
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.integers() | st.text(st.characters(exclude_categories=["Cs"])), inner).map(
            MappingProxyType
        )
        | st.builds(One, inner)
        | st.builds(Several, st.just("ố"), inner=st.builds(One, inner), more=st.dictionaries(st.text("zaA%\n"), inner))
    ),
)


@given(VALUES)
def test_the_byte_form_is_that_of_the_plain_value_with_sorted_names(value: Any) -> None:
    """Digests are made of it: what every version before wrote has to come out, byte for byte."""
    assert (
        canonical(value) == json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    )


@pytest.mark.parametrize("fact", every_fact(), ids=lambda fact: type(fact).__name__)
def test_so_is_the_byte_form_of_every_fact(fact: Fact) -> None:
    assert (
        canonical(fact) == json.dumps(plain(fact), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    )


@pytest.mark.parametrize("value", [{1, 2}, object(), One({"a": 1 + 2j})], ids=["set", "object", "complex"])
def test_what_json_cannot_hold_has_no_byte_form(value: Any) -> None:
    with pytest.raises(TypeError):
        canonical(value)


def test_half_a_character_has_no_byte_form() -> None:
    with pytest.raises(UnicodeEncodeError):
        canonical(One("\ud800"))


def test_a_changed_copy_is_what_replacing_makes_and_leaves_the_first_as_it_was() -> None:
    x = begin(Opening("gd-1", Kind.OUTBOUND, "ktxh", "k1", "b" * 64, "quoc-gia"))

    moved = changed(x, stage=Stage.PARKED, before=Stage.PACKAGED, due=NOW)

    assert moved == replace(x, stage=Stage.PARKED, before=Stage.PACKAGED, due=NOW)
    assert x == begin(Opening("gd-1", Kind.OUTBOUND, "ktxh", "k1", "b" * 64, "quoc-gia"))
    assert changed(moved) == moved
    assert changed(moved) is not moved


def test_a_copy_stays_frozen() -> None:
    copy = changed(Open("a"), number=2)

    with pytest.raises(AttributeError):
        copy.number = 3  # type: ignore[misc]


def test_a_field_that_there_is_not_cannot_be_changed() -> None:
    with pytest.raises(TypeError, match="nunber"):
        changed(Open("a"), nunber=2)
