"""The words of a composite report as the province hands them in, and as the receiver may read them again.

A packet 6 in XML or as its JSON twin, or the short form::

    {"outline": "DC-01", "version": "2026", "sections": [{"code": "I.1", "text": "…"}],
     "attachments": [{"name": "bao-cao.pdf", "role": "narrative"},
                     {"name": "bieu.pdf", "role": "form", "form": "01/KTXH"}]}

It names every file that lies beside it. What it names and is not there is refused, and so is the other way round.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

from gateway.domain.enclosed import safe_name
from gateway.domain.errors import Problem, Rejected, problem
from gateway.domain.outline import Attachment, Narrative, Outline, Role, Words
from gateway.domain.parcel import Enclosed
from gateway.domain.report import Columns, ReportHead
from gateway.ports import Header
from gateway.schemas.national import packet, references, twin
from gateway.schemas.national.constraints import refuse
from gateway.schemas.national.model import Content, Packet
from gateway.schemas.submissions import from_text

_FIELDS = {"outline", "version", "sections", "attachments"}
_HEADER = Header("x", "narrative", datetime(2026, 1, 1, tzinfo=UTC), "A00", "000.00.00.A00", "A00", "000.00.00.A00")
_SAME: Mapping[str, tuple[str, str]] = {
    "regime": ("chế độ", "the regime"),
    "period": ("kỳ", "the period"),
    "reporter": ("đơn vị báo cáo", "the reporter"),
    "revision": ("lần sửa đổi", "the revision"),
}


def read(payload: bytes, media_type: str, head: ReportHead, files: Sequence[Enclosed]) -> Narrative:
    """The narrative that belongs to the report of `head` and names `files`.

    Raises `Rejected` with every fault: C-001 … C-005, C-009, C-022 of its own shape, C-032 where it and the files
    do not fit, C-033 where it is of another report.
    """
    found = _read(payload, media_type, head, {file.name: file for file in files})
    faults = [*_of_another(found.head, head), *_unfit(found.attachments, files)]
    if faults:
        raise Rejected(*faults)
    return found


def follow(narrative: Narrative, outlines: Sequence[Outline], agreement: str, figures: Columns | None = None) -> None:
    """Raises `Rejected`: C-034 for an outline that was not agreed, C-022 where the words do not follow theirs.

    figures  in the outline's codes: what is quoted of them is looked for; None before they are mapped
    """
    named = (narrative.head.form, narrative.outline_version)
    outline = next((one for one in outlines if (one.code, one.version) == named), None)
    if outline is None:
        known = ", ".join(f"{one.code}@{one.version}" for one in outlines)
        raise Rejected(problem("C-034", agreement=agreement, found="@".join(named), expected=known))
    refuse(references.of_narrative(narrative, outline, figures), "Narrative")


def _read(payload: bytes, media_type: str, head: ReportHead, files: Mapping[str, Enclosed]) -> Narrative:
    if media_type != "application/json":
        return _narrative(packet.read(payload).content)
    said = from_text(payload)
    if not isinstance(said, dict):
        raise _wrong("$", type(said).__name__, "object")
    return _narrative(twin.read(said).content) if "packet" in said else _short(said, head, files)


def _narrative(content: Content) -> Narrative:
    if not isinstance(content, Narrative):
        raise _wrong("/Packet/@packet", type(content).__name__, "narrative")
    return content


def _short(said: Mapping[str, Any], head: ReportHead, files: Mapping[str, Enclosed]) -> Narrative:
    if unknown := said.keys() - _FIELDS:
        raise _wrong("$", f"unknown field {', '.join(sorted(unknown))}", ", ".join(sorted(_FIELDS)))
    sections = _each(said, "sections", ("code", "text"))
    attached = _each(said, "attachments", ("name", "role"), ("form",))
    narrative = Narrative(
        replace(head, form=_text(said, "outline", "$"), note=""),
        _text(said, "version", "$"),
        tuple(Words(one["code"], one["text"]) for one in sections),
        tuple(_attachment(one, files) for one in attached),
    )
    # The schema of packet 6 rules this form too: what could not be sent is said now.
    return _narrative(packet.read(packet.written(Packet(_HEADER, narrative))).content)


def _attachment(said: Mapping[str, str], files: Mapping[str, Enclosed]) -> Attachment:
    name = safe_name(said["name"])
    file = files.get(name)
    if file is None:
        raise Rejected(_loose(said["name"], "được nêu nhưng không đính kèm", "is named, and not attached"))
    content = file.content
    role = cast(Role, said["role"])
    return Attachment(name, content.media_type, content.size, content.digest, role, said.get("form", ""))


def _each(
    said: Mapping[str, Any], name: str, needed: Sequence[str], also: Sequence[str] = ()
) -> Iterator[Mapping[str, str]]:
    rows = said.get(name, [])
    if not isinstance(rows, list):
        raise _wrong(f"$.{name}", type(rows).__name__, "list")
    for number, row in enumerate(rows):
        path = f"$.{name}[{number}]"
        if not isinstance(row, dict) or row.keys() - {*needed, *also}:
            raise _wrong(path, str(row)[:80], ", ".join((*needed, *also)))
        yield {key: _text(row, key, path) for key in (*needed, *(key for key in also if key in row))}


def _text(said: Mapping[str, Any], name: str, path: str) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not value:
        raise _wrong(f"{path}.{name}", f"{value!r}"[:80], "text")
    return value


def _of_another(said: ReportHead, figures: ReportHead) -> Iterator[Problem]:
    for name, (vi, en) in _SAME.items():
        found, expected = getattr(said, name), getattr(figures, name)
        if found != expected:
            yield problem("C-033", what_vi=vi, what_en=en, found=found, expected=expected)


def _unfit(named: Sequence[Attachment], files: Sequence[Enclosed]) -> Iterator[Problem]:
    there = {file.name: file.content for file in files}
    for each in named:
        content = there.pop(safe_name(each.name), None)
        if content is None:
            yield _loose(each.name, "được nêu nhưng không đính kèm", "is named, and not attached")
        elif (each.size, each.digest) != (content.size, content.digest):
            vi, en = "dung lượng hoặc mã băm khác tệp đính kèm", "size or SHA-256 is not that of the file attached"
            yield _loose(each.name, vi, en)
        elif each.media_type != content.media_type:
            vi, en = f"khai {each.media_type}", f"said to be {each.media_type}"
            yield _loose(
                each.name, f"{vi}, nội dung là {content.media_type}", f"{en}, its bytes are {content.media_type}"
            )
    for name in there:
        yield _loose(name, "đính kèm nhưng không được nêu", "is attached, and not named")


def _loose(name: str, vi: str, en: str) -> Problem:
    return problem("C-032", name=name, what_vi=vi, what_en=en)


def _wrong(path: str, reason: str, expected: str) -> Rejected:
    return Rejected(problem("C-005", path=path, line="-", reason=reason, expected=expected))
