"""Forms as ministries published them, read through the declared layouts of the starter packs alone."""

from __future__ import annotations

import csv
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from gateway.mapping.loading import load
from gateway.mapping.pack import Pack
from gateway.mapping.run import run
from gateway.ports import FormRead
from gateway.profiles import __file__ as profiles
from gateway.schemas.workbooks import XLS, XLSX
from tests.journeys.real import needed
from tests.mapping.forms.sheets import conflicts, findings, read, rows

PACKS = Path(profiles).parent / "thanh-hoa" / "packs"
# How the expectation abbreviates the columns it keeps.
PLAN = {"T0601": "total.rev", "T0602": "ratio", "T0603": "total.exp", "T0604": "balance.trans", "T0607": "target.trans",
        "T0608": "project.trans"}  # fmt: skip
OTHERWISE = {"Hue": "Thua Thien - Hue", "Ho Chi Minh": "Ho Chi Minh City"}  # names the expectation spells its own way


@pytest.fixture(scope="module")
def budget() -> Pack:
    return load(PACKS / "ngan-sach")


@pytest.fixture(scope="module")
def monthly() -> Pack:
    return load(PACKS / "kt-xh-thang")


def plain(name: str) -> str:
    letters = unicodedata.normalize("NFD", name.replace("Đ", "D").replace("đ", "d"))
    said = "".join(letter for letter in letters if not unicodedata.combining(letter)).title()
    return OTHERWISE.get(said, said)


def names(pack: Pack) -> dict[str, str]:
    return {line["to_chuc"]: plain(line["nhan"].split("|")[0]) for line in pack.lines["bieu_mau"] if line["to_chuc"]}


def of(pack: Pack, path: str, period: str, form: str = "") -> FormRead:
    payload = needed(path).read_bytes()
    return read(pack, payload, period, XLSX if path.endswith("x") else XLS, form=form)


def test_the_plan_of_2007_comes_out_figure_by_figure(budget: Pack) -> None:
    found = of(budget, "mof-budget/Plan_2007.xls", "LICH:2007")

    with needed("mof-budget/expected-plan-2007.csv").open(encoding="utf-8") as file:
        expected = {
            (line["prov"], column): line[column] for line in csv.DictReader(file) for column in PLAN.values()
        }  # fmt: skip
    known = names(budget)
    assert {(known[org], PLAN[code]): value for code, org, _, value in rows(found)} == expected
    assert len(rows(found)) == len(expected) == 64 * 6
    assert {unit for code, _, unit, _ in rows(found) if code != "T0602"} == {"Triệu đồng"}
    assert findings(found)["checks"]["failed"] == 0


@pytest.mark.parametrize(
    ("path", "period", "values", "unknown"),
    [
        ("Plan_2016.xls", "LICH:2016", 63 * 7, {"(không nhãn) M09!A83", "(không nhãn) M09!A84"}),
        ("Final_2012.xls", "LICH:2012", 63 * 5, set()),
    ],
)
def test_other_years_of_the_budget_form_need_other_rows_and_no_code(
    budget: Pack, path: str, period: str, values: int, unknown: set[str]
) -> None:
    found = of(budget, f"mof-budget/{path}", period)

    known = [row for row in rows(found) if row[1] not in unknown]
    assert len(known) == values
    assert {org for _, org, _, _ in rows(found)} - names(budget).keys() == unknown
    assert run(budget, found.report, None).account.held == len(unknown)


def test_a_form_handed_in_for_another_year_has_no_layout(budget: Pack) -> None:
    payload = needed("mof-budget/Plan_2007.xls").read_bytes()
    with pytest.raises(Exception, match="C-020"):
        read(budget, payload, "LICH:2016", XLS)


def test_foreign_investment_of_2008_is_told_in_thousands_and_of_2024_in_millions(monthly: Pack) -> None:
    old = of(monthly, "gso-monthly/2008-07-29-Bieu0708-1.xls", "LICH:2008M07", "GSO/DTNN")
    new = of(monthly, "gso-monthly/2024-11-29-02.-Bieu-T11.2024.xlsx", "LICH:2024M11", "GSO/DTNN")

    assert ("T0412", "38", "Nghìn USD", "6201700") in rows(old)
    assert ("T0412", "38", "Triệu USD", "422.401806") in rows(new)
    for found in (old, new):
        account = run(monthly, found.report, None).account
        assert account.received == account.mapped > 50
    assert {said["rule"] for said in findings(old)["left_out"]}
    assert len(rows(old)) == 84


def test_population_of_2000_is_read_through_legacy_text_and_a_table_that_goes_on(monthly: Pack) -> None:
    found = of(monthly, "gso-monthly/2000-01-31-bieu-thang-1.xls", "LICH:2000M01", "GSO/DS")

    assert len(rows(found)) == 61 * 6
    assert ("T1201", "38", "Người", "3467610") in rows(found)
    codes = Counter(code for code, _ in conflicts(found))
    assert codes["M903"] == 3
    assert {said["kind"] for said in findings(found)["decoded"]} == {"tcvn3", "tcvn3H", "tcvn3+tcvn3H"}
    assert {"cell": "11!A40", "raw": " Thanh Ho¸", "text": " Thanh Hoá", "kind": "tcvn3"} in findings(found)["decoded"]


def test_units_of_products_go_on_under_ditto_marks(monthly: Pack) -> None:
    found = of(monthly, "gso-monthly/2008-07-29-Bieu0708-1.xls", "LICH:2008M07", "GSO/SPCN")
    c = found.report.columns
    units = dict(zip(c.breakdown["san_pham"], c.unit, strict=True))

    assert (units["than"], units["dau_tho"], units["duong"], units["bia"]) == (
        "Nghìn tấn", "Nghìn tấn", "Nghìn tấn", "Triệu lít",
    )  # fmt: skip
