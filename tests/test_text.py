"""Vietnamese labels compare equal however they were typed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.text import folded, nfc


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Thanh Hóa", "THANH HOÁ"),
        ("Tỷ  đồng", "tỉ\u00a0đồng"),
        ("Thúy", "Thuý"),
        (unicodedata.normalize("NFD", "Hòa Bình"), "hoà bình"),
    ],
)
def test_case_spaces_i_and_y_and_tone_placement_do_not_count(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(("one", "other"), [("má", "mà"), ("Hòa", "Họa"), ("đồng", "dồng"), ("an", "ân")])
def test_different_words_stay_different(one: str, other: str) -> None:
    assert folded(one) != folded(other)


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert folded(folded(text)) == folded(text)
    assert nfc(nfc(text)) == nfc(text)
