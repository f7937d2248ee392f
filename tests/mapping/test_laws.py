"""Laws of every pack and every report: the account, no order, no neighbours, there and back; and what breaks them."""

from __future__ import annotations

import csv
import io
import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.domain.errors import Misconfigured
from gateway.domain.report import Columns, Report, ReportHead
from gateway.mapping import balance
from gateway.mapping.batch import looked_up
from gateway.mapping.collapse import collapse
from gateway.mapping.derive import derived
from gateway.mapping.examples import tried
from gateway.mapping.loading import build, load
from gateway.mapping.pack import Pack
from gateway.mapping.reverse import unmap
from gateway.mapping.run import Mapped, run, run_many
from gateway.mapping.sheets import Table

PACKS = Path(__file__).parents[2] / "gateway" / "profiles" / "thanh-hoa" / "packs"
STARTERS = ("ngan-sach", "kt-xh-thang")
_QUIET = settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much], deadline=None, max_examples=40
)

UNITS = [["ma", "dai_luong", "tu", "mau"], ["dong", "tien", "1", "1"], ["nghin", "tien", "1000", "1"],
         ["trieu", "tien", "1000000", "1"], ["phan_bay", "tien", "7", "1"], ["ha", "dat", "1", "1"]]  # fmt: skip
MONEY = ("dong", "nghin", "trieu", "phan_bay")
PLACES = ("01", "02", "03", "00001", "H56", "khac")
NO_ROWS = pl.Series()
_EXAMPLE = [
    "ten",
    "chi_tieu",
    "phan_to",
    "to_chuc",
    "ky",
    "dvt",
    "gia_tri",
    "dich",
    "to_chuc_dich",
    "dvt_dich",
    "gia_tri_dich",
]
_ways = st.sampled_from(["cong", "khong_gop", "cuoi", ""])


@st.composite
def tables(draw: st.DrawFn) -> dict[str, Table]:
    """The sheets of a pack that compiles."""
    chi_tieu: Table = [["nguon", "phan_to", "dich", "dvt_nguon", "dvt_dich", "quan_he", "gop", "tu_ngay", "den_ngay"]]
    for code in draw(st.lists(st.sampled_from("ABCDE"), min_size=1, unique=True)):
        source, target = draw(st.sampled_from(MONEY)), draw(st.sampled_from(MONEY))
        ends = draw(st.sampled_from(["", "2024-12-31", "2026-12-31"]))
        for condition in draw(st.sampled_from([("",), ("", "x=1"), ("", "x=*"), ("x=1", "x=2")])):
            row = [code, condition, f"{code}{condition[-1:]}", source, target, "tuong_duong", draw(_ways), "", ends]
            chi_tieu.append(row)
    to_chuc: Table = [["nguon", "dich", "ty_trong", "tu_ngay", "den_ngay"]]
    for place in draw(st.lists(st.sampled_from(PLACES), min_size=1, unique=True)):
        kind = draw(st.sampled_from(["same", "merged", "split", "unknown"]))
        if kind == "same":
            to_chuc.append([place, "09", "1", "", ""])
        elif kind == "merged":
            to_chuc += [[place, "08", "1", "", "2025-06-30"], [place, "09", "1", "2025-07-01", ""]]
        elif kind == "split":
            share = draw(st.sampled_from(["0.5", "0.35", "0.001"]))
            to_chuc += [[place, "07", share, "", ""], [place, "09", str(1 - Decimal(share)), "", ""]]
        else:
            to_chuc += [[place, "07", "", "", ""], [place, "09", "", "", ""]]
    return {
        "chi_tieu": chi_tieu,
        "to_chuc": to_chuc,
        "don_vi_tinh": UNITS,
        "ky": [["che_do", "loai"], ["LICH", "thang"], ["ND09", "thang"]],
        "phan_to": [["chieu", "nguon", "chieu_dich", "dich"], ["y", "1", "Y", "a"], ["y", "2", "Y", "b"], ["y", "", "Y", "_T"]],
        "loai_tru": [["chi_tieu", "phan_to", "ly_do"], ["A", "y=2", "thử"]],
    }  # fmt: skip


_figures = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12).map(
        "{:f}".format
    ),
    st.sampled_from(["-", "…", "x", "", "abc", "1.5", "1.50", "9" * 21]),
)
_values = st.tuples(st.sampled_from("ABCDEF"), st.sampled_from([*PLACES, "99"]), st.sampled_from([*MONEY, "ha", "?"]), _figures,
                    st.sampled_from(["", "1", "2"]), st.sampled_from(["", "1", "2", "3"]))  # fmt: skip
_rows = st.lists(_values, min_size=1, max_size=12)
_periods = st.sampled_from(["LICH:2024M12", "LICH:2025M09", "ND09:2025M07", "LICH:2025Q1"])


