"""The writer's bytes, the reader's tolerance, and where tolerance ends."""

import base64
import io
import zipfile
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.errors import Rejected
from gateway.schemas.edxml.attachments import content_id, decoded, encoded, zipped
from gateway.schemas.edxml.model import Answered, Business, Document, File, Organ, Replaced, Signer, Status
from gateway.schemas.edxml.reader import read, read_document, read_status
from gateway.schemas.edxml.writer import write, write_status

PDF = b"%PDF-1.7\n\x00\xff binary"
DOCUMENT = Document(
    sender=Organ("H56", "Ủy ban nhân dân tỉnh"),
    recipients=(Organ("G22.01", "Văn phòng Bộ", email="vt@bo.example"),),
    document_id="H56,2026/11/20,128/BC-UBND",
    number="128",
    notation="BC-UBND",
    place="Giả Định",
    issued="2026-11-20",
    subject="Báo cáo <tháng> & “quý”",
    sent_at="2026-11-24 14:00:00",
    files=(
        File("128.pdf", "Báo cáo", PDF),
        File("so-lieu.xlsx", "Biểu", b"PK not really"),
        File("du-lieu.zip", "Dữ liệu", zipped({"report.json": b"{}"})),
    ),
    signer=Signer("TM.", "Chủ tịch", "Nguyễn Văn A"),
    pages=2,
    reason="Văn bản điện tử mới",
)
STATUS = Status(
    Organ("G22.01", "VP"),
    Answered("H56", "128/BC-UBND", "2026-11-20", DOCUMENT.document_id),
    "03",
    "",
    "2026-11-24 15:00:00",
)


# ── writing ──────────────────────────────────────────────────────────────────────────────────────
def test_a_document_comes_back_as_it_was():
    assert replace(read_document(write(DOCUMENT)), notes=()) == DOCUMENT


def test_the_same_document_is_the_same_bytes():
    assert write(DOCUMENT) == write(replace(DOCUMENT))


def test_the_prefix_and_the_spelling_are_those_of_the_field():
    written = write(DOCUMENT)
    for piece in (
        b'<edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016">',
        b'<edXML:edXMLEnvelope xmlns:edXML="http://www.mic.gov.vn/TBT/QCVN_102_2016">',
        b"<edXML:MessageHeader>", b"<edXML:Bussiness>", b"<edXML:BussinessDocType>0<",
        b"<edXML:PromulgationDate>2026/11/20<", b"<edXML:Timestamp>2026/11/24 14:00:00<", b"<AttachmentEncoded><Attachment><ContentId>cid:",
        b'<edXML:ContentTransferEncoded xmlns:edXML="http://www.mic.gov.vn/TBT/QCVN_102_2016">',
    ):  # fmt: skip
        assert piece in written
    assert b"<edXML:Business>" not in written
    assert b"<Attachment " not in written


def test_a_status_comes_back_as_it_was_and_has_no_body():
    written = write_status(STATUS)
    assert read_status(written) == STATUS
    assert b"<edXML:StatusCode>03<" in written
    assert not any(word in written for word in (b"edXMLBody", b"TraceHeaderList", b"<edXML:To>", b"AttachmentEncoded"))


LETTERS = st.characters(min_codepoint=0x20, exclude_categories=("Cs",), exclude_characters="\ufffe\uffff")


@given(st.text(LETTERS, min_size=1))
def test_a_document_id_is_kept_byte_for_byte(document_id):
    if not document_id.strip():
        return
    assert read_document(write(replace(DOCUMENT, document_id=document_id))).document_id == document_id
    about = replace(STATUS.about, document_id=document_id)
    assert read_status(write_status(replace(STATUS, about=about))).about.document_id == document_id


