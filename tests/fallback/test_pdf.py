"""The papers as an archive reads them: PDF/A-3 down to its parts, and every word of the source in it."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from lxml import etree
from pyhanko.pdf_utils.generic import DictionaryObject, IndirectObject, StreamObject
from pyhanko.pdf_utils.reader import PdfFileReader

from gateway.domain.ids import digest_of
from tests.fallback.scene import CATALOGUE, PACKET, report
from tests.fallback.test_document import prepare

PAPERS = ["bao-cao.pdf", "phu-luc.pdf"]
_XMP = {"pdfaid": "http://www.aiim.org/pdfa/ns/id/", "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#"}


@pytest.fixture(scope="module", params=PAPERS)
def paper(request: pytest.FixtureRequest) -> tuple[bytes, PdfFileReader]:
    content = prepare(report(40))[1][request.param]
    return content, PdfFileReader(io.BytesIO(content))


def fonts(reader: PdfFileReader) -> Iterator[DictionaryObject]:
    """Every font there is, those inside composite ones included."""
    for number in range(1, int(reader.trailer["/Size"])):
        found = reader.get_object(IndirectObject(number, 0, reader), never_decrypt=True)
        if isinstance(found, DictionaryObject) and found.get("/Type") == "/FontDescriptor":
            yield found


def test_it_says_that_it_is_pdf_a_3a(paper: tuple[bytes, PdfFileReader]) -> None:
    metadata = paper[1].root["/Metadata"]
    assert isinstance(metadata, StreamObject)
    told = etree.fromstring(metadata.data)
    values = {name: told.findtext(f".//{{{_XMP['pdfaid']}}}{name}") for name in ("part", "conformance")}
    assert values == {"part": "3", "conformance": "A"}
    assert bool(paper[1].root["/MarkInfo"]["/Marked"])


def test_its_colours_are_those_of_a_named_profile(paper: tuple[bytes, PdfFileReader]) -> None:
    [listed] = paper[1].root["/OutputIntents"]
    intent = listed.get_object() if isinstance(listed, IndirectObject) else listed
    assert intent["/S"] == "/GTS_PDFA1"
    assert len(intent["/DestOutputProfile"].data) > 100


def test_every_font_lies_in_it_and_it_is_the_one_we_ship(paper: tuple[bytes, PdfFileReader]) -> None:
    found = list(fonts(paper[1]))
    names = {str(font["/FontName"]).rpartition("+")[2] for font in found}
    assert all(any(f"/FontFile{kind}" in font for kind in ("", "2", "3")) for font in found)
    assert {name for name in names if name.startswith("Tinos")} >= {"Tinos", "Tinos-Bold"} or any(
        "Tinos" in n for n in names
    )
    assert not [name for name in names if not name.startswith(("Tinos", "DejaVuSansMono"))]


def test_what_is_embedded_is_told_to_be_its_data(paper: tuple[bytes, PdfFileReader]) -> None:
    attached = [each.get_object() for each in paper[1].root["/AF"]]
    assert {str(each["/AFRelationship"]) for each in attached} == {"/Data"}
    assert {str(each["/F"]) for each in attached} == {"report.json", "packet.xml"}
    [packet] = [each["/EF"]["/F"].get_object().data for each in attached if str(each["/F"]) == "packet.xml"]
    assert packet == PACKET


def test_nothing_of_it_is_locked_or_runs(paper: tuple[bytes, PdfFileReader]) -> None:
    assert "/Encrypt" not in paper[1].trailer
    assert not paper[1].encrypted
    assert not re.search(rb"/(JavaScript|JS|Launch|EmbeddedMovie)\b", paper[0])


# ── the words ────────────────────────────────────────────────────────────────────────────────────
def words(pdf: bytes) -> list[str]:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return done.stdout.decode().split()


def test_every_figure_of_the_source_stands_in_the_annex_once() -> None:
    source = report(40)
    _, files = prepare(source)
    read = words(files["phu-luc.pdf"])
    assert read.count("1050.0005") == list(source.columns.value).count("1050.0005")
    assert read.count(CATALOGUE.items[0].code) == 40


def test_the_printed_digest_is_that_of_what_is_embedded() -> None:
    _, files = prepare(report(3))
    for name in PAPERS:
        assert digest_of(PACKET) in "".join(words(files[name]))


def test_the_annex_leaves_its_line_for_the_agency_at_the_top() -> None:
    _, files = prepare(report(3))
    read = " ".join(words(files["phu-luc.pdf"])[:12])
    assert read.startswith("Số, ký hiệu:")
    assert "thời gian ký:" in read
