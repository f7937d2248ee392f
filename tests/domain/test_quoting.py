"""A figure that words have to state is found however an office writes it, and missed where it is not there."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.quoting import unstated

STATED = {
    "Thu đạt 1.050,0005 tỷ đồng": "1050.0005",
    "Thu đạt 1,050.0005 tỷ đồng": "1050.0005",
    "Thu đạt 1050.0005 tỷ đồng": "1050.0005",
    "Thu đạt 1.050 tỷ đồng, tăng 5%": "1050.0005",
    "Thu đạt 1\u00a0050 tỷ đồng": "1050.0005",
    "Thu đạt 1,05 nghìn tỷ đồng": "1050.0005",
    "Thu đạt 1.050.000 triệu đồng": "1050.0005",
    "Số hộ nghèo giảm 3,5 điểm": "-3.5",
    "Cắt còn 1.050,6": "1050.66",
    "Làm tròn thành 1.050,7": "1050.66",
    "Có 7 dự án": "7",
}
MISSED = {
    "Thu đạt khá": "1050.0005",
    "Thu đạt 1.060 tỷ đồng": "1050.0005",
    "Thu đạt 1.051 tỷ đồng": "1050.0005",
    "1. Thu ngân sách": "1050.0005",
    "Thu tăng 5%": "5000",
    "Thu đạt 10.50 tỷ đồng": "1050",
}


@pytest.mark.parametrize("text", STATED)
def test_a_figure_is_stated(text: str) -> None:
    assert unstated(text, {"0601": [STATED[text]]}) == {}


@pytest.mark.parametrize("text", MISSED)
def test_a_figure_is_missed(text: str) -> None:
    assert unstated(text, {"0601": [MISSED[text]]}) == {"0601": MISSED[text]}


def test_one_figure_of_several_is_enough_and_each_code_is_asked_for() -> None:
    assert unstated("Thu 12, chi 34", {"A": ["11.5", "99", "12"], "B": ["34"], "C": ["56"]}) == {"C": "56"}


@pytest.mark.parametrize("figures", [[], ["-"], ["…", "x", "0", "0.000"], ["không phải số"]])
def test_what_is_no_figure_or_nothing_needs_no_number(figures: list[str]) -> None:
    assert unstated("Không phát sinh", {"0601": figures}) == {}


def test_a_text_of_very_many_numbers_is_not_judged() -> None:
    assert unstated(" ".join(map(str, range(100_000, 125_000))), {"0601": ["7.5"]}) == {}


@given(st.decimals(0, 10**12, places=3), st.text(max_size=30))
def test_a_figure_written_out_in_either_way_is_always_found(figure: Decimal, around: str) -> None:
    kept = "".join(letter for letter in around if not letter.isnumeric() and letter not in ".,\u00a0\u202f")
    for written in (f"{figure:,}", f"{figure:,}".translate(str.maketrans(",.", ".,")), f"{figure}"):
        assert unstated(f"{kept} {written} {kept}", {"A": [str(figure)]}) == {}
