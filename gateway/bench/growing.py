"""The journal alone: many facts written at once beside one by one, and beside many rows."""

from __future__ import annotations

import statistics
import time
from typing import Any

from gateway.bench.model import PACKAGED, SETTLED, Model
from gateway.domain.exchange import Stage
from gateway.domain.facts import Fact, Superseded
from gateway.ports import Entry
from gateway.wiring import Gateway

_ROUNDS = 5
_WINDOW = 512
_IN_FLIGHT = 16


def writing(gateway: Gateway, model: Model, rounds: int, facts: int = 300) -> dict[str, Any]:
    """CPU of this process for one opened exchange: each waited for, or many on their way."""
    alone, together = [], []
    for _ in range(rounds):
        births = [model.birth(SETTLED) for _ in range(facts * 2)]
        used = time.process_time()
        for birth in births[:facts]:
            gateway.journal.open(birth)
        alone.append(time.process_time() - used)
        used = time.process_time()
        for opened in [gateway.journal.opening(birth) for birth in births[facts:]]:
            opened.result()
        together.append(time.process_time() - used)
    one, many = statistics.median(alone) / facts, statistics.median(together) / facts
    return {
        "write_alone_cpu_ms": round(one * 1000, 3),
        "write_together_cpu_ms": round(many * 1000, 3),
        "write_together_ratio_to_alone": round(many / one, 3),
    }


def growing(gateway: Gateway, model: Model, rows: int) -> dict[str, Any]:
    few = _cost(gateway, model)
    _fill(gateway, model, rows // 2, SETTLED)
    _fill(gateway, model, rows - rows // 2, PACKAGED)
    claimed = time.monotonic()
    leases = gateway.journal.claim(model.exchange.destination, "bench", (Stage.PACKAGED,), _IN_FLIGHT, 1, wire=True)
    claimed = time.monotonic() - claimed
    if len(leases) != _IN_FLIGHT:
        raise RuntimeError(f"{len(leases)} claimed")
    many = _cost(gateway, model)
    return {
        "rows": rows,
        "accept_and_settle_ms_beside_few": round(few * 1000, 3),
        "accept_and_settle_ratio_many_to_few": round(many / few, 2),
        f"first_claim_of_{_IN_FLIGHT}_beside_{rows - rows // 2}_queued_ms": round(claimed * 1000, 1),
    }


def _cost(gateway: Gateway, model: Model, each: int = 200) -> float:
    """Seconds for one exchange opened, attempted and settled, two hundred together; the median of five."""
    seen = []
    for _ in range(_ROUNDS):
        births = [model.birth(PACKAGED) for _ in range(each)]
        began = time.monotonic()
        opened = [one.result()[0] for one in [gateway.journal.opening(birth) for birth in births]]
        settled = [gateway.journal.appending(x, [Entry(Superseded(x.id), model.at)]) for x in opened]
        for one in settled:
            one.result()
        seen.append((time.monotonic() - began) / each)
    return statistics.median(seen)


def _fill(gateway: Gateway, model: Model, rows: int, facts: tuple[type[Fact], ...]) -> None:
    for start in range(0, rows, _WINDOW):
        births = [model.birth(facts) for _ in range(min(_WINDOW, rows - start))]
        for opened in [gateway.journal.opening(birth) for birth in births]:
            opened.result()
