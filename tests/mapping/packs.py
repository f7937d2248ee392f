"""Small packs written for one test: sheets as officers would type them."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from gateway.domain.report import Columns, Report, ReportHead
from gateway.mapping.approval import FILE, Approval, approvals
from gateway.mapping.loading import load

_SHEETS = {
    "chi_tieu": """nguon,phan_to,dich,dvt_nguon,dvt_dich,quan_he,gop,tu_ngay,den_ngay
T0601,,0601,trieu_dong,ty_dong,tuong_duong,cong,2023-04-15,
T0401,,0401,trieu_dong,ty_dong,tuong_duong,cong,,
T0401,nguon_von=FDI,0401.FD,trieu_usd,trieu_usd,tuong_duong,cong,,
T0801,,0801,phan_tram,phan_tram,tuong_duong,khong_gop,,
T1001,,1001,ha,ha,tuong_duong,cong,,2024-12-31
T9001,,,diem,,khong_co,,,
""",
    "phan_to": "chieu,nguon,chieu_dich,dich\ngioi_tinh,NAM,SEX,M\ngioi_tinh,NU,SEX,F\ngioi_tinh,CA,SEX,_T\n",
    "don_vi_tinh": """ma,dai_luong,tu,mau,bi_danh
trieu_dong,tien_vnd,1000000,1,triệu đồng|Tr.đ
ty_dong,tien_vnd,1000000000,1,tỷ đồng
trieu_usd,tien_usd,1000000,1,triệu USD
phan_tram,ty_le,1,100,%
phan_nghin,ty_le,1,1000,‰
ha,dien_tich,1,1,
phan_bay,dien_tich,1,7,
diem,diem,1,1,điểm
""",
    "ky": "che_do,loai\nND09,thang\nND09,nam\nLICH,thang\n",
    "to_chuc": """nguon,dich,ty_trong,tu_ngay,den_ngay
74,74,1,,2025-06-30
74,79,1,2025-07-01,
77,79,1,,
79,79,1,,
01,01,1,,
07,08,,,
07,09,,,
26,26,1,,2025-06-30
""",
    "loai_tru": "chi_tieu,phan_to,ly_do\nT0401,nguon_von=KHAC,nơi nhận không thu\n",
    "hang_so": "truong,gia_tri\nche_do,BC-KTXH\n",
}


def pack(folder: Path, *, settings: str = "", **sheets: str) -> Path:
    """A pack folder with the usual sheets, some of them replaced or (empty text) left out."""
    for name, text in {**_SHEETS, **sheets}.items():
        if text:
            (folder / f"{name}.csv").write_text(text, "utf-8")
    (folder / "pack.yaml").write_text(f"pack: thu\n{settings}", "utf-8")
    return folder


def approved(folder: Path) -> Path:
    """The pack as it stands, approved by somebody, as the file beside it tells."""
    given = [
        *approvals(folder),
        Approval(len(approvals(folder)) + 1, load(folder).digest, "Nguyễn Văn An", "2026-01-05"),
    ]
    (folder / FILE).write_text(json.dumps([asdict(one) for one in given]), "utf-8")
    return folder


def usual(name: str) -> str:
    return _SHEETS[name]


def report(*values: tuple[str, str, str, str], period: str = "LICH:2025M09", **dims: list[str]) -> Report:
    """Values as (indicator, organisation, unit, figure)."""
    columns = [list(column) for column in zip(*values, strict=True)]
    return Report(ReportHead("KTXH", "01", period, "H56"), Columns(*columns, breakdown=dims))
