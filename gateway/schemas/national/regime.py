"""Packet 1, chế độ báo cáo."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import groupby
from typing import cast

from gateway.domain.calendar import PeriodKind, periods_of
from gateway.domain.regime import Content, FormUse, Regime, RegimeKind, SendTime, Shape
from gateway.safexml import Element
from gateway.schemas.national.canonical import element
from gateway.schemas.national.constraints import Breach, refuse, repeated
from gateway.schemas.national.validity import day, ends_before_it_begins

_A_YEAR = 2025  # any one: which kinds of period a calendar has does not change
_OF = {"data": ({"data", "list"}, {"narrative"}), "narrative": ({"narrative"}, {"data", "list"})}


def written(regime: Regime) -> str:
    """The Regime element."""
    return element(
        "Regime",
        (
            element("Name", regime.name),
            element("LegalBasis", regime.legal_basis),
            element("Kind", regime.kind.value),
            element("Content", regime.content),
            element("Subjects", regime.subjects),
            element("Recipient", regime.recipient),
            element("Means", regime.means),
            element("Cycles", (element("Cycle", kind=cycle.value) for cycle in regime.cycles)),
            element("SendTimes", map(_send_time, regime.send_times)),
            element(
                "Forms", (element("Form", code=f.form, required=_yes(f.required), shape=f.shape) for f in regime.forms)
            ),
        ),
        calendar=regime.calendar,
        code=regime.code,
        validFrom=regime.valid_from.isoformat(),
        validTo=regime.valid_to.isoformat() if regime.valid_to else None,
        version=regime.version,
    )


def read(body: Element) -> Regime:
    """From a body that its schema has passed. Raises `Rejected` (C-022)."""
    *words, cycles, send_times, forms = body
    name, legal_basis, kind, content, subjects, recipient, means = (e.text or "" for e in words)
    regime = Regime(
        code=body.get("code", ""),
        version=body.get("version", ""),
        valid_from=date.fromisoformat(body.get("validFrom", "")),
        valid_to=day(body.get("validTo")),
        name=name,
        legal_basis=legal_basis,
        kind=RegimeKind(kind),
        content=cast(Content, content),
        calendar=body.get("calendar", ""),
        subjects=subjects,
        recipient=recipient,
        means=means,
        cycles=tuple(PeriodKind(e.get("kind", "")) for e in cycles),
        send_times=tuple(map(_read_send_time, send_times)),
        forms=tuple(
            FormUse(e.get("code", ""), cast(Shape, e.get("shape", "")), e.get("required") in ("true", "1"))
            for e in forms
        ),
    )
    refuse(breaches(regime), "Regime", body)
    return regime


def breaches(regime: Regime) -> Iterator[Breach]:
    """Constraints of packet 1 that this regime does not keep."""
    yield from ends_before_it_begins(regime.valid_from, regime.valid_to)
    yield from _of_cycles(regime)
    yield from _of_send_times(regime)
    yield from repeated("regime-form-once", [f.form for f in regime.forms], "Forms/Form[{}]/@code")
    shapes = {f.shape for f in regime.forms}
    needed, unasked = _OF.get(regime.content, (set(), set()))
    both = regime.content == "both" and not all(shapes & wanted for wanted, _ in _OF.values())
    if both or (needed and not shapes & needed) or shapes & unasked:
        yield Breach("regime-forms-content", "Forms", f"{regime.content}: {', '.join(sorted(shapes))}")


def _of_cycles(regime: Regime) -> Iterator[Breach]:
    if (regime.kind is RegimeKind.PERIODIC) != bool(regime.cycles):
        yield Breach("regime-cycles", "Cycles", f"{regime.kind}: {len(regime.cycles)}")
    yield from repeated("regime-cycle-once", regime.cycles, "Cycles/Cycle[{}]")
    timed = {at.cycle for at in regime.send_times}
    for number, cycle in enumerate(regime.cycles, start=1):
        if next(periods_of(regime.calendar, cycle, _A_YEAR), None) is None:
            yield Breach("regime-cycle-calendar", f"Cycles/Cycle[{number}]", f"{regime.calendar}: {cycle}")
        if cycle not in timed:
            yield Breach("regime-send-time-present", f"Cycles/Cycle[{number}]", cycle)


def _of_send_times(regime: Regime) -> Iterator[Breach]:
    yield from repeated(
        "regime-send-time-once", [(at.cycle.value, at.stage) for at in regime.send_times], "SendTimes/SendTime[{}]"
    )
    numbered = list(enumerate(regime.send_times, start=1))
    for number, at in numbered:
        if at.cycle not in regime.cycles:
            yield Breach("regime-send-time-cycle", f"SendTimes/SendTime[{number}]", at.cycle)
    for _, of_one in groupby(sorted(numbered, key=lambda pair: pair[1].cycle), key=lambda pair: pair[1].cycle):
        latest = (0, 0, False, "")
        for number, at in of_one:
            due = (at.months, at.day, at.inclusive, at.before or "24")
            if due < latest:
                yield Breach("regime-send-time-order", f"SendTimes/SendTime[{number}]", at.stage)
            latest = max(due, latest)


def _send_time(at: SendTime) -> str:
    return element(
        "SendTime",
        before=at.before,
        cycle=at.cycle.value,
        day=str(at.day),
        inclusive=_yes(at.inclusive),
        months=str(at.months),
        stage=at.stage,
    )


def _read_send_time(e: Element) -> SendTime:
    return SendTime(
        cycle=PeriodKind(e.get("cycle", "")),
        stage=e.get("stage", ""),
        day=int(e.get("day", "")),
        months=int(e.get("months", "")),
        inclusive=e.get("inclusive") in ("true", "1"),
        before=e.get("before", ""),
    )


def _yes(said: bool) -> str:
    return "true" if said else "false"
