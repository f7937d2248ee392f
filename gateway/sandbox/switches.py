"""The switches of the other side: what goes wrong next, and the manner in which it works otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

Side = Literal["national", "axis"]

# Bound to one packet: whatever else is asked meanwhile is answered as ever.
ON_PACKETS = frozenset(
    {"fail_before_storing", "fail_after_storing", "reset_before_storing", "duplicate", "redirect", "lie"}
)
ON_EVERYTHING = frozenset({"hang", "drip", "reset", "too_many", "wrong_token", "slow"})
AT_ONCE = frozenset({"refuse", "expire_tokens"})
FAULTS = ON_PACKETS | ON_EVERYTHING | AT_ONCE


class UnknownFault(ValueError):
    """A name that is no fault; a test that asks for it must not pass."""


@dataclass
class Fault:
    """`left`: packets still to be hit, None for ever; `seconds`: as the fault itself means it."""

    name: str
    sides: frozenset[Side]
    left: int | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Modes:
    """How the other side works when nothing is wrong."""

    unaskable: bool = False  # 405 to “do you have this message?”
    alter_statements: bool = False
    deduplicate: bool = False
    documented: bool = False  # envelopes as documented, not as observed
    judge_after: float = 0.2  # seconds from receipt to status
    office: str = "accept"
    office_after: float = 0.1  # seconds from one status of the receiving office to the next
    ocsp: str = "right"  # or stale, unknown, wrong_signer, stalled, stopped; a nonce is never returned
    tsa: str = "right"  # or wrong_imprint, stopped
    partner: str = "H56"  # the agency code of the province on our side of the line
    crl_entries: int = 0  # at least so many in every list


@dataclass
class Switches:
    """Not kept over a restart: a sandbox begins healthy."""

    modes: Modes = field(default_factory=Modes)
    faults: list[Fault] = field(default_factory=list)
    judgements: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, name: str, times: int | None, seconds: float | None) -> Fault:
        """`name` may carry a side (“axis:hang”). Raises `UnknownFault`."""
        side, _, bare = name.rpartition(":")
        if bare not in FAULTS or side not in ("", "national", "axis"):
            raise UnknownFault(f"{name}: one of {', '.join(sorted(FAULTS))}; before it national: or axis:")
        fault = Fault(bare, _sides(side, bare), times, seconds)
        if bare != "expire_tokens" or times is not None:  # without a number it happens now, and once
            self.faults.append(fault)
        return fault

    def next(self, side: Side, *, packet: bool) -> Fault | None:
        """The fault for the request at hand; one with a number of times counts down."""
        for fault in self.faults:
            if side not in fault.sides or fault.name == "refuse" or not _hits(fault, packet):
                continue
            if fault.left is not None:
                fault.left -= 1
            self.faults = [one for one in self.faults if one.left != 0]
            return fault
        return None

    def end(self, fault: Fault) -> None:
        self.faults = [one for one in self.faults if one is not fault]

    def refusing(self, side: Side) -> bool:
        return any(fault.name == "refuse" and side in fault.sides for fault in self.faults)

    def change(self, **changes: Any) -> None:
        """Raises `UnknownFault` for a mode there is not."""
        unknown = changes.keys() - {one.name for one in fields(Modes)}
        if unknown:
            raise UnknownFault(f"no such mode: {', '.join(sorted(unknown))}")
        self.modes = replace(self.modes, **changes)


def _hits(fault: Fault, packet: bool) -> bool:
    return packet or (fault.left is None and fault.name in ON_EVERYTHING)


def _sides(side: str, name: str) -> frozenset[Side]:
    if side == "axis":
        return frozenset({"axis"})
    # The two systems stand apart: when the national one is gone, the axis is the way round it.
    alone = side == "national" or name in ("refuse", "expire_tokens", "lie")
    return frozenset({"national"}) if alone else frozenset({"national", "axis"})
