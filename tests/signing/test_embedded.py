"""The data files inside a PDF: found where they are, and no file makes the reader stumble or swell."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyhanko.pdf_utils import embed, generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PdfFileWriter

from fallback.paper import Embedded, typeset
from gateway.signing.pdf.embedded import files_of
from gateway.signing.pdf.process import PdfReaders
from gateway.signing.pdf.told import Rules
from tests.schemas.packets import AT


def pdf(*files: tuple[str, bytes]) -> bytes:
    """A PDF of no pages with data files in it."""
    writer = PdfFileWriter(stream_xrefs=False)
    for name, content in files:
        stream = embed.EmbeddedFileObject.from_file_data(writer, content)
        embed.embed_file(writer, embed.FileSpec(name, name, embedded_data=stream))
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


TWO = pdf(("so-lieu.xml", b"<Packet/>"), ("bảng.csv", b"a,b" * 1000))


def test_every_file_is_found_with_its_name() -> None:
    assert dict(files_of(TWO)) == {"so-lieu.xml": b"<Packet/>", "bảng.csv": b"a,b" * 1000}


def test_a_document_of_ours_holds_its_data() -> None:
    """PDF/A-3 as a typesetter writes it: names and streams by reference, packed."""
    made = typeset(
        "Báo cáo",
        {"title": "Báo cáo", "agency": "UBND"},
        (Embedded("packet.xml", "application/xml", "Gói tin", "<Packet/>" * 99),),
        AT,
    )
    assert files_of(made) == [("packet.xml", b"<Packet/>" * 99)]


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", pdf(), TWO[: len(TWO) // 2], b"<x/>"])
def test_where_there_is_none_none_is_found(content: bytes) -> None:
    assert files_of(content) == []


@pytest.fixture(scope="module")
def readers() -> Iterator[PdfReaders]:
    made = PdfReaders()
    yield made
    made.close()


def test_a_process_of_their_own_reads_them_the_same_way(readers: PdfReaders) -> None:
    for content in (TWO, pdf(), b"%PDF-1.7", TWO):
        assert readers.files(content) == files_of(content)
        assert readers.read(content, Rules(("LTA",), (), 8, 8)).signatures == ()


def test_files_that_are_too_much_together_are_none() -> None:
    half = bytes(33 * 1024 * 1024)
    assert len(files_of(pdf(("a.xml", half)))) == 1
    assert files_of(pdf(("a.xml", half), ("b.xml", half))) == []


def test_what_unpacks_beyond_every_report_is_not_unpacked() -> None:
    writer = PdfFileWriter(stream_xrefs=False)
    packed = zlib.compress(bytes(65 * 1024 * 1024), 9)
    filtered = generic.DictionaryObject({generic.pdf_name("/Filter"): generic.pdf_name("/FlateDecode")})
    stream = embed.EmbeddedFileObject(writer, dict_data=filtered, encoded_data=packed)
    stream.ef_stream_ref = writer.add_object(stream)
    embed.embed_file(writer, embed.FileSpec("a.xml", "a.xml", embedded_data=stream))
    made = io.BytesIO()
    writer.write(made)
    assert PdfFileReader(io.BytesIO(made.getvalue())).root["/Names"]["/EmbeddedFiles"] is not None
    assert len(made.getvalue()) < 1024 * 1024
    assert files_of(made.getvalue()) == []


@given(st.integers(min_value=0, max_value=len(TWO) - 1), st.integers(min_value=0, max_value=255))
def test_a_bent_byte_is_borne(place: int, byte: int) -> None:
    files_of(TWO[:place] + bytes([byte]) + TWO[place + 1 :])
