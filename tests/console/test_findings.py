"""Warnings of reading a form and of mapping it stand on the report's page, each with its place, in both languages."""

from __future__ import annotations

from typing import Any

from gateway.domain import facts as f
from gateway.domain.account import Account
from gateway.domain.exchange import Exchange
from gateway.domain.ids import digest_of
from gateway.domain.parcel import Blob
from gateway.domain.record import canonical
from gateway.ports import Journal
from tests.console import stories
from tests.console.reader import Reader
from tests.console.test_exchange import page_of
from tests.contracts.telling import BLOB, entry

TITLE = {
    "code": "M403", "severity": "warning", "message": "Tiêu đề biểu ghi kỳ khác kỳ báo cáo: 2007.",
    "message_en": "The form's title names another period than the report: 2007.",
    "count": 1, "rows": [], "cells": ["mau so 09!A2"],
}  # fmt: skip
JUMP = {
    "code": "M304", "severity": "warning", "message": "0601 lệch từ 100 lần so với kỳ trước; xem lại đơn vị tính.",
    "message_en": "0601 is a hundred times off the period before; look at its unit.", "count": 13, "rows": [*range(13)],
}  # fmt: skip
HELD = {**JUMP, "code": "M101", "severity": "held"}
READ = {
    "conflicts": [TITLE], "checks": {"passed": 150, "failed": 1, "not_evaluated": 2},
    "left_out": [{"rule": "bieu_mau:9", "reason": "số cộng của vùng", "count": 6}], "decoded": [{}, {}],
}  # fmt: skip
MAPPED = {
    "conflicts": [HELD, JUMP], "checks": [{"code": "K01", "passed": 1, "failed": 0, "not_evaluated": 3}],
    "previous": {"exchange": "gd-01truoc", "document": "d" * 64},
}  # fmt: skip


def told(journal: Journal, read: Any = None, mapped: Any = None) -> Exchange:
    kept = [canonical(one) if one else b"" for one in (read, mapped)]
    named = [Blob(digest_of(one), len(one), "application/json") if one else None for one in kept]
    facts = (
        f.Validated("form", stories.HEAD, 120, named[0]),
        f.Translated("ngan-sach", "d" * 64, "VPCP-CT@1", BLOB, named[1] or BLOB, Account(120, 120, 0, 0), 3),
    )
    x = stories.opened(journal, "k1")
    return journal.append(x, [entry(fact, *filter(None, [one])) for fact, one in zip(facts, kept, strict=True)])


def test_warnings_stand_on_the_page_with_their_cells_and_rows(desk: Reader, journal: Journal) -> None:
    x = told(journal, READ, MAPPED)

    shown = page_of(desk, x.id)
    assert "M403 Cảnh báo Tiêu đề biểu ghi kỳ khác kỳ báo cáo: 2007. 1 mau so 09!A2" in shown
    assert "M304 Cảnh báo 0601 lệch từ 100 lần so với kỳ trước" in shown
    assert "10, 11 và 1 chỗ nữa" in shown
    assert "151 đạt, 1 không đạt, 5 chưa kiểm tra được" in shown
    assert "So với kỳ trước: gd-01truoc" in shown
    assert "Bỏ ra 6 số liệu, theo bố cục: số cộng của vùng" in shown
    assert "Đã chuyển mã 2 ô chữ mã cũ." in shown
    assert "M101" not in shown  # what is held has a table of its own
    assert "The form's title names another period" in page_of(desk, x.id, "?lang=en")


def test_the_page_names_the_version_of_the_pack(desk: Reader, journal: Journal) -> None:
    assert "Gói ánh xạ ngan-sach@3" in page_of(desk, told(journal).id)


def test_where_nothing_was_compared_the_page_says_so(desk: Reader, journal: Journal) -> None:
    x = told(journal, None, {**MAPPED, "previous": None})

    assert "Không có số liệu kỳ trước để so." in page_of(desk, x.id)


def test_where_nothing_was_met_there_is_no_section(desk: Reader, journal: Journal) -> None:
    assert "Cảnh báo khi đọc" not in page_of(desk, told(journal).id)


def test_what_a_sheet_says_is_shown_and_never_run(desk: Reader, journal: Journal) -> None:
    said = {**TITLE, "message": stories.HOSTILE, "cells": [stories.HOSTILE]}
    x = told(journal, {**READ, "conflicts": [said]})

    assert "<script>alert('x')" not in desk.open(f"/exchanges/{x.id}").text
