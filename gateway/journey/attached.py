"""The signed files of a composite report: each judged by its own policy, and held against the figures handed in.

Thanh Hóa art. 11: files signed in the document system may be attached in place of signing the report here; then they
must hold the very same figures, or nobody would have signed what goes up.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.domain.errors import Problem, Rejected, Unavailable, problem
from gateway.domain.facts import Verified
from gateway.domain.outline import Attachment
from gateway.domain.report import Report
from gateway.domain.verdict import Outcome, SubIndication, Verdict
from gateway.journey.case import Case, blob
from gateway.journey.steps.reconcile import Line, lines_of
from gateway.ports import Entry, Proven
from gateway.text import folded

_OCTETS = "application/octet-stream"
_TOLD = 3


@dataclass(frozen=True, slots=True)
class Judged:
    """`entries`: one `Verified` for each file judged; `stands`: they stand for the report's own signature."""

    entries: tuple[Entry, ...] = ()
    stands: bool = False


def judged(case: Case) -> Judged:
    """Every file that has to be signed, judged; nothing passes unless all do.

    Raises `Rejected` with all faults: B-020 unsigned, B-021 not passed, C-036 other figures than those handed in;
    `Unavailable` (B-007) while revocation cannot be known.
    """
    terms, x = case.agreement.composite, case.exchange
    if terms is None or x.submission is None or not x.attached:
        return Judged()
    contents = {one.name: one.content for one in x.submission.attachments}
    entries: list[Entry] = []
    faults: list[Problem] = []
    later: list[str] = []
    same = False
    for file in x.attached:
        policy = terms.policy(file.role, file.name)
        if not policy:
            continue
        content = case.bytes_of(contents[file.name])
        proven = case.doors.verifier.prove(content, None, policy, x.opened_at or case.now)
        entries.append(_evidence(case, file.name, proven))
        found = list(_faults(file.name, proven.verdict, case.agreement.id, later))
        if not found:  # only what its signers vouch for is opened
            signed = case.doors.reader.figures(content, file.media_type)
            found = [fault for one in signed for fault in _other_figures(case, file, one)]
            same = same or (bool(signed) and not found)
        faults += found
    if faults:
        raise Rejected(*faults)
    if later:
        raise Unavailable(problem("B-007", reason=", ".join(later)))
    return Judged(tuple(entries), terms.instead and same)


def _faults(name: str, verdict: Verdict, agreement: str, later: list[str]) -> Iterator[Problem]:
    if not verdict.signatures:
        yield problem("B-020", name=name, agreement=agreement)
    elif verdict.sub_indication is SubIndication.TRY_LATER:
        later.append(name)
    elif not verdict.passed:
        checks = [*verdict.checks, *(check for one in verdict.signatures for check in one.checks)]
        why = " ".join(check.vi for check in checks if check.outcome is Outcome.FAILED) or "–"
        indication = f"{verdict.indication} {verdict.sub_indication or ''}".strip()
        yield problem("B-021", name=name, indication=indication, reason=why)


def _other_figures(case: Case, file: Attachment, signed: Report) -> Iterator[Problem]:
    """The report in a file is this one, to the last figure."""
    report = case.submitted()
    ours, theirs = (Counter(map(_told_plainly, lines_of(one.columns))) for one in (report, signed))
    told = [f"thiếu / missing {' '.join(filter(None, line))}" for line in ours - theirs]
    told += [f"khác / other {' '.join(filter(None, line))}" for line in theirs - ours]
    if signed.head.lane != report.head.lane:
        told.insert(0, signed.head.lane)
    if told:
        yield problem("C-036", name=file.name, reason="; ".join(told[:_TOLD]))


def _told_plainly(line: Line) -> Line:
    """`line` with its unit as a code has it: *triệu đồng* in a table is *trieu_dong* in a packet."""
    indicator, organisation, breakdown, unit, figure = line
    bare = "".join(c for c in unicodedata.normalize("NFD", folded(unit)) if not unicodedata.combining(c))
    return (indicator, organisation, breakdown, bare.replace("đ", "d").replace("_", " "), figure)


def _evidence(case: Case, name: str, proven: Proven) -> Entry:
    materials = tuple(blob(one, _OCTETS) for one in proven.materials)
    fact = Verified(proven.verdict, blob(proven.record, "application/json"), materials, part=name)
    return case.entry(fact, proven.record, *proven.materials)
