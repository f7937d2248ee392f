"""Who reports which indicator, and what nobody does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from gateway.domain.allocation import Allocation, assigned, faults
from gateway.domain.catalogue import Catalogue, Item

DAY = date(2026, 12, 1)
ENDS = date(2026, 12, 31)
CATALOGUE = Catalogue("CT", "1", DAY, (Item("1", "Một"), Item("2", "Hai"), Item("3", "Ba", valid_to=ENDS)))
GIVEN = Allocation("CT", "H56.09", "Sở Tài chính", ("1", "2"), ("01/KTXH",), DAY)


def test_what_is_in_the_catalogue_and_in_use_can_be_given() -> None:
    assert list(faults(GIVEN, CATALOGUE, ["01/KTXH"])) == []


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (replace(GIVEN, indicators=("1", "9")), "indicator 9 is not in CT 1"),
        (replace(GIVEN, indicators=("3",), valid_from=date(2027, 1, 1)), "indicator 3 is not in CT 1 on 2027-01-01"),
        (replace(GIVEN, forms=("02/KTXH",)), "form 02/KTXH is not in use"),
        (replace(GIVEN, valid_to=date(2026, 11, 30)), "before it begins"),
        (replace(GIVEN, indicators=(), forms=()), "no indicator and no form"),
    ],
)
def test_what_cannot_be_given_is_told(wrong: Allocation, says: str) -> None:
    [fault] = faults(wrong, CATALOGUE, ["01/KTXH"])
    assert says in fault.en


def test_what_nobody_and_what_several_were_given_is_told_by_the_day() -> None:
    other = replace(GIVEN, unit="H56.10", indicators=("2",), valid_to=ENDS)
    found = assigned(CATALOGUE, [GIVEN, other], DAY)
    assert (found.nobody, found.several) == (("3",), (("2", "H56.09", "H56.10"),))
    later = assigned(CATALOGUE, [GIVEN, other], date(2027, 1, 1))
    assert (later.nobody, later.several) == ((), ())
    assert assigned(CATALOGUE, [replace(GIVEN, catalogue="KHAC")], DAY).nobody == ("1", "2", "3")
