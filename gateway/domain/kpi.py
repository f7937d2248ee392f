"""Bộ chỉ số (KPI): what is measured, how it weighs, and the values handed in. Figures stay the text they were."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from gateway.domain.parcel import Backfill
from gateway.domain.report import ReportHead

Direction = Literal["higher", "lower", "neutral"]


@dataclass(frozen=True, slots=True)
class GroupWeight:
    """Nhóm chỉ số as a set uses it; `weight` in percent of the set, empty where the set weighs nothing."""

    group: str
    weight: str = ""


@dataclass(frozen=True, slots=True)
class Kpi:
    """Chỉ số. `weight` in percent of its group; `lowest`, `highest`, `target` in `unit`, empty where not set.

    `formula` refers to others of the set as ``[CODE]``; `dimensions` are the phân tổ its values may be broken by.
    """

    code: str
    name: str
    group: str
    unit: str
    direction: Direction
    weight: str = ""
    lowest: str = ""
    highest: str = ""
    target: str = ""
    formula: str = ""
    required: bool = False
    dimensions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KpiSet:
    """Bộ chỉ số, valid from a day."""

    code: str
    version: str
    valid_from: date
    name: str
    legal_basis: str
    groups: tuple[GroupWeight, ...]
    kpis: tuple[Kpi, ...]
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class KpiValue:
    """One value: a figure, or a mark (``-`` nil, ``…`` not available, ``x`` confidential).

    `breakdown` is ``DIMENSION=value;…`` sorted by dimension, empty for the total; `points` are given to totals only.
    """

    kpi: str
    organisation: str
    value: str
    breakdown: str = ""
    points: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """Tổng điểm of one organisation: exactly the sum of the points of its values."""

    organisation: str
    points: str


@dataclass(frozen=True, slots=True)
class KpiReport:
    """Dữ liệu chỉ số; the head's form is the set's code."""

    head: ReportHead
    set_version: str
    values: tuple[KpiValue, ...]
    scores: tuple[Score, ...] = ()
    backfill: Backfill | None = None
