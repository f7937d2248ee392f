"""The clauses of a regulation that bind a gateway: signing, fallback, correction, connections, service, archive."""

from __future__ import annotations

from datetime import date, time
from itertools import pairwise
from typing import Literal

from pydantic import Field, field_validator, model_validator

from gateway.domain.agreement import Classification
from gateway.domain.workdays import Hours, Level
from gateway.schemas.province.base import Article, Clause, Declared, rests_on_something

_WEEK = range(7)


class RegulationText(Declared):
    """Quy chế: what it is called and since when it binds; a draft binds nobody."""

    number: str = Field(min_length=1)
    title: str = Field(min_length=1)
    status: Literal["in_force", "draft", "closed"]
    issued: date | None = None
    in_force_from: date | None = None
    closed_from: date | None = None
    note: str = ""

    @model_validator(mode="after")
    def _says_when(self) -> RegulationText:
        if self.status == "closed" and self.closed_from is None:
            raise ValueError("closed, and not said since when")
        return self


class RoleText(Declared):
    """Nhóm tài khoản of the regulation and what it may ask of the gateway."""

    id: Literal["admin", "aggregator", "approver", "checker", "entry", "sender", "ioc"]
    name: str = Field(min_length=1)
    may: tuple[Literal["configure", "follow", "reconcile", "approve", "refuse", "enter", "send", "export", "read"], ...]
    article: Article


class SignatureText(Declared):
    """Ký số: sign the report and its forms on the system, or attach what was signed in the document system."""

    duty: Literal["sign", "sign_or_attach", "none"]
    forms_too: bool = False
    agency_seal: bool = False
    article: Article | None = None
    note: str = ""

    @model_validator(mode="after")
    def _rests_on_something(self) -> SignatureText:
        rests_on_something(stated=self.duty != "none", article=self.article, note=self.note)
        return self


class FallbackText(Clause):
    """Sự cố kỹ thuật làm không gửi kịp: through which document system a report goes instead."""

    system: str = ""
    other_means: bool = False

    @model_validator(mode="after")
    def _names_the_system(self) -> FallbackText:
        if self.applies != bool(self.system):
            raise ValueError("a fallback names the document system, and only a fallback does")
        return self


class CorrectionText(Declared):
    """Đính chính after acceptance: on the system, by letter, or not foreseen."""

    how: Literal["on_system", "by_letter", "unstated"]
    article: Article | None = None
    note: str = ""

    @model_validator(mode="after")
    def _rests_on_something(self) -> CorrectionText:
        rests_on_something(stated=self.how != "unstated", article=self.article, note=self.note)
        return self


class VerticalText(Declared):
    """Hệ thống ngành dọc: whether connecting one needs the Committee's permission, and through whom."""

    permission: Literal["required", "unstated"]
    through: str = ""
    article: Article | None = None
    note: str = ""

    @model_validator(mode="after")
    def _rests_on_something(self) -> VerticalText:
        rests_on_something(stated=self.permission == "required", article=self.article, note=self.note)
        if self.permission == "required" and not self.through:
            raise ValueError("a permission names who connects")
        return self


class IocText(Clause):
    """Trung tâm IOC: what it is given. `scored_before` is the yearly date of its figures for scoring."""

    gives: tuple[Literal["status", "timeliness", "values"], ...] = ()
    scored_before: str | None = Field(default=None, pattern=r"^\d{1,2}/\d{1,2}$")


class ExclusionText(Declared):
    """What may not travel at all."""

    classes: tuple[Classification, ...] = Field(min_length=1)
    article: Article
    note: str = ""


class LevelText(Declared):
    """One promise with a clock: in working hours, in hours, or in working days."""

    amount: int = Field(gt=0)
    unit: Literal["working_hours", "hours", "working_days"]
    article: Article

    def level(self) -> Level:
        return Level(self.amount, self.unit, self.article)


class LevelsText(Declared):
    """Mức phục vụ. What a regulation does not say is absent, never a default of ours."""

    continuous: Clause
    backup: Clause
    support: LevelText | None = None
    recovery: LevelText | None = None
    maintenance_notice: LevelText | None = None
    account: LevelText | None = None
    form_build: LevelText | None = None
    form_test: LevelText | None = None


class OfficeHoursText(Declared):
    """Giờ làm việc: no regulation we hold defines them, so they are configuration and say where they come from."""

    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    spans: tuple[tuple[time, time], ...] = Field(min_length=1)
    source: str = Field(min_length=1)

    @field_validator("weekdays")
    @classmethod
    def _of_the_week(cls, weekdays: tuple[int, ...]) -> tuple[int, ...]:
        if 0 not in weekdays or set(weekdays) - set(_WEEK):
            raise ValueError("weekdays are 0 (Monday, always) to 6")
        return weekdays

    @field_validator("spans")
    @classmethod
    def _in_order(cls, spans: tuple[Hours, ...]) -> tuple[Hours, ...]:
        if any(start >= end for start, end in spans) or any(one[1] > other[0] for one, other in pairwise(spans)):
            raise ValueError("spans end after they begin, and follow each other")
        return spans

    def hours(self) -> dict[int, tuple[Hours, ...]]:
        return dict.fromkeys(self.weekdays, self.spans)


class RetentionText(Declared):
    """Lưu trữ: at least as long as the paper report, or not stated."""

    least: Literal["as_paper", "unstated"]
    article: Article | None = None
    note: str = ""

    @model_validator(mode="after")
    def _rests_on_something(self) -> RetentionText:
        rests_on_something(stated=self.least == "as_paper", article=self.article, note=self.note)
        return self


class LegalBasis(Declared):
    """Căn cứ pháp lý: cited where, in force or not, and what stands in its place since when."""

    number: str = Field(min_length=1)
    title: str = Field(min_length=1)
    cited: str = Field(min_length=1)  # “căn cứ” of the decision, or the articles that cite it
    status: Literal["in_force", "replaced", "unchecked"]
    replaced_by: str | None = None
    replaced_from: date | None = None
    note: str = ""

    @model_validator(mode="after")
    def _names_the_successor(self) -> LegalBasis:
        if (self.status == "replaced") != (self.replaced_by is not None and self.replaced_from is not None):
            raise ValueError("what is replaced says by what and since when")
        return self
