"""The engine against its limits: taking in, delivering, growing, coming back. Every figure is a ratio of one run.

accept    POST /v1/reports, answered once it is on disk    ÷ raw ASGI that reads the body
deliver   packaged → reconciled, three calls each          ÷ the bare loop of the same calls by the same client
write     CPU of the journal for each fact, many at once   ÷ one by one
grow      one accepted and settled, beside many rows       ÷ beside few
restart   the first claim with many queued
"""

from __future__ import annotations

from typing import Any

from gateway.bench.accepting import accepting
from gateway.bench.delivering import delivering
from gateway.bench.deployment import deployed
from gateway.bench.growing import growing, writing
from gateway.bench.model import Model
from gateway.wiring import build

_ROUNDS = 5


def measure(*, rounds: int = _ROUNDS, deliveries: int = 300, rows: int = 100_000) -> dict[str, Any]:
    """All of it. The rows stand in the journal beside what is measured; ten million take hours to fill."""
    found: dict[str, Any] = {}
    with deployed() as there, build(there.home, {}) as gateway:
        model = Model.of(there, gateway)
        found |= delivering(there, model, rounds, deliveries)
        found |= writing(gateway, model, rounds)
        found |= growing(gateway, model, rows)
    with deployed() as there:
        found |= accepting(there, rounds)
    return found
