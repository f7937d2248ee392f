"""What an exchange goes through, one module per step; each yields facts.

Only the timetables come in. It touches words and ports only. A plain generator is pure; an asynchronous one is on
a wire, and resumed only once the fact it yielded is on disk: what yields `Attempted` first cannot send unrecorded.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator

from gateway.journey.case import Case
from gateway.ports import Entry

PureStep = Callable[[Case], Iterator[Entry]]
WireStep = Callable[[Case], AsyncIterator[Entry]]
Step = PureStep | WireStep
