"""The mapping heart beside a bare polars join of the same rows, in the same run and process.

The bare join is what one would write who wants nothing but the codes: the same lists of text to a frame, four left
joins on text keys, the figure times its factor, the result back to lists. No validity, no conflicts, no lineage, no
account. Ratios are of CPU time, so that a busy machine does not matter.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from gateway.bench import packets
from gateway.bench.measuring import peak_megabytes
from gateway.domain.report import Columns, Report, ReportHead
from gateway.mapping.book import as_csv
from gateway.mapping.loading import load
from gateway.mapping.pack import Pack
from gateway.mapping.run import run, run_many

_INDICATORS, _PLACES, _SECTORS = 400, 62, 40
_SEXES = ("NAM", "NU", "CA")
_FEW = 10_000
_PACKET = 100_000
_NUMBER = pl.Decimal(38, 12)
_ROUNDS = 3


def measure(values: int) -> dict[str, Any]:
    """CPU seconds and ratios for `values` values, small reports alone and together, a pack of 5,000 rows, a packet."""
    with TemporaryDirectory(prefix="gateway-bench-") as folder:
        pack = load(_written(Path(folder) / "pack", _INDICATORS))
        compiling = _seconds(lambda: load(_written(Path(folder) / "large", 4300)))
    whole, few = _report(values), _report(_FEW)
    bare, mapped = _seconds(lambda: _bare(whole)), _seconds(lambda: run(pack, whole, None))
    small, account = _seconds(lambda: run(pack, few, None)), run(pack, whole, None).account
    return {
        "values": values,
        "mapped": account.mapped,
        "bare_join_cpu_seconds": round(bare, 3),
        "mapping_cpu_seconds": round(mapped, 3),
        "ratio_to_bare_join": round(mapped / bare, 2),
        "cost_per_value_against_10k": round((mapped / values) / (small / _FEW), 2),
        "peak_mb": round(peak_megabytes(os.getpid())),
        "pack_of_5000_rows_compiled_cpu_seconds": round(compiling, 2),
        **_small(pack),
        **packets.measure(_PACKET),
    }


def _small(pack: Pack) -> dict[str, float]:
    """Reports of five values, as most are."""
    reports = [_report(5)] * 50
    alone = _seconds(lambda: [run(pack, report, None) for report in reports])
    together = _seconds(lambda: run_many(pack, reports, None))
    return {
        "five_values_alone_cpu_ms": round(alone / 50 * 1000, 2),
        "five_values_in_a_batch_of_50_cpu_ms": round(together / 50 * 1000, 2),
    }


def _bare(report: Report) -> list[list[str]]:
    c = report.columns
    frame = pl.DataFrame({"i": c.indicator, "o": c.organisation, "u": c.unit, "v": c.value, **c.breakdown})
    indicators = pl.DataFrame({"i": _codes("T"), "ti": _codes("")})
    organisations = pl.DataFrame({"o": _places(), "to": [f"{int(code) // 2 * 2:02}" for code in _places()]})
    units = pl.DataFrame({"u": ["triệu đồng"], "factor": ["0.001"]}).with_columns(pl.col("factor").cast(_NUMBER))
    sexes = pl.DataFrame({"gioi_tinh": list(_SEXES), "SEX": ["M", "F", ""]})
    joined = (
        frame.join(indicators, on="i", how="left")
        .join(organisations, on="o", how="left")
        .join(units, on="u", how="left")
        .join(sexes, on="gioi_tinh", how="left")
        .with_columns((pl.col("v").cast(_NUMBER) * pl.col("factor")).cast(pl.String).alias("v"))
    )
    return [joined[name].to_list() for name in ("ti", "to", "u", "v", "SEX", "nganh")]


def _seconds(work: Callable[[], object]) -> float:
    """The quickest of a few rounds: what is asked is the cost of the work, not of its neighbours."""
    found: list[float] = []
    for _ in range(_ROUNDS):
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return min(found)


def _codes(letter: str) -> list[str]:
    return [f"{letter}{n:04}" for n in range(_INDICATORS)]


def _places() -> list[str]:
    return [f"{n:02}" for n in range(10, 10 + _PLACES)]


def _report(values: int) -> Report:
    """Values over indicator × organisation × sector × sex, in that order; half of the figures have decimals."""
    places, codes = _places(), _codes("T")
    rows = range(values)
    columns = Columns(
        indicator=[codes[n // _PLACES % _INDICATORS] for n in rows],
        organisation=[places[n % _PLACES] for n in rows],
        unit=["triệu đồng"] * values,
        value=[f"{n * 7919 % 10_000_019}" + (f".{n % 1000}" if n % 2 else "") for n in rows],
        breakdown={
            "gioi_tinh": [_SEXES[n // (_PLACES * _INDICATORS) % 3] for n in rows],
            "nganh": [f"N{n // (_PLACES * _INDICATORS * 3)}" for n in rows],
        },
    )
    return Report(ReportHead("KTXH", "01", "LICH:2025M09", "H56"), columns)


def _written(folder: Path, indicators: int) -> Path:
    """A pack in which every two provinces merged in 2025."""
    folder.mkdir(exist_ok=True)
    merged = [[code, f"{int(code) // 2 * 2:02}", "1", "2025-07-01", ""] for code in _places()]
    before = [[code, code, "1", "", "2025-06-30"] for code in _places()]
    sheets = {
        "chi_tieu": [["nguon", "dich", "dvt_nguon", "dvt_dich", "quan_he", "gop"]]
        + [[f"T{n:04}", f"{n:04}", "trieu_dong", "ty_dong", "tuong_duong", "cong"] for n in range(indicators)],
        "to_chuc": [["nguon", "dich", "ty_trong", "tu_ngay", "den_ngay"], *merged, *before],
        "don_vi_tinh": [
            ["ma", "dai_luong", "tu", "mau", "bi_danh"],
            ["trieu_dong", "tien_vnd", "1000000", "1", "triệu đồng"],
            ["ty_dong", "tien_vnd", "1000000000", "1", "tỷ đồng"],
        ],
        "ky": [["che_do", "loai"], ["LICH", "thang"]],
        "phan_to": [["chieu", "nguon", "chieu_dich", "dich"]]
        + [["gioi_tinh", source, "SEX", target] for source, target in zip(_SEXES, ("M", "F", "_T"), strict=True)]
        + [["nganh", f"N{n}", "SECTOR", f"S{n}"] for n in range(_SECTORS if indicators == _INDICATORS else 500)],
    }
    for name, table in sheets.items():
        (folder / f"{name}.csv").write_text(as_csv(table), "utf-8")
    (folder / "pack.yaml").write_text("pack: bench\n", "utf-8")
    return folder
