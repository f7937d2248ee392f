"""Codes of a province's bodies and of its territory: two systems that moved differently on 1/7/2025.

The administrative code followed the seat (Lào Cai 10 → 15), the agency code followed the name (H38 stays), so
neither is ever derived from the other. Old and new agency codes are joined by a table with dates.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from gateway.domain.ids import is_agency_code, is_old_agency_code
from gateway.schemas.province.base import Declared


def _agency(code: str) -> str:
    if not is_agency_code(code):
        raise ValueError("not an agency code of QĐ 20/2020/QĐ-TTg art. 4")
    return code


def _old_agency(code: str) -> str:
    if not is_old_agency_code(code):
        raise ValueError("not a thirteen-character agency code of QCVN 102:2016")
    return code


class Dated(Declared):
    """Valid from the first to the last day, both inclusive; open where a day is not named."""

    valid_from: date | None = None
    valid_to: date | None = None

    @model_validator(mode="after")
    def _begins_first(self) -> Dated:
        if self.valid_from and self.valid_to and self.valid_from > self.valid_to:
            raise ValueError("it ends before it begins")
        return self

    def valid_on(self, day: date) -> bool:
        return (self.valid_from or date.min) <= day <= (self.valid_to or date.max)

    def meets(self, other: Dated) -> bool:
        return (self.valid_from or date.min) <= (other.valid_to or date.max) and (other.valid_from or date.min) <= (
            self.valid_to or date.max
        )


class AgencyText(Dated):
    """Mã định danh điện tử of one body; `verified` is false where no source we could read says it."""

    code: Annotated[str, AfterValidator(_agency)]
    name: str = Field(min_length=1)
    source: str = Field(min_length=1)
    verified: bool = True


class AliasText(Dated):
    """An old-form code that means `code` while it is valid."""

    alias: Annotated[str, AfterValidator(_old_agency)]
    code: Annotated[str, AfterValidator(_agency)]
    source: str = Field(min_length=1)


class TerritoryText(Dated):
    """Mã đơn vị hành chính of the province (two digits)."""

    code: str = Field(pattern=r"^\d{2}$")
    name: str = Field(min_length=1)
    source: str = Field(min_length=1)
