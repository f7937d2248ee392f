"""In the reading process: a PDF's signatures as pyHanko sees them. Whatever it raises ends as a fault, told."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel, SuspiciousModification
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel

from gateway.signing.pdf.rules import policy_of
from gateway.signing.pdf.told import Reading, Rules, Told

_WHOLE = (SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION)
_STAMP = "/DocTimeStamp"
_SAID = {ModificationLevel.LTA_UPDATES: "LTA", ModificationLevel.FORM_FILLING: "SIGNATURE_FIELD"}  # the policy's words
_START, _END = b"startxref", b"%%EOF"
_REFERENCES = 8
_BLANK = b"\0\t\n\f\r "


def read(data: bytes, rules: Rules) -> Reading:
    """Never raises on what is in `data`; memory and time are the process's to bound."""
    try:
        return _read(PdfFileReader(io.BytesIO(data), strict=True), data, rules, None)
    except PdfReadError as error:
        strict = str(error)
    except Exception as error:
        return Reading(fault=_said(error))
    try:
        return _read(PdfFileReader(io.BytesIO(data), strict=False), data, rules, strict)
    except Exception as error:
        return Reading(fault=_said(error))


def _read(reader: PdfFileReader, data: bytes, rules: Rules, repaired: str | None) -> Reading:
    if reader.encrypted:
        return Reading(fault="encrypted")
    filled = list(enumerate_sig_fields(reader, filled_status=True))
    if len(filled) > rules.signatures:
        return Reading(fault=f"{len(filled)} signatures, {rules.signatures} at most")
    found = [EmbeddedPdfSignature(reader, field, name) for name, _, field in filled]
    found.sort(key=lambda one: one.signed_revision)
    store = _resolved(reader.root.get("/DSS")) or {}
    return Reading(
        signatures=tuple(_told(one, data, rules, _follows(one, found)) for one in found),
        certificates=_values(store, "/Certs", rules),
        crls=_values(store, "/CRLs", rules),
        ocsps=_values(store, "/OCSPs", rules),
        repaired=repaired,
    )


def _follows(one: EmbeddedPdfSignature, found: list[EmbeddedPdfSignature]) -> bool:
    """Whether a content signature comes after `one`."""
    later = [other for other in found if other.signed_revision > one.signed_revision]
    return any(str(other.sig_object_type) != _STAMP for other in later)


def _told(one: EmbeddedPdfSignature, data: bytes, rules: Rules, followed: bool) -> Told:
    coverage = one.evaluate_signature_coverage()
    one.coverage = coverage  # type: ignore[assignment]  # as pyHanko does itself
    changed, added = _changes(one, coverage, data, rules, followed)
    return Told(
        field=str(one.field_name),
        kind=str(one.sig_object_type).removeprefix("/"),
        filter=str(one.sig_object.get("/SubFilter", "")).removeprefix("/"),
        ranges=tuple(int(number) for number in one.byte_range),
        contents=one.pkcs7_content.hex(),
        changed=changed,
        added=added,
        revision=one.signed_revision,
        claimed=_claimed(one),
    )


def _claimed(one: EmbeddedPdfSignature) -> str:
    try:
        return str(generic.parse_pdf_date(str(one.sig_object["/M"]), strict=False).isoformat())
    except (KeyError, ValueError, PdfReadError):
        return ""


def _changes(
    one: EmbeddedPdfSignature, coverage: SignatureCoverageLevel, data: bytes, rules: Rules, followed: bool
) -> tuple[str | None, str]:
    """(why what came after the signature is refused, what came after it)."""
    if coverage not in _WHOLE:
        return f"coverage {coverage.name}", ""
    if coverage is SignatureCoverageLevel.ENTIRE_FILE:
        return None, ""
    later = one.reader.xrefs.total_revisions - 1 - one.signed_revision
    if _stray(data[one.byte_range[2] + one.byte_range[3] :], later):
        return "bytes that belong to no update", ""
    if later == 0:
        return None, ""
    fields = followed or "SIGNATURE_FIELD" in rules.after
    result = one.evaluate_modifications(policy_of(rules.form_fill, fields=fields))
    if isinstance(result, SuspiciousModification):
        return _said(result), ""
    return _judged(one, result.modification_level, rules, fields)


def _stray(tail: bytes, updates: int) -> bool:
    """Whether something stands behind an end: a reader that mends files would find it where pyHanko looks away."""
    behind = tail[tail.rfind(_END) + len(_END) :] if updates else tail
    return tail.count(_START) != updates or bool(behind.strip(_BLANK))


def _judged(one: EmbeddedPdfSignature, level: ModificationLevel, rules: Rules, fields: bool) -> tuple[str | None, str]:
    most = ModificationLevel.FORM_FILLING if fields or rules.form_fill else ModificationLevel.LTA_UPDATES
    if level > most or (level is ModificationLevel.LTA_UPDATES and not fields and "LTA" not in rules.after):
        return f"{level.name} after the signature", ""
    permitted = one.docmdp_level
    if permitted is not None and level.value > permitted.value:
        return f"{level.name} where the signature permits {permitted.name}", ""
    return None, _SAID.get(level, level.name)


def _values(store: Any, name: str, rules: Rules) -> tuple[str, ...]:
    found = tuple(_streams(_resolved(store.get(name)) or ()))
    if len(found) > rules.values:
        raise PdfReadError(f"{len(found)} values in {name}, {rules.values} at most")
    return found


def _streams(array: Any) -> Iterator[str]:
    for one in array:
        stream = _resolved(one)
        if isinstance(stream, generic.StreamObject):
            yield stream.data.hex()


def _resolved(value: Any) -> Any:
    """The object itself, however many references lead to it, within reason."""
    for _ in range(_REFERENCES):
        if not isinstance(value, generic.IndirectObject):
            return value
        value = value.get_object()  # type: ignore[no-untyped-call]
    raise PdfReadError("references to references")


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
