"""The error tree, cut by what the caller does next (never by where the accident was).

    GatewayError
    ├── Rejected       the message is wrong; again cannot help          → Refused
    ├── Unavailable    certainly nothing was taken; later may help      → Policy
    ├── InDoubt        we sent and do not know                          → stays in doubt, Inquire
    ├── Overtaken      another worker holds it                          → go home quietly
    ├── Conflict       same key, other content                          → 409, both digests named
    ├── NotFound       nothing by that name here                        → 404
    └── Misconfigured  an operator must act                             → the process does not start

Every error carries a `Problem`: a code, what happened and what to do in Vietnamese and in English,
and who acts. Problems come from the table in ``problems.py`` so that no error is ever raised mute.
"""

from __future__ import annotations

from datetime import datetime

from gateway.domain.problems import Problem, problem

__all__ = [
    "Conflict",
    "GatewayError",
    "InDoubt",
    "Misconfigured",
    "NotFound",
    "Overtaken",
    "Problem",
    "Rejected",
    "Unavailable",
    "problem",
]


class GatewayError(Exception):
    """Never raised itself. `problems` holds every finding at once, the first one gives the title."""

    def __init__(self, *problems: Problem) -> None:
        if not problems:
            raise TypeError("an error must say what happened")
        self.problems = problems
        super().__init__("; ".join(f"{p.code} {p.title.en}" for p in problems))

    @property
    def problem(self) -> Problem:
        return self.problems[0]


class Rejected(GatewayError):
    """The message is wrong and stays wrong however often it is tried."""


class Unavailable(GatewayError):
    """The other side certainly took nothing; later may help.

    `retry_after` is in seconds, where the other side named it; `until` is the instant, where it is known beforehand.
    """

    def __init__(self, *problems: Problem, retry_after: float | None = None, until: datetime | None = None) -> None:
        super().__init__(*problems)
        self.retry_after = retry_after
        self.until = until


class InDoubt(GatewayError):
    """Bytes went out and no answer we can trust came back. The next step is to ask."""


class Overtaken(GatewayError):
    """Somebody else holds this exchange now; what we were about to write is not ours to write."""

    def __init__(self, exchange: str) -> None:
        super().__init__(problem("F-002", exchange=exchange))


class Conflict(GatewayError):
    """The same key was used before with other content; both digests stand in the details."""


class NotFound(GatewayError):
    """Nothing by that name is kept here."""


class Misconfigured(GatewayError):
    """Only an operator can mend this. All faults found are listed, not the first one."""
