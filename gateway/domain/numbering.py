"""A number and symbol (số và ký hiệu) are given once in a year by an agency (Decree 30/2020 art. 15)."""

from __future__ import annotations

import re
from unicodedata import normalize

from gateway.domain.facts import Numbered
from gateway.domain.ids import today

_ZEROS = re.compile(r"^0+(?=[0-9])")  # below ten a 0 is written before it (Decree 30/2020, appendix I): 05 is 5


def name_of(told: Numbered) -> str | None:
    """The name a journal keeps the number under, however it is written; None where nobody told whose it is."""
    if not told.agency:
        return None
    return f"{today(told.agency)} {told.issued[:4]} {_plain(told.number)}/{_plain(told.notation)}"


def same_number(one: Numbered, other: Numbered) -> bool:
    """Whether both are one number, symbol and year, whoever gave them."""
    return _code(one) == _code(other)


def _code(told: Numbered) -> tuple[str, str, str]:
    return told.issued[:4], _plain(told.number), _plain(told.notation)


def _plain(written: str) -> str:
    return _ZEROS.sub("", normalize("NFC", written).casefold().strip())
