"""The deadlines of the five regulations, day by day, under the days off of 2024 to 2026."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from gateway.domain.calendar import VIETNAM
from gateway.domain.deadlines import Due
from gateway.domain.errors import Rejected
from gateway.schemas.deadlines import days_of, deadlines
from gateway.schemas.obligations import row
from gateway.schemas.province import of_home

# Lào Cai art. 14.2: every 18th and 20th of the month that is a day of rest, and the working day after it.
ROLLED = {
    "2024-01-20": "2024-01-22",
    "2024-02-18": "2024-02-19",
    "2024-04-18": "2024-04-19",  # Giỗ Tổ Hùng Vương
    "2024-04-20": "2024-04-22",
    "2024-05-18": "2024-05-20",
    "2024-07-20": "2024-07-22",
    "2024-08-18": "2024-08-19",
    "2024-10-20": "2024-10-21",
    "2025-01-18": "2025-01-20",
    "2025-04-20": "2025-04-21",
    "2025-05-18": "2025-05-19",
    "2025-07-20": "2025-07-21",
    "2025-09-20": "2025-09-22",
    "2025-10-18": "2025-10-20",
    "2025-12-20": "2025-12-22",
    "2026-01-18": "2026-01-19",
    "2026-02-18": "2026-02-23",  # Tết
    "2026-02-20": "2026-02-23",
    "2026-04-18": "2026-04-20",
    "2026-06-20": "2026-06-22",
    "2026-07-18": "2026-07-20",
    "2026-09-20": "2026-09-21",
    "2026-10-18": "2026-10-19",
    "2026-12-20": "2026-12-21",
}


def listed(province: str, first: str, last: str) -> list[Due]:
    of, nowhere = of_home(Path("nowhere"), province), Path("nowhere")
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return deadlines(of, start, end, days_of(nowhere, of, start, end))


def told(province: str, first: str, last: str) -> list[tuple[str, str, str]]:
    return [(x.period.code, x.stage, f"{x.deadline:%Y-%m-%d %H:%M:%S}") for x in listed(province, first, last)]


def test_lao_cai_rolls_exactly_the_deadlines_that_fall_on_a_day_of_rest() -> None:
    months = [x for x in listed("lao-cai", "2024-01-01", "2026-12-31") if "M" in x.period.code]
    rolled = {x.rolled_from.date().isoformat(): x.deadline.date().isoformat() for x in months if x.rolled_from}

    assert rolled == ROLLED
    assert len(months) == 3 * 12 * 2


@pytest.mark.parametrize("month", ["2024-05", "2025-01", "2026-02"])
def test_both_stages_of_lao_cai_may_land_on_one_day(month: str) -> None:
    found = [x for x in listed("lao-cai", f"{month}-15", f"{month}-27") if "M" in x.period.code]

    assert [x.stage for x in found] == ["don-vi", "tong-hop"]
    assert len({x.deadline for x in found}) == 1


def test_lao_cai_has_a_first_quarter_six_months_nine_months_and_a_year_and_no_more() -> None:
    assert told("lao-cai", "2025-03-01", "2025-03-31") == [
        ("2025M03", "don-vi", "2025-03-18 23:59:59"),
        ("2025Q1", "don-vi", "2025-03-18 23:59:59"),
        ("2025M03", "tong-hop", "2025-03-20 23:59:59"),
        ("2025Q1", "tong-hop", "2025-03-20 23:59:59"),
    ]
    longer = {code for code, _, _ in told("lao-cai", "2025-01-01", "2025-12-31") if "M" not in code}
    assert longer == {"2025Q1", "2025H1", "2025-9T", "2025"}


def test_thanh_hoa_closes_before_the_20th_and_never_rolls() -> None:
    found = [x for x in told("thanh-hoa", "2025-07-15", "2025-07-25") if len(x[0]) < 9]

    assert found == [("2025M07A", "gui", "2025-07-19 23:59:59"), ("2025M07", "gui", "2025-07-19 23:59:59")]  # Saturday
    assert not any(x.rolled_from for x in listed("thanh-hoa", "2025-01-01", "2025-12-31"))


def test_thanh_hoa_takes_the_day_until_half_past_four_of_the_next() -> None:
    assert ("2025-06-03", "gui", "2025-06-04 16:29:59") in told("thanh-hoa", "2025-06-04", "2025-06-04")


def test_thanh_hoas_second_half_of_the_month_is_due_before_the_5th_of_the_next() -> None:
    assert ("2025M06B", "gui", "2025-07-04 23:59:59") in told("thanh-hoa", "2025-07-01", "2025-07-10")


def test_thanh_hoas_school_year_is_handed_in_twice() -> None:
    found = [x for x in told("thanh-hoa", "2024-09-01", "2025-06-30") if x[0] == "2024-2025"]

    assert found == [
        ("2024-2025", "dau-nam-hoc", "2024-09-19 23:59:59"),
        ("2024-2025", "cuoi-nam-hoc", "2025-06-19 23:59:59"),
    ]


@pytest.mark.parametrize(
    ("month", "codes"),
    [
        ("03", {"2025M03A", "2025M03", "2025Q1"}),
        ("06", {"2025M06A", "2025M06", "2025Q2", "2025H1", "2024-2025"}),
        ("12", {"2025M12A", "2025M12", "2025Q4", "2025H2", "2025"}),
    ],
)
def test_thanh_hoas_longer_periods_end_with_their_last_month(month: str, codes: set[str]) -> None:
    day = f"2025-{month}-19"

    assert {code for code, _, at in told("thanh-hoa", day, day) if at.endswith("23:59:59")} == codes


def test_bac_kans_yearbook_is_due_before_the_10th_of_july_whatever_day_that_is() -> None:
    assert told("bac-kan", "2022-01-01", "2023-12-31") == [
        ("2021", "nien-giam", "2022-07-09 23:59:59"),  # a Saturday
        ("2022", "nien-giam", "2023-07-09 23:59:59"),  # a Sunday
    ]


@pytest.mark.parametrize("province", ["dong-thap", "soc-trang"])
def test_a_regulation_that_names_no_day_has_no_deadline_and_says_why(province: str) -> None:
    assert listed(province, "2026-01-01", "2026-12-31") == []
    assert all(regime.undated for regime in of_home(Path("nowhere"), province).regime)


def test_a_deadline_is_told_as_the_contract_says() -> None:
    [shown] = [
        row(x).model_dump(exclude={"owed"})
        for x in listed("lao-cai", "2026-02-23", "2026-02-23")
        if x.stage == "don-vi"
    ]

    assert shown == {
        "regime": "ND09",
        "period": "2026M02",
        "stage": "don-vi",
        "start": "2026-01-15",
        "end": "2026-02-14",
        "deadline": "2026-02-23T23:59:59+07:00",
        "inclusive": True,
        "rolled_from": "2026-02-18T23:59:59+07:00",
        "rule": "chậm nhất ngày 18 của tháng cuối kỳ; QĐ 17/2022/QĐ-UBND Lào Cai, Điều 14.1.a; "
        "trùng ngày nghỉ thì sang ngày làm việc kế tiếp (Điều 14.2)",
    }


def test_the_rule_is_told_in_the_words_of_the_regulation() -> None:
    rules = {x.rule for x in listed("thanh-hoa", "2024-09-01", "2025-08-31")}
    regulation = "Quy chế Thanh Hóa (dự thảo 12/2020), Điều"

    assert rules == {
        f"trước 16 giờ 30 ngày kế tiếp; {regulation} 7.1",
        f"trước ngày 20 của tháng cuối kỳ; {regulation} 7.2",
        f"trước ngày 05 của tháng sau; {regulation} 7.2",
        *(f"trước ngày 20 của tháng cuối kỳ; {regulation} {article}" for article in ("7.3", "7.4", "7.5", "7.6")),
        f"trước ngày 20 của tháng đầu kỳ; {regulation} 7.6",
    }


@pytest.mark.parametrize(
    ("first", "last", "why"),
    [
        ("1900-01-01", "2026-01-01", "year 1900 is outside 1950–2200"),
        ("2026-01-01", "9999-12-31", "year 9999 is outside 1950–2200"),
        ("2026-02-01", "2026-01-01", "it ends before it begins"),
    ],
)
def test_a_span_that_is_none_is_refused_by_name(first: str, last: str, why: str) -> None:
    with pytest.raises(Rejected) as refused:
        listed("lao-cai", first, last)
    assert why in refused.value.problem.details["reason"]


def test_a_deployments_own_overlay_counts(tmp_path: Path) -> None:
    (tmp_path / "ngay-nghi.toml").write_text(
        '[[day]]\non = 2026-03-18\nstate = "off"\ndocument = "1/QĐ-TTg"\nissued = 2026-03-01\nnote = "x"\n', "utf-8"
    )
    of, start, end = of_home(tmp_path, "lao-cai"), date(2026, 3, 1), date(2026, 3, 31)

    found = deadlines(of, start, end, days_of(tmp_path, of, start, end))

    assert found[0].rolled_from == datetime(2026, 3, 18, 23, 59, 59, tzinfo=VIETNAM)
    assert found[0].deadline == datetime(2026, 3, 19, 23, 59, 59, tzinfo=VIETNAM)
