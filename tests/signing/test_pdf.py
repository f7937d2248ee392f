"""Signed PDF: what passes, and every known way to change one under its signatures, rebuilt here."""

from __future__ import annotations

import random
import re
import time
from datetime import timedelta

import pytest

from gateway.domain.errors import Rejected
from gateway.domain.verdict import Integrity, Verdict
from gateway.signing.create.pades import PadesSigner, stamped
from gateway.signing.keys import HeldKey
from gateway.signing.pdf.process import PdfReaders
from gateway.signing.pdf.reading import read
from gateway.signing.pdf.told import Rules
from tests.signing.authority import NOW, Authority
from tests.signing.conftest import outcome
from tests.signing.documents import Desk, codes, desk
from tests.signing.pdf_files import form, next_number, object_of, report, stream, updated

__all__ = ["desk"]

POLICY = "vn-report-pdf"
RULES = Rules(("LTA", "SIGNATURE_FIELD"), (), 8, 8)


@pytest.fixture(scope="module")
def signed(desk: Desk) -> bytes:
    """By the leader, then by the agency; a form field, and a text hidden under an image, wait in it."""
    return by_both(desk, report(field=True, hidden=True))


def by_both(desk: Desk, pdf: bytes) -> bytes:
    return PadesSigner(desk.agency).sign(PadesSigner(desk.leader).sign(pdf, NOW), NOW)


def judged(desk: Desk, pdf: bytes) -> Verdict:
    return desk.verify(pdf, POLICY)


def test_a_report_signed_by_leader_and_agency_passes(desk: Desk, signed: bytes) -> None:
    verdict = judged(desk, signed)
    assert (outcome(verdict), verdict.integrity) == ("TOTAL-PASSED", Integrity.PASSED)
    assert [(one.format, one.level, one.claimed_time) for one in verdict.signatures] == [("PADES", "B", NOW)] * 2
    assert codes(verdict)["changes"] == codes(verdict)["ranges"] == "passed"


def test_the_leader_alone_is_not_enough(desk: Desk) -> None:
    verdict = judged(desk, PadesSigner(desk.leader).sign(report(), NOW))
    assert (outcome(verdict), codes(verdict)["required"]) == ("INDETERMINATE SIG_CONSTRAINTS_FAILURE", "failed")


def test_an_unsigned_pdf_is_unsigned(desk: Desk) -> None:
    assert (outcome(judged(desk, report())), judged(desk, report()).signatures) == (
        "INDETERMINATE SIG_CONSTRAINTS_FAILURE",
        (),
    )


def test_time_stamps_in_the_signature_and_over_the_document_prove_the_time(desk: Desk) -> None:
    earlier = NOW - timedelta(hours=2)
    one = PadesSigner(desk.leader, stamps=desk.stamping(earlier)).sign(report(), NOW)
    two = stamped(PadesSigner(desk.agency).sign(one, NOW), desk.stamping(NOW - timedelta(hours=1)))
    verdict = judged(desk, two)
    assert outcome(verdict) == "TOTAL-PASSED"
    assert [one.best_time for one in verdict.signatures] == [earlier, NOW - timedelta(hours=1)]
    assert [one.level for one in verdict.signatures] == ["T", "T"]


def test_a_document_time_stamp_over_other_bytes_fails(desk: Desk, signed: bytes) -> None:
    verdict = judged(desk, stamped(signed, desk.stamping(wrong=True)))
    assert (verdict.passed, verdict.integrity) == (False, Integrity.FAILED)


def test_an_empty_field_for_a_further_signature_may_be_added_and_one_with_a_picture_may_not(
    desk: Desk, signed: bytes
) -> None:
    number = next_number(signed)
    shown = b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Them) /Rect [72 600 400 720] /F 132 /P 3 0 R %b>>"
    for picture, passes in ((b"", True), (b"/AP << /N 10 0 R >> ", False)):
        added = updated(signed, {number: shown % picture, **_listed(signed, number)})
        assert judged(desk, added).passed is passes, picture


