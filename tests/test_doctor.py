"""What the doctor says about a clock."""

from __future__ import annotations

import pytest

from gateway.doctor import ahead


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.0, "0.0"), (-0.0, "0.0"), (-0.04, "0.0"), (0.04, "0.0"), (-0.06, "-0.1"), (0.06, "+0.1"), (31.0, "+31.0")],
)
def test_a_clock_that_is_right_is_neither_ahead_nor_behind(seconds: float, said: str) -> None:
    assert ahead(seconds) == said
