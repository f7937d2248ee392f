"""What every part of ``province.toml`` shares: strict shapes, articles, and Vietnam's one offset."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from gateway.domain.calendar import VIETNAM

# “14.1.a”, “12.1”, “6”: điều, khoản, điểm; several are separated by “; ”.
Article = Annotated[str, Field(pattern=r"^\d+(\.\w+)*(; \d+(\.\w+)*)*$")]


class Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Clause(Declared):
    """One yes or no of a regulation: the article that says so, or a note why nothing says so."""

    applies: bool
    article: Article | None = None
    note: str = ""

    @model_validator(mode="after")
    def _rests_on_something(self) -> Clause:
        rests_on_something(stated=self.applies, article=self.article, note=self.note)
        return self


def rests_on_something(*, stated: bool, article: str | None, note: str) -> None:
    """Raises `ValueError` unless what is stated names its article, and what is not says why in its note."""
    if stated and article is None:
        raise ValueError("what is stated names its article")
    if not stated and (article is not None or not note):
        raise ValueError("what is not stated has no article and says so in its note")


class Office(Declared):
    """A body with a duty, as the regulation calls it; `note` says what became of it since."""

    name: str = Field(min_length=1)
    article: Article
    note: str = ""


def _of_vietnam(at: datetime) -> datetime:
    if at.utcoffset() != VIETNAM.utcoffset(None):
        raise ValueError(f"{at.isoformat()}: Asia/Ho_Chi_Minh has one offset, +07:00, all year")
    return at.astimezone(VIETNAM)


Instant = Annotated[datetime, AfterValidator(_of_vietnam)]
