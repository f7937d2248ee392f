"""The registry's page: what waits for a number, its files, and the form; nothing that a stranger's page could send."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping

import httpx
import pytest

from gateway.console import console
from gateway.domain.exchange import Exchange, Kind, Stage
from gateway.domain.facts import Numbered
from gateway.journey.operate import Person
from gateway.ports import Query
from gateway.wiring import Gateway
from tests.console.reader import Reader, words
from tests.journey.scene import CATALOGUE, incoming

GIVEN = {
    "number": "128",
    "notation": "BC-UBND",
    "issued": "20/11/2026",
    "signer": "Nguyễn Văn Giả Lập",
    "position": "Chủ tịch",
    "by": "Trần Thị Mẫu",
    "because": "sổ văn bản đi",
}
File = tuple[str, tuple[str, bytes, str]]


@pytest.fixture
def paper(gateway: Gateway) -> Exchange:
    """A document that waits, made of a report by a person's word."""
    return waiting(gateway, "k1")


def waiting(gateway: Gateway, key: str, **changes: object) -> Exchange:
    if gateway.doors.catalogues.current(CATALOGUE.name) is None:
        gateway.doors.catalogues.publish(CATALOGUE, "dm-1")
    x, _ = gateway.accept(incoming(key, reporter=f"H56.{key}", **changes))
    gateway.runner.prepare(x.destination)
    return gateway.journal.read(gateway.divert(x.id, Person("Lê Văn Thử", "mất đường truyền")).paper or "")


