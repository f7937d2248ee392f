"""Figures as ministries published them, handed in and found again at the receiver, every one of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from gateway.domain.account import Account
from gateway.domain.exchange import Exchange
from gateway.domain.facts import Reconciled
from gateway.journey.accept import Incoming
from tests.faults.scenarios import AGREEMENT, Scene
from tests.journeys.conftest import Furnished
from tests.journeys.real import code_of, figure, provinces, sheet, submission

_UNITS = """ma,dai_luong,tu,mau,bi_danh
trieu_dong,tien_vnd,1000000,1,triệu đồng
ty_dong,tien_vnd,1000000000,1,tỷ đồng
phan_tram,ty_le,1,100,%
"""
_PLAN = {
    "NS.01": "Tổng thu NSNN trên địa bàn",
    "NS.02": "Tỷ lệ điều tiết phần NSĐP được hưởng",
    "NS.03": "Tổng chi cân đối NSĐP",
    "NS.04": "Số bổ sung cân đối từ NSTW",
    "NS.05": "Số bổ sung thực hiện chính sách tiền lương",
    "NS.06": "Bổ sung có mục tiêu",
    "NS.07": "Bổ sung có mục tiêu: vốn đầu tư",
    "NS.08": "Bổ sung có mục tiêu: chế độ, chính sách",
    "NS.09": "Bổ sung có mục tiêu: chương trình mục tiêu quốc gia",
}
_LABOUR = {"LD.01": "Chỉ số sử dụng lao động so với tháng trước", "LD.02": "… so với cùng thời điểm năm trước"}


def test_the_budget_plan_of_2016_arrives_whole_for_all_63_provinces(furnished: Furnished, tmp_path: Path) -> None:
    known = provinces()
    rows = {
        code: row for row in sheet("mof-budget/Plan_2016.xls", "M09") if row[0] and (code := code_of(row[1], known))
    }
    assert len(rows) == 63
    units = {code: "phan_tram" if code == "NS.02" else "ty_dong" for code in _PLAN}
    scene = furnished(_pack(tmp_path, units, "trieu_dong", "nam"), {c: (n, units[c]) for c, n in _PLAN.items()})
    payload = submission("02/TCNS", "LICH:2016", _planned(rows))
    x = _through(scene, payload)

    assert x.account == Account(63 * 9, 63 * 9, 0, 0)
    arrived = _statement(scene, x)
    assert len(arrived) == 63 * 9
    for province, row in rows.items():
        for indicator, cell in zip(_PLAN, row[2:11], strict=True):
            scale = 1 if indicator == "NS.02" else 1000  # triệu đồng → tỷ đồng, exactly
            wanted = "…" if cell == "" else str(Decimal(figure(cell)) / scale)
            assert _same(arrived[indicator, province], wanted), (indicator, province)


def test_a_provincial_table_of_november_2024_arrives_and_the_country_row_is_held(
    furnished: Furnished, tmp_path: Path
) -> None:
    known = provinces() | {"ca nước": "VN"}
    table = sheet("gso-monthly/2024-11-29-02.-Bieu-T11.2024.xlsx", "5. LĐCN_DP")
    rows = {code: row for row in table if row[0] and (code := _country_or_province(row[0], known))}
    assert len(rows) == 64
    units = dict.fromkeys(_LABOUR, "phan_tram")
    scene = furnished(_pack(tmp_path, units, "phan_tram", "thang"), {c: (n, units[c]) for c, n in _LABOUR.items()})
    told = (
        (indicator, place, "%", figure(cell))
        for place, row in rows.items()
        for indicator, cell in zip(_LABOUR, row[1:3], strict=True)
    )
    x = _through(scene, submission("05/LD", "LICH:2024M11", told))

    assert x.account == Account(128, 126, 2, 0)
    arrived = _statement(scene, x)
    assert len(arrived) == 126
    for place, row in rows.items():
        for indicator, cell in zip(_LABOUR, row[1:3], strict=True):
            assert place == "VN" or _same(arrived[indicator, place], figure(cell)), (indicator, place)


def _country_or_province(name: object, known: dict[str, str]) -> str | None:
    return "VN" if str(name).strip() == "CẢ NƯỚC" else code_of(name, known)


def _planned(rows: dict[str, list[object]]) -> Iterator[tuple[str, str, str, str]]:
    for province, row in rows.items():
        for indicator, cell in zip(_PLAN, row[2:11], strict=True):
            unit = "%" if indicator == "NS.02" else "triệu đồng"
            yield indicator, province, unit, "" if cell == "" else figure(cell)


def _pack(folder: Path, units: dict[str, str], money: str, kind: str) -> Path:
    """A pack of the same codes on both sides, all 63 provinces, money in another unit."""
    pack = folder / "so-lieu-that"
    pack.mkdir()
    lines = [f"{code},,{code},{unit if unit == 'phan_tram' else money},{unit},tuong_duong,khong_gop,,"
             for code, unit in units.items()]  # fmt: skip
    head = "nguon,phan_to,dich,dvt_nguon,dvt_dich,quan_he,gop,tu_ngay,den_ngay"
    (pack / "chi_tieu.csv").write_text("\n".join([head, *lines, ""]), "utf-8")
    places = [f"{code},{code},1,,2025-06-30" for code in sorted(set(provinces().values()))]
    (pack / "to_chuc.csv").write_text("\n".join(["nguon,dich,ty_trong,tu_ngay,den_ngay", *places, ""]), "utf-8")
    (pack / "don_vi_tinh.csv").write_text(_UNITS, "utf-8")
    (pack / "ky.csv").write_text(f"che_do,loai\nLICH,{kind}\n", "utf-8")
    (pack / "pack.yaml").write_text("pack: so-lieu-that\n", "utf-8")
    return pack


def _through(scene: Scene, payload: bytes) -> Exchange:
    x, _ = scene.gateway.accept(Incoming(AGREEMENT, "k1", "ht", "application/json", payload))
    scene.drain(scene.settled("k1"))
    x = scene.gateway.journal.read(x.id)
    assert scene.other_side.count(x.id) == 1
    return x


def _statement(scene: Scene, x: Exchange) -> dict[tuple[str, str], str]:
    """What the receiver holds, by (indicator, organisation)."""
    journal = scene.gateway.journal
    [kept] = [link.fact.statement for link in journal.history(x.id) if isinstance(link.fact, Reconciled)]
    values = json.loads(journal.bytes_of(kept.digest))["values"]
    return {(value["indicator"], value["organisation"]): value["value"] for value in values}


def _same(arrived: str, wanted: str) -> bool:
    return arrived == wanted if "…" in (arrived, wanted) else Decimal(arrived) == Decimal(wanted)