def _listed(pdf: bytes, number: int) -> dict[int, bytes]:
    """The page's and the form's lists with one more field."""
    reference = b" %d 0 R ]" % number
    fields = re.sub(rb"(/Fields \[[^\]]*)\]", rb"\1" + reference, object_of(pdf, 6))
    return {6: fields, 9: object_of(pdf, 9).rstrip(b"]") + reference}


# ── attacks: (what is done to a signed file) ──────────────────────────────────────────────────────
def _annotation(pdf: bytes) -> bytes:
    number = next_number(pdf)
    note = b"<< /Type /Annot /Subtype /FreeText /Rect [72 600 400 720] /DA (/F1 9 Tf) /Contents (999) /P 3 0 R >>"
    return updated(pdf, {number: note, 9: object_of(pdf, 9).rstrip(b"]") + b" %d 0 R ]" % number})


def _widget(pdf: bytes) -> bytes:
    number = next_number(pdf)
    field = b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (moi) /V (999) /Rect [72 600 400 720] /P 3 0 R /AP << /N 10 0 R >> >>"
    return updated(pdf, {number: field, **_listed(pdf, number)})


SHADOWS = {
    "hide: the image over the text is emptied": lambda pdf: updated(pdf, {8: form(b"")}),
    "replace: the text": lambda pdf: updated(pdf, {4: stream(b"BT /F1 24 Tf 72 700 Td (9999) Tj ET")}),
    "replace: the font": lambda pdf: updated(pdf, {5: b"<< /Type /Font /Subtype /Type1 /BaseFont /Symbol >>"}),
    "replace: the value of a field": lambda pdf: updated(pdf, {7: object_of(pdf, 7).replace(b"(100)", b"(999)")}),
    "replace: the picture of a field": lambda pdf: updated(pdf, {10: form(b"BT /F1 12 Tf 2 4 Td (999) Tj ET")}),
    "replace: the form's font": lambda pdf: updated(pdf, {6: object_of(pdf, 6).replace(b"5 0 R", b"10 0 R")}),
    "hide and replace: another page": lambda pdf: updated(pdf, {2: object_of(pdf, 2).replace(b"3 0 R", b"8 0 R")}),
    "annotation over the text": _annotation,
    "a field over the text": _widget,
    "the page in another box": lambda pdf: updated(pdf, {3: object_of(pdf, 3).replace(b"842", b"100")}),
}


@pytest.mark.parametrize("attack", SHADOWS.values(), ids=SHADOWS.keys())
def test_a_document_changed_after_signing_fails(desk: Desk, signed: bytes, attack: object) -> None:
    changed = attack(signed)  # type: ignore[operator]
    assert changed != signed
    verdict = judged(desk, changed)
    assert (outcome(verdict), verdict.integrity) == ("TOTAL-FAILED FORMAT_FAILURE", Integrity.FAILED)
    assert "failed" in (codes(verdict).get("changes"), codes(verdict)["structure"])


INCREMENTS = {
    "objects without a table": b"4 0 obj\n<< /Length 3 >>\nstream\nabc\nendstream\nendobj\n",
    "a table without a trailer": b"4 0 obj\n(x)\nendobj\nxref\n4 1\n0000000009 00000 n \n",
    "a trailer alone": b"trailer\n<< /Root 2 0 R >>\n",
    "a second end": b"%%EOF\n4 0 obj\n(x)\nendobj\n%%EOF\n",
}


@pytest.mark.parametrize("tail", INCREMENTS.values(), ids=INCREMENTS.keys())
def test_nothing_may_be_written_behind_the_end_that_some_reader_might_find(
    desk: Desk, signed: bytes, tail: bytes
) -> None:
    number = next_number(signed)
    field = b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Them) /Rect [0 0 0 0] /F 132 /P 3 0 R >>"
    added = updated(signed, {number: field, **_listed(signed, number)})
    assert judged(desk, added).passed
    for pdf in (signed, added):
        verdict = judged(desk, pdf + tail)
        assert (outcome(verdict), verdict.integrity) == ("TOTAL-FAILED FORMAT_FAILURE", Integrity.FAILED)


