"""Validate: read the submission against its schema and its agreement."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.domain.errors import Problem, Rejected, problem
from gateway.domain.exchange import Stage
from gateway.domain.facts import Validated
from gateway.domain.report import ReportHead
from gateway.journey.case import Case
from gateway.ports import Entry

_NEVER_STOOD = frozenset({Stage.REFUSED, Stage.CANCELLED})


def validate(case: Case) -> Iterator[Entry]:
    """Yields `Validated`. Raises `Rejected` with every fault of the file, or of its head."""
    x = case.exchange
    assert x.submission is not None
    payload = case.bytes_of(x.payload)
    schema, report = case.doors.reader.read(payload, x.submission.media_type)
    case.memory.submitted = report
    faults = [*_not_agreed(case, report.head), *_overtaken(case, report.head)]
    if faults:
        raise Rejected(*faults)
    yield case.entry(Validated(schema, report.head, len(report.columns)))


def _not_agreed(case: Case, head: ReportHead) -> Iterator[Problem]:
    agreed = case.agreement
    if head.regime != agreed.regime:
        told = {"what_vi": "chế độ", "what_en": "regime", "found": head.regime, "expected": agreed.regime}
        yield problem("C-011", agreement=agreed.id, **told)
    if head.form not in agreed.forms:
        told = {"what_vi": "biểu mẫu", "what_en": "form", "found": head.form, "expected": ", ".join(agreed.forms)}
        yield problem("C-011", agreement=agreed.id, **told)


def _overtaken(case: Case, head: ReportHead) -> Iterator[Problem]:
    peers = case.doors.journal.in_lane(head.lane)
    newest = max((peer.head.revision for peer in peers if peer.head and peer.stage not in _NEVER_STOOD), default=0)
    if newest > head.revision:
        yield problem("C-010", revision=head.revision, newer=newest)
