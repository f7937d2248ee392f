"""What a catalogue that came down changes and breaks here, by the packs as they lie in the deployment.

Beside `wiring`, because a gateway is whole without it: only the verbs and the desk come in.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.domain.announced import FORM, KINDS
from gateway.domain.impact import Impact
from gateway.first_use import sources_of
from gateway.journey.announced import announced_impact, form_impact
from gateway.journey.impact import Turn, impact_of, turn_of
from gateway.wiring import Gateway


@dataclass(frozen=True, slots=True)
class Weighed:
    """`unread`: packs that are broken already, whose rows are not among those looked at; `gateway check` says why."""

    turn: Turn
    impact: Impact
    unread: tuple[str, ...]


def weighed(gateway: Gateway, exchange: str, most: int | None = None) -> Weighed:
    """As `turn_of` and `impact_of`; `most` bounds the waiting reports that are looked at, the youngest first."""
    turn = turn_of(gateway.doors, exchange)
    is_form = turn.now.name.startswith(FORM)
    if turn.now.name.startswith(KINDS) and not is_form:
        return Weighed(turn, announced_impact(gateway.doors, turn, gateway.doors.clock.now(), most), ())
    following = {a.pack for a in gateway.declarations.agreements.values() if turn.now.name in a.catalogues}
    packs = {name: sources_of(gateway.settings.home / "packs" / name) for name in sorted(following)}
    read = {name: found for name, found in packs.items() if found is not None}
    weigh = form_impact if is_form else impact_of
    found = weigh(gateway.doors, turn, read, gateway.doors.clock.now(), most)
    return Weighed(turn, found, tuple(sorted(packs.keys() - read.keys())))
