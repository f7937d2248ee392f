"""Values that meet in one target: sums, means, last values, parts that are missing, shares, two systems of codes."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.domain.report import Report
from gateway.mapping import map_report
from gateway.mapping.run import Mapped
from tests.mapping.packs import pack, report

HEAD = "nguon,phan_to,dich,dvt_nguon,dvt_dich,quan_he,gop\n"
PROVINCES = (
    "nguon,dich,ty_trong,tu_ngay,den_ngay\n74,74,1,,2025-06-30\n74,79,1,2025-07-01,\n77,79,1,,\n79,79,1,,\nH29,79,1,,\n"
)


def ran(folder: Path, asked: Report) -> Mapped:
    return map_report(asked, folder).mapped


def values(mapped: Mapped) -> list[tuple[str, str, str]]:
    return list(zip(mapped.columns.indicator, mapped.columns.organisation, mapped.columns.value, strict=True))


def held(mapped: Mapped) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for one in mapped.conflicts:
        if one.holds:
            found.setdefault(one.code, set()).update(one.rows)
    return found


def whole(code: str, *figures: str, unit: str = "trieu_dong") -> list[tuple[str, str, str, str]]:
    return [(code, place, unit, figure) for place, figure in zip(("74", "77", "79"), figures, strict=False)]


def test_a_merged_organisation_is_made_of_all_its_parts_or_not_at_all(tmp_path: Path) -> None:
    folder = pack(tmp_path)
    assert values(ran(folder, report(*whole("T0601", "1", "2", "3")))) == [("0601", "79", "0.006")]
    assert held(ran(folder, report(*whole("T0601", "1", "2")))) == {"M505": {0, 1}}
    alone = report(("T0601", "77", "trieu_dong", "1"))
    assert held(ran(folder, alone)) == {"M505": {0}}


def test_the_new_territory_that_kept_its_code_is_whole_by_itself(tmp_path: Path) -> None:
    assert values(ran(pack(tmp_path), report(("T0601", "79", "trieu_dong", "5")))) == [("0601", "79", "0.005")]


def test_restating_a_period_across_the_merger_needs_the_parts_even_of_the_one_that_kept_its_code(
    tmp_path: Path,
) -> None:
    folder = pack(tmp_path, settings="straddle: restate\n")
    straddling = {"period": "ND09:2025M07"}
    assert held(ran(folder, report(("T0601", "79", "trieu_dong", "5"), **straddling))) == {"M505": {0}}  # type: ignore[arg-type]
    assert values(ran(folder, report(*whole("T0601", "1", "2", "3"), **straddling))) == [("0601", "79", "0.006")]  # type: ignore[arg-type]


def test_an_agency_and_its_province_are_one_thing_said_twice_and_never_a_sum(tmp_path: Path) -> None:
    folder = pack(tmp_path, to_chuc=PROVINCES)
    asked = report(("T0601", "79", "trieu_dong", "5"), ("T0601", "H29", "trieu_dong", "5"))
    assert held(ran(folder, asked)) == {"M601": {0, 1}}
    assert values(ran(folder, report(("T0601", "H29", "trieu_dong", "5")))) == [("0601", "79", "0.005")]


def test_a_known_share_divides_a_sum_exactly_and_a_ratio_never(tmp_path: Path) -> None:
    split = "nguon,dich,ty_trong\n00007,00008,0.35\n00007,00009,0.65\n"
    mapped = ran(pack(tmp_path, to_chuc=split), report(("T0601", "00007", "trieu_dong", "1001")))
    assert values(mapped) == [("0601", "00008", "0.35035"), ("0601", "00009", "0.65065")]
    assert (mapped.account.mapped, mapped.lineage) == (1, [[0], [0]])
    assert [(one.received, one.sent) for one in mapped.sums] == [("1.001", "1.001")]
    assert held(ran(pack(tmp_path, to_chuc=split), report(("T0801", "00007", "%", "5")))) == {"M503": {0}}


SPLIT = "nguon,dich,ty_trong\n00007,00008,0.35\n00007,00009,0.65\n00010,00009,1\n00011,00012,1\n"


def test_of_a_value_that_was_split_no_part_goes_out_while_another_is_held(tmp_path: Path) -> None:
    asked = [("T0601", "00007", "trieu_dong", "1001"), ("T0601", "00010", "trieu_dong", "…")]
    mapped = ran(pack(tmp_path, to_chuc=SPLIT), report(*asked, ("T0601", "00011", "trieu_dong", "7")))
    assert values(mapped) == [("0601", "00012", "0.007")]
    assert held(mapped) == {"M505": {0, 1}}
    assert [(one.received, one.sent, one.held) for one in mapped.sums] == [("1.008", "0.007", "1.001")]


def test_a_whole_unit_and_a_part_of_another_make_one_and_neither_makes_it_alone(tmp_path: Path) -> None:
    split, joined = ("T0601", "00007", "trieu_dong", "1000"), ("T0601", "00010", "trieu_dong", "500")
    assert values(ran(pack(tmp_path, to_chuc=SPLIT), report(split, joined))) == [
        ("0601", "00008", "0.35"), ("0601", "00009", "1.15"),
    ]  # fmt: skip
    for alone in (split, joined):
        mapped = ran(pack(tmp_path, to_chuc=SPLIT), report(alone))
        assert (values(mapped), held(mapped)) == ([], {"M505": {0}})


def test_what_the_other_part_is_added_to_is_held_with_it_however_long_the_chain(tmp_path: Path) -> None:
    chain = "nguon,dich,ty_trong\n1,a,0.5\n1,b,0.5\n2,b,0.5\n2,c,0.5\n3,c,0.5\n3,d,0.5\n4,d,1\n5,e,1\n"
    figures = [("T0601", str(n), "trieu_dong", "2") for n in range(1, 6)]
    whole_chain = ran(pack(tmp_path, to_chuc=chain), report(*figures))
    assert [place for _, place, _ in values(whole_chain)] == ["a", "b", "c", "d", "e"]
    figures[3] = ("T0601", "4", "trieu_dong", "x")
    mapped = ran(pack(tmp_path, to_chuc=chain), report(*figures))
    assert values(mapped) == [("0601", "e", "0.002")]
    assert held(mapped) == {"M505": {0, 1, 2, 3}}


def test_a_rule_that_fails_for_one_part_holds_the_whole_value_and_what_the_other_was_added_to(tmp_path: Path) -> None:
    rules = "ma,muc,bieu_thuc,thong_bao,thieu\nK01,loi,[0601] <= 0.4,quá cao,bo_qua\n"
    figures = [("T0601", "00007", "trieu_dong", "1143"), ("T0601", "00010", "trieu_dong", "-700")]
    asked = report(*figures, ("T0601", "00011", "trieu_dong", "7"))
    mapped = ran(pack(tmp_path, to_chuc=SPLIT, kiem_tra=rules), asked)
    assert values(mapped) == [("0601", "00012", "0.007")]
    assert (mapped.account.mapped, mapped.account.held) == (1, 2)
    assert held(mapped) == {"K01": {0}, "M505": {1}}


def test_a_value_told_twice_is_held_twice_where_it_is_held(tmp_path: Path) -> None:
    asked = [("T0601", "00007", "trieu_dong", "…"), ("T0601", "00007", "trieu_dong", "…")]
    merged = "nguon,dich,ty_trong\n00007,00008,1\n00009,00008,1\n"
    mapped = ran(pack(tmp_path, to_chuc=merged), report(*asked))
    assert (values(mapped), held(mapped)) == ([], {"M505": {0, 1}})
    assert (mapped.account.mapped, mapped.account.held) == (0, 2)


def test_without_a_known_share_nothing_is_divided(tmp_path: Path) -> None:
    split = "nguon,dich,ty_trong\n00007,00008,\n"
    assert held(ran(pack(tmp_path, to_chuc=split), report(("T0601", "00007", "trieu_dong", "1")))) == {"M503": {0}}


def test_a_weighted_mean_takes_the_weights_of_the_same_places(tmp_path: Path) -> None:
    rows = HEAD + "T1,,1,phan_tram,phan_tram,tuong_duong,bq_gia_quyen:T2\nT2,,2,ha,ha,tuong_duong,cong\n"
    folder = pack(tmp_path, chi_tieu=rows, loai_tru="")
    asked = [*whole("T1", "10", "20", "30", unit="%"), *whole("T2", "1", "1", "2", unit="ha")]
    assert values(ran(folder, report(*asked))) == [("1", "79", "22.5"), ("2", "79", "4")]
    assert held(ran(folder, report(*asked[:5]))) == {"M505": {0, 1, 2, 3, 4}}
    weightless = [*asked[:3], *whole("T2", "0", "0", "0", unit="ha")]
    assert held(ran(folder, report(*weightless))) == {"M702": {0, 1, 2}}


def test_the_last_of_a_breakdown_is_the_greatest_and_not_the_lowest_row(tmp_path: Path) -> None:
    folder = pack(tmp_path, chi_tieu=HEAD + "T1,thang=*,1,ha,ha,tuong_duong,cuoi\n", loai_tru="")
    rows = [("T1", "01", "ha", figure) for figure in ("5", "9", "7")]
    mapped = ran(folder, report(*rows, thang=["2025-01", "2025-03", "2025-02"]))
    assert (values(mapped), mapped.lineage) == ([("1", "01", "9")], [[0, 1, 2]])


def test_several_indicators_of_one_target_are_added_where_every_row_says_so(tmp_path: Path) -> None:
    rows = HEAD + "T1,,1,ha,ha,tuong_duong,cong\nT2,,1,ha,ha,tuong_duong,cong\n"
    folder = pack(tmp_path, chi_tieu=rows, loai_tru="")
    assert values(ran(folder, report(("T1", "01", "ha", "1.5"), ("T2", "01", "ha", "2")))) == [("1", "01", "3.5")]


def test_a_whole_dimension_is_summed_over_and_its_total_is_not_counted_again(tmp_path: Path) -> None:
    rows = HEAD + "T1,gioi_tinh=*,1,ha,ha,tuong_duong,cong\nT1,,1.T,ha,ha,tuong_duong,cong\n"
    folder = pack(tmp_path, chi_tieu=rows, loai_tru="")
    asked = report(*(("T1", "01", "ha", figure) for figure in "123"), gioi_tinh=["NAM", "NU", ""])
    assert values(ran(folder, asked)) == [("1", "01", "3"), ("1.T", "01", "3")]


def test_a_figure_given_in_another_unit_than_declared_is_converted_and_told(tmp_path: Path) -> None:
    mapped = ran(pack(tmp_path), report(("T0601", "01", "tỷ đồng", "1.5")))
    assert values(mapped) == [("0601", "01", "1.5")]
    assert [(one.code, one.what, one.rule.severity.value) for one in mapped.conflicts] == [("M303", "tỷ đồng", "info")]


@pytest.mark.parametrize(
    ("text", "proposal"), [("1.234,5", "1234.5"), ("1,234.5", "1234.5"), ("1.234.567", "1234567"), ("NaN", ""), ("inf", ""), ("#DIV/0!", ""), ("=1+1", ""), ("1e5", "")],
)  # fmt: skip
def test_what_is_no_number_is_held_with_a_proposal_at_most(tmp_path: Path, text: str, proposal: str) -> None:
    [conflict] = ran(pack(tmp_path), report(("T0601", "01", "trieu_dong", text))).conflicts
    assert (conflict.code, conflict.proposal) == ("M901", proposal)


@pytest.mark.parametrize("typed", ["t0601", "T0601 ", "T0601\u00a0"])
def test_a_code_typed_another_way_is_proposed_and_not_taken(tmp_path: Path, typed: str) -> None:
    [conflict] = ran(pack(tmp_path), report((typed, "01", "trieu_dong", "1"))).conflicts
    assert (conflict.code, conflict.proposal) == ("M101", "T0601")


@pytest.mark.parametrize("text", ["1234567890123456789012", "0.0000000001", "99999999999999999999"])
def test_a_figure_that_has_no_room_for_its_factor_is_held_and_never_rounded(tmp_path: Path, text: str) -> None:
    to_smaller = (
        HEAD + "T0601,,0601,ty_dong,ty_dong,tuong_duong,cong\nT0602,,0602,trieu_dong,trieu_dong,tuong_duong,cong\n"
    )
    unit, code = ("triệu đồng", "T0601") if text.startswith("0") else ("tỷ đồng", "T0602")
    mapped = ran(pack(tmp_path, chi_tieu=to_smaller, loai_tru=""), report((code, "01", unit, text)))
    assert held(mapped) == {"M902": {0}}
