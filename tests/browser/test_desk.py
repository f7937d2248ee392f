"""The desk as a browser draws it: within its policy, on a phone and on a desk, by day and by night."""

from __future__ import annotations

import pytest

from gateway.domain.exchange import Exchange
from gateway.wiring import Gateway
from tests.browser.chromium import Tab
from tests.console import stories

WIDTHS = (390, 800, 1440)
LONG = "X" * 180  # one word, as a stranger may write it

# Every element with text of its own whose contrast with what lies behind it is less than 4.5 : 1.
PALE = """
(() => {
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const light = c => c.slice(0, 3).map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const behind = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
  const ratio = (a, b) => (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
  return [...document.querySelectorAll('body *')]
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) && e.offsetParent && e.tagName !== 'OPTION')
    .filter(e => ratio(light(rgb(getComputedStyle(e).color)), light(behind(e))) < 4.5)
    .map(e => `${e.className} ${e.textContent.trim().slice(0, 30)}`);
})()
"""


@pytest.fixture
def paths(gateway: Gateway) -> list[str]:
    """Every sort of page, one of them about a report whose names are far too long."""
    day = stories.a_day(gateway.journal)
    long = _long(gateway)
    return ["/", "/?lang=en&stage=doubt", *(f"/exchanges/{x.id}" for x in (*day.values(), long)), "/khong-co"]


def _long(gateway: Gateway) -> Exchange:
    x = stories.opened(gateway.journal, LONG, sender=LONG)
    wrong = stories.problem("C-005", path=LONG, line="1", reason=LONG, expected=LONG)
    head = stories.ReportHead(LONG, LONG, LONG, LONG)
    return stories.told(gateway.journal, x, stories.f.Validated(LONG, head, 1), stories.f.Refused(LONG, (wrong,)))


def test_no_page_breaks_its_policy_or_asks_another_origin(page: Tab, address: str, paths: list[str]) -> None:
    for path in paths:
        page.look(address + path, width=1440)
        expected = 1 if path == "/khong-co" else 0  # the browser itself remarks on a 404
        assert len(page.logged) == expected, (path, page.logged)
        assert all(asked.startswith((address, "data:")) for asked in page.asked), path
        assert page.ask("getComputedStyle(document.querySelector('.top')).display") == "flex"  # the sheet is in force


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_scrolls_sideways(page: Tab, address: str, paths: list[str], width: int) -> None:
    for path in paths:
        page.look(address + path, width=width)
        wide = page.ask("document.documentElement.scrollWidth")
        assert wide <= width, f"{path}: {wide} px on a screen of {width}"


@pytest.mark.parametrize("width", [1241, 1300, 1440])
def test_a_name_in_the_list_is_no_column_of_single_words(page: Tab, address: str, gateway: Gateway, width: int) -> None:
    stories.a_day(gateway.journal)
    page.look(address, width=width)
    for column in ("report", "sender", "destination", "cause"):
        assert page.ask(f"document.querySelector('th.c-{column}').offsetWidth") >= 90, column


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_stands_out_from_what_is_behind_it(page: Tab, address: str, paths: list[str], scheme: str) -> None:
    for path in paths:
        page.look(address + path, width=1440, scheme=scheme)
        assert page.ask(PALE) == [], path


def test_what_a_stranger_wrote_runs_nowhere(page: Tab, address: str, gateway: Gateway) -> None:
    x = stories.hostile(gateway.journal)
    for path in ("/", f"/exchanges/{x.id}"):
        page.look(address + path, width=1440)
        assert page.ask("document.scripts.length") == 0
        assert page.logged == []


def test_a_picture_of_another_origin_would_be_stopped(page: Tab, address: str) -> None:
    page.look(address, width=1440)
    assert (
        page.ask(
            """new Promise(stopped => {
          addEventListener('securitypolicyviolation', event => stopped(event.effectiveDirective));
          document.body.append(Object.assign(new Image(), {src: 'http://192.0.2.1/x.png'}));
        })"""
        )
        == "img-src"
    )
    assert any("Content Security Policy" in complaint for complaint in page.logged)


def test_what_these_tests_look_for_they_would_find(page: Tab, address: str) -> None:
    page.look(address, width=390)
    page.ask("document.querySelector('h1').className = 'pale'")
    page.ask("document.adoptedStyleSheets = [new CSSStyleSheet()]")
    page.ask("document.adoptedStyleSheets[0].replaceSync('.pale { color: #aaa; width: 900px }')")
    assert any(found.startswith("pale") for found in page.ask(PALE))
    assert page.ask("document.documentElement.scrollWidth") > 390


def test_a_filter_works_without_a_script_of_ours(page: Tab, address: str, gateway: Gateway) -> None:
    day = stories.a_day(gateway.journal)
    page.look(address, width=1440)
    page.follow("document.querySelector('[name=stage]').value = 'parked'; document.querySelector('.filters').submit()")
    shown = page.ask("[...document.querySelectorAll('.list a.id')].map(a => a.textContent)")
    assert shown == [day["parked"].id]
