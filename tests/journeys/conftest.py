"""A gateway with the other side beside it, furnished for one published table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from gateway.deploy import connect, create
from gateway.sandbox import Sandbox
from gateway.wiring import build
from gateway.working import synchronised
from tests.faults.scenarios import AGREEMENT, Scene
from tests.mapping.packs import approved

Furnished = Callable[[Path, Mapping[str, tuple[str, str]]], Scene]


@pytest.fixture
def furnished(tmp_path: Path, database: str) -> Iterator[Furnished]:
    """Opens a scene whose agreement maps by `pack` onto a national catalogue with these indicators: code → (name, unit)."""
    with ExitStack() as stack:

        def opened(pack: Path, indicators: Mapping[str, tuple[str, str]]) -> Scene:
            other_side = stack.enter_context(Sandbox.thread(tmp_path / "other-side"))
            other_side.mode(judge_after=0.05)
            for code, (name, unit) in indicators.items():
                other_side.add_indicator(code, name, unit)
            home = tmp_path / "deployment"
            create(home, "thanh-hoa")
            connect(home, other_side)
            approved(pack.rename(home / "packs" / pack.name))
            with (home / "local.toml").open("a", encoding="utf-8") as local:
                local.write(f'\n[agreements.{AGREEMENT}]\npack = "{pack.name}"\n')
            gateway = stack.enter_context(build(home, {"GATEWAY_DATABASE_URL": database}))
            synchronised(gateway, AGREEMENT, "VPCP-CT")
            return Scene(gateway, other_side, {})

        yield opened
