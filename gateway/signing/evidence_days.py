"""The closed days of a bundle: this exchange was in them as its chain says, and what time-stamps that.

A day's root alone is our own word; the time-stamp over its line makes it an outsider's. Whose it is, the reader's trust
folder decides; without one the authority's pin is shown, to be compared by hand.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from gateway.domain.chain import Anchored, bounds, merkle_reached
from gateway.domain.facts import Recorded
from gateway.signing.findings import Unsound
from gateway.signing.pki.certificate import Unreadable
from gateway.signing.pki.path import PathRules, find_path
from gateway.signing.pki.store import read_store
from gateway.signing.pki.tsp import Token, read_token
from gateway.signing.policy import Algorithms

# What a day's time-stamp may be made with; a day is no message and has no policy.
_RULES = Algorithms(
    digest={"SHA-256": None, "SHA-384": None, "SHA-512": None},
    signature={"RSA-PKCS1v15": None, "RSA-PSS": None, "ECDSA": None},
    rsa_min={2048: None},
)
_MOST_DAYS = 4000  # a chain of ten years with something every day


@dataclass(frozen=True, slots=True)
class DayProven:
    """`stamped_at`: an outsider's proof of the root, None without one; `authority`, `pin` (SHA-256) of whom;
    `trusted`: it leads to an anchor of the reader's, None where he gave none. Revocation is not asked."""

    day: date
    root: str
    exchanges: int
    stamped_at: datetime | None = None
    authority: str = ""
    pin: str = ""
    trusted: bool | None = None


def judged_days(
    told: bytes, chain: Sequence[Recorded], trust: Path | None, faults: list[str]
) -> tuple[DayProven, ...]:  # fmt: skip
    """The days that hold; for each that does not, a fault. Raises `ValueError`, `KeyError`, `TypeError` on no list."""
    lines = json.loads(told)
    if len(lines) > _MOST_DAYS:
        raise ValueError(f"{len(lines)} days")
    proven: list[DayProven] = []
    for line in lines:
        one = _anchored(line)
        try:
            proven.append(_proven(one, chain, trust))
        except (_Untrue, Unreadable) as error:
            faults.append(f"day {one.day}: {error}")
    return tuple(proven)


class _Untrue(Exception):
    """The day does not hold what it is said to hold."""


def _anchored(line: Any) -> Anchored:
    try:
        token = base64.b64decode(line["token"], validate=True) if line["token"] is not None else None
    except binascii.Error as error:
        raise ValueError(str(error)) from error
    day, path = date.fromisoformat(line["day"]), tuple(map(str, line["path"]))
    return Anchored(day, str(line["root"]), int(line["exchanges"]), str(line["head"]), path, token)


def _proven(one: Anchored, chain: Sequence[Recorded], trust: Path | None) -> DayProven:
    begins, ends = bounds(one.day)
    of_day = [link for link in chain if begins <= link.at < ends]
    if not of_day or of_day[-1].digest != one.head:
        raise _Untrue("its head is not the one the chain had when the day ended")
    if merkle_reached(one.head, one.path) != one.root:
        raise _Untrue("the path does not lead to its root")
    if one.token is None:
        return DayProven(one.day, one.root, one.exchanges)
    token = read_token(one.token)
    if token.digest not in _RULES.digest or not token.covers(one.said):
        raise _Untrue("the time-stamp is over something else")
    if token.at < ends:
        raise _Untrue(f"time-stamped at {token.at.isoformat()}, before the day was over")
    said, pin = token.authority.said, token.authority.sha256
    trusted = None if trust is None else _trusted(token, trust)
    if trusted is False:
        raise _Untrue(f"time-stamped by {said}, whom no anchor of yours stands for")
    return DayProven(one.day, one.root, one.exchanges, token.at, said, pin, trusted)


def _trusted(token: Token, trust: Path) -> bool:
    if token.authority.extended_usage != frozenset({"time_stamping"}):
        return False
    if not token.authority.not_before <= token.at <= token.authority.not_after:
        return False
    rules = PathRules(token.at, _RULES, roles=frozenset({"root", "tsa"}))
    try:
        find_path(token.authority, token.others, read_store(trust), rules)
    except Unsound:
        return False
    return True
