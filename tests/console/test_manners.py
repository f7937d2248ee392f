"""What every page owes its reader: safety, honesty about trouble, and the language asked for."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.resources import files

import pytest

from gateway.domain.exchange import Exchange
from gateway.ports import Journal, Query
from gateway.wiring import Gateway, Seen
from tests.console import stories
from tests.console.reader import Reader, links, words

Deploy = Callable[[Seen], Gateway]
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)


@pytest.fixture
def pages(journal: Journal) -> list[str]:
    """Addresses of every sort of page, the failed ones too."""
    day = stories.a_day(journal)
    hostile = stories.hostile(journal)
    ways = [f"/exchanges/{x.id}" for x in (*day.values(), hostile)]
    return ["/", "/?stage=doubt&q=k", *ways, "/exchanges/khong-co", "/khong-co", "/?stage=khong-co", "/?before=-1"]


def test_every_page_is_fenced_in(desk: Reader, pages: list[str]) -> None:
    for path in pages:
        headers = desk.open(path).headers
        assert headers["content-security-policy"] == POLICY, path
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"


def test_no_page_mentions_another_origin_or_runs_anything(desk: Reader, pages: list[str]) -> None:
    for path in pages:
        text = desk.open(path).text
        assert not re.search(r"https?:|(src|href|action)=\"//", text), path
        assert not re.search(r"<script|<style|<iframe|\son\w+=|\sstyle=|javascript:", text), path


def test_what_a_stranger_wrote_comes_out_as_text(desk: Reader, journal: Journal) -> None:
    x = stories.hostile(journal)
    for path in ("/", f"/exchanges/{x.id}", f"/?q={stories.HOSTILE}", f"/exchanges/{stories.HOSTILE}"):
        page = desk.open(path)
        assert stories.HOSTILE not in page.text, path
        assert stories.HOSTILE in words(page), path


def test_links_lead_to_pages(desk: Reader, pages: list[str]) -> None:
    found = {link for path in pages for link in links(desk.open(path)) if link.startswith("/")}
    dead = {link for link in found if desk.open(link).status_code != 200}
    # What these stories name and never kept: another exchange, and the catalogue that came down.
    never_kept = {"/exchanges/gd-x", *(path.replace("exchanges", "catalogues") for path in pages if "/dm-" in path)}
    assert {link for link in dead if "khong-co" not in link and "before=-1" not in link} == never_kept


def test_what_is_not_there_has_a_friendly_page(desk: Reader) -> None:
    for path in ("/exchanges/gd-KHONGCO", "/exchanges/%00", "/exchanges/a%20b", "/khong-co"):
        page = desk.open(path)
        assert page.status_code == 404, path
        assert "Không tìm thấy" in words(page)
        assert "Kiểm tra lại mã giao dịch" in words(page)


@pytest.mark.parametrize(
    "query", ["stage=xyz", "kind=xyz", "before=x", "before=99999999999999999999", "destination=%00"]
)
def test_an_address_nobody_can_understand_says_which_part(desk: Reader, query: str) -> None:
    page = desk.open(f"/?{query}")
    assert page.status_code == 422
    assert query.split("=")[0] in words(page)
    assert "C-012" in words(page)


def test_nothing_can_be_changed_here(desk: Reader, journal: Journal) -> None:
    x = stories.parked(journal)
    for path in ("/", f"/exchanges/{x.id}"):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            assert desk.open(path, method=method).status_code == 405
        assert set(re.findall(r'<form[^>]*method="(\w+)"', desk.open(path).text)) <= {"get"}


def test_a_store_that_is_away_is_said_with_when_to_come_back(desk: Reader, gateway: Gateway) -> None:
    gateway.journal.close()
    page = desk.open("/")
    assert page.status_code == 503
    assert page.headers["retry-after"] == "5"
    assert "Kho lưu không trả lời" in words(page)
    assert "Mở lại trang sau 5 giây" in words(page)


class Confused:
    """A journal with a bug of ours in it."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def __getattr__(self, name: str) -> object:
        return getattr(self._journal, name)

    def find(self, query: Query) -> list[Exchange]:
        raise KeyError(f"bí mật {query}")


def test_a_fault_of_ours_shows_no_trace(deploy: Deploy) -> None:
    page = Reader(deploy(Seen(journal=Confused))).open("/")  # type: ignore[arg-type]
    assert page.status_code == 500
    assert page.headers["content-security-policy"] == POLICY
    assert "Lỗi phần mềm" in words(page)
    assert "bí mật" not in page.text


@pytest.mark.parametrize(
    ("asked", "header", "expected"),
    [
        ("", "", "vi"),
        ("", "fr,de;q=0.5", "vi"),
        ("", "en-GB,en;q=0.9,vi;q=0.8", "vi"),
        ("", "vi,en;q=0.9", "vi"),
        ("?lang=en", "vi", "en"),
        ("?lang=vi", "en", "vi"),
        ("?lang=xx", "", "vi"),
    ],
)
def test_the_language_is_vietnamese_until_the_reader_chooses(
    desk: Reader, asked: str, header: str, expected: str
) -> None:
    page = desk.open(f"/{asked}", accept_language=header)
    assert f'<html lang="{expected}">' in page.text
    assert page.headers["content-language"] == expected
    assert ("Giao dịch" if expected == "vi" else "Exchanges") in words(page)


def test_a_language_once_chosen_is_kept_by_every_link(desk: Reader, pages: list[str]) -> None:
    for path in pages:
        page = desk.open(f"{path}{'&' if '?' in path else '?'}lang=en")
        inside = [link for link in links(page) if link.startswith("/") and not link.startswith("/static")]
        assert all("lang=" in link for link in inside), path


def test_the_style_sheet_is_small_ours_and_kept_by_its_content(desk: Reader) -> None:
    address = next(link for link in links(desk.open("/")) if link.startswith("/static/console.css?v="))
    sheet = desk.open(address)
    assert sheet.headers["content-type"].startswith("text/css")
    assert "immutable" in sheet.headers["cache-control"]
    assert len(sheet.content) <= 14_000
    assert not re.search(r"https?:|@import|@font-face|url\(", sheet.text)
    for needed in ("prefers-color-scheme: dark", "tabular-nums", "@media print"):
        assert needed in sheet.text


def test_a_page_stays_light_enough_for_a_slow_line(desk: Reader, journal: Journal) -> None:
    for number in range(50):
        stories.opened(journal, f"k{number}")
    assert len(desk.open("/").content) < 110_000


def test_templates_never_switch_escaping_off() -> None:
    for template in files("gateway.console").joinpath("templates").iterdir():
        assert not re.search(r"\|\s*safe|autoescape", template.read_text("utf-8")), template.name
