"""What a file beside a report is called, and what it is: the first is the sender's word, the second its bytes'."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.enclosed import CMS, DOC, DOCX, ENDINGS, PDF, XLS, XLSX, XML, fits, kind_of, safe_name


def zipped(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        for name in names:
            packed.writestr(name, "x")
    return made.getvalue()


def ole(stream: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + stream.encode("utf-16-le")


SIGNED_DATA = b"\x30\x82\x01\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0"
KINDS = [
    (b"%PDF-1.7\n", PDF),
    (zipped("[Content_Types].xml", "word/document.xml"), DOCX),
    (zipped("[Content_Types].xml", "xl/workbook.xml"), XLSX),
    (ole("WordDocument"), DOC),
    (ole("Workbook"), XLS),
    (b"\xef\xbb\xbf <Packet/>", XML),
    (SIGNED_DATA, CMS),
    (SIGNED_DATA.replace(b"\x82\x01\x00", b"\x80"), CMS),
    (b"\xff\xd8\xff\xe0", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
]


@pytest.mark.parametrize(("content", "kind"), KINDS)
def test_a_file_is_what_its_bytes_show(content: bytes, kind: str) -> None:
    assert kind_of(content) == kind


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ\x90\x00",
        b"PK\x03\x04",
        zipped("a.exe"),
        zipped("word/document.xml", "xl/workbook.xml"),
        ole("?"),
        b"{}",
    ],
)
def test_what_shows_nothing_known_or_two_things_at_once_is_nothing(content: bytes) -> None:
    assert not kind_of(content)


def test_a_workbook_packed_inside_a_letter_does_not_make_it_a_workbook() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as packed:
        packed.writestr("word/embeddings/book.xlsx", zipped("xl/workbook.xml"))
        packed.writestr("word/document.xml", "x")
    assert kind_of(made.getvalue()) == DOCX


@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"PK\x03\x04", b"%PDF-", b"\x30", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]),
)
def test_no_bytes_make_it_stumble(content: bytes, start: bytes) -> None:
    assert kind_of(start + content) in {"", *ENDINGS}


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Báo cáo tháng 11.pdf", "Báo cáo tháng 11.pdf"),
        ("Ba\u0301o ca\u0301o.pdf", "Báo cáo.pdf"),
        ("C:\\Users\\a\\bieu 01.pdf", "bieu 01.pdf"),
        ("../../etc/x.xml", "x.xml"),
    ],
)
def test_a_name_is_kept_without_the_folders_it_came_with(said: str, kept: str) -> None:
    assert safe_name(said) == kept


@pytest.mark.parametrize(
    "said",
    [
        "",
        "..",
        ".pdf",
        "a\x00.pdf",
        "a\n.pdf",
        "fdp.\u202egpj.pdf",
        "a?.pdf",
        "thư mục/",
        "ạ" * 200 + ".pdf",
        "x" * 201,
    ],
)
def test_a_name_that_hides_something_or_fits_nowhere_is_none(said: str) -> None:
    assert safe_name(said) == ""


@given(st.text(max_size=300))
def test_a_safe_name_is_safe_again_and_leads_nowhere(said: str) -> None:
    name = safe_name(said)
    assert safe_name(name) == name
    assert not set(name) & set("/\\:\0")
    assert not name.startswith(".")


def test_a_file_may_end_as_its_kind_does_in_any_case() -> None:
    assert fits("Biểu.PDF", PDF)
    assert not fits("Biểu.pdf.exe", PDF)
    assert not fits("biểu.pdf", "")
