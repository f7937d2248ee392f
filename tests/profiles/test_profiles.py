"""Each profile as its regulation reads, and as a deployment that stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from gateway.deploy import create, provinces
from gateway.domain.calendar import deadline, periods_of
from gateway.domain.deadlines import due
from gateway.domain.workdays import WorkingDays
from gateway.mapping import map_report
from gateway.schemas.declarations import declarations
from gateway.schemas.packets import PacketReader
from gateway.schemas.province import Province, shipped
from gateway.soundness import faults

FIVE = ("bac-kan", "dong-thap", "lao-cai", "soc-trang", "thanh-hoa")
BEFORE, AFTER = date(2025, 6, 30), date(2025, 7, 1)


@pytest.fixture(scope="module")
def regulations() -> dict[str, Province]:
    return {found.id: found for found in shipped()}


def test_the_five_provinces_are_shipped_each_with_its_regulation(regulations: dict[str, Province]) -> None:
    assert tuple(provinces()) == tuple(regulations) == FIVE


@pytest.mark.parametrize("name", FIVE)
def test_a_profile_makes_a_deployment_without_a_fault(tmp_path: Path, name: str) -> None:
    create(tmp_path / "home", name)
    with_credentials(tmp_path / "home")

    assert faults(tmp_path / "home", {}) == []
    assert (tmp_path / "home" / "ngay-nghi.toml").is_file()


@pytest.mark.parametrize("name", FIVE)
def test_a_profiles_packs_map_its_samples(tmp_path: Path, name: str) -> None:
    create(tmp_path / "home", name)
    samples = sorted((tmp_path / "home" / "samples").glob("*.json"))
    pack = tmp_path / "home" / "packs" / "kt-xh-tinh"

    assert samples
    assert all(
        map_report(PacketReader().read(x.read_bytes(), "application/json")[1], pack).account.mapped for x in samples
    )


def test_a_deployment_may_not_agree_to_what_its_regulation_lacks(tmp_path: Path) -> None:
    create(tmp_path, "lao-cai")
    with_credentials(tmp_path)
    with as_file(files("gateway.profiles") / "dong-thap" / "partners") as partners:
        for path in partners.iterdir():
            (tmp_path / "partners" / path.name).write_text(path.read_text("utf-8"), "utf-8")
    (tmp_path / "secrets" / "truc-van-ban.system-id").touch()
    (tmp_path / "secrets" / "truc-van-ban.secret").touch()

    keys = [fault.details["key"] for fault in faults(tmp_path, {}) if "Lào Cai" in fault.details["reason"]]

    assert keys == ["ktxh-thang.fallback", "ktxh-thang.sender.code"]


def test_where_the_regulation_demands_signatures_no_agreement_goes_without(tmp_path: Path) -> None:
    create(tmp_path, "bac-kan")
    with_credentials(tmp_path)
    (tmp_path / "local.toml").write_text('[agreements.ktxh-thang]\nsignature = "none"\n', "utf-8")

    [fault] = faults(tmp_path, {})

    assert fault.details["key"] == "ktxh-thang.signature"
    assert "Điều 7.4.c" in fault.details["reason"]


def test_a_deployment_of_one_province_with_the_regulation_of_another_is_stopped(tmp_path: Path) -> None:
    create(tmp_path, "lao-cai")
    with_credentials(tmp_path)
    text = (tmp_path / "gateway.toml").read_text("utf-8").replace('"lao-cai"', '"soc-trang"')
    (tmp_path / "gateway.toml").write_text(text, "utf-8")

    assert [fault.details["key"] for fault in faults(tmp_path, {})] == ["province"]


def test_a_missing_document_number_in_the_overlay_stops_the_check(tmp_path: Path) -> None:
    create(tmp_path, "lao-cai")
    with_credentials(tmp_path)
    overlay = (tmp_path / "ngay-nghi.toml").read_text("utf-8")
    (tmp_path / "ngay-nghi.toml").write_text(overlay.replace('document = "80-NQ/TW"\n', ""), "utf-8")

    assert [fault.details["key"] for fault in faults(tmp_path, {})] == ["day.2.document"]


@pytest.mark.parametrize("name", FIVE)
def test_what_was_agreed_with_the_nation_is_the_regulations_last_stage(
    regulations: dict[str, Province], name: str
) -> None:
    with as_file(files("gateway.profiles") / name / "partners") as partners:
        agreed = declarations(partners, {}).agreements.values()
    rules = [(regime.calendar, rule) for regime in regulations[name].regimes() for rule in regime.rules]

    for kind, rule in ((kind, rule) for agreement in agreed for kind, rule in agreement.deadlines.items()):
        calendar, last = [(where, r) for where, r in rules if r.kind == kind and where == "ND09"][-1]
        for period in periods_of(calendar, last.kind, 2025):
            assert deadline(period, rule) == due(period, replace(last, rolls=False), WorkingDays()).deadline


@pytest.mark.parametrize(
    ("name", "signature", "fallback", "backfill", "rollover", "windows", "correction", "permission", "ioc"),
    [
        ("thanh-hoa", "sign_or_attach", True, False, False, False, "on_system", "unstated", False),
        ("lao-cai", "none", False, False, True, True, "unstated", "required", True),
        ("dong-thap", "sign", True, True, False, True, "unstated", "unstated", False),
        ("bac-kan", "sign", True, True, False, False, "unstated", "unstated", False),
        ("soc-trang", "none", False, False, True, True, "by_letter", "required", True),
    ],
)
def test_the_five_differ_in_almost_every_rule(
    regulations: dict[str, Province],
    name: str,
    signature: str,
    fallback: bool,
    backfill: bool,
    rollover: bool,
    windows: bool,
    correction: str,
    permission: str,
    ioc: bool,
) -> None:
    read = regulations[name]

    assert (read.signature.duty, read.fallback.applies, read.backfill.applies) == (signature, fallback, backfill)
    assert (read.rollover.applies, read.windows.applies, read.correction.how) == (rollover, windows, correction)
    assert (read.vertical.permission, read.ioc.applies) == (permission, ioc)


@pytest.mark.parametrize("name", FIVE)
def test_only_a_province_with_the_duty_has_fallback_terms(regulations: dict[str, Province], name: str) -> None:
    with as_file(files("gateway.profiles") / name / "partners") as partners:
        agreed = declarations(partners, {}).agreements.values()

    assert any(agreement.fallback for agreement in agreed) == regulations[name].fallback.applies


def test_dong_thap_promises_two_and_ten_working_hours_and_four_hours(regulations: dict[str, Province]) -> None:
    service = regulations["dong-thap"].service
    said = [service.support, service.maintenance_notice, service.recovery]

    assert [(level.amount, level.unit) for level in said if level] == [
        (2, "working_hours"),
        (10, "working_hours"),
        (4, "hours"),
    ]
    assert not any(other.service.support for name, other in regulations.items() if name != "dong-thap")


@pytest.mark.parametrize(
    ("name", "agency", "before", "after", "stays"),
    [
        ("thanh-hoa", "H56", "38", "38", True),
        ("lao-cai", "H38", "10", "15", True),
        ("dong-thap", "H20", "87", "82", True),
        ("bac-kan", "H03", "06", "19", False),
        ("soc-trang", "H51", "94", "92", False),
    ],
)
def test_the_two_code_systems_moved_differently_on_the_first_of_july(
    regulations: dict[str, Province], name: str, agency: str, before: str, after: str, stays: bool
) -> None:
    read = regulations[name]
    territories = [read.territory_on(day) for day in (BEFORE, AFTER)]

    assert [territory.code for territory in territories if territory] == [before, after]
    for code in (agency, f"000.00.00.{agency}"):
        assert read.agency_named(code, BEFORE) is not None
        assert (read.agency_named(code, AFTER) is not None) == stays


def test_a_code_nobody_could_show_us_is_said_to_be_unverified(regulations: dict[str, Province]) -> None:
    unverified = [agency.code for read in regulations.values() for agency in read.agency if not agency.verified]

    assert unverified == ["H03"]


def test_a_replaced_law_gives_way_by_itself_only_where_the_regulation_says_so(regulations: dict[str, Province]) -> None:
    dong_thap, thanh_hoa = regulations["dong-thap"], regulations["thanh-hoa"]

    assert dong_thap.basis("24/2018/QH14", date(2026, 6, 30)).number == "24/2018/QH14"
    assert dong_thap.basis("24/2018/QH14", date(2026, 7, 1)).number == "116/2025/QH15"
    kept = thanh_hoa.basis("01/2020/TT-VPCP", date(2026, 7, 1))
    assert (kept.number, kept.status, kept.replaced_by) == ("01/2020/TT-VPCP", "replaced", "5/2025/TT-VPCP")


def with_credentials(home: Path) -> None:
    """The files that a sandbox, or an operator, would fill."""
    for partner in declarations(home / "partners", {}).partners.values():
        for file in partner.secrets.values():
            (home / file).touch()
