"""Agreements that follow the province's regulation: period, stage, working days and notices decide the deadline."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.deploy import create
from gateway.domain.agreement import Agreement, Schedule
from gateway.domain.calendar import period
from gateway.schemas.deadlines import DeclaredDeadlines
from gateway.schemas.declarations import declarations
from gateway.schemas.province import against, province


def agreed(home: Path, name: str) -> Agreement:
    return declarations(home / "partners", {}).agreements[name]


def deadline(home: Path, agreement: Agreement, name: str) -> str | None:
    found = DeclaredDeadlines(home, province(home / "province.toml")).of(agreement, period(name))
    return f"{found.deadline:%d/%m/%Y %H:%M}" if found else None


@pytest.fixture
def lao_cai(tmp_path: Path) -> Path:
    create(tmp_path / "lao-cai", "lao-cai")
    return tmp_path / "lao-cai"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ND09:2026M01", "20/01/2026 23:59"),
        ("ND09:2026M02", "23/02/2026 23:59"),  # over the lunar new year
        ("ND09:2026Q1", "20/03/2026 23:59"),
        ("ND09:2026Q2", None),  # Lào Cai has no second quarter
        ("ND09:2026H1", "22/06/2026 23:59"),  # the 20th is a Saturday
        ("LICH:2026M01", None),  # a period of another calendar is another period
    ],
)
def test_the_second_stage_of_lao_cai_is_due_by_the_20th_or_the_working_day_after(
    lao_cai: Path, name: str, expected: str | None
) -> None:
    assert deadline(lao_cai, agreed(lao_cai, "ktxh-thang"), name) == expected


def test_the_first_stage_is_due_by_the_18th(lao_cai: Path) -> None:
    units = replace(agreed(lao_cai, "ktxh-thang"), schedule=Schedule("KTXH", "don-vi"))
    assert deadline(lao_cai, units, "ND09:2026M05") == "18/05/2026 23:59"


def test_an_agreement_that_follows_no_regime_keeps_its_own_deadlines(tmp_path: Path) -> None:
    create(tmp_path / "home", "thanh-hoa")
    home = tmp_path / "home"
    assert deadline(home, agreed(home, "ktxh-thang"), "LICH:2024M09") == "19/09/2024 23:59"
    assert deadline(home, agreed(home, "ktxh-ky-so"), "ND09:2024M09") == "19/09/2024 23:59"


def test_a_regime_or_stage_the_regulation_does_not_know_is_a_fault(lao_cai: Path) -> None:
    partner = lao_cai / "partners" / "quoc-gia.toml"
    partner.write_text(partner.read_text("utf-8").replace('stage = "tong-hop"', 'stage = "bo"'), "utf-8")
    [fault] = against(province(lao_cai / "province.toml"), declarations(lao_cai / "partners", {}))
    assert (fault.code, fault.details["key"]) == ("F-005", "ktxh-thang.schedule")


def test_a_deployment_without_a_regulation_has_only_what_was_agreed(lao_cai: Path) -> None:
    known = DeclaredDeadlines(lao_cai, None)
    assert known.of(agreed(lao_cai, "ktxh-thang"), period("ND09:2026M01")) is None
