"""A pack's faults are found before any data is, all of them, each with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.domain.errors import Misconfigured
from gateway.domain.report import Report
from gateway.mapping import check_pack, map_report
from gateway.mapping.loading import load
from gateway.schemas.packets import PacketReader
from tests.mapping.packs import pack, usual


def faults(folder: Path) -> str:
    with pytest.raises(Misconfigured) as refused:
        check_pack(folder)
    assert {p.code for p in refused.value.problems} == {"D-002"}
    return "\n".join(p.title.en for p in refused.value.problems)


def test_a_sound_pack_compiles(tmp_path: Path) -> None:
    assert load(pack(tmp_path)).name == "thu"


CASES = {
    "two rows of equal specificity": ("chi_tieu", "T0801,,0801", "T0801,a=1,0801,phan_tram,phan_tram,tuong_duong,khong_gop,,\nT0801,b=1,0801", "could be chosen"),
    "the same row twice": ("chi_tieu", "T0801,,0801", "T0801,,0801,phan_tram,phan_tram,tuong_duong,khong_gop,,\nT0801,,0801", "could be chosen"),
    "units of two quantities": ("chi_tieu", "T0601,,0601,trieu_dong,ty_dong", "T0601,,0601,trieu_usd,ty_dong", "different quantities"),
    "a unit nobody declared": ("chi_tieu", "T0601,,0601,trieu_dong", "T0601,,0601,dollar", "not in don_vi_tinh"),
    "an unknown relation": ("chi_tieu", "tuong_duong,cong,2023", "gan_giong,cong,2023", "quan_he"),
    "an unknown way to combine": ("chi_tieu", "tuong_duong,cong,2023", "tuong_duong,chia,2023", "gop"),
    "no target and no word that there is none": ("chi_tieu", "T0601,,0601", "T0601,,", "dich is empty"),
    "two sources that meet without a way to combine": ("chi_tieu", "T1001,,1001", "T1001,,0801", "several sources"),
    "an impossible day": ("chi_tieu", "2024-12-31", "2024-02-30", "chi_tieu.csv:6"),
    "a validity turned round": ("to_chuc", "74,79,1,2025-07-01,", "74,79,1,2025-07-01,2025-01-01", "before tu_ngay"),
    "a share that is neither one nor unknown": ("to_chuc", "77,79,1", "77,79,0.5", "ty_trong"),
    "one organisation twice on a day": ("to_chuc", "77,79,1,,", "77,79,1,,\n77,79,1,,", "twice on one day"),
    "a ratio of nought": ("don_vi_tinh", "diem,diem,1,1", "diem,diem,1,0", "mau not 0"),
    "a unit twice": ("don_vi_tinh", "diem,diem,1,1,điểm", "diem,diem,1,1,điểm\ndiem,diem,1,1,", "twice"),
    "an alias of two units": ("don_vi_tinh", "diem,diem,1,1,điểm", "diem,diem,1,1,%", "belongs to two"),
    "an unknown column": ("ky", "che_do,loai", "che_do,loai,mau_sac", "unknown columns"),
    "a missing column": ("ky", "che_do,loai", "che_do,kieu", "missing columns"),
    "a ragged row": ("ky", "ND09,nam", "ND09,nam,them", "header has 2"),
    "a constant for no field": ("hang_so", "che_do,", "mau_sac,", "truong"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_faulty_pack_is_refused_with_d002(tmp_path: Path, case: tuple[str, str, str, str]) -> None:
    sheet, before, after, expected = case
    assert before in usual(sheet)
    assert expected in faults(pack(tmp_path, **{sheet: usual(sheet).replace(before, after, 1)}))


def test_every_fault_is_listed_at_once(tmp_path: Path) -> None:
    said = faults(pack(tmp_path, settings="straddle: guess\ncolour: red\n", ky=""))
    assert all(word in said for word in ("straddle", "colour", "ky.csv"))


def test_an_unknown_sheet_is_named(tmp_path: Path) -> None:
    (tmp_path / "mau_sac.csv").write_text("a\n")
    assert "mau_sac.csv" in faults(pack(tmp_path))


def test_a_folder_without_a_pack_is_refused(tmp_path: Path) -> None:
    assert "pack.yaml" in faults(tmp_path)


def test_the_version_is_the_content_and_not_the_order_of_rows(tmp_path: Path) -> None:
    before = load(pack(tmp_path)).digest
    header, *rows = usual("to_chuc").strip().split("\n")
    turned = "\r\n".join([header, *reversed(rows)]) + "\r\n"
    assert load(pack(tmp_path, to_chuc=turned)).digest == before
    assert load(pack(tmp_path, to_chuc=usual("to_chuc") + "30,30,1,,\n")).digest != before


def test_stopped_rows_do_not_count(tmp_path: Path) -> None:
    stopped = "che_do,loai,trang_thai\nND09,thang,duyet\nND09,thang,ngung\n"
    assert len(load(pack(tmp_path, ky=stopped)).lines["ky"]) == 1


def test_the_shipped_pack_compiles_and_maps_every_shipped_sample() -> None:
    profile = Path(__file__).parents[2] / "gateway" / "profiles" / "thanh-hoa"
    samples = sorted((profile / "samples").glob("*.json"))
    accounts = [map_report(read(sample), profile / "packs" / "kt-xh-tinh").account for sample in samples]
    assert len(accounts) >= 24
    assert sum(account.held for account in accounts) == 1
    assert all(account.mapped for account in accounts)


def read(sample: Path) -> Report:
    return PacketReader().read(sample.read_bytes(), "application/json")[1]
