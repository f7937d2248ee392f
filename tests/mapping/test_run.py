"""Running a pack: every value is mapped, held or excluded, and says why."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.domain.catalogue import Catalogue, Item
from gateway.domain.errors import Misconfigured, Rejected
from gateway.domain.report import Report
from gateway.mapping import PackTranslator, map_report
from gateway.mapping.run import Mapped
from tests.mapping.packs import approved, pack, report, usual

_QUIET = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def ran(folder: Path, asked: Report) -> Mapped:
    return map_report(asked, folder).mapped


def results(mapped: Mapped) -> list[tuple[str, str, str, str]]:
    c = mapped.columns
    return list(zip(c.indicator, c.organisation, c.unit, c.value, strict=True))


def codes(mapped: Mapped) -> dict[str, tuple[int, ...]]:
    return {conflict.code: conflict.rows for conflict in mapped.conflicts}


def test_a_figure_in_million_dong_becomes_one_in_billion_dong_exactly(tmp_path: Path) -> None:
    mapped = ran(pack(tmp_path), report(("T0601", "79", "triệu đồng", "1050000.5")))
    assert results(mapped) == [("0601", "79", "ty_dong", "1050.0005")]


def test_provinces_that_merged_are_added_up_and_say_of_which_rows(tmp_path: Path) -> None:
    asked = report(
        *(
            ("T0601", code, "trieu_dong", figure)
            for code, figure in (("74", "100000"), ("77", "50000.5"), ("79", "900000"))
        )
    )
    mapped = ran(pack(tmp_path), asked)
    assert results(mapped) == [("0601", "79", "ty_dong", "1050.0005")]
    assert mapped.lineage == [[0, 1, 2]]
    assert mapped.account.mapped == 3


def test_the_reference_period_decides_and_not_the_day_it_arrives(tmp_path: Path) -> None:
    asked = report(("T0601", "74", "trieu_dong", "1"), ("T0601", "79", "trieu_dong", "2"), period="LICH:2025M06")
    assert results(ran(pack(tmp_path), asked)) == [
        ("0601", "74", "ty_dong", "0.001"),
        ("0601", "79", "ty_dong", "0.002"),
    ]


def test_ratios_are_never_added(tmp_path: Path) -> None:
    mapped = ran(pack(tmp_path), report(("T0801", "74", "%", "101"), ("T0801", "79", "%", "99")))
    assert codes(mapped) == {"M505": (0, 1)}
    assert results(mapped) == []


def test_a_sum_with_a_part_that_is_not_available_is_held(tmp_path: Path) -> None:
    mapped = ran(pack(tmp_path), report(("T0601", "74", "trieu_dong", "…"), ("T0601", "79", "trieu_dong", "5")))
    assert codes(mapped) == {"M505": (0, 1)}


def test_nil_counts_as_nothing_in_a_sum_and_stays_nil_alone(tmp_path: Path) -> None:
    folder = pack(tmp_path)
    parts = [("T0601", "74", "ty_dong", "-"), ("T0601", "77", "ty_dong", "-"), ("T0601", "79", "ty_dong", "5")]
    assert results(ran(folder, report(*parts)))[0][3] == "5"
    assert results(ran(folder, report(("T0601", "01", "ty_dong", "-"))))[0][3] == "-"


def test_nil_not_available_and_confidential_stay_three_things(tmp_path: Path) -> None:
    asked = report(("T0601", "01", "ty_dong", ""), ("T0401", "01", "ty_dong", "x"), ("T0801", "01", "%", "-"))
    assert [value for *_, value in results(ran(pack(tmp_path), asked))] == ["…", "x", "-"]


def test_the_most_specific_row_wins_whatever_the_order(tmp_path: Path) -> None:
    asked = report(("T0401", "01", "triệu USD", "2"), ("T0401", "01", "triệu đồng", "3"), nguon_von=["FDI", ""])
    assert [row[:1] + row[3:] for row in results(ran(pack(tmp_path), asked))] == [("0401.FD", "2"), ("0401", "0.003")]


def test_breakdowns_are_translated_and_totals_left_out(tmp_path: Path) -> None:
    asked = report(
        *(("T1001", "01", "ha", str(n)) for n in range(3)), period="LICH:2024M09", gioi_tinh=["NAM", "NU", "CA"]
    )
    assert list(ran(pack(tmp_path), asked).columns.breakdown["SEX"]) == ["M", "F", ""]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (("T0777", "01", "ha", "1"), "M101"),
        (("T1001", "01", "ha", "1"), "M102"),
        (("T9001", "01", "diem", "1"), "M103"),
        (("T0601", "01", "bát", "1"), "M301"),
        (("T0601", "01", "ha", "1"), "M302"),
        (("T0601", "99", "ty_dong", "1"), "M501"),
        (("T0601", "26", "ty_dong", "1"), "M502"),
        (("T0601", "07", "ty_dong", "1"), "M503"),
        (("T0601", "01", "ty_dong", "nhiều"), "M901"),
        (("T0601", "01", "ty_dong", "1.000,5"), "M901"),
        (("T0601", "01", "ty_dong", "1" * 30), "M902"),
    ],
)
def test_what_nobody_may_guess_is_held_under_its_code_and_the_rest_goes_on(
    tmp_path: Path, value: tuple[str, str, str, str], code: str
) -> None:
    mapped = ran(pack(tmp_path), report(value, ("T0801", "01", "%", "5")))
    assert codes(mapped) == {code: (0,)}
    assert results(mapped) == [("0801", "01", "phan_tram", "5")]
    assert (mapped.account.mapped, mapped.account.held) == (1, 1)


def test_an_unknown_breakdown_is_held_with_m201(tmp_path: Path) -> None:
    asked = report(("T1001", "01", "ha", "1"), period="LICH:2024M09", gioi_tinh=["KHAC"])
    assert codes(ran(pack(tmp_path), asked)) == {"M201": (0,)}


def test_a_ratio_that_no_finite_decimal_says_is_held_with_m902(tmp_path: Path) -> None:
    assert codes(ran(pack(tmp_path), report(("T1001", "01", "phan_bay", "1"), period="LICH:2024M09"))) == {"M902": (0,)}


def test_a_period_across_the_merger_is_held_unless_the_pack_chooses(tmp_path: Path) -> None:
    asked = report(("T0601", "74", "ty_dong", "1"), period="ND09:2025M07")
    assert codes(ran(pack(tmp_path), asked)) == {"M504": (0,)}
    assert results(ran(pack(tmp_path, settings="straddle: old\n"), asked))[0][1] == "74"
    parts = report(*(("T0601", code, "ty_dong", "1") for code in ("74", "77", "79")), period="ND09:2025M07")
    assert {row for one in ran(pack(tmp_path), parts).conflicts if one.code == "M504" for row in one.rows} == {0, 1, 2}
    assert results(ran(pack(tmp_path, settings="straddle: new\n"), parts))[0][1:] == ("79", "ty_dong", "3")


def test_a_period_the_pack_does_not_carry_holds_everything(tmp_path: Path) -> None:
    mapped = ran(pack(tmp_path), report(("T0601", "01", "ty_dong", "1"), period="LICH:2025Q1"))
    assert codes(mapped) == {"M402": (0,)}


def test_excluded_values_are_counted_apart(tmp_path: Path) -> None:
    asked = report(("T0401", "01", "ty_dong", "1"), ("T0401", "01", "ty_dong", "2"), nguon_von=["KHAC", ""])
    account = ran(pack(tmp_path), asked).account
    assert (account.received, account.mapped, account.held, account.excluded) == (2, 1, 0, 1)


def test_one_key_with_two_figures_is_held_and_with_one_figure_twice_is_one(tmp_path: Path) -> None:
    folder = pack(tmp_path)
    differing = ran(folder, report(("T0601", "01", "trieu_dong", "1"), ("T0601", "01", "trieu_dong", "2")))
    assert codes(differing) == {"M601": (0, 1)}
    same = ran(folder, report(("T0601", "01", "trieu_dong", "1"), ("T0601", "01", "trieu_dong", "1.0")))
    assert (codes(same), len(results(same)), same.account.mapped) == ({"M602": (1,)}, 1, 2)


def test_a_near_miss_is_proposed_and_never_applied(tmp_path: Path) -> None:
    mapped = ran(pack(tmp_path), report(("T06O1", "01", "ty_dong", "1")))
    assert mapped.conflicts[0].proposal == "T0601"
    assert results(mapped) == []


def test_vietnamese_figures_are_read_where_the_pack_says_so(tmp_path: Path) -> None:
    folder = pack(tmp_path, settings="figures: vietnamese\n")
    assert results(ran(folder, report(("T0601", "01", "tỷ đồng", "1.234.567,5"))))[0][3] == "1234567.5"


def test_a_target_the_catalogue_does_not_know_is_held_with_m104(tmp_path: Path) -> None:
    (tmp_path / "thu").mkdir()
    translator = PackTranslator(approved(pack(tmp_path / "thu")).parent)
    catalogue = Catalogue(
        "VPCP-CT", "1", date(2025, 1, 1), (Item("0601", "Thu", unit="ty_dong"), Item("0801", "IIP", unit="diem"))
    )
    asked = report(("T0601", "01", "ty_dong", "1"), ("T0401", "01", "ty_dong", "1"), ("T0801", "01", "%", "1"))
    done = translator.translate(asked, "thu", catalogue)
    assert [(group.code, group.rows) for group in done.held] == [("M104", (1,)), ("M104", (2,))]
    assert done.report.head.regime == "BC-KTXH"
    assert "0401" not in done.held[0].message or "T0401" in done.held[0].message


def test_when_nothing_maps_the_report_is_refused_with_d001(tmp_path: Path) -> None:
    (tmp_path / "thu").mkdir()
    approved(pack(tmp_path / "thu"))
    with pytest.raises(Rejected, match="D-001"):
        PackTranslator(tmp_path).translate(report(("T0777", "01", "ha", "1")), "thu", None)


def test_a_pack_outside_the_folder_of_packs_is_no_pack(tmp_path: Path) -> None:
    for name in ("../thu", "", "none"):
        with pytest.raises(Misconfigured, match="D-002"):
            PackTranslator(tmp_path).translate(report(("T0777", "01", "ha", "1")), name, None)


def test_a_changed_pack_is_compiled_anew(tmp_path: Path) -> None:
    folder = tmp_path / "thu"
    folder.mkdir()
    approved(pack(folder))
    translator = PackTranslator(tmp_path)
    asked = report(("T0601", "01", "ty_dong", "1"))
    before = translator.translate(asked, "thu", None)
    changed = usual("chi_tieu").replace("0601,trieu_dong,ty_dong", "0601,trieu_dong,trieu_dong")
    approved(pack(folder, chi_tieu=changed))
    after = translator.translate(asked, "thu", None)
    assert (list(before.report.columns.value), list(after.report.columns.value)) == (["1"], ["1000"])
    assert before.pack_digest != after.pack_digest


_figures = st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**15), max_value=10**15)


@_QUIET
@given(st.lists(_figures, min_size=30, max_size=30))
def test_what_comes_out_times_the_factor_is_what_went_in(tmp_path: Path, figures: list[Decimal]) -> None:
    folder = pack(tmp_path, to_chuc="nguon,dich,ty_trong\n" + "".join(f"{n:02},79,1\n" for n in range(30)))
    mapped = ran(folder, report(*(("T0601", f"{n:02}", "trieu_dong", f"{f:f}") for n, f in enumerate(figures))))
    [out] = mapped.columns.value
    assert Decimal(out) * 1000 == sum(figures)


@_QUIET
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["T0601", "T0401", "T0801", "T1001", "T9001", "T0777"]),
            st.sampled_from(["74", "77", "79", "01", "07", "26", "99"]),
            st.sampled_from(["triệu đồng", "%", "ha", "bát"]),
            st.sampled_from(["1", "2.5", "-", "…", "x", "", "abc"]),
        ),
        min_size=1,
        max_size=25,
    )
)
def test_the_account_balances_whatever_comes(tmp_path: Path, values: list[tuple[str, str, str, str]]) -> None:
    mapped = ran(pack(tmp_path), report(*values))
    account = mapped.account
    assert account.received == len(values) == account.mapped + account.held + account.excluded
    named = [row for conflict in mapped.conflicts for row in conflict.rows]
    made = [row for rows in mapped.lineage for row in rows]
    assert sorted({*named, *made}) == list(range(len(values)))
