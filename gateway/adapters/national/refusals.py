"""What an answer other than “taken” to a sent packet means, by HTTP status and by error code."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.adapters.http import HttpLine, Reply
from gateway.adapters.national.envelope import Envelope, opened
from gateway.domain.errors import GatewayError, InDoubt, Problem, Rejected, Unavailable, problem

# The message is wrong and stays wrong: problem code by error code.
_WRONG: Mapping[str, str] = {"10": "C-013", "22": "C-013", "18": "B-008", "19": "B-008"}
_CREDENTIALS = "15"
_LOCKED = "23"
# 20 and 21 break while working on what was taken; 24 says that the packet is there already, so it is
# asked for. An unknown code is no promise of anything either: these three end in doubt.

_REFUSING = (400, 413, 415, 422)  # the server read it and wants none of it
_NOT_TAKING = (401, 403, 404, 405, 406, 410, 411, 421, 423, 429, 431, 451)  # no application saw it


def after_sending(line: HttpLine, reply: Reply) -> GatewayError:
    """The error for a `reply` that is no receipt."""
    envelope = opened(reply.body)
    if envelope is not None and not envelope.ok and reply.status < 500:
        return _by_code(line.destination, envelope)
    if reply.status in _REFUSING:
        return Rejected(_problem("C-013", line.destination, f"HTTP {reply.status}", _start(reply)))
    if reply.status in _NOT_TAKING:
        return line.unusable(reply)
    # 5xx: the fault may have come after the packet was stored. 2xx and 3xx without a receipt: likewise.
    return _in_doubt(line.destination, f"HTTP {reply.status} {_start(reply)}")


def _by_code(destination: str, envelope: Envelope) -> GatewayError:
    code, reason = envelope.code, envelope.message
    if code in _WRONG:
        return Rejected(_problem(_WRONG[code], destination, code, reason))
    if code == _CREDENTIALS:
        return Unavailable(problem("B-001", destination=destination, reason=f"{code}: {reason}"))
    if code == _LOCKED:
        return Unavailable(_problem("A-005", destination, code, reason))
    return _in_doubt(destination, f"{code}: {reason}")


def after_asking(line: HttpLine, reply: Reply, envelope: Envelope | None) -> Unavailable:
    """The error for a `reply` that does not answer a harmless question."""
    if reply.status >= 300:
        return line.unusable(reply)
    if envelope is not None and envelope.code == _CREDENTIALS:
        return Unavailable(problem("B-001", destination=line.destination, reason=f"15: {envelope.message}"))
    if envelope is not None and not envelope.ok:
        return Unavailable(problem("A-002", destination=line.destination, status=envelope.code))
    return line.unreadable(_start(reply))


def _in_doubt(destination: str, reason: str) -> InDoubt:
    return InDoubt(problem("G-001", destination=destination, reason=reason.strip()))


def _problem(name: str, destination: str, code: str, reason: str) -> Problem:
    return problem(name, destination=destination, answer=code, reason=reason)


def _start(reply: Reply) -> str:
    return reply.body[:120].decode("utf-8", "replace")