def test_a_replacement_comes_back():
    document = replace(
        DOCUMENT, business=Business.REPLACE, reason="Sai số liệu", replaces=(Replaced("a,b,c", ("G22.01", "G09")),)
    )
    assert replace(read_document(write(document)), notes=()) == document


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"number": " "}, "Code.CodeNumber"),
        ({"notation": ""}, "Code.CodeNotation"),
        ({"document_id": ""}, "DocumentId"),
        ({"subject": ""}, "Subject"),
        ({"type_name": ""}, "DocumentType.TypeName"),
        ({"issued": "20/11/2026"}, "PromulgationInfo.PromulgationDate"),
        ({"recipients": ()}, "To"),
        ({"files": ()}, "Attachment"),
        ({"sender": Organ("H 56", "x")}, "OrganId"),
        ({"recipients": (Organ("G22", "x"), Organ("G22", "y"))}, "To.OrganId"),
        ({"files": (File("a.pdf", "", PDF), File("a.pdf", "", PDF))}, "AttachmentName"),
        ({"content": "a\x00b"}, "Content"),
    ],
)
def test_what_a_bus_would_refuse_is_not_written(changes, path):
    with pytest.raises(Rejected) as caught:
        write(replace(DOCUMENT, **changes))
    assert (caught.value.problem.code, caught.value.problem.details["path"]) == ("C-005", path)


def test_all_faults_are_named_at_once():
    with pytest.raises(Rejected) as caught:
        write(replace(DOCUMENT, number="", subject="x" * 501, issued=""))
    assert [each.code for each in caught.value.problems] == ["C-005", "C-005", "C-003"]


# ── attachments ──────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("name", ["a.pdf", "a.PDF", "a.doc", "a.docx", "a.zip"])
def test_what_the_sdk_sends_raw_goes_raw(name):
    media_type, text = encoded(name, PDF, "cid:1")
    assert (media_type, base64.b64decode(text)) == (f"application/{name.split('.')[1].lower()}", PDF)


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a.xml", "a.json", "không đuôi"])
def test_everything_else_goes_in_a_zip_of_one_entry(name):
    media_type, text = encoded(name, b"body", "cid:1")
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(text))) as archive:
        assert len(archive.namelist()) == 1
    assert media_type == "application/zip"
    assert decoded(name, text)[0] == b"body"


@given(st.binary(), st.sampled_from(["a.pdf", "a.docx", "a.xlsx", "a.xml", "a.json", "a.txt"]))
def test_every_attachment_comes_back_with_its_digest(content, name):
    _, text = encoded(name, content, content_id("d", name))
    assert sha256(decoded(name, text)[0]).digest() == sha256(content).digest()


def test_a_zip_declared_as_pdf_is_unzipped_and_told():
    text = base64.b64encode(zipped({"x.pdf": PDF})).decode()
    assert decoded("a.pdf", text) == (PDF, ("a.pdf: unzipped",))


def test_a_real_zip_and_a_real_docx_are_left_alone():
    one, many = zipped({"report.json": b"{}"}), zipped({"a.xml": b"", "b.xml": b""})
    assert decoded("a.zip", base64.b64encode(one).decode()) == (one, ())
    assert decoded("a.docx", base64.b64encode(many).decode()) == (many, ())


def test_a_pdf_that_is_none_is_told():
    ruined = "\ufffdPDF".encode()
    assert decoded("a.pdf", base64.b64encode(ruined).decode()) == (ruined, ("a.pdf: not a PDF",))


def test_a_bomb_is_refused():
    text = base64.b64encode(zipped({"x.json": b"\0" * (51 * 1024 * 1024)})).decode()
    with pytest.raises(Rejected) as caught:
        decoded("a.json", text)
    assert caught.value.problem.code == "C-003"


def test_bombs_that_are_each_small_enough_are_refused_together():
    flat = b"\0" * (40 * 1024 * 1024)
    package = replace(DOCUMENT, files=tuple(File(f"{n}.json", "", flat) for n in range(3)))
    with pytest.raises(Rejected) as caught:
        read_document(write(package))
    assert (caught.value.problem.code, caught.value.problem.details["what"]) == ("C-003", "2.json")


