"""Vietnamese text as machines compare it: NFC, and a fold under which *Hoá* is *Hóa*."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SPACES = re.compile(r"[\s\u00a0]+")
_WORD = re.compile(r"(?:[^\W\d_][\u0300-\u036f]*)+")  # letters with their marks: a tone stays inside a bracket or comma
_TONES = "\u0300\u0301\u0303\u0309\u0323"


def nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


@lru_cache(maxsize=65_536)
def folded(text: str) -> str:
    """For matching labels only, never for display: case, spaces, NBSP, i/y and tone placement do not count.

    Nor does the Icelandic Ð that keyboards put for Đ.

    >>> folded("Thanh  Hoá") == folded("THANH HÓA")
    True
    """
    parts = unicodedata.normalize("NFD", _SPACES.sub(" ", text).strip().casefold().replace("ð", "đ"))
    return _WORD.sub(_tone_last, parts).replace("y", "i")


def _tone_last(word: re.Match[str]) -> str:
    letters = word[0]
    tones = [letter for letter in letters if letter in _TONES]
    return "".join(letter for letter in letters if letter not in _TONES) + "".join(tones) if tones else letters
