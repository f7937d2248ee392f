"""The engine against its limits: taking in, delivering, growing, coming back. Every figure is a ratio of one run.

accept    POST /v1/reports, answered once it is on disk    ÷ raw ASGI that reads the body
deliver   packaged → reconciled, three calls each          ÷ the bare loop of the same calls by the same client
write     CPU of journal and store for each, many at once  ÷ one by one
replays   opened by a plan, their kept bytes read          ÷ as many opened with nothing read before
crowd     eight workers, each a process                    ÷ one
grow      one accepted and settled, beside many rows       ÷ beside a thousand
restart   a worker's first report with many queued         ÷ with few
"""

from __future__ import annotations

from typing import Any

from gateway.bench.accepting import accepting
from gateway.bench.crowd import crowded
from gateway.bench.delivering import delivering
from gateway.bench.deployment import deployed
from gateway.bench.filling import Tell
from gateway.bench.growing import claiming, growing, grown, writing
from gateway.bench.model import Model
from gateway.bench.replays import replayed
from gateway.bench.restarting import restarting
from gateway.wiring import build

_ROUNDS = 5
_QUEUED_BESIDE = 3000  # enough for every restart


def measure(tell: Tell, *, rounds: int = _ROUNDS, deliveries: int = 300, rows: int = 100_000) -> dict[str, Any]:
    """All of it, with as many rows in the journal beside what is measured, half of them queued."""
    found: dict[str, Any] = {}
    with deployed() as there, build(there.home, {}) as gateway:
        model = Model.of(there, gateway)
        found |= delivering(there, model, rounds, deliveries)
        found |= writing(there, gateway, model, rounds)
        found |= replayed(gateway, model, rounds, deliveries)
    with deployed() as there, build(there.home, {}) as gateway:
        found |= crowded(there, gateway, Model.of(there, gateway), 3)
    with deployed() as there:
        found |= accepting(there, rounds)
    return found | filled(tell, rounds=rounds, rows=rows // 2, queued=rows - rows // 2)


def filled(tell: Tell, *, rounds: int = _ROUNDS, rows: int, queued: int) -> dict[str, Any]:
    """grow and restart alone: with a tenth of `rows` settled ones and all of them, then with `queued` ones besides."""
    with grown() as few, grown() as many:
        found = growing(few, many, (rows // 10, rows), rounds, tell)
        few.owed(_QUEUED_BESIDE, tell)
        many.owed(queued, tell)
        found |= claiming(many)
        return found | restarting(few, many, 3)