def _rewritten(pdf: bytes, pattern: bytes, replacement: bytes) -> bytes:
    """The last signature's dictionary again, in an update, changed."""
    found = list(re.finditer(rb"(?s)\n(\d+) 0 obj\s*(<<\s*/Contents.*?)\s*endobj", pdf))[-1]
    changed = re.sub(pattern, replacement, found[2], count=1)
    assert changed != found[2]
    return updated(pdf, {int(found[1]): changed})


FORGERIES = {
    "no Contents": (rb"/Contents <[^>]*>", b""),
    "Contents null": (rb"/Contents <[^>]*>", b"/Contents null"),
    "Contents empty": (rb"/Contents <[^>]*>", b"/Contents <>"),
    "Contents zero": (rb"/Contents <[^>]*>", b"/Contents <00>"),
    "no ByteRange": (rb"/ByteRange \[[^\]]*\]", b""),
    "ByteRange null": (rb"/ByteRange \[[^\]]*\]", b"/ByteRange null"),
    "ByteRange empty": (rb"/ByteRange \[[^\]]*\]", b"/ByteRange []"),
    "ByteRange of two": (rb"/ByteRange \[[^\]]*\]", b"/ByteRange [0 100]"),
    "ByteRange negative": (rb"/ByteRange \[[^\]]*\]", b"/ByteRange [0 -1 -1 -1]"),
    "ByteRange of nothing": (rb"/ByteRange \[[^\]]*\]", b"/ByteRange [0 0 0 0]"),
    "ByteRange overlapping": (rb"/ByteRange \[0 (\d+) (\d+) (\d+)", rb"/ByteRange [0 \2 \1 \3"),
    "another SubFilter": (rb"/SubFilter /ETSI.CAdES.detached", b"/SubFilter /adbe.x509.rsa_sha1"),
    "no SubFilter": (rb"/SubFilter /ETSI.CAdES.detached", b""),
}


@pytest.mark.parametrize(("pattern", "replacement"), FORGERIES.values(), ids=FORGERIES.keys())
def test_a_signature_forged_by_emptying_what_readers_look_at_fails(
    desk: Desk, signed: bytes, pattern: bytes, replacement: bytes
) -> None:
    """Universal signature forgery (USF)."""
    verdict = judged(desk, _rewritten(signed, pattern, replacement))
    assert (verdict.passed, verdict.integrity) == (False, Integrity.FAILED)


def test_a_signed_range_moved_to_make_room_for_another_content_fails(desk: Desk, signed: bytes) -> None:
    """Signature wrapping (SWA): a second ByteRange in the gap, where nothing is signed, and the rest moved behind."""
    numbers = [int(one) for one in re.findall(rb"/ByteRange \[([^\]]*)\]", signed)[-1].split()]
    _, length, resumed, rest = numbers
    contents = signed[length:resumed]
    short = re.sub(rb"0+>$", b"", contents)
    short = short + (b"0" if len(short) % 2 == 0 else b"") + b">"
    evil = b"\n4 0 obj\n" + stream(b"BT /F1 24 Tf 72 700 Td (9999) Tj ET") + b"\nendobj\n"
    again = b" /ByteRange [0 %d %d %d]" % (length, length + len(contents) + len(evil), rest)
    gap = short + again + b" " * (len(contents) - len(short) - len(again))
    assert len(gap) == len(contents)
    moved = signed[:length] + gap + evil + signed[resumed:]
    verdict = judged(desk, moved)
    assert (verdict.passed, verdict.integrity) == (False, Integrity.FAILED)


@pytest.mark.parametrize("permits", [1, 2, 3])
def test_an_annotation_on_a_certified_document_fails_whatever_the_certification_permits(
    desk: Desk, permits: int
) -> None:
    """Evil annotation (EAA): DocMDP 3 lets annotations be added, a report does not."""
    certified = PadesSigner(desk.agency, permits=permits).sign(report(field=True), NOW)
    assert desk.verify(certified, "integrity-only").integrity is Integrity.PASSED
    assert desk.verify(_annotation(certified), "integrity-only").integrity is Integrity.FAILED


