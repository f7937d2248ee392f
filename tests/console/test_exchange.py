"""One exchange's page: how it stands, who acts, what happened, what proves it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from gateway.domain.calendar import VIETNAM
from gateway.domain.facts import Cancelled, Recorded
from gateway.ports import Journal
from gateway.wiring import Gateway, Seen
from tests.console import stories
from tests.console.reader import Reader, words

Deploy = Callable[[Seen], Gateway]


def page_of(desk: Reader, exchange: str, query: str = "") -> str:
    page = desk.open(f"/exchanges/{exchange}{query}")
    assert page.status_code == 200, words(page)
    return words(page)


@pytest.mark.parametrize("name", stories.STORIES)
def test_every_sort_of_exchange_has_its_page_in_both_languages(desk: Reader, journal: Journal, name: str) -> None:
    x = stories.STORIES[name](journal)
    for query in ("?lang=vi", "?lang=en"):
        shown = page_of(desk, x.id, query)
        assert x.id in shown
        assert "None" not in shown


def test_a_problem_says_what_why_who_and_what_next(desk: Reader, journal: Journal) -> None:
    shown = page_of(desk, stories.parked(journal).id)
    assert "Chuyện gì Chưa rõ kết quả và quoc-gia không cho hỏi lại. G-002" in shown
    assert "Vì sao Nơi nhận: quoc-gia" in shown
    assert "Ai xử lý Vận hành" in shown
    assert "Làm gì tiếp Đối chiếu với nơi nhận rồi cho phép gửi lại" in shown


def test_every_reason_of_a_refusal_is_shown(desk: Reader, journal: Journal) -> None:
    shown = page_of(desk, stories.refused(journal).id)
    assert shown.index("C-011") < shown.index("C-005")
    assert "Ai xử lý Đơn vị báo cáo" in shown
    assert "Ai xử lý Đơn vị tích hợp" in shown


def test_a_trouble_that_is_over_is_no_problem_any_more(desk: Reader, journal: Journal) -> None:
    x = stories.delivered(journal, stories.prepared(journal, "k1"))
    asked = stories.problem("F-001", destination="quoc-gia", seconds=0.2)
    x = stories.told(journal, x, stories.f.Postponed(stories.CLOCK.now(), asked))
    tally = stories.Acknowledgement(stories.Answer.ACCEPTED, stories.Tally(1, 1), (), None)
    x = stories.told(journal, x, stories.f.Acknowledged(tally))
    assert x.trouble is None
    assert "Chuyện gì" not in page_of(desk, x.id)


def test_the_account_balances_before_the_readers_eyes(desk: Reader, journal: Journal) -> None:
    shown = page_of(desk, stories.held_back(journal).id)
    assert "120 nhận = 101 ánh xạ + 17 giữ lại + 2 loại trừ" in shown
    assert "M101 Chỉ tiêu T9999 không có trong gói ánh xạ. 3 4, 9, 31" in shown
    assert "50, 51 và 2 dòng nữa" in shown


def test_the_receipt_tells_whether_the_receiver_holds_the_same_bytes(desk: Reader, journal: Journal) -> None:
    same = stories.delivered(journal, stories.prepared(journal, "k1"))
    other = stories.delivered(journal, stories.prepared(journal, "k2"), digest="0" * 64)
    assert "QG-2025-000123" in page_of(desk, same.id)
    assert "khớp gói đã gửi" in page_of(desk, same.id)
    assert "KHÁC gói đã gửi" in page_of(desk, other.id)


def test_the_answer_is_counted_value_by_value(desk: Reader, journal: Journal) -> None:
    shown = page_of(desk, stories.partly(journal).id)
    assert "nhận 118 = mới 100 + cập nhật 8 + không đổi 4 + từ chối 6 + bỏ qua 0" in shown
    assert "6 giá trị sai đơn vị tính" in shown


def test_a_report_and_the_document_that_carries_it_lead_to_each_other(desk: Reader, journal: Journal) -> None:
    x = stories.as_document(journal)
    assert x.paper is not None
    assert f"Văn bản đi thay {x.paper} Đã gửi văn bản" in page_of(desk, x.id)
    shown = page_of(desk, x.paper)
    assert f"Báo cáo gốc {x.id}" in shown
    assert "128/BC-UBND · 2025-06-19" in shown
    assert "Nguyễn Văn A, Phó Chủ tịch" in shown


def test_revisions_of_a_report_lead_to_each_other(desk: Reader, journal: Journal) -> None:
    old, new = stories.prepared(journal, "k1"), stories.prepared(journal, "k2", revision=2)
    old = stories.told(journal, old, stories.f.Superseded(new.id))
    assert f"Bản mới thay thế {new.id} Chờ gửi" in page_of(desk, old.id)
    assert f"Bản 1 của cùng báo cáo {old.id} Đã có bản mới thay thế" in page_of(desk, new.id)


def test_digests_and_an_intact_chain_stand_as_evidence(desk: Reader, journal: Journal) -> None:
    x = stories.reconciled(journal)
    shown = page_of(desk, x.id)
    assert x.payload is not None
    assert x.parcel is not None
    for digest in (x.payload.digest, x.parcel.body.digest, x.head_digest):
        assert digest in shown
    assert "nguyên vẹn, 9 sự kiện" in shown


class Altered:
    """A journal in whose past somebody wrote: a cancellation instead of what was taken."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def __getattr__(self, name: str) -> object:
        return getattr(self._journal, name)

    def history(self, exchange: str) -> list[Recorded]:
        first, *rest = self._journal.history(exchange)
        return [replace(first, fact=Cancelled("kẻ lạ", "sửa")), *rest]


def test_an_altered_past_is_cried_out(deploy: Deploy, journal: Journal) -> None:
    x = stories.reconciled(journal)
    desk = Reader(deploy(Seen(journal=Altered)))  # type: ignore[arg-type]
    assert "ĐÃ BỊ THAY ĐỔI" in page_of(desk, x.id)


def test_the_deadline_is_the_agreed_one(desk: Reader, journal: Journal) -> None:
    assert "Hạn báo cáo: 23:59:59 19/06/2025" in page_of(desk, stories.waiting(journal).id)


def test_times_are_vietnams_and_say_so(desk: Reader, journal: Journal) -> None:
    x = stories.opened(journal, "k1")
    assert x.opened_at is not None
    page = desk.open(f"/exchanges/{x.id}")
    assert x.opened_at.astimezone(VIETNAM).strftime("%H:%M:%S %d/%m/%Y") in words(page)
    assert "Giờ Việt Nam (UTC+07:00)" in words(page)
    assert f'title="{x.opened_at:%Y-%m-%dT%H:%M:%S.%f}Z"' in page.text
