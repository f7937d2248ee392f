"""What an older version had taken and not sent yet goes out after the upgrade, once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from gateway.deploy import connect, create
from gateway.domain.exchange import Stage
from gateway.domain.facts import intact
from gateway.sandbox import Sandbox
from gateway.upkeep import upkeep
from gateway.wiring import build
from tests.faults.conftest import _quicken
from tests.faults.scenarios import WHO, Scene, sample
from tests.faults.test_recovery import silent

VECTORS = Path(__file__).parents[1] / "vectors"
OLD = sorted(VECTORS.glob("journal_of_*.sql"))


@pytest.fixture
def other_side(tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox.thread(tmp_path / "other-side") as other_side:
        other_side.mode(judge_after=0.05, office_after=0.05)
        yield other_side


@pytest.mark.parametrize("old", OLD, ids=lambda path: path.stem)
def test_an_older_versions_queue_goes_out(old: Path, bare_database: str, other_side: Sandbox, tmp_path: Path) -> None:
    with psycopg.connect(bare_database, autocommit=True) as there:
        there.execute(old.read_text("utf-8"))  # type: ignore[arg-type]
        (owed,) = there.execute("SELECT count(*) FROM public.work").fetchone() or (0,)
    assert owed == 5
    home = tmp_path / "deployment"
    create(home, "thanh-hoa")
    connect(home, other_side)
    _quicken(home)
    at = {"GATEWAY_DATABASE_URL": bare_database}
    with build(home, at) as gateway:
        scene = Scene(gateway, other_side, sample(home))
        assert {x.key: x.stage for x in scene.every()} == {
            "accepted": Stage.ACCEPTED, "packaged": Stage.PACKAGED, "held": Stage.PACKAGED,
            "doubted": Stage.IN_DOUBT, "parked": Stage.PARKED,
        }  # fmt: skip
        gateway.release(scene.by_key("parked").id, WHO)
        scene.drain(lambda: all(x.settled for x in scene.every()))
        for x in scene.every():
            assert x.stage is Stage.RECONCILED, (x.key, x.stage)
            assert other_side.count(x.id) == 1, x.key
            assert intact(gateway.journal.history(x.id))
    assert upkeep(home, at).check(silent).faults == []


def test_there_is_an_older_journal_to_try() -> None:
    assert OLD
