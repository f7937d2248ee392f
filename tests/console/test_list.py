"""The first page: what there is, what waits, and how to find it again."""

from __future__ import annotations

import pytest

from gateway.domain.exchange import STAGE_WORDS, Stage
from gateway.ports import Journal
from tests.console import stories
from tests.console.reader import Reader, ids, links, words


def test_an_empty_desk_says_how_to_begin(desk: Reader) -> None:
    page = words(desk.open("/"))
    assert "Chưa có giao dịch nào." in page
    assert "gateway submit bao-cao.json --as ktxh-thang" in page


def test_exchanges_stand_newest_first(desk: Reader, journal: Journal) -> None:
    told = [stories.opened(journal, key).id for key in ("k1", "k2", "k3")]
    assert ids(desk.open("/")) == told[::-1]


def test_a_row_says_which_report_of_whom_goes_where_and_how_it_stands(desk: Reader, journal: Journal) -> None:
    stories.returned(journal)
    page = words(desk.open("/"))
    for word in ("Trả lại", "KTXH-THANG", "03/DTC", "Tháng 6/2025", "Ủy ban nhân dân tỉnh Thanh Hóa"):
        assert word in page
    assert "Hệ thống thông tin báo cáo quốc gia" in page
    assert "E-001 Nơi nhận trả lại báo cáo: Thiếu biểu 02" in page


def test_no_state_is_told_by_colour_alone(desk: Reader, journal: Journal) -> None:
    x = stories.in_doubt(journal)
    row = desk.open("/").text.split(f"/exchanges/{x.id}")[0].rsplit("<tr", 1)[1]
    assert '<svg class="icon" aria-hidden="true"><use href="#i-doubt"/></svg>Chưa rõ kết quả' in row


def test_every_count_opens_the_list_it_counts(desk: Reader, journal: Journal) -> None:
    day = stories.a_day(journal)
    counted = [link for link in links(desk.open("/")) if link.startswith("/?stage=")]
    assert "/?stage=parked" in counted
    assert ids(desk.open("/?stage=parked")) == [day["parked"].id]
    shown = [exchange for stage in Stage for exchange in ids(desk.open(f"/?stage={stage.value}"))]
    assert sorted(shown) == sorted(ids(desk.open("/")))
    assert {f"/?stage={x.stage.value}" for x in (day["parked"], day["returned"], day["reconciled"])} <= set(counted)


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("attention", {"parked", "document_waiting"}),
        ("doubt", {"in_doubt"}),
        ("back", {"returned", "partly", "refused"}),
    ],
)
def test_a_group_of_stages_is_one_list(desk: Reader, journal: Journal, group: str, expected: set[str]) -> None:
    day = stories.a_day(journal)
    assert set(ids(desk.open(f"/?stage={group}"))) == {day[name].id for name in expected}


def test_filters_stand_in_the_address_and_are_kept_by_the_form(desk: Reader, journal: Journal) -> None:
    day = stories.a_day(journal)
    page = desk.open("/?kind=inbound&agreement=ktxh-thang&destination=quoc-gia")
    assert ids(page) == [day["catalogue"].id]
    for kept in ("inbound", "ktxh-thang", "quoc-gia"):
        assert f'<option value="{kept}" selected>' in page.text
    assert ids(desk.open("/?destination=truc-van-ban&kind=inbound")) == []


def test_older_pages_follow_by_the_ordinal_and_nothing_is_lost_between(desk: Reader, journal: Journal) -> None:
    told = [stories.opened(journal, f"k{number}").id for number in range(53)]
    first = desk.open("/?stage=accepted")
    older = next(link for link in links(first) if "before=" in link)
    stories.opened(journal, "k-den-sau")
    assert "stage=accepted" in older
    assert ids(first) + ids(desk.open(older)) == told[::-1]
    assert 'rel="next"' not in desk.open(older).text


def test_an_exact_id_opens_its_page_at_once(desk: Reader, journal: Journal) -> None:
    x = stories.opened(journal, "k1")
    found = desk.open(f"/?q={x.id}&lang=en")
    assert (found.status_code, found.headers["location"]) == (303, f"/exchanges/{x.id}?lang=en")
    assert "content-security-policy" in found.headers


@pytest.mark.parametrize("wanted", ["K-TRA-LAI", "03/dtc", "qg-2025"])
def test_a_search_finds_keys_reports_and_references_whatever_their_case(
    desk: Reader, journal: Journal, wanted: str
) -> None:
    day = stories.a_day(journal)
    page = desk.open(f"/?q={wanted}")
    assert day["returned"].id in ids(page)
    assert day["parked"].id not in ids(page)
    assert "Đã tìm trong" in words(page)


def test_a_search_finds_the_number_of_a_document(desk: Reader, journal: Journal) -> None:
    x = stories.as_document(journal)
    assert ids(desk.open("/?q=128/BC-UBND")) == [x.paper]


def test_what_is_held_is_said_in_the_row(desk: Reader, journal: Journal) -> None:
    stories.held_back(journal)
    assert "giữ lại 17 giá trị" in words(desk.open("/"))


def test_a_line_that_fails_is_seen_from_the_first_page(desk: Reader, journal: Journal) -> None:
    x = stories.prepared(journal, "k1")
    assert "Hệ thống thông tin báo cáo quốc gia: thông" in words(desk.open("/"))
    journal.append(x, [stories.entry(stories.f.Postponed(stories.CLOCK.now(), stories.AWAY))], line=False)
    assert "Hệ thống thông tin báo cáo quốc gia: lỗi 1 lần từ" in words(desk.open("/"))


def test_every_stage_can_be_asked_for(desk: Reader) -> None:
    options = desk.open("/").text
    for stage in Stage:
        assert f'<option value="{stage.value}">{STAGE_WORDS[stage]}</option>' in options
