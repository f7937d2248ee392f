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
_DOUBTFUL = ("20", "21", "24")  # broke while working on what was taken, twice; and “it is there already”


def after_sending(line: HttpLine, reply: Reply) -> GatewayError:
    """The error for a `reply` that is no receipt: a clear refusal, or doubt.

    The code speaks first, where it is one of the published ones; a code that merely repeats the HTTP
    status (429 in a JSON coat) leaves the word to the status.
    """
    envelope = opened(reply.body)
    spoken = None if envelope is None or envelope.ok or reply.status >= 500 else _by_code(line.destination, envelope)
    if spoken is not None:
        return spoken
    said = "" if envelope is None or envelope.ok else f"{envelope.code}: {envelope.message}"
    return line.untaken(reply, said)


def _by_code(destination: str, envelope: Envelope) -> GatewayError | None:
    code, reason = envelope.code, envelope.message
    if code in _WRONG:
        return Rejected(_problem(_WRONG[code], destination, code, reason))
    if code == _CREDENTIALS:
        return Unavailable(problem("B-001", destination=destination, reason=f"{code}: {reason}"))
    if code == _LOCKED:
        return Unavailable(_problem("A-005", destination, code, reason))
    return _in_doubt(destination, f"{code}: {reason}") if code in _DOUBTFUL else None


def after_asking(line: HttpLine, reply: Reply, envelope: Envelope | None) -> Unavailable:
    """The error for a `reply` that does not answer a harmless question."""
    if reply.status >= 300:
        return line.unusable(reply)
    if envelope is not None and envelope.code == _CREDENTIALS:
        return Unavailable(problem("B-001", destination=line.destination, reason=f"15: {envelope.message}"))
    if envelope is not None and not envelope.ok:
        return Unavailable(problem("A-002", destination=line.destination, status=envelope.code))
    return line.unreadable(reply.start)


def _in_doubt(destination: str, reason: str) -> InDoubt:
    return InDoubt(problem("G-001", destination=destination, reason=reason.strip()))


def _problem(name: str, destination: str, code: str, reason: str) -> Problem:
    return problem(name, destination=destination, answer=code, reason=reason)
