from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.sandbox import Sandbox
from tests.sandbox.partner import KNOWN, Partner


@pytest.fixture
def other_side(tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox.thread(tmp_path / "other-side") as running:
        for code, unit in KNOWN:  # the shipped list may change; what these tests send is known by these
            running.add_indicator(code, f"Chỉ tiêu {code}", unit)
        yield running


@pytest.fixture
def partner(other_side: Sandbox) -> Iterator[Partner]:
    one = Partner(other_side)
    with closing(one.http):
        yield one
