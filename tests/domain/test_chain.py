"""The way from one head to the root of its day."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.chain import merkle_path, merkle_reached, merkle_root

HEADS = st.lists(st.binary(min_size=32, max_size=32).map(bytes.hex), min_size=1, max_size=40, unique=True)


@given(HEADS, st.data())
def test_every_head_of_a_day_leads_to_its_root(heads: list[str], data: st.DataObject) -> None:
    head = data.draw(st.sampled_from(heads))
    path = merkle_path(heads, head)
    assert merkle_reached(head, path) == merkle_root(heads)
    assert len(path) <= (len(heads) - 1).bit_length()


@given(HEADS, st.data())
def test_no_other_head_does(heads: list[str], data: st.DataObject) -> None:
    head = data.draw(st.sampled_from(heads))
    stranger = sha256(b"stranger").hexdigest()
    assert merkle_reached(stranger, merkle_path(heads, head)) != merkle_root(heads)
    with pytest.raises(ValueError, match="not in list"):
        merkle_path(heads, stranger)


@pytest.mark.parametrize("step", ["", "left", "left:", "up:" + "00" * 32, "left:00", "right:xy"])
def test_what_is_no_step_is_refused(step: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        merkle_reached("00" * 32, [step])
