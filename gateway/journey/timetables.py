"""Which step comes next, for any exchange, and of what sort it is."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence

from gateway.domain.exchange import Exchange, Kind, Stage
from gateway.journey import document, inbound, outbound
from gateway.journey.case import Case
from gateway.journey.steps import Step
from gateway.journey.steps.confirm import confirm
from gateway.journey.steps.reconcile import reconcile
from gateway.journey.steps.translate import translate, translate_ahead
from gateway.journey.steps.validate import validate, validate_ahead

TIMETABLES: Mapping[Kind, Mapping[Stage, Step]] = {
    Kind.OUTBOUND: outbound.TIMETABLE,
    Kind.DOCUMENT: document.TIMETABLE,
    Kind.INBOUND: inbound.TIMETABLE,
}

# Pure steps that cost much less for several exchanges at once than for each.
AHEAD: Mapping[Step, Callable[[Sequence[Case]], None]] = {validate: validate_ahead, translate: translate_ahead}

# Steps that only ask, and lose nothing by asking again: what leads to them need not be on disk before they begin.
QUESTIONS = frozenset({confirm, reconcile})


def on_a_wire(step: Step) -> bool:
    return step in _WIRE


def next_step(x: Exchange) -> Step | None:
    return TIMETABLES[x.kind].get(x.stage)


def next_pure(x: Exchange) -> Step | None:
    step = next_step(x)
    return None if step is None or on_a_wire(step) else step


def stages(*, wire: bool) -> tuple[Stage, ...]:
    """The stages at which a wire step, or a pure one, comes next; of any timetable."""
    found = {stage for table in TIMETABLES.values() for stage, step in table.items() if on_a_wire(step) is wire}
    return tuple(stage for stage in Stage if stage in found)


_WIRE = frozenset(step for table in TIMETABLES.values() for step in table.values() if inspect.isasyncgenfunction(step))
