"""Validate: read the submission against its schema and its agreement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateway.domain.errors import Problem, Rejected, problem
from gateway.domain.facts import Validated
from gateway.domain.report import ReportHead
from gateway.journey.case import Case, blob
from gateway.journey.enclosing import narrative_of
from gateway.journey.intake import refuse_unused_form, refuse_when_closed
from gateway.journey.lanes import overtaken
from gateway.ports import Entry

_BROUGHT = 64 * 1024  # bytes


def validate(case: Case) -> Iterator[Entry]:
    """Yields `Validated`. Raises `Rejected` with every fault of the file, or of its head."""
    x = case.exchange
    assert x.submission is not None
    schema, report, findings = case.read()
    faults = [*_not_agreed(case, report.head), *_overtaken(case, report.head)]
    if faults:
        raise Rejected(*faults)
    refuse_unused_form(case, report.head)
    refuse_when_closed(case, report.head)
    words = narrative_of(case, report.head)
    outline, attached = (f"{words.head.form}@{words.outline_version}", words.attachments) if words else ("", ())
    kept = (findings,) if findings else ()
    told = blob(findings, "application/json") if findings else None
    yield case.entry(Validated(schema, report.head, len(report.columns), told, outline, attached), *kept)


def validate_ahead(cases: Sequence[Case]) -> None:
    """Read the reports of `cases` and ask for all of their lanes at once; `validate` finds what speaks against its own.

    Nothing is written down between this and the step, so it is told what it would be told by itself. What cannot
    be read is left to its own step.
    """
    _bring(cases)
    read = [(case, head) for case in cases if (head := _readable(case)) is not None]
    found = overtaken(cases[0].doors, *((case.exchange, head) for case, head in read))
    for (case, _), late in zip(read, found, strict=True):
        case.memory.overtaken = late


def _bring(cases: Sequence[Case]) -> None:
    """What came in, where it is small, in one question for all; what is larger is read when its turn has come."""
    small = [(case, came.digest) for case in cases if (came := case.exchange.payload) and came.size <= _BROUGHT]
    found = cases[0].doors.journal.bytes_of_many([digest for _, digest in small])
    for case, digest in small:
        if digest in found:
            case.memory.bytes[digest] = found[digest]


def _readable(case: Case) -> ReportHead | None:
    try:
        return case.submitted().head
    except Exception:  # whatever it is, the step meets it again, and answers for it
        return None


def _overtaken(case: Case, head: ReportHead) -> list[Problem]:
    if case.memory.overtaken is None:
        [case.memory.overtaken] = overtaken(case.doors, (case.exchange, head))
    return case.memory.overtaken


def _not_agreed(case: Case, head: ReportHead) -> Iterator[Problem]:
    agreed = case.agreement
    if head.regime != agreed.regime:
        told = {"what_vi": "chế độ", "what_en": "regime", "found": head.regime, "expected": agreed.regime}
        yield problem("C-011", agreement=agreed.id, **told)
    if head.form not in agreed.forms:
        told = {"what_vi": "biểu mẫu", "what_en": "form", "found": head.form, "expected": ", ".join(agreed.forms)}
        yield problem("C-011", agreement=agreed.id, **told)
