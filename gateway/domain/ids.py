"""Names of things: agency codes in both national code systems, and content digests.

An agency code (mã định danh điện tử) is never derived from an administrative code: the two moved
differently in 2025.
"""

from __future__ import annotations

import re
from hashlib import sha256

# Quyết định 20/2020/QĐ-TTg art. 4: at most 35 characters, level 1 first (H56, H56.02.01).
_AGENCY_2020 = re.compile(r"[A-Y][0-9]{2}(\.[0-9A-Z]+)*")
# QCVN 102:2016: thirteen characters in four groups, level 1 last (000.00.00.H56).
_AGENCY_2016 = re.compile(r"[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[A-Y][0-9]{2}")


def is_agency_code(code: str) -> bool:
    """Whether `code` has the form of Quyết định 20/2020/QĐ-TTg art. 4."""
    return len(code) <= 35 and _AGENCY_2020.fullmatch(code) is not None


def is_old_agency_code(code: str) -> bool:
    """Whether `code` has the thirteen-character form of QCVN 102:2016."""
    return _AGENCY_2016.fullmatch(code) is not None


def same_agency(one: str, other: str) -> bool:
    """Whether two codes name one agency, as far as the codes alone tell: ``000.00.00.H56`` is ``H56``."""
    return today(one) == today(other)


def today(code: str) -> str:
    """`code` as Quyết định 20/2020/QĐ-TTg writes it, as far as the code alone tells: ``000.00.00.H56`` is ``H56``."""
    plain = code.strip()
    return plain.removeprefix("000.00.00.") if is_old_agency_code(plain) else plain


def digest_of(content: bytes) -> str:
    """The lowercase hex SHA-256 by which bytes are known everywhere in this house."""
    return sha256(content).hexdigest()
