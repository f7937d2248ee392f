"""Long, seeded: a crowd of reports, an other side that misbehaves by lot, and kills anywhere, again and again."""

from __future__ import annotations

import random
import signal

import pytest

from gateway.domain.exchange import Stage
from gateway.domain.facts import intact
from tests.faults.conftest import Bench
from tests.faults.scenarios import crowd

pytestmark = pytest.mark.soak

_OFTEN = (
    "Accepted", "Validated", "Translated", "Packaged", "Attempted", "Delivered", "Acknowledged", "Reconciled",
    "Undelivered", "Postponed", "Superseded", "Corrected",
)  # fmt: skip
_MISCHIEF = (
    "fail_before_storing", "fail_after_storing", "reset_before_storing", "reset", "too_many", "wrong_token", "slow",
    "drip", "hang",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(60))
def test_whatever_happens_each_report_is_there_once(bench: Bench, seed: int) -> None:
    lot = random.Random(seed)
    for _ in range(5):
        _mischief(bench, lot)
        ended = bench.run(crowd.__name__, f"{lot.choice(('before', 'after'))}:{lot.choice(_OFTEN)}:{lot.randint(1, 6)}")
        assert ended in (0, -signal.SIGKILL)
    bench.other_side.clear()
    assert bench.run(crowd.__name__, "never:") == 0

    seen = bench.histories()
    assert len(seen) == 11
    for x, history in seen:
        assert intact(history), x.id
        sent = bench.other_side.count(x.id)
        wanted = 1 if x.receipt else 0
        assert sent == wanted or (x.stage is Stage.PARKED and sent <= 1), (x.id, x.stage, sent)
        assert x.settled, (x.id, x.stage)
    _order_was_kept(bench)


def _mischief(bench: Bench, lot: random.Random) -> None:
    bench.other_side.clear()
    for name in lot.sample(_MISCHIEF, 2):
        seconds = {"hang": 1.0, "slow": 0.3, "drip": 0.2, "too_many": 1.0}.get(name)
        bench.other_side.fault(name, times=lot.randint(1, 3), seconds=seconds)


def _order_was_kept(bench: Bench) -> None:
    """Within a lane no older revision was stored after a newer one."""
    latest: dict[str, int] = {}
    for arrival in bench.other_side.arrivals():
        assert arrival["revision"] >= latest.get(arrival["reporter"], 0), arrival
        latest[arrival["reporter"]] = arrival["revision"]