def asked(rows: list[tuple[str, ...]], period: str) -> Report:
    columns = [list(column) for column in zip(*rows, strict=True)]
    head = ReportHead("K", "01", period, "H56")
    return Report(head, Columns(*columns[:4], breakdown={"x": columns[4], "y": columns[5]}))


def built(said: dict[str, Table]) -> Pack:
    try:
        return build("thu", "pack: thu\n", said)
    except Misconfigured:
        pytest.skip("not every drawn pack compiles")


def outcome(mapped: Mapped, order: list[int] | None = None) -> tuple[object, ...]:
    """What a run says, with the rows numbered as they stood before they were turned."""
    at = order or list(range(mapped.account.received))
    c = mapped.columns
    broken = [
        ";".join(f"{name}={column[n]}" for name, column in sorted(c.breakdown.items()) if column[n])
        for n in range(len(c))
    ]
    results = sorted(zip(c.indicator, c.organisation, c.unit, broken, c.value, strict=True))
    held = {at[row] for one in mapped.conflicts if one.holds for row in one.rows}
    return results, held, mapped.account, mapped.sums


@_QUIET
@given(tables(), _rows, _periods)
def test_every_value_is_accounted_for_and_every_quantity_too(
    said: dict[str, Table], rows: list[tuple[str, ...]], period: str
) -> None:
    mapped = run(built(said), asked(rows, period), None)
    held = {row for one in mapped.conflicts if one.holds for row in one.rows}
    again = {row for one in mapped.conflicts if one.code == "M602" for row in one.rows}
    made = {row for lineage in mapped.lineage for row in lineage}
    account = mapped.account
    assert account.received == len(rows) == account.mapped + account.held + account.excluded
    assert (len(held), len(made | again)) == (account.held, account.mapped)
    assert not held & made
    assert all(Decimal(one.received) == Decimal(one.sent) + Decimal(one.held) for one in mapped.sums)


@_QUIET
@given(tables(), _rows, _periods, st.randoms(use_true_random=False))
def test_the_order_of_rows_and_of_pack_lines_says_nothing(
    said: dict[str, Table], rows: list[tuple[str, ...]], period: str, chance: random.Random
) -> None:
    pack = built(said)
    order = list(range(len(rows)))
    chance.shuffle(order)
    turned = {name: [table[0], *chance.sample(table[1:], len(table) - 1)] for name, table in said.items()}
    assert built(turned).digest == pack.digest
    straight = run(pack, asked(rows, period), None)
    shuffled = run(built(turned), asked([rows[n] for n in order], period), None)
    assert outcome(shuffled, order) == outcome(straight)


@_QUIET
@given(tables(), st.lists(st.tuples(_rows, _periods), min_size=1, max_size=5))
def test_a_report_in_a_batch_becomes_what_it_becomes_alone(
    said: dict[str, Table], several: list[tuple[list[tuple[str, ...]], str]]
) -> None:
    pack = built(said)
    reports = [asked(rows, period) for rows, period in several]
    together, alone = run_many(pack, reports, None), [run(pack, one, None) for one in reports]
    for one, other in zip(together, alone, strict=True):
        said = [replace(mapped, rows=NO_ROWS) for mapped in (one, other)]
        assert said[0] == said[1]
        assert one.lineage == other.lineage


@_QUIET
@given(st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from(["01", "02"]), _figures), min_size=1, max_size=12))
def test_there_and_back_is_where_it_came_from_wherever_one_row_leads_there(rows: list[tuple[str, str, str]]) -> None:
    said = {
        "chi_tieu": [["nguon", "phan_to", "dich", "dvt_nguon", "dvt_dich", "quan_he", "gop"]]
        + [[code, condition, f"0{code}", unit, "trieu", "tuong_duong", "cong"]
           for code, condition, unit in (("A", "", "dong"), ("B", "x=1", "nghin"), ("C", "", "trieu"))],
        "to_chuc": [["nguon", "dich", "ty_trong"], ["01", "01", "1"], ["02", "20", "1"], ["H56", "20", "1"]],
        "don_vi_tinh": UNITS, "ky": [["che_do", "loai"], ["LICH", "thang"]],
        "phan_to": [["chieu", "nguon", "chieu_dich", "dich"], ["y", "1", "Y", "a"], ["y", "", "Y", "_T"]],
    }  # fmt: skip
    unit = {"A": "dong", "B": "nghin", "C": "trieu"}
    report = asked(
        [(code, place, unit[code], figure, "1" if code == "B" else "", "1") for code, place, figure in rows],
        "LICH:2025M09",
    )
    pack = build("thu", "pack: thu\n", said)
    up = run(pack, report, None)
    back = unmap(pack, Report(report.head, up.columns))
    assert (back.account.held, back.account.mapped) == (0, len(up.columns))
    for n, [row] in enumerate(up.lineage):
        sent = report.columns
        assert (back.columns.indicator[n], back.columns.organisation[n], back.columns.unit[n]) == (
            sent.indicator[row], sent.organisation[row], sent.unit[row],
        )  # fmt: skip
        assert (back.columns.breakdown.get("x", [""] * 99)[n], back.columns.breakdown["y"][n]) == (
            sent.breakdown["x"][row],
            "1",
        )
        assert same(back.columns.value[n], sent.value[row])


