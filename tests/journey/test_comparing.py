"""Two sides' values beside each other: what is said of them is the journey's own rule, and nothing is lost on the way."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.part import Place
from gateway.journey.comparing import Balance, Match, Pair, balance, paired
from gateway.journey.steps.reconcile import Line, lines_said

PLACE = Place("0101", "38")


def line(value: str, unit: str = "phan_tram", indicator: str = "0101", breakdown: str = "") -> Line:
    said = {"indicator": indicator, "organisation": "38", "breakdown": breakdown, "unit": unit, "value": value}
    return lines_said([said])[0]


# Few of each, so that the two sides meet often, and one side has a value twice.
lines = st.lists(
    st.builds(
        line,
        st.sampled_from(["1", "1.0", "1.50", "1.5", "nil", "", "0.1", "0.10000000000000000001"]),
        st.sampled_from(["dong", "phan_tram"]),
        st.sampled_from(["0101", "0102"]),
        st.sampled_from(["", "SEX=F"]),
    ),
    max_size=12,
)


@given(lines, lines)
def test_every_value_of_ours_counts_once_and_every_one_of_theirs_stands_beside_it(
    ours: list[Line], theirs: list[Line]
) -> None:
    pairs = paired(ours, theirs)
    found = balance(pairs)

    assert found.compared == len(ours) == found.same + found.differs + found.only_ours
    assert found.same + found.differs + found.only_theirs == len(theirs)
    assert Counter((p.place, p.ours) for p in pairs if p.ours) == Counter(map(_at, ours))
    assert Counter((p.place, p.theirs) for p in pairs if p.theirs) == Counter(map(_at, theirs))


@given(lines, lines)
def test_they_agree_exactly_where_the_journey_finds_no_difference(ours: list[Line], theirs: list[Line]) -> None:
    assert balance(paired(ours, theirs)).agrees is (Counter(ours) == Counter(theirs))


@given(lines, lines)
def test_as_many_are_the_same_as_can_be(ours: list[Line], theirs: list[Line]) -> None:
    assert balance(paired(ours, theirs)).same == (Counter(ours) & Counter(theirs)).total()


@given(lines, st.randoms(use_true_random=False))
def test_the_order_of_theirs_is_no_difference(ours: list[Line], dice: object) -> None:
    theirs = list(ours)
    dice.shuffle(theirs)  # type: ignore[attr-defined]

    assert balance(paired(ours, theirs)) == Balance(same=len(ours))


@given(lines, lines)
def test_a_place_is_never_left_over_on_both_sides(ours: list[Line], theirs: list[Line]) -> None:
    left: dict[Place, set[Match]] = {}
    for pair in paired(ours, theirs):
        left.setdefault(pair.place, set()).add(pair.match)

    assert not [place for place, found in left.items() if {Match.ONLY_OURS, Match.ONLY_THEIRS} <= found]


def test_a_figure_that_differs_names_both() -> None:
    assert paired([line("12.50")], [line("12.51")]) == [Pair(PLACE, ("12.5", "phan_tram"), ("12.51", "phan_tram"))]


def test_another_unit_is_a_difference_even_of_the_same_figure() -> None:
    [pair] = paired([line("12.5")], [line("12.5", "dong")])

    assert pair.match is Match.DIFFERS


def test_a_mark_and_a_nought_are_not_the_same() -> None:
    assert [pair.match for pair in paired([line("-")], [line("0")])] == [Match.DIFFERS]


def test_what_they_have_twice_is_theirs_alone_the_second_time() -> None:
    assert [pair.match for pair in paired([line("1")], [line("1"), line("1")])] == [Match.SAME, Match.ONLY_THEIRS]


def test_balances_add_up() -> None:
    assert Balance(1, 2, 3, 4) + Balance(10, 20, 30, 40) == Balance(11, 22, 33, 44)


def _at(one: Line) -> tuple[Place, tuple[str, str]]:
    indicator, organisation, breakdown, unit, value = one
    return Place(indicator, organisation, breakdown), (value, unit)
