"""What lies beside the figures of a report (báo cáo liên kết), at the door: counted, measured and named, then kept.

Nothing is left out to make the rest fit: one part that cannot be taken, and the whole is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gateway.domain.agreement import Agreement, CompositeTerms
from gateway.domain.enclosed import ENDINGS, fits, kind_of, safe_name
from gateway.domain.errors import Problem, Rejected, problem
from gateway.domain.facts import Submission
from gateway.domain.outline import Narrative
from gateway.domain.parcel import Blob, Enclosed
from gateway.domain.report import ReportHead
from gateway.journey.case import Case, blob
from gateway.ports import Journal

NARRATIVE_TYPES = ("application/json", "application/xml", "text/xml")


@dataclass(frozen=True, slots=True)
class File:
    """A part as its sender calls it; the type he declares counts for the narrative alone."""

    name: str
    content: bytes = field(repr=False)
    media_type: str = ""


def faults(agreed: Agreement, narrative: File | None, files: Sequence[File]) -> Iterator[Problem]:
    """What is wrong with the parts: C-003 too long or too many, C-006, C-030 not agreed, C-031 no file to keep."""
    if narrative is None and not files:
        return
    terms = agreed.composite
    if terms is None:
        found = ", ".join(["narrative"] * (narrative is not None) + ["attachment"] * len(files))
        yield problem("C-030", agreement=agreed.id, found=found)
        return
    yield from _too_much(terms, narrative, files)
    if narrative is not None and narrative.media_type not in NARRATIVE_TYPES:
        yield problem("C-006", media_type=f"narrative: {narrative.media_type or '–'}")
    seen: set[str] = set()
    for each in files:
        name = safe_name(each.name)
        yield from _unfit(each, name, seen)
        seen.add(name.casefold())


def kept(narrative: File | None, files: Sequence[File]) -> tuple[Blob | None, tuple[Enclosed, ...]]:
    """The parts as facts name them; a file is of the kind that its bytes show, whatever was declared."""
    enclosed = tuple(Enclosed(safe_name(f.name), blob(f.content, kind_of(f.content))) for f in files)
    return (blob(narrative.content, narrative.media_type) if narrative else None), enclosed


def narrative_of(case: Case, head: ReportHead) -> Narrative | None:
    """The words that belong to the figures of `head`; None where there are none, and need be none.

    Raises `Rejected`: C-035 where they are missing, C-032 for files that nothing names, and what the reader finds.
    """
    told, agreed = case.exchange.submission, case.agreement
    assert told is not None
    if told.narrative is not None:
        payload = case.bytes_of(told.narrative)
        return case.doors.reader.read_narrative(payload, told.narrative.media_type, head, told.attachments, agreed)
    if told.attachments:
        vi, en = "đính kèm nhưng không có phần lời nêu tên", "is attached, and there is no narrative to name it"
        raise Rejected(*(problem("C-032", name=one.name, what_vi=vi, what_en=en) for one in told.attachments))
    if agreed.composite and agreed.composite.required:
        raise Rejected(problem("C-035", agreement=agreed.id, article=agreed.composite.legal_basis))
    return None


def handed_in(journal: Journal, told: Submission) -> tuple[File | None, tuple[File, ...]]:
    """The parts once more as they came, for a replay."""
    narrative = told.narrative
    words = File("", journal.bytes_of(narrative.digest), narrative.media_type) if narrative else None
    return words, tuple(File(one.name, journal.bytes_of(one.content.digest)) for one in told.attachments)


def _too_much(terms: CompositeTerms, narrative: File | None, files: Sequence[File]) -> Iterator[Problem]:
    if len(files) > terms.files:
        yield problem("C-003", what="attachments", found=len(files), limit=terms.files)
    parts = [*files, *([narrative] if narrative else [])]
    for each in parts:
        if len(each.content) > terms.file_bytes:
            what = f"bytes: {each.name[:80]}"
            yield problem("C-003", what=what, found=len(each.content), limit=terms.file_bytes)
    together = sum(len(each.content) for each in parts)
    if together > terms.together_bytes:
        yield problem("C-003", what="bytes: narrative + attachments", found=together, limit=terms.together_bytes)


def _unfit(file: File, name: str, seen: set[str]) -> Iterator[Problem]:
    said = name or file.name[:80]
    if not name:
        yield _refused(said, "tên tệp không dùng được", "the name cannot be used")
    elif name.casefold() in seen:
        yield _refused(said, "tên tệp đã có, dù khác hoa thường", "the name stands already, in any case")
    if not file.content:
        yield _refused(said, "tệp rỗng", "the file is empty")
        return
    kind = kind_of(file.content)
    if not kind:
        known = " ".join(ending for endings in ENDINGS.values() for ending in endings)
        yield _refused(said, f"nội dung không thuộc loại nhận được ({known})", f"its bytes are none of {known}")
    elif name and not fits(name, kind):
        yield _refused(said, f"đuôi tệp không hợp nội dung ({kind})", f"its ending does not fit its bytes ({kind})")


def _refused(name: str, vi: str, en: str) -> Problem:
    return problem("C-031", name=name, what_vi=vi, what_en=en)
