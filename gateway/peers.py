"""Declarations become doors: which adapter stands behind each partner, and with which credentials.

Only `wiring` comes in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

from gateway.adapters.documents.axis import AxisRoute
from gateway.adapters.documents.lgsp import LgspRoute
from gateway.adapters.documents.signature import AxisCredentials
from gateway.adapters.gate import Gate
from gateway.adapters.http import HttpLine
from gateway.adapters.national import NationalChannel, NationalCredentials, NationalSession, NationalSource
from gateway.adapters.tls import trust
from gateway.domain.errors import Misconfigured, Problem, problem
from gateway.domain.rate import Rate
from gateway.ports import Allowance, Channel, Clock, DocumentRoute, Peers, Source
from gateway.schemas.declarations import Declarations, PartnerText
from gateway.schemas.national.wire import wire
from gateway.schemas.packets import read_status
from gateway.seen import Seen


def peers_of(home: Path, declared: Declarations, clock: Clock, seen: Seen, allowance: Allowance) -> Peers:
    """Every declared partner behind its door. Raises `Misconfigured` (F-005) with every credential that is missing."""
    faults: list[Problem] = []
    channels: dict[str, Channel] = {}
    sources: dict[str, Source] = {}
    routes: dict[str, DocumentRoute] = {}
    for partner in declared.partners.values():
        given = _secrets(home, partner, faults)
        if given is None:
            continue
        rate = Rate(partner.limit_requests, partner.limit_seconds, partner.limit_concurrent)
        gate = Gate(partner.id, rate, allowance, clock, partner.deadline_seconds)
        line = _line(home, partner, gate)
        if partner.kind == "national":
            session = NationalSession(line, NationalCredentials(**given), clock)
            channels[partner.id] = seen.channel(NationalChannel(session, read_status, wire().marks))
            sources[partner.id] = NationalSource(session)
        elif partner.kind == "lgsp":
            session = NationalSession(line, NationalCredentials(**given), clock)
            routes[partner.id] = seen.route(LgspRoute(session, clock))
        else:
            unpadded = partner.hash_file == "unpadded"
            routes[partner.id] = seen.route(AxisRoute(line, AxisCredentials(**given), clock, unpadded_hash=unpadded))
    if faults:
        raise Misconfigured(*faults)
    return Peers(declared.agreements, channels, sources, routes)


def _line(home: Path, partner: PartnerText, gate: Gate) -> HttpLine:
    tls = trust(home / partner.ca_file) if partner.ca_file else None
    return HttpLine(partner.id, partner.url, deadline=partner.deadline_seconds, tls=tls, gate=gate)


_SECRETS: Mapping[str, type] = {"national": NationalCredentials, "lgsp": NationalCredentials, "axis": AxisCredentials}


def _secrets(home: Path, partner: PartnerText, faults: list[Problem]) -> dict[str, str] | None:
    """The credentials of a partner, by name; None, and the faults told, when one is missing."""
    found: dict[str, str] = {}
    wanted = {field.name for field in fields(_SECRETS[partner.kind])}
    told = f"partners/*.toml [{partner.id}]"
    for name in sorted(wanted | partner.secrets.keys()):
        if name not in wanted or name not in partner.secrets:
            reason = "missing" if name in wanted else f"unknown; known: {', '.join(sorted(wanted))}"
            faults.append(problem("F-005", file=told, key=f"secrets.{name}", reason=reason))
            continue
        try:
            found[name] = (home / partner.secrets[name]).read_text("utf-8").strip()
        except OSError as error:
            reason = error.strerror or "unreadable"
            faults.append(problem("F-005", file=partner.secrets[name], key=f"{partner.id}.{name}", reason=reason))
    return found if found.keys() == wanted else None


async def hung_up(peers: Peers) -> None:
    """Close the lines opened on the running loop."""
    lines: list[Channel | DocumentRoute] = [*peers.channels.values(), *peers.routes.values()]
    for line in lines:
        await line.close()