@pytest.mark.parametrize("permits", [2, 3])
def test_a_stranger_who_signs_over_a_certified_document_does_not_pass(desk: Desk, permits: int) -> None:
    """Sneaky signature (SSA): a visible signature over the text, by a key nobody knows."""
    stranger = HeldKey(*Authority("Gốc lạ").issue("Kẻ lạ"))
    certified = PadesSigner(desk.agency, permits=permits).sign(report(field=True), NOW)
    number = next_number(certified)
    shown = b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Signature2) /Rect [72 600 400 720] /F 132 /P 3 0 R >>"
    prepared = updated(certified, {number: shown, **_listed(certified, number)})
    assert desk.verify(prepared, "integrity-only").integrity is Integrity.FAILED
    assert not judged(desk, PadesSigner(stranger).sign(prepared, NOW)).passed


def test_a_sealed_document_takes_no_further_signature(desk: Desk) -> None:
    sealed = PadesSigner(desk.leader, permits=1).sign(report(), NOW)
    with pytest.raises(Rejected, match="forbids"):
        PadesSigner(desk.agency).sign(sealed, NOW)


def test_a_signature_of_another_document_does_not_hold_here(desk: Desk, signed: bytes) -> None:
    """The leader's signature copied into a report of other figures, of the same length."""
    other = by_both(desk, report(b"Thu ngan sach: 999 ty dong", field=True, hidden=True))
    mine, theirs = (re.search(rb"/Contents <([0-9A-Fa-f]+)>", pdf) for pdf in (signed, other))
    assert mine is not None
    assert theirs is not None
    copied = other[: theirs.start(1)] + mine[1] + other[theirs.start(1) + len(mine[1]) :]
    assert judged(desk, copied).integrity is Integrity.FAILED


def test_no_byte_that_is_signed_can_be_changed(desk: Desk, signed: bytes) -> None:
    chosen = random.Random(7).sample(range(len(signed)), 60)
    gaps = [match.span(1) for match in re.finditer(rb"/Contents <([0-9A-Fa-f]+)>", signed)]
    for at in chosen:
        turned = signed[:at] + bytes([signed[at] ^ 4]) + signed[at + 1 :]
        padding = any(start < at < end and set(signed[at:end]) == {0x30} for start, end in gaps)
        assert padding or not judged(desk, turned).passed, at


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7\n",
        b"%PDF-1.7\nstartxref\n0\n%%EOF\n",
        b"%PDF-1.7\nxref\n0 99999999\ntrailer\n<< /Size 9 >>\nstartxref\n9\n%%EOF\n",
        b"%PDF-1.7\n1 0 obj\n" + b"[" * 100_000 + b"\nendobj\nstartxref\n9\n%%EOF\n",
        b"%PDF-1.7\n" + b"\n".join(b"%d 0 obj <</ByteRange [0 1 2 3]>> endobj" % n for n in range(2000)),
    ],
    ids=["a head", "no table", "a table of millions", "a hundred thousand brackets", "no fields"],
)
def test_a_file_that_is_hardly_a_pdf_fails_and_nothing_else_does(desk: Desk, data: bytes) -> None:
    verdict = judged(desk, data)
    assert (outcome(verdict), verdict.integrity) == ("TOTAL-FAILED FORMAT_FAILURE", Integrity.FAILED)


def test_a_file_that_takes_too_long_costs_its_process_and_no_more(signed: bytes) -> None:
    hasty, patient = PdfReaders(longest=0.0), PdfReaders()
    assert "seconds" in (hasty.read(signed, RULES).fault or "")
    assert patient.read(signed, RULES).fault is None
    hasty.close()
    patient.close()


def test_work_grows_with_the_file_and_no_faster(desk: Desk) -> None:
    """Processor time of this process alone, on files four times as long."""
    spent = []
    for size in (100_000, 400_000, 1_600_000):
        pdf = PadesSigner(desk.agency).sign(report(size=size), NOW)
        begun = time.process_time()
        assert read(pdf, RULES).signatures[0].changed is None
        spent.append(time.process_time() - begun)
    assert spent[2] < 30 * spent[0]
