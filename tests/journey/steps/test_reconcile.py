"""Reconcile: value by value, what the receiver holds is what we sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateway.domain.exchange import Exchange, Stage
from gateway.domain.facts import Discrepant, Reconciled
from gateway.journey import operate
from tests.journey.scene import FIGURES, WHO, House
from tests.journey.wires import figures

Values = list[dict[str, str]]


def told(house: House, retold: Callable[[Values], Values], **changes: Any) -> Exchange:
    house.receiver.retold = retold
    x = house.hand_in(**changes)
    house.work()
    return house.read(x)


def changed(field: str, text: str, at: int = 0) -> Callable[[Values], Values]:
    return lambda values: [{**v, field: text} if n == at else v for n, v in enumerate(values)]


def reason(house: House, x: Exchange) -> str:
    what = house.last(x, Discrepant).what
    assert (x.stage, what.code) == (Stage.PARKED, "E-003")
    return what.details["reason"]


def test_the_receivers_statement_is_kept_as_it_came(house: House) -> None:
    x = told(house, lambda values: values)

    kept = house.ledger.bytes_of(house.last(x, Reconciled).statement.digest)
    assert b'"values"' in kept


@pytest.mark.parametrize("text", ["12.5", "12.50", "12.500", "0012.5", "1.25E1", "+12.5"])
def test_a_figure_written_otherwise_is_the_same_figure(house: House, text: str) -> None:
    assert told(house, changed("value", text, at=2)).stage is Stage.RECONCILED


def test_the_order_of_values_is_no_difference(house: House) -> None:
    assert told(house, lambda values: values[::-1]).stage is Stage.RECONCILED


@pytest.mark.parametrize("text", ["12.51", "-12.5", "12500", "", "nil", "NaN", "12.50000000000000000000000000001"])
def test_another_figure_is_a_difference_that_names_both(house: House, text: str) -> None:
    said = reason(house, told(house, changed("value", text, at=2)))

    assert "thiếu / missing 0101 38 = 12.5 phan_tram" in said
    assert f"thừa / foreign 0101 38 = {text} phan_tram" in said


@pytest.mark.parametrize(
    ("field", "text"), [("indicator", "0102"), ("organisation", "40"), ("unit", "dong"), ("breakdown", "SEX=F")]
)
def test_a_figure_in_another_place_is_a_difference(house: House, field: str, text: str) -> None:
    said = reason(house, told(house, changed(field, text)))

    assert "missing" in said
    assert text in said


def test_a_value_they_do_not_have_is_missing(house: House) -> None:
    assert reason(house, told(house, lambda values: values[1:])).startswith("thiếu / missing 0601 ")


def test_a_value_we_did_not_send_is_foreign(house: House) -> None:
    more = {"indicator": "0999", "organisation": "38", "unit": "dong", "value": "1", "breakdown": ""}

    assert reason(house, told(house, lambda values: [*values, more])).startswith("thừa / foreign 0999 ")


def test_a_value_they_hold_twice_counts_twice(house: House) -> None:
    said = reason(house, told(house, lambda values: [*values, values[0]]))

    assert said.count("foreign") == 1
    assert "missing" not in said


def test_breakdowns_are_compared_by_dimension(house: House) -> None:
    rice = {**figures(("T0821", "nghìn tấn", "7"))[0], "breakdown": {"cay_trong": "lua"}}
    x = told(house, lambda values: values, values=[*FIGURES, rice])

    assert x.stage is Stage.RECONCILED


@pytest.mark.parametrize("text", ["1E+99999999", "1E+999999", "9" * 100_000])
def test_a_figure_of_a_million_digits_is_a_difference_told_in_short(house: House, text: str) -> None:
    """Foreign text: it must not decide how much we write down, nor pass for a bug of ours."""
    assert len(reason(house, told(house, changed("value", text)))) < 2000


def test_at_most_five_differences_are_named(house: House) -> None:
    said = reason(house, told(house, lambda values: [{**v, "unit": "sai"} for v in values]))

    assert said.count(";") == 4


def test_once_released_the_receiver_is_asked_again(house: House) -> None:
    x = told(house, changed("value", "1"))
    house.receiver.retold = lambda values: values
    operate.release(house.doors, x.id, WHO)
    house.work()

    assert house.read(x).stage is Stage.RECONCILED
    assert len(house.receiver.sends) == 1