@pytest.mark.parametrize("text", ["***", "QUJ", "PK\u00e9"])
def test_what_is_not_base64_is_refused(text):
    with pytest.raises(Rejected) as caught:
        decoded("a.pdf", text)
    assert caught.value.problem.code == "C-005"


def test_a_cut_zip_is_refused():
    cut = zipped({"x.json": b"{}" * 100})[:-30]
    with pytest.raises(Rejected):
        decoded("a.json", base64.b64encode(cut).decode())


# ── damage ───────────────────────────────────────────────────────────────────────────────────────
def _damaged(old: bytes, new: bytes) -> bytes:
    written = write(DOCUMENT)
    assert old in written
    return written.replace(old, new)


@pytest.mark.parametrize(
    ("payload", "note"),
    [
        (b"\r\n\r\njunk " + write(DOCUMENT), "junk before the XML declaration"),
        (_damaged(b"<edXML:Reference>", b'<edXML:Reference xlink:href="cid:1">'), "undeclared prefix xlink"),
        (_damaged(b"<edXML:BussinessDocType>0<", b"<edXML:BussinessDocType>9<"), "BussinessDocType “9”"),
        (
            _damaged(b"2026/11/20</edXML:Promulgation", b"20.11.2026</edXML:Promulgation"),
            "date “20.11.2026” read as none",
        ),
    ],
)
def test_damage_is_mended_and_told(payload, note):
    document = read_document(payload)
    assert note in document.notes
    assert document.files[0].content == PDF


def test_a_byte_order_mark_is_no_damage():
    assert "junk before the XML declaration" not in read_document(b"\xef\xbb\xbf" + write(DOCUMENT)).notes


def test_the_other_spelling_and_a_lost_prefix_are_read():
    other = (
        write(DOCUMENT)
        .replace(b"Bussiness", b"Business")
        .replace(b"edXML:", b"e:")
        .replace(b"xmlns:edXML=", b"xmlns:e=")
    )
    assert replace(read_document(other), notes=()) == DOCUMENT


def test_a_status_of_one_digit_gets_its_zero():
    status = read_status(write_status(STATUS).replace(b">03<", b">3<"))
    assert (status.code, status.notes) == ("03", ("StatusCode of one digit",))


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"", "C-001"),
        (b"no xml at all", "C-001"),
        (write(DOCUMENT)[:-20], "C-001"),
        (b"<a/>", "C-005"),
        (write_status(STATUS).replace(b">03<", b">x3<"), "C-005"),
        (write_status(STATUS).replace(b">03<", b"><"), "C-005"),
        (write_status(STATUS).replace(b">03<", ">0\u0663<".encode()), "C-005"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "C-002"),
        (b"<?xml version='1.0' encoding='UTF-16'?><a/>", "C-004"),
        (b"<a>" * 100 + b"</a>" * 100, "C-003"),
        (_damaged(base64.b64encode(PDF), b"%%%"), "C-005"),
    ],
)
def test_what_cannot_be_understood_is_refused(payload, code):
    with pytest.raises(Rejected) as caught:
        read(payload)
    assert caught.value.problem.code == code


def test_the_wrong_kind_is_refused():
    with pytest.raises(Rejected):
        read_status(write(DOCUMENT))
    with pytest.raises(Rejected):
        read_document(write_status(STATUS))


def test_the_reason_of_the_deed_is_written_where_none_is_given():
    recalled = write(replace(DOCUMENT, reason="", business=Business.RECALL))
    assert read_document(recalled).reason == "Thu hồi văn bản điện tử"


@given(st.binary(max_size=200), st.integers(0, 2000))
def test_no_damage_gets_past_the_wall_as_a_foreign_exception(noise, at):
    payload = write_status(STATUS)
    with suppress(Rejected):
        read(payload[:at] + noise + payload[at:])
