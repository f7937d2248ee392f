"""Formulas and rules: computed after what they need, compared with what was reported, three outcomes and never two."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.domain.errors import Misconfigured
from gateway.domain.report import Columns, Report
from gateway.mapping import check_pack, map_report
from gateway.mapping.expression import parse
from gateway.mapping.loading import load
from gateway.mapping.run import Mapped, run
from tests.mapping.packs import pack, report

CHI_TIEU = "nguon,phan_to,dich,dvt_nguon,dvt_dich,quan_he,gop\n" + "".join(
    f"{code},,{code[1:]},ha,ha,tuong_duong,cong\n" for code in ("Ta", "Tb", "Tc")
)
A_RATIO = "Tr,,r,phan_tram,phan_tram,tuong_duong,ty_so\n"
RATIO = "dich,bieu_thuc,dvt,thieu,so_le,dung_sai\nr,[a] / [b] * 100,phan_tram,giu,2,0.1\n"


def formed(folder: Path, cong_thuc: str = RATIO, kiem_tra: str = "", **more: str) -> Path:
    sheets = {
        "chi_tieu": CHI_TIEU + (A_RATIO if cong_thuc == RATIO else ""),
        "loai_tru": "",
        "cong_thuc": cong_thuc,
        "kiem_tra": kiem_tra,
        **more,
    }
    return pack(folder, **sheets)


def figures(mapped: Mapped) -> dict[tuple[str, str], str]:
    c = mapped.columns
    return {(code, place): value for code, place, value in zip(c.indicator, c.organisation, c.value, strict=True)}


def told(mapped: Mapped) -> list[tuple[str, str]]:
    return [(one.code, one.what) for one in mapped.conflicts]


def ran(folder: Path, asked: Report) -> Mapped:
    return map_report(asked, folder).mapped


def hectares(**said: str) -> Report:
    return report(*((f"T{code}", "01", "%" if code == "r" else "ha", figure) for code, figure in said.items()))


def test_a_target_is_computed_from_targets_and_says_of_which_rows(tmp_path: Path) -> None:
    mapped = ran(formed(tmp_path), hectares(a="1", b="3"))
    assert figures(mapped)["r", "01"] == "33.33"
    assert mapped.lineage[2] == [0, 1]
    assert mapped.derived == {2}
    assert (mapped.account.received, mapped.account.mapped) == (2, 2)


@pytest.mark.parametrize(
    ("said", "code"), [({"a": "1"}, "M701"), ({"a": "1", "b": "0"}, "M702"), ({"a": "1", "b": "…"}, "M701")]
)
def test_what_cannot_be_computed_is_told_and_nothing_is_made_up(
    tmp_path: Path, said: dict[str, str], code: str
) -> None:
    mapped = ran(formed(tmp_path), hectares(**said))
    assert ("r", "01") not in figures(mapped)
    assert told(mapped) == [(code, "r 01")]


def test_a_missing_input_counts_as_nought_only_where_somebody_approved_it(tmp_path: Path) -> None:
    row = "dich,bieu_thuc,dvt,thieu,nguoi_duyet\nd,[a] + [b],ha,khong,{}\n"
    assert figures(ran(formed(tmp_path, row.format("An")), hectares(a="1")))["d", "01"] == "1"
    with pytest.raises(Misconfigured, match="nguoi_duyet"):
        check_pack(formed(tmp_path, row.format("")))


def test_a_reported_figure_stays_and_is_compared_with_its_formula(tmp_path: Path) -> None:
    mapped = ran(formed(tmp_path), hectares(a="1", b="4", r="25.05"))
    assert figures(mapped)["r", "01"] == "25.05"
    assert told(mapped) == []
    [conflict] = ran(formed(tmp_path), hectares(a="1", b="4", r="25.2")).conflicts
    assert (conflict.code, conflict.rows, conflict.holds) == ("M703", (2,), False)


def test_ratios_that_meet_are_computed_again_from_their_parts_or_held(tmp_path: Path) -> None:
    parts = [(f"T{code}", place, "%" if code == "r" else "ha", figure)
             for place, said in (("74", "1 2 50"), ("77", "1 4 25"), ("79", "1 4 25"))
             for code, figure in zip("abr", said.split(), strict=True)]  # fmt: skip
    mapped = ran(formed(tmp_path), report(*parts))
    assert figures(mapped) == {("a", "79"): "3", ("b", "79"): "10", ("r", "79"): "30"}
    assert mapped.account.mapped == 9
    ratios = ran(formed(tmp_path), report(*(part for part in parts if part[0] != "Tb")))
    assert [one.rows for one in ratios.conflicts if one.code == "M505"] == [(1, 3, 5)]


def test_a_formula_may_come_before_the_one_it_needs(tmp_path: Path) -> None:
    two = "dich,bieu_thuc,dvt\nz,[y] * 2,ha\ny,[a] + 1,ha\n"
    assert figures(ran(formed(tmp_path, two), hectares(a="1")))["z", "01"] == "4"


def test_formulas_in_a_circle_do_not_compile_and_are_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="cong_thuc:2, cong_thuc:3"):
        check_pack(formed(tmp_path, "dich,bieu_thuc,dvt\ny,[z] + 1,ha\nz,[y] + 1,ha\n"))


def test_the_sum_of_lower_units_is_there_only_when_all_of_them_are(tmp_path: Path) -> None:
    communes = "nguon,dich,ty_trong,cap,thuoc\n00001,00001,1,xa,01\n00002,00002,1,xa,01\n01,01,1,tinh,\n"
    folder = formed(tmp_path, 'dich,bieu_thuc,dvt\ns,"tong([a], cap=xa)",ha\n', to_chuc=communes)
    both = report(("Ta", "00001", "ha", "1"), ("Ta", "00002", "ha", "2.5"))
    assert figures(ran(folder, both))["s", "01"] == "3.5"
    one = ran(folder, report(("Ta", "00001", "ha", "1")))
    assert ("s", "01") not in figures(one)
    assert told(one) == [("M701", "s 01")]


def test_a_rule_that_fails_holds_its_values_or_only_warns(tmp_path: Path) -> None:
    rules = 'ma,muc,bieu_thuc,thong_bao,thieu\nK01,loi,[a] <= [b],a lớn hơn b,bo_qua\nK02,canh_bao,"gan([b], [c], 1)",b khác c,giu\n'
    mapped = ran(formed(tmp_path, "", rules), hectares(a="5", b="4", c="9"))
    assert figures(mapped) == {("c", "01"): "9"}
    assert [(one.code, one.holds, one.rows) for one in mapped.conflicts] == [
        ("K01", True, (0, 1)),
        ("K02", False, (1, 2)),
    ]
    assert mapped.conflicts[0].as_json()["message"] == "a lớn hơn b"
    assert (mapped.account.mapped, mapped.account.held) == (1, 2)


def test_a_rule_that_lacks_a_figure_has_neither_passed_nor_failed(tmp_path: Path) -> None:
    rules = "ma,muc,bieu_thuc,thong_bao,thieu\nK01,loi,[a] <= [b],x,giu\n"
    mapped = ran(formed(tmp_path, "", rules), hectares(a="5"))
    assert told(mapped) == [("M803", "K01 01")]
    assert [(one.passed, one.failed, one.not_evaluated) for one in mapped.checks] == [(0, 0, 1)]
    assert figures(mapped) == {("a", "01"): "5"}


def test_the_period_before_is_asked_for_and_a_jump_of_a_hundred_is_told(tmp_path: Path) -> None:
    rules = "ma,muc,bieu_thuc,thong_bao,thieu\nK03,canh_bao,[a] / truoc([a]) trong 0.2..5,lệch,bo_qua\n"
    folder = formed(tmp_path, "", rules)
    before = Columns(["a"], ["01"], ["ha"], ["2"])
    assert told(run(load(folder), hectares(a="3"), None, before)) == []
    assert told(run(load(folder), hectares(a="300"), None, before)) == [("K03", "01"), ("M304", "a 01")]
    assert told(ran(folder, hectares(a="300"))) == []


def test_parts_that_are_not_the_total_are_told(tmp_path: Path) -> None:
    sexes = "chieu,nguon,chieu_dich,dich\ngioi_tinh,NAM,SEX,M\ngioi_tinh,NU,SEX,F\ngioi_tinh,,SEX,_T\n"
    folder = formed(tmp_path, "", phan_to=sexes)
    rows = [("Ta", "01", "ha", figure) for figure in ("1", "2", "4")]
    mapped = ran(folder, report(*rows, gioi_tinh=["NAM", "NU", ""]))
    assert [(one.code, one.what, one.rows) for one in mapped.conflicts] == [("M203", "a 01 SEX", (0, 1, 2))]
    assert told(ran(folder, report(*rows[:2], rows[0], gioi_tinh=["NAM", "NU", ""]))) == [("M203", "a 01 SEX")]
    assert told(ran(folder, report(rows[0], rows[2], gioi_tinh=["NAM", ""]))) == []


def test_a_required_target_that_nobody_gave_is_told(tmp_path: Path) -> None:
    rows = CHI_TIEU.replace(",gop\n", ",gop,bat_buoc\n").replace("cong\n", "cong,co\n")
    assert told(ran(formed(tmp_path, "", chi_tieu=rows), hectares(a="1", b="1"))) == [("M801", "c")]


def test_what_would_leave_128_bits_on_the_way_is_told_and_stops_nobody_else(tmp_path: Path) -> None:
    folder = formed(tmp_path, "dich,bieu_thuc,dvt\nd,[a] * [b],ha\n")
    huge = "9" * 18
    mapped = ran(
        folder,
        report(
            ("Ta", "01", "ha", huge),
            ("Tb", "01", "ha", huge),
            ("Ta", "26", "ha", "2"),
            ("Tb", "26", "ha", "3"),
            period="LICH:2025M06",
        ),
    )
    assert figures(mapped)["d", "26"] == "6"
    assert told(mapped) == [("M902", "d 01")]


@pytest.mark.parametrize(
    "text",
    ["2**3", "[a].b", "f(1)", "__import__('os')", "[a", "1e99", "'x'", "_5_", "lambda: 1", "[a] and [b]", "[a] + ([b] > 1)",
     "truoc(1)", "tong([a])", "lam_tron([a], 13)", "[a] if [b] else [c]", "", "[a] trong 1..x", "(" * 400],
)  # fmt: skip
def test_nothing_outside_the_language_is_an_expression(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse(text)
