"""What lies beside the figures of a report (báo cáo liên kết), at the door: counted, measured and named, then kept.

Nothing is left out to make the rest fit: one part that cannot be taken, and the whole is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from gateway.domain.agreement import Agreement
from gateway.domain.announced import OUTLINE, outline_of
from gateway.domain.calendar import period
from gateway.domain.enclosed import ENDINGS, fits, kind_of, safe_name
from gateway.domain.errors import Problem, Rejected, problem
from gateway.domain.facts import Submission
from gateway.domain.outline import Narrative
from gateway.domain.parcel import Blob, Enclosed, Parcel
from gateway.domain.report import Columns, ReportHead
from gateway.journey.case import Case, blob
from gateway.ports import Journal

_SHOWN = 12  # digits of a SHA-256: enough to find it
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
    yield from beyond_terms(agreed, _length(narrative), [(each.name, len(each.content)) for each in files])
    if agreed.composite is None:
        return
    if narrative is not None and narrative.media_type not in NARRATIVE_TYPES:
        yield problem("C-006", media_type=f"narrative: {narrative.media_type or '–'}")
    seen: set[str] = set()
    for each in files:
        name = safe_name(each.name)
        yield from _unfit(each, name, seen)
        seen.add(name.casefold())


def beyond_terms(agreed: Agreement, narrative: int | None, files: Sequence[tuple[str, int]]) -> Iterator[Problem]:
    """C-030 and C-003, by number and size alone: who has the files on a disk asks before he reads them.

    narrative  its bytes; None where there is none        files  (name, bytes) of each
    """
    terms = agreed.composite
    if terms is None:
        found = ", ".join(["narrative"] * (narrative is not None) + ["attachment"] * len(files))
        yield problem("C-030", agreement=agreed.id, found=found)
        return
    if len(files) > terms.files:
        yield problem("C-003", what="attachments", found=len(files), limit=terms.files)
    parts = [*files, *([("narrative", narrative)] if narrative is not None else [])]
    for name, size in parts:
        if size > terms.file_bytes:
            yield problem("C-003", what=f"bytes: {name[:80]}", found=size, limit=terms.file_bytes)
    together = sum(size for _, size in parts)
    if together > terms.together_bytes:
        yield problem("C-003", what="bytes: narrative + attachments", found=together, limit=terms.together_bytes)


def kept(narrative: File | None, files: Sequence[File]) -> tuple[Blob | None, tuple[Enclosed, ...]]:
    """The parts as facts name them; a file is of the kind that its bytes show, whatever was declared."""
    enclosed = tuple(Enclosed(safe_name(f.name), blob(f.content, kind_of(f.content))) for f in files)
    return (blob(narrative.content, narrative.media_type) if narrative else None), enclosed


def narrative_of(case: Case, head: ReportHead, figures: Columns | None = None) -> Narrative | None:
    """The words that belong to the figures of `head`, and state those `figures` that their outline has them quote.

    None where there are none, and need be none.

    Raises `Rejected`: C-035 where they are missing, C-032 for files that nothing names, and what the reader finds.
    """
    told, agreed = case.exchange.submission, case.agreement
    assert told is not None
    if told.narrative is not None:
        payload, agreed = case.bytes_of(told.narrative), with_outlines(case, agreed, head)
        media_type, files = told.narrative.media_type, told.attachments
        return case.doors.reader.read_narrative(payload, media_type, head, files, agreed, figures=figures)
    if told.attachments:
        vi, en = "đính kèm nhưng không có phần lời nêu tên", "is attached, and there is no narrative to name it"
        raise Rejected(*(problem("C-032", name=one.name, what_vi=vi, what_en=en) for one in told.attachments))
    if agreed.composite and agreed.composite.required:
        raise Rejected(problem("C-035", agreement=agreed.id, article=agreed.composite.legal_basis))
    return None


def with_outlines(case: Case, agreed: Agreement, head: ReportHead) -> Agreement:
    """`agreed` with the outlines that came down by it and are in force on the last day of the report's period."""
    names = [name for name in agreed.announced if name.startswith(OUTLINE)]
    if agreed.composite is None or not names:
        return agreed
    last = period(head.period).end
    kept = (case.doors.catalogues.on(name, last) for name in names)
    found = [one for one in map(outline_of, filter(None, kept)) if one.valid_to is None or last <= one.valid_to]
    return replace(agreed, composite=replace(agreed.composite, outlines=(*agreed.composite.outlines, *found)))


def other_parts(parcel: Parcel, told: Sequence[str] | None) -> list[str]:
    """Which of the parts that a receiver says it holds (by SHA-256) are not those of `parcel`; in words.

    Every part counts, so that one named twice is one too many. None: it does not say, and nothing is made of that.
    """
    if told is None:
        return []
    sent = [*([("narrative", parcel.narrative)] if parcel.narrative else [])]
    sent += [(file.name, file.content) for file in parcel.files]
    names = {blob.digest: name for name, blob in sent}
    ours, theirs = Counter(blob.digest for _, blob in sent), Counter(each.lower() for each in told)
    missing = [f"thiếu / missing {names[one]} {one[:_SHOWN]}…" for one in ours - theirs]
    beyond = theirs - ours
    twice = [f"lặp / twice {names[one]}" for one in beyond if one in ours]
    return missing + twice + [f"lạ / foreign {one[:_SHOWN]}" for one in beyond if one not in ours]


def handed_in(journal: Journal, told: Submission) -> tuple[File | None, tuple[File, ...]]:
    """The parts once more as they came, for a replay."""
    narrative = told.narrative
    words = File("", journal.bytes_of(narrative.digest), narrative.media_type) if narrative else None
    return words, tuple(File(one.name, journal.bytes_of(one.content.digest)) for one in told.attachments)


def _length(part: File | None) -> int | None:
    return len(part.content) if part is not None else None


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