def send(gateway: Gateway, path: str, given: Mapping[str, str], files: list[File], **headers: str) -> httpx.Response:
    """The form as a browser sends it."""

    async def sent() -> httpx.Response:
        transport = httpx.ASGITransport(console(gateway), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://desk") as client:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return await client.post(path, data=dict(given), files=files, headers=named)

    return asyncio.run(sent())


def signed(gateway: Gateway, paper: Exchange) -> list[File]:
    assert paper.prepared is not None
    letter, annex = (gateway.journal.bytes_of(each.content.digest) for each in paper.prepared.files[:2])
    return [
        ("letter", ("bao-cao_Signed.pdf", letter, "application/pdf")),
        ("annex", ("phu-luc_Signed.pdf", annex, "application/pdf")),
    ]


def test_what_waits_is_listed_by_its_deadline_with_its_files(gateway: Gateway, desk: Reader) -> None:
    later = waiting(gateway, "k1", period="LICH:2026M12")
    sooner = waiting(gateway, "k2", period="LICH:2026M11")
    page = desk.open("/documents")

    assert re.findall(r'<section class="card" id="([\w-]+)"', page.text) == [sooner.id, later.id]
    assert "Văn bản chờ số và chữ ký 2" in words(page)
    assert "Văn phòng Chính phủ (G22)" in words(page)
    assert sooner.prepared is not None
    for each in sooner.prepared.files:
        got = desk.open(f"/documents/{sooner.id}/{each.name}")
        assert got.content == gateway.journal.bytes_of(each.content.digest)
        assert got.headers["content-disposition"].startswith("attachment")


def test_nothing_waits_is_said(desk: Reader) -> None:
    assert "Không có văn bản nào chờ cấp số." in words(desk.open("/documents"))
    assert "No document waits" in words(desk.open("/documents?lang=en"))


def test_the_number_comes_back_with_the_signed_files_and_the_data_goes_along(
    gateway: Gateway, desk: Reader, paper: Exchange
) -> None:
    answer = send(gateway, f"/documents/{paper.id}", GIVEN, signed(gateway, paper))

    assert (answer.status_code, answer.headers["location"]) == (303, f"/exchanges/{paper.id}")
    now = gateway.journal.read(paper.id)
    assert now.stage is Stage.NUMBERED
    [told] = [link.fact for link in gateway.journal.history(paper.id) if isinstance(link.fact, Numbered)]
    assert (told.number, told.notation, told.issued, told.by) == ("128", "BC-UBND", "2026-11-20", "Trần Thị Mẫu")
    assert [each.name for each in told.files] == ["bao-cao_Signed.pdf", "phu-luc_Signed.pdf", "du-lieu.zip"]
    assert "Không có văn bản nào chờ cấp số." in words(desk.open("/documents"))


@pytest.mark.parametrize("written", ["2026-11-20", "2026/11/20", "20/11/2026"])
def test_a_day_is_read_in_the_orders_that_offices_write(gateway: Gateway, paper: Exchange, written: str) -> None:
    send(gateway, f"/documents/{paper.id}", {**GIVEN, "issued": written}, signed(gateway, paper))
    numbered = gateway.journal.read(paper.id).numbered
    assert numbered is not None
    assert numbered.issued == "2026-11-20"


def test_what_is_wrong_is_told_beside_the_document_and_what_was_typed_stays(gateway: Gateway, paper: Exchange) -> None:
    ruined: list[File] = [("letter", ("bao-cao.pdf", b"%PDF-" + "\N{REPLACEMENT CHARACTER}".encode() * 9, "x"))]
    page = send(gateway, f"/documents/{paper.id}", GIVEN, ruined)

    assert page.status_code == 422
    assert "F-108" in words(page)
    assert 'value="Nguyễn Văn Giả Lập"' in page.text
    assert gateway.journal.read(paper.id).stage is Stage.PREPARED


@pytest.mark.parametrize(
    ("changed", "code"),
    [({"number": ""}, "F-111"), ({"issued": "20.11"}, "F-115"), ({"number": "128/BC"}, "F-115"), ({"by": ""}, "F-111")],
)
def test_a_form_with_a_gap_or_a_slip_is_given_back(
    gateway: Gateway, paper: Exchange, changed: dict[str, str], code: str
) -> None:
    page = send(gateway, f"/documents/{paper.id}", GIVEN | changed, signed(gateway, paper))
    assert page.status_code == 422
    assert code in words(page)
    assert gateway.journal.read(paper.id).stage is Stage.PREPARED


@pytest.mark.parametrize(
    ("tongue", "changed", "told"),
    [
        ("vi", {"notation": "", "signer": ""}, "thiếu Ký hiệu, Người ký"),
        ("en", {"notation": "", "signer": ""}, "Symbol, Signed by not filled in"),
        ("vi", {"issued": "20.11"}, "Ngày ban hành: 20.11"),
        ("en", {"issued": "20.11"}, "Date of issue: 20.11"),
    ],
)
def test_what_is_wrong_with_a_form_is_told_by_its_labels_in_the_readers_language(
    gateway: Gateway, paper: Exchange, tongue: str, changed: dict[str, str], told: str
) -> None:
    page = send(gateway, f"/documents/{paper.id}?lang={tongue}", GIVEN | changed, [])
    read = words(page)
    assert told in read
    assert "cap-so" not in read
    assert "thiếu / missing" not in read


def test_a_number_that_was_given_this_year_is_told_with_its_document(gateway: Gateway, paper: Exchange) -> None:
    other = waiting(gateway, "k2")
    send(gateway, f"/documents/{paper.id}", GIVEN, signed(gateway, paper))
    page = send(gateway, f"/documents/{other.id}", GIVEN, signed(gateway, other))
    assert "F-105" in words(page)
    assert paper.id in words(page)


@pytest.mark.parametrize(
    "headers",
    [{"origin": "http://xau.example"}, {"origin": "null"}, {"sec_fetch_site": "cross-site"}],
    ids=["origin", "null", "site"],
)
def test_a_form_on_another_site_is_turned_away(gateway: Gateway, paper: Exchange, headers: dict[str, str]) -> None:
    answer = send(gateway, f"/documents/{paper.id}", GIVEN, signed(gateway, paper), **headers)
    assert answer.status_code == 403
    assert gateway.journal.read(paper.id).stage is Stage.PREPARED


def test_too_much_is_turned_away_before_it_is_read(gateway: Gateway, paper: Exchange) -> None:
    answer = send(gateway, f"/documents/{paper.id}", GIVEN, [], content_length=str(60 * 1024 * 1024))
    assert answer.status_code == 413


def test_a_report_is_no_document_and_an_unknown_one_is_not_there(
    gateway: Gateway, desk: Reader, paper: Exchange
) -> None:
    [report] = gateway.journal.find(Query(kinds=(Kind.OUTBOUND,)))
    for path in (f"/documents/{report.id}", "/documents/vb-khong-co", "/documents/%00"):
        assert send(gateway, path, GIVEN, []).status_code == 404
    assert desk.open(f"/documents/{paper.id}/khong-co.pdf").status_code == 404


def test_the_page_is_fenced_in_and_what_a_stranger_wrote_is_text(gateway: Gateway, paper: Exchange) -> None:
    hostile = '"><script>alert(1)</script>'
    page = send(gateway, f"/documents/{paper.id}", GIVEN | {"signer": hostile, "number": ""}, [])
    assert hostile not in page.text
    assert "form-action 'self'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
