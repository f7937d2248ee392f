"""Typesetting: every letter that is printed has a glyph, everything else a white square."""

import unicodedata

import pytest

from fallback.paper import _PRINTED, ANNEX, printable, typeset
from tests.fallback.scene import AT

BARE = [(letter, "") for letter in "aeiouyAEIOUY"]
MARKED = [*((letter, "\u0302") for letter in "aeoAEO"), *((letter, "\u0306") for letter in "aA")]
HORNED = [(letter, "\u031b") for letter in "ouOU"]
TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
VIETNAMESE = "đĐ₫" + "".join(
    unicodedata.normalize("NFC", letter + mark + tone) for letter, mark in (*BARE, *MARKED, *HORNED) for tone in TONES
)


def _annex(text: str) -> bytes:
    data = {
        "title": "T", "subject": text, "agency": "A", "carried_by": "", "paragraphs": [text], "headings": ["a"],
        "widths": [1], "right": [], "rows": [[text]], "legend": [], "files": [],
    }  # fmt: skip
    return typeset(ANNEX, data, (), AT)


def test_every_vietnamese_letter_is_printed():
    assert printable(VIETNAMESE) == VIETNAMESE
    assert len(set(VIETNAMESE)) == 147


def test_every_letter_called_printed_has_a_glyph_in_the_shipped_font():
    # typst refuses to write a PDF/A in which a glyph is missing
    letters = "".join(chr(letter) for first, last in _PRINTED for letter in range(first, last + 1)) + "□"
    assert _annex(" ".join(letters)).startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("written", "printed"),
    [("a\u0302\u0301", "ấ"), ("a\n\tb", "a b"), ("漢", "□"), ("\u0007", "□"), ("a\u00adb", "a□b"), ("", "")],
)
def test_text_is_composed_folded_and_made_printable(written, printed):
    assert printable(written) == printed


def test_no_text_is_too_odd_to_be_set():
    assert _annex("\ue000\u202e\U0001f600\u0301" + "x" * 5000).startswith(b"%PDF-")