def same(one: str, other: str) -> bool:
    other = other or "…"
    return one == other or (one[-1:].isdigit() and Decimal(one) == Decimal(other))


def read(pack: str) -> dict[str, Table]:
    return {path.stem: list(csv.reader(io.StringIO(path.read_text("utf-8")))) for path in (PACKS / pack).glob("*.csv")}


def settings_of(pack: str) -> str:
    return (PACKS / pack / "pack.yaml").read_text("utf-8")


@pytest.mark.parametrize("pack", STARTERS)
def test_the_examples_of_a_starter_pack_come_out_as_told(pack: str) -> None:
    outcomes = tried(load(PACKS / pack))
    assert len(outcomes) >= 8
    assert [one for one in outcomes if not one.passed] == []


@pytest.mark.parametrize("pack", STARTERS)
def test_an_example_catches_a_factor_that_was_changed(pack: str) -> None:
    said = read(pack)
    table = said["don_vi_tinh"]
    at = [row[0] for row in table].index({"ngan-sach": "ty_dong", "kt-xh-thang": "trieu_usd"}[pack])
    table[at] = [*table[at][:2], f"{int(table[at][2]) * 10}", *table[at][3:]]
    assert not all(one.passed for one in tried(build(pack, settings_of(pack), said)))


@pytest.mark.parametrize("pack", STARTERS)
def test_an_example_catches_a_validity_that_was_moved(pack: str) -> None:
    said = read(pack)
    later = [
        [(str(date(2025, 7, 1) + timedelta(days=400)) if cell == "2025-07-01" else cell) for cell in row]
        for row in said["to_chuc"]
    ]
    moved = [
        [(str(date(2025, 6, 30) + timedelta(days=400)) if cell == "2025-06-30" else cell) for cell in row]
        for row in later
    ]
    assert not all(one.passed for one in tried(build(pack, settings_of(pack), {**said, "to_chuc": moved})))


def test_a_share_that_was_changed_does_not_add_up_or_is_caught_by_an_example() -> None:
    said = read("ngan-sach")
    header = ["nguon", "dich", "ty_trong"]
    example = [["Chia theo tỷ trọng", "T0601", "", "50", "LICH:2007", "tỷ đồng", "10", "0601", place, "ty_dong", part]
               for place, part in (("51", "3.5"), ("52", "6.5"))]  # fmt: skip
    example[1][1] = ""
    said.pop("bieu_mau", None)
    whole = {**said, "to_chuc": [header, ["50", "51", "0.35"], ["50", "52", "0.65"]], "vi_du": [_EXAMPLE, *example]}
    assert all(one.passed for one in tried(build("p", "pack: p\n", whole)))
    swapped = {**whole, "to_chuc": [header, ["50", "51", "0.65"], ["50", "52", "0.35"]]}
    assert not all(one.passed for one in tried(build("p", "pack: p\n", swapped)))
    with pytest.raises(Misconfigured, match=r"0\.95"):
        build("p", "pack: p\n", {**whole, "to_chuc": [header, ["50", "51", "0.35"], ["50", "52", "0.6"]]})


@pytest.mark.parametrize("fault", ["factor", "lost", "doubled"])
def test_a_quantity_that_is_not_what_came_in_stops_the_run(fault: str) -> None:
    pack = load(PACKS / "ngan-sach")
    report = Report(
        ReportHead("K", "01", "LICH:2026", "H38"),
        Columns(["T0601"] * 2, ["10", "15"], ["triệu đồng"] * 2, ["100", "7"]),
    )
    batch = looked_up(pack, [report], None)
    done = derived(batch, pack, collapse(batch, adds_repetitions=False), {})
    none = batch.frame.clear()
    assert [(one.received, one.sent) for one in balance.balanced(batch, done, none)[0]] == [("0.107", "0.107")]
    changed = {
        "factor": done.results.with_columns(pl.col("number") * 2),
        "lost": done.results.clear(),
        "doubled": pl.concat([done.results, done.results]),
    }
    done.results = changed[fault]
    with pytest.raises(AssertionError, match="does not balance"):
        balance.balanced(batch, done, none)
