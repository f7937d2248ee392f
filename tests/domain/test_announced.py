"""What is announced beside the lists, told as a catalogue: whole, and every change of it seen."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest

from gateway.domain.announced import Announced, as_catalogue, outline_of
from gateway.domain.calendar import PeriodKind
from gateway.domain.catalogue import compare
from gateway.domain.form import FormColumn, FormDefinition
from gateway.domain.kpi import GroupWeight
from gateway.domain.outline import Section
from gateway.domain.regime import FormUse, RegimeKind, SendTime
from tests.schemas.packets import KPIS, OUTLINE, REGIME

FORM = FormDefinition(
    "01/KTXH", "1", date(2026, 1, 1), "Báo cáo kinh tế - xã hội", "QĐ 293/QĐ-TTg", "UBND cấp tỉnh", "trước ngày 20",
    "VPCP", "Chủ tịch UBND tỉnh", "data", (FormColumn("A", "text", "Chỉ tiêu"), FormColumn("1", "decimal", "Giá trị")),
    ("0601", "0602"),
)  # fmt: skip
NAMED = {"code", "version", "valid_from"}  # of the catalogue itself
OTHER: dict[Announced, dict[str, Any]] = {
    REGIME: {
        "name": "khác", "legal_basis": "khác", "kind": RegimeKind.THEMATIC, "content": "data", "calendar": "LICH",
        "subjects": "khác", "recipient": "khác", "means": "khác", "valid_to": None, "cycles": (PeriodKind.MONTH,),
        "send_times": (SendTime(PeriodKind.MONTH, "don-vi", 19),), "forms": (FormUse("01/KTXH", "data", False),),
    },
    FORM: {
        "name": "khác", "legal_basis": "khác", "subjects": "khác", "send_time": "khác", "aggregator": "khác",
        "approver": "khác", "kind": "both", "columns": FORM.columns[::-1], "rows": FORM.rows[::-1],
    },
    OUTLINE: {
        "name": "khác", "legal_basis": "khác", "subjects": "khác", "send_time": "khác", "approver": "khác",
        "attachments": 4, "valid_to": None, "sections": (Section("I", "I", "khác"),),
    },
    KPIS: {
        "name": "khác", "legal_basis": "khác", "valid_to": None, "groups": (GroupWeight("TC", "1"),), "kpis": KPIS.kpis[:1],
    },
}  # fmt: skip
CASES = [
    pytest.param(told, name, other, id=f"{type(told).__name__}.{name}")
    for told, others in OTHER.items()
    for name, other in others.items()
]


@pytest.mark.parametrize("told", OTHER, ids=lambda told: type(told).__name__)
def test_no_field_is_forgotten_here(told: Announced) -> None:
    assert {one.name for one in fields(told)} == NAMED | OTHER[told].keys()


@pytest.mark.parametrize(("told", "name", "other"), CASES)
def test_a_change_of_any_field_is_a_change_of_the_catalogue(told: Announced, name: str, other: Any) -> None:
    assert compare(as_catalogue(told), as_catalogue(replace(told, **{name: other})))


@pytest.mark.parametrize(
    ("told", "inner"),
    [(OUTLINE, "sections"), (KPIS, "kpis"), (REGIME, "send_times"), (REGIME, "forms"), (FORM, "columns")],
)
def test_a_change_of_any_field_of_a_part_is_one_too(told: Announced, inner: str) -> None:
    first, *rest = getattr(told, inner)
    for one in fields(first):
        now = getattr(first, one.name)
        other = {bool: not now, int: 7, tuple: ("0999",)}.get(
            type(now), PeriodKind.YEAR if one.name == "cycle" else "khác"
        )
        changed = replace(told, **{inner: (replace(first, **{one.name: other}), *rest)})
        assert compare(as_catalogue(told), as_catalogue(changed)), one.name


def test_the_same_again_is_no_change() -> None:
    for told in OTHER:
        assert not compare(as_catalogue(told), as_catalogue(told))


def test_another_version_of_the_same_words_is_a_change_because_reports_name_it() -> None:
    for told in OTHER:
        assert compare(as_catalogue(told), as_catalogue(replace(told, version="9")))
        assert compare(as_catalogue(told), as_catalogue(replace(told, valid_from=date(2026, 2, 1))))


def test_names_tell_the_kind_and_version_and_first_day_are_its_own() -> None:
    told = [as_catalogue(one) for one in OTHER]
    assert [one.name for one in told] == ["regime.KTXH", "form.01/KTXH", "outline.DC-01", "kpi-set.PAR"]
    assert {(one.version, one.valid_from) for one in told} == {("1", date(2026, 1, 1)), ("2026", date(2026, 1, 1))}


def test_what_ends_sooner_or_goes_is_lost() -> None:
    ends = replace(OUTLINE, valid_to=date(2026, 6, 30))
    assert compare(as_catalogue(OUTLINE), as_catalogue(ends)).lost == 1
    less = replace(REGIME, forms=REGIME.forms[:2])
    assert compare(as_catalogue(REGIME), as_catalogue(less)).withdrawn == ("DS-02",)


def test_an_outline_comes_back_as_it_was() -> None:
    for told in (OUTLINE, replace(OUTLINE, valid_to=None, attachments=0, sections=OUTLINE.sections[::-1])):
        assert outline_of(as_catalogue(told)) == told
