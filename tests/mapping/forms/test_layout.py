"""Rows of bieu_mau: their anchors, and every fault found before a form is."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from gateway.domain.calendar import period
from gateway.domain.errors import Misconfigured
from gateway.mapping.forms.anchors import anchor, filled, numbers, unfolded
from tests.mapping.forms.sheets import LAYOUT, usual


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("Tổng thu*", "TỔNG  THU\nNSNN trên địa bàn"),
        ("*riệu đồng*", "Đơn vị tính: Triệu đồng."),
        ("Thanh Hoá", "thanh\u00a0hóa"),
        ("Bắc Kạn|Bắc Cạn", "BẮC CẠN"),
        ("*THU*CHI*TỈNH*", "Quyết toán thu, chi ngân sách của các tỉnh,"),
        ("Đồng Tháp", "Ðồng Tháp"),
        ("năm {Y}", "NĂM 2007"),
        ("quý {Q} năm {Y}", "Quý III năm 2024"),
    ],
)
def test_an_anchor_fits_however_the_text_was_typed(said: str, text: str) -> None:
    found = anchor(said)
    assert found is not None
    assert found.fits(text)


@pytest.mark.parametrize(
    ("said", "text"),
    [("Tổng thu", "Tổng thu khác"), ("Hà Nam", "Hà Nội"), ("*chi*thu*", "thu, chi"), ("năm {Y}", "năm nay")],
)
def test_an_anchor_does_not_fit_another_text(said: str, text: str) -> None:
    found = anchor(said)
    assert found is not None
    assert not found.fits(text)


def test_holes_give_unit_and_period() -> None:
    found = anchor("*({dvt})|Đơn vị*: {dvt}")
    assert found is not None
    told = found.found("Thực hiện kỳ này (Nghìn ha)") or {}
    assert unfolded("Thực hiện kỳ này (Nghìn ha)", told["dvt"]) == "Nghìn ha"
    quarter = anchor("quý {Q} năm {Y}")
    assert quarter is not None
    assert quarter.found("QUÝ III NĂM 2024") == {"Q": "3", "Y": "2024"}


def test_headers_may_name_the_period_and_the_one_before() -> None:
    known = numbers(period("LICH:2025M01"))
    assert filled("Tháng {M} năm {Y} so với tháng {M-1}, {Y-1}", known) == "Tháng 1 năm 2025 so với tháng 12, 2024"
    assert numbers(period("LICH:2025Q3"))["Q"] == "3"


def test_many_stars_are_held_against_a_long_text_in_no_time() -> None:
    found = anchor("*a" * 12 + "*b")
    assert found is not None
    began = time.process_time()
    assert not found.fits("a" * 600)
    used = time.process_time() - began
    began = time.process_time()
    sum(range(3_000_000))
    assert used < 10 * (time.process_time() - began)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("B1,,,Thu,,Hà Nội,T0601,,,,,,", "vừa là cột vừa là dòng"),
        ("B1,,,Thu,,,,,,,,,", "không có lý do|ghi_chu"),
        ("B1,,,,,,,,,,,,", "it declares nothing"),
        ("B1,,,Thu,,,T9999,,,,,,", "T9999"),
        ("B1,,,Thu {nam},,,T0601,,,,,,", "{nam}"),
        ("B1,,,Thu,,,T0601,,gioi_tinh,,,,", "phan_to"),
        ("B1,*BIỂU THU*,ĐƠN VỊ,,,,,,,,Đơn vị*: {dvt},*năm {Y}*,", "valid at once"),
        ("B1,*BIỂU THU*,TÊN,Thu khác,,,T0401,,,,,,", "cot_nhan"),
    ],
)
def test_a_faulty_row_stops_the_pack_and_is_named(tmp_path: Path, row: str, fault: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        usual(tmp_path, LAYOUT + row + "\n")
    told = str([found.title.vi for found in refused.value.problems])
    assert any(part in told for part in fault.split("|"))
    assert "bieu_mau:8" in told
