"""Regimes, deadlines and recorded windows of a province, read into the domain's rules.

A deadline stands as the regulation words it: ``word = "trước"`` or ``"chậm nhất"``, then one of a day of the
month, a number of days after the period, or a date of the year.
"""

from __future__ import annotations

import re
from datetime import date, time
from typing import Literal

from pydantic import Field, field_validator, model_validator

from gateway.domain.calendar import REGIMES, PeriodKind
from gateway.domain.deadlines import DayOfMonth, DaysAfter, HardDate, Nature, Regime, Rule, Window
from gateway.schemas.province.base import Article, Clause, Declared, Instant

_STAGE = r"^[a-z0-9][a-z0-9-]*$"
_ROLLS = "; trùng ngày nghỉ thì sang ngày làm việc kế tiếp (Điều {article})"


class DeadlineText(Declared):
    """One deadline: for which kinds of period, at which stage, to whom, and when."""

    stage: str = Field(pattern=_STAGE)
    sender: str = Field(min_length=1)
    recipient: str = Field(min_length=1)
    kinds: tuple[PeriodKind, ...] = Field(min_length=1)
    only: tuple[str, ...] = ()
    word: Literal["trước", "chậm nhất"]
    day: int | None = Field(default=None, ge=1, le=31)
    months: int = Field(default=0, ge=0, le=24)
    of: Literal["end", "start"] = "end"
    days_after: int | None = Field(default=None, ge=0, le=366)
    date: str | None = Field(default=None, pattern=r"^\d{1,2}/\d{1,2}$")
    years: int = Field(default=0, ge=0, le=2)
    at: time | None = None
    article: Article
    note: str = ""

    @model_validator(mode="after")
    def _names_one_day(self) -> DeadlineText:
        named = [given for given in (self.day, self.days_after, self.date) if given is not None]
        if len(named) != 1:
            raise ValueError("say one of day, days_after, date")
        if self.date is not None:
            self.hard_date()
        return self

    def hard_date(self) -> HardDate:
        """Raises `ValueError` for a date that no year, or only a leap year, has."""
        day, month = (int(part) for part in (self.date or "").split("/"))
        date(2001, month, day)
        return HardDate(day, month, self.years)

    def when(self) -> DayOfMonth | DaysAfter | HardDate:
        if self.date is not None:
            return self.hard_date()
        if self.days_after is not None:
            return DaysAfter(self.days_after)
        return DayOfMonth(self.day or 0, self.months, self.of == "start")

    def rules(self, regulation: str, rollover: Clause, *, periodic: bool) -> tuple[Rule, ...]:
        rolls = rollover.applies and periodic and self.date is None
        words = f"{self._said()}; {regulation}, Điều {self.article}"
        if rolls:
            words += _ROLLS.format(article=rollover.article)
        return tuple(
            Rule(
                stage=self.stage,
                kind=kind,
                when=self.when(),
                inclusive=self.word == "chậm nhất",
                words=words,
                at=self.at,
                only=self.only,
                rolls=rolls,
                figures_of_start=self.of == "start",
            )
            for kind in self.kinds
        )

    def _said(self) -> str:
        at = f"{self.at:%H giờ %M} " if self.at else ""
        if self.date is not None:
            return f"{self.word} ngày {self.date}" + (" năm sau" if self.years else "")
        if self.days_after is not None:
            return f"{self.word} {at}" + ("ngày kế tiếp" if self.days_after == 1 else f"{self.days_after} ngày sau kỳ")
        month = "tháng đầu kỳ" if self.of == "start" else "tháng cuối kỳ"
        later = {0: month, 1: "tháng sau"}.get(self.months, f"tháng thứ {self.months} sau {month}")
        return f"{self.word} {at}ngày {self.day:02} của {later}"


class RegimeText(Declared):
    """Chế độ báo cáo; `undated` says why no deadline is known here."""

    id: str = Field(pattern=r"^[A-Z0-9][A-Z0-9-]*$")
    name: str = Field(min_length=1)
    calendar: str
    nature: Nature
    article: Article
    note: str = ""
    undated: str = ""
    deadline: tuple[DeadlineText, ...] = ()

    @field_validator("calendar")
    @classmethod
    def _known(cls, calendar: str) -> str:
        if calendar not in REGIMES:
            raise ValueError(f"unknown regime “{calendar}”; known: {', '.join(REGIMES)}")
        return calendar

    @model_validator(mode="after")
    def _dated_or_says_why_not(self) -> RegimeText:
        if bool(self.deadline) == bool(self.undated):
            raise ValueError("a regime has deadlines, or says in `undated` why it has none")
        return self

    def regime(self, regulation: str, rollover: Clause) -> Regime:
        periodic = self.nature is Nature.PERIODIC
        rules = [rule for text in self.deadline for rule in text.rules(regulation, rollover, periodic=periodic)]
        return Regime(self.id, self.name, self.calendar, self.nature, tuple(rules), self.undated)


class WindowText(Declared):
    """A recorded notice: from when until when the intake of one period is open at one stage."""

    regime: str
    period: str
    stage: str
    opens: Instant
    closes: Instant
    notice: str
    article: Article

    @field_validator("notice")
    @classmethod
    def _numbered(cls, notice: str) -> str:
        if not re.match(r"^\d+/\S+", notice):
            raise ValueError("a window rests on a notice with its number")
        return notice

    @model_validator(mode="after")
    def _opens_first(self) -> WindowText:
        if self.opens >= self.closes:
            raise ValueError("it closes before it opens")
        return self

    def window(self) -> Window:
        notice = f"theo thông báo {self.notice} (Điều {self.article})"
        return Window(self.regime, self.period, self.stage, self.opens, self.closes, notice)
