"""The example packages: read for what they say, and written again without loss."""

from dataclasses import replace

import pytest
from lxml import etree

from gateway.schemas.edxml.model import NAMESPACE, Answered, Business, Document, Replaced, Status
from gateway.schemas.edxml.reader import read, read_document, read_status
from gateway.schemas.edxml.writer import write, write_status
from tests.edxml.examples import FOLDER, example

ID = "X99.07,2026/11/05,128/BC-STNMP"


def test_a_layered_report_is_read_whole():
    document = read_document(example("01"))
    assert document.notes == ("128_bieu01.xlsx: unzipped",)
    assert (document.sender.id, document.sender.in_charge) == ("X99.07", "UBND tỉnh Giả Định")
    assert [organ.id for organ in document.recipients] == ["X01.05"]
    assert (document.document_id, document.number, document.notation) == (ID, "128", "BC-STNMP")
    assert (document.issued, document.sent_at) == ("2026-11-05", "2026-11-05 09:15:00")
    assert (document.type, document.type_detail, document.type_name) == ("2", "14", "Báo cáo")
    assert (document.signer.competence, document.signer.name) == ("TM.", "Nguyễn Văn Giả Lập")
    assert document.answers == (Answered("X01.05", "77/CV-VPB", "2026-10-20", "X01.05,2026/10/20,77/CV-VPB"),)
    assert (document.steering, document.priority, document.pages) == ("2", "1", 1)
    assert document.places == ("Như trên", "Lưu: VT")
    assert [(file.name, file.content[:4]) for file in document.files] == [
        ("128_BC-STNMP.signed.pdf", b"%PDF"),
        ("128_BieuMau01.signed.pdf", b"%PDF"),
        ("128_dulieu.zip", b"PK\x03\x04"),
        ("128_bieu01.xlsx", b"PK\x03\x04"),
    ]


@pytest.mark.parametrize(
    ("start", "code", "sender"),
    [("02", "01", "X01.05"), ("03", "03", "X01.05"), ("04", "02", "X01.05"), ("05", "13", "X99.07")],
)
def test_a_status_is_read_and_knows_its_document(start, code, sender):
    status = read_status(example(start))
    assert (status.code, status.sender.id, status.about.document_id) == (code, sender, ID)
    assert status.about.code == "128/BC-STNMP"
    assert status.at.startswith("2026-11-")
    assert status.notes == ()


def test_a_refusal_says_why():
    assert read_status(example("04")).description


def test_a_replacement_names_what_it_replaces():
    document = read_document(example("06"))
    assert document.business is Business.REPLACE
    assert document.replaces == (Replaced(ID, ("X01.05",)),)


def test_the_flat_variant_is_read():
    document = read_document(example("07"))
    assert (document.document_id, document.number, document.notation) == (ID, "128", "BC-STNMP")
    assert (document.type_name, document.signer.name) == ("Báo cáo", "Nguyễn Văn Giả Lập")
    assert (document.issued, document.sent_at) == ("2026-11-05", "2026-11-05 09:15:00")
    assert document.notes == ("date “2026-11-05” read as %Y-%m-%d", "TraceHeader without OrganId")
    [file] = document.files
    assert file.name == "128_BC-STNMP.signed.pdf"
    assert file.content.startswith(b"%PDF")


def test_the_hazards_of_the_field_are_mended_with_a_note_each():
    document = read_document(example("08"))
    assert document.sender.in_charge == "UBND tỉnh Giả Định"
    assert [organ.id for organ in document.recipients] == ["X01.05", "000.00.05.X01"]
    assert (document.issued, document.sent_at) == ("2026-11-05", "2026-11-05 09:15:00")
    assert document.subject == "Báo cáo kết quả thử nghiệm"
    assert document.document_id == "77777777-0000-4000-8000-000000000000"
    assert (document.answers, document.business) == ((), Business.NEW)
    assert document.files[0].content.startswith(b"%PDF")
    assert set(document.notes) == {
        "date “05/11/2026” read as %d/%m/%Y",
        "empty ResponseFor",
        "TraceHeader without OrganId",
        "128_BC-STNMP.signed.pdf: unzipped",
    }


@pytest.mark.parametrize("start", ["01", "02", "03", "04", "05", "06"])
def test_what_was_read_is_written_and_read_the_same(start):
    package = read(example(start))
    written = write(package) if isinstance(package, Document) else write_status(package)
    assert replace(read(written), notes=()) == replace(package, notes=())


@pytest.mark.parametrize("start", ["01", "02", "05", "06"])
def test_what_we_write_is_valid_against_the_canonical_sketch(start):
    package = read(example(start))
    written = write(package) if isinstance(package, Document) else write_status(package)
    schema = etree.XMLSchema(etree.parse(FOLDER / "edxml-canonical-sketch.xsd"))
    schema.assertValid(etree.fromstring(written))


def test_a_document_is_no_status_and_a_status_no_document():
    assert isinstance(read(example("01")), Document)
    assert isinstance(read(example("02")), Status)
    assert NAMESPACE.encode() in example("01")
