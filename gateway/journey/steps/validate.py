"""Validate: read the submission against its schema and its agreement."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.domain.errors import Problem, Rejected, problem
from gateway.domain.facts import Validated
from gateway.domain.report import ReportHead
from gateway.journey.case import Case, blob
from gateway.journey.enclosing import narrative_of
from gateway.journey.intake import refuse_unused_form, refuse_when_closed
from gateway.journey.lanes import overtaken
from gateway.ports import Entry


def validate(case: Case) -> Iterator[Entry]:
    """Yields `Validated`. Raises `Rejected` with every fault of the file, or of its head."""
    x = case.exchange
    assert x.submission is not None
    schema, report, findings = case.read()
    faults = [*_not_agreed(case, report.head), *overtaken(case.doors, case.exchange, report.head)]
    if faults:
        raise Rejected(*faults)
    refuse_unused_form(case, report.head)
    refuse_when_closed(case, report.head)
    words = narrative_of(case, report.head)
    outline, attached = (f"{words.head.form}@{words.outline_version}", words.attachments) if words else ("", ())
    kept = (findings,) if findings else ()
    told = blob(findings, "application/json") if findings else None
    yield case.entry(Validated(schema, report.head, len(report.columns), told, outline, attached), *kept)


def _not_agreed(case: Case, head: ReportHead) -> Iterator[Problem]:
    agreed = case.agreement
    if head.regime != agreed.regime:
        told = {"what_vi": "chế độ", "what_en": "regime", "found": head.regime, "expected": agreed.regime}
        yield problem("C-011", agreement=agreed.id, **told)
    if head.form not in agreed.forms:
        told = {"what_vi": "biểu mẫu", "what_en": "form", "found": head.form, "expected": ", ".join(agreed.forms)}
        yield problem("C-011", agreement=agreed.id, **told)
