"""Vietnamese text of before Unicode: letters of TCVN3, VNI, VPS, VISCII and Windows-1258 that look like Latin-1.

A spreadsheet shows such text right only in its own font, so the font decides where it is known; a sheet's whole content
decides where it is not, never one cell alone (28 of 100 cells would be missed, 5 taken for another encoding). What two
encodings would both read is ambiguous, and left as it is. The tables are viparse's, behind this door alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from viparse.normalize.detector import detect_encoding_by_content
from viparse.normalize.encodings import CHARMAPS
from viparse.normalize.tables import Charmap, build_charmap

from gateway.text import nfc

UNICODE = "unicode"
KINDS = ("tcvn3", "tcvn3H", "vni", "viscii", "vps", "cp1258", UNICODE)  # in the order in which mixed ones are told
_CAPITALS = "H"  # fonts .VnTimeH, .VnArialH show small letters as capitals
_FONTS = ((".vn", "tcvn3"), ("vni", "vni"), ("vps", "vps"), ("viscii", "viscii"))

# What Vietnamese in Unicode writes of Latin-1: its letters, and the signs of units. All else hints at an old encoding.
_OURS = "ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúý\u00a0°²³±×÷"
_HIGH = "".join(chr(code) for code in range(0x80, 0x100) if chr(code) not in _OURS)
_HINT = re.compile(f"[\x01-\x08\x0e-\x1f{_HIGH}]")
_FEW = 3  # hints, below which a sheet holds a foreign name or two and nothing is ambiguous
_BEYOND = re.compile("[ĂăĐđĨĩŨũƠơƯưẠ-ỹ\u0300\u0301\u0303\u0309\u0323]")
_MOST_READ = 20_000  # letters, in which an encoding is well seen


def _windows_1258() -> Charmap:
    pairs = []
    for byte in range(0x80, 0x100):
        letter = bytes([byte]).decode("cp1258", "ignore")
        if letter and letter != chr(byte):
            pairs.append((chr(byte), letter))
    return build_charmap("cp1258", pairs)


def _surfaces() -> dict[int, str]:
    """What readers make of bytes 0x80 … 0x9F in an old workbook (Windows-1252), back to the bytes."""
    found = {}
    for byte in range(0x80, 0xA0):
        letter = bytes([byte]).decode("cp1252", "ignore")
        if letter:
            found[ord(letter)] = chr(byte)
    return found


_TABLES: Mapping[str, Charmap] = {**CHARMAPS, "cp1258": _windows_1258()}
_SURFACES = _surfaces()
# VPS is never seen by content: it writes other letters with VISCII's bytes, and one would be taken for the other.
_BYTEWISE = ("viscii", "vps", "cp1258")
_SEEN_BY_CONTENT = {name: table for name, table in _TABLES.items() if name != "vps"}


def _replacer(table: Charmap) -> Callable[[str], str]:
    pairs = dict(table.pairs)  # longest first
    found = re.compile("|".join(map(re.escape, pairs)))
    return lambda text: found.sub(lambda match: pairs[match[0]], text)


_REPLACERS = {name: _replacer(table) for name, table in _TABLES.items()}


@dataclass(frozen=True, slots=True)
class Guess:
    """What a sheet's content says: an encoding, none, or (`ambiguous`) that nobody can tell."""

    encoding: str = ""
    ambiguous: bool = False


def hints(text: str) -> bool:
    """Whether `text` holds what Vietnamese in Unicode does not write. A foreign name does too; it costs a look."""
    return _HINT.search(text) is not None


def of_font(font: str) -> str:
    """The encoding that a font is drawn for; empty where its name says nothing."""
    name = font.lower()
    found = next((encoding for start, encoding in _FONTS if name.startswith(start)), "")
    return f"{found}{_CAPITALS}" if found == "tcvn3" and name.endswith("h") else found


def guessed(texts: Iterable[str]) -> Guess:
    """By the content of a whole sheet or file."""
    whole = "\n".join(text for text in texts if not text.isascii())[:_MOST_READ]
    if len(_HINT.findall(whole)) < _FEW:
        return Guess()
    found = detect_encoding_by_content(whole, _SEEN_BY_CONTENT)
    return Guess(found.encoding or "", ambiguous=found.encoding is None)


def decoded(text: str, encoding: str) -> tuple[str, str]:
    """The text in Unicode (NFC) and its kind: what was Unicode already is kept, and told as ``tcvn3+unicode``."""
    base = encoding.removesuffix(_CAPITALS)
    surfaced = text.translate(_SURFACES) if base in _BYTEWISE else text
    said = nfc(_REPLACERS[base](surfaced))
    kind = f"{encoding}+{UNICODE}" if _BEYOND.search(text) else encoding
    return said.upper() if encoding != base else said, kind


def of_runs(runs: Sequence[tuple[str, str]], guess: Guess) -> tuple[str, str]:
    """Runs of one cell as (text, font), each decoded by its font or, where that says nothing, by its sheet's guess.

    Runs of one encoding are read as one: VNI writes a letter as two, which a change of format may part.
    """
    joined: list[tuple[str, str]] = []
    for text, font in runs:
        encoding = of_font(font) or _by_guess(text, guess)
        if joined and joined[-1][1] == encoding:
            joined[-1] = (joined[-1][0] + text, encoding)
        elif text:
            joined.append((text, encoding))
    read = [decoded(text, encoding) if encoding else (nfc(text), UNICODE) for text, encoding in joined]
    met = {kind for text, said in read if text.strip() for kind in said.split("+")}
    return "".join(text for text, _ in read), "+".join(filter(met.__contains__, KINDS)) or UNICODE


def _by_guess(text: str, guess: Guess) -> str:
    """In a sheet of an old encoding a cell that holds Unicode beyond Latin-1 and no hint is Unicode."""
    if not guess.encoding or text.isascii() or (_BEYOND.search(text) and not hints(text)):
        return ""
    return guess.encoding
