"""Many replays opened by a plan, beside as many exchanges opened with nothing read before: by turns, shuffled."""

from __future__ import annotations

import random
import statistics
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

from gateway.bench.model import SETTLED, Model
from gateway.domain.exchange import Stage
from gateway.domain.facts import Accepted
from gateway.domain.ids import digest_of
from gateway.journey import replaying
from gateway.journey.operate import Person
from gateway.ports import Birth, Query
from gateway.wiring import Gateway

_WHO = Person("đo tốc độ", "phát lại hàng loạt")
_EVERYTHING = 1_000_000
_AT_ONCE = 64


def replayed(gateway: Gateway, model: Model, rounds: int, reports: int) -> dict[str, Any]:
    """Replays opened a second, with nobody to yield to: what is opened is read by others at their own pace."""
    seen: dict[str, list[tuple[float, float]]] = {"plan": [], "bare": []}
    for turn in range(rounds + 1):
        for name in random.sample(sorted(seen), len(seen)):
            told = _planned(gateway, model, reports) if name == "plan" else _bare(gateway, model, reports)
            if turn:
                seen[name].append(told)
    rate = {name: statistics.median(told for told, _ in found) for name, found in seen.items()}
    cpu = {name: statistics.median(used for _, used in found) for name, found in seen.items()}
    return {
        "replays_opened_per_second": round(rate["plan"], 1),
        "replays_ratio_to_opening_alone": round(rate["plan"] / rate["bare"], 2),
        "replays_cpu_ms": round(cpu["plan"] * 1000, 2),
        "opening_alone_cpu_ms": round(cpu["bare"] * 1000, 2),
    }


def _planned(gateway: Gateway, model: Model, reports: int) -> tuple[float, float]:
    """A second, and CPU seconds of this process each."""
    model.at += timedelta(hours=1)  # so that a plan can name these, and no others
    for start in range(0, reports, _AT_ONCE):
        births = [_own(model) for _ in range(min(_AT_ONCE, reports - start))]
        for opened in [gateway.journal.opening(birth) for birth in births]:
            opened.result()
    chosen = Query(stages=(Stage.RECONCILED,), since=model.at, limit=reports)
    plan = replaying.plan(gateway.doors, gateway.plans, chosen, {}, _WHO).plan.id
    began, used = time.monotonic(), time.process_time()
    ran = replaying.run(gateway.doors, gateway.plans, plan, lambda _: None, time.sleep, unread_at_most=_EVERYTHING)
    wall, used = time.monotonic() - began, time.process_time() - used
    if ran.progress.opened != reports or ran.refused:
        raise RuntimeError(f"{ran.progress.opened} of {reports} opened, {dict(ran.refused)}")
    return reports / wall, used / reports


def _bare(gateway: Gateway, model: Model, reports: int) -> tuple[float, float]:
    births = [model.birth(SETTLED) for _ in range(reports)]
    began, used = time.monotonic(), time.process_time()
    for start in range(0, reports, _AT_ONCE):
        for opened in [gateway.journal.opening(birth) for birth in births[start : start + _AT_ONCE]]:
            opened.result()
    return reports / (time.monotonic() - began), (time.process_time() - used) / reports


def _own(model: Model) -> Birth:
    """The model under another name, with bytes of its own: none of them lies in memory when it is replayed."""
    birth = model.birth(tuple(type(fact) for fact in model.facts))
    first, *others = birth.entries
    accepted = first.fact
    assert isinstance(accepted, Accepted)
    content = model.payload + f"<!-- {birth.opening.id} -->".encode()
    own = replace(accepted, payload=replace(accepted.payload, digest=digest_of(content), size=len(content)))
    return replace(birth, entries=(replace(first, fact=own, bytes=(content,)), *others))
