"""Typesetting: text from data, never markup from data; the same input is the same PDF, byte for byte.

PDF/A-3a by typst, set in Tinos: every letter as wide as in Times New Roman, which Decree 30/2020 (appendix I) names
and which is licensed and cannot be shipped. It is complete for Vietnamese and lies in ``fonts/`` under the OFL.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

_STANDARD: Literal["a-3a"] = "a-3a"  # A is B and U, and readable aloud besides
# What the font has a glyph for. A PDF/A with a missing glyph is none, and typst refuses to write it.
_PRINTED = (
    (0x20, 0x7E), (0xA0, 0xAC), (0xAE, 0x17F), (0x1A0, 0x1A1), (0x1AF, 0x1B0), (0x391, 0x3A1), (0x3A3, 0x3A9),
    (0x3B1, 0x3C9), (0x1EA0, 0x1EF9), (0x2010, 0x2015), (0x2018, 0x201E), (0x2020, 0x2022), (0x2026, 0x2026),
    (0x2030, 0x2030), (0x20AB, 0x20AC), (0x2116, 0x2116), (0x2122, 0x2122), (0x2212, 0x2212), (0x2260, 0x2260),
    (0x2264, 0x2265),
)  # fmt: skip
_FOLDER = Path(__file__).parent / "fonts"
_UNPRINTED = "\N{WHITE SQUARE}"


@dataclass(frozen=True, slots=True)
class Embedded:
    """A text file inside the PDF, an associated file in the sense of PDF/A-3."""

    name: str
    media_type: str
    description: str
    content: str


def printable(text: str) -> str:
    """`text` in NFC, blanks folded; whatever the font cannot show is a white square."""
    folded = " ".join(unicodedata.normalize("NFC", text).split())
    return "".join(letter if _has_glyph(ord(letter)) else _UNPRINTED for letter in folded)


def typeset(layout: str, data: Mapping[str, Any], embedded: tuple[Embedded, ...], at: datetime) -> bytes:
    """The PDF of a `layout` from this module, filled with `data`. Every text in it is made printable."""
    made = at.astimezone(UTC).replace(microsecond=0)
    inputs = {
        "data": json.dumps(_printable(data), ensure_ascii=False),
        "at": json.dumps([made.year, made.month, made.day, made.hour, made.minute, made.second]),
        "embedded": json.dumps([[file.name, file.media_type, file.description] for file in embedded]),
        **{f"file-{number}": file.content for number, file in enumerate(embedded)},
    }
    import typst  # noqa: PLC0415  # few processes ever set a page, and all would load the typesetter

    pdf: bytes = typst.compile(
        (_FRAME + layout).encode(), format="pdf", sys_inputs=inputs, pdf_standards=_STANDARD, font_paths=_fonts()
    )
    return pdf


@cache
def _fonts() -> Any:
    """Ours and typst's own: what is installed on a machine must not change a document."""
    import typst  # noqa: PLC0415  # as above

    return typst.Fonts(font_paths=[_FOLDER], include_system_fonts=False)


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, Mapping):
        return {name: _printable(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(inner) for inner in value]
    return value


def _has_glyph(letter: int) -> bool:
    return any(first <= letter <= last for first, last in _PRINTED)


# Page, fonts and margins of Decree 30/2020/NĐ-CP, appendix I.
_FRAME = """
#let d = json(bytes(sys.inputs.data))
#let at = json(bytes(sys.inputs.at))
#set document(
  title: d.title, author: d.agency,
  date: datetime(year: at.at(0), month: at.at(1), day: at.at(2), hour: at.at(3), minute: at.at(4), second: at.at(5)),
)
#set text(font: "Tinos", size: 13pt, lang: "vi", hyphenate: false)
#set page(
  paper: "a4", margin: (top: 20mm, bottom: 20mm, left: 30mm, right: 15mm),
  header: context if counter(page).get().first() > 1 { align(center, text(13pt, counter(page).display())) },
)
#set par(justify: true, leading: 0.65em, spacing: 0.9em)
#for (i, file) in json(bytes(sys.inputs.embedded)).enumerate() {
  pdf.attach(
    file.at(0), bytes(sys.inputs.at("file-" + str(i))),
    relationship: "data", mime-type: file.at(1), description: file.at(2),
  )
}
#show table: set par(justify: false, first-line-indent: 0pt)
#let rule(width) = line(length: width, stroke: 0.6pt)
#let listed(files) = table(
  columns: (auto, auto, 1fr), stroke: 0.4pt, inset: 4pt,
  table.header(
    ..("Tệp", "Số byte", "SHA-256").map(word => text(11pt, weight: "bold", word))
  ),
  ..files.map(file => (
    text(11pt, file.name), align(right, text(11pt, file.size)), text(7.5pt, font: "DejaVu Sans Mono", file.sha256),
  )).flatten()
)
"""

# Báo cáo, a named type of document (Decree 30/2020, appendix III, form 1.4), addressed upwards.
# “Nơi nhận:” is bold italic by a stroke: the bold italic face makes ơ of two signs, and reads aloud as “ơơ”.
LETTER = """
#grid(
  columns: (2fr, 3fr), align: center, row-gutter: 8pt, column-gutter: 6pt,
  {
    set par(justify: false)
    text(12pt, weight: "bold", upper(d.agency))
    v(-4pt)
    rule(35%)
  },
  {
    text(12pt, weight: "bold")[CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM]
    linebreak()
    text(13pt, weight: "bold")[Độc lập - Tự do - Hạnh phúc]
    v(-4pt)
    rule(70%)
  },
  if d.at("code", default: "") == "" [Số: #box(width: 14mm)/BC-#box(width: 16mm)] else [Số: #d.code],
  emph(d.place + ", " + if d.at("dated", default: "") == "" { "ngày      tháng      năm " + d.year } else { d.dated }),
)
#v(10pt)
#align(center)[
  #heading(level: 1, outlined: false, text(14pt, weight: "bold")[BÁO CÁO])
  #text(14pt, weight: "bold", d.subject)
  #v(-4pt)
  #rule(25%)
]
#v(4pt)
#align(center)[Kính gửi: #d.recipient.]
#set par(first-line-indent: (amount: 10mm, all: true))
#for line in d.paragraphs { par(line) }
#listed(d.files)
#v(10pt)
#set par(first-line-indent: 0pt, justify: false)
#grid(
  columns: (1fr, 1fr),
  {
    text(12pt, style: "italic", stroke: 0.3pt)[Nơi nhận:]
    for place in d.places { linebreak(); text(11pt, "- " + place) }
  },
  align(center, {
    let position = upper(d.at("position", default: ""))
    text(13pt, weight: "bold", if position == "" [QUYỀN HẠN, CHỨC VỤ CỦA NGƯỜI KÝ] else { position })
    v(30mm)
    text(13pt, weight: "bold", if d.at("signer", default: "") == "" [Họ và tên] else { d.signer })
  }),
)
"""

# The annex is a file of its own, so the agency signs it on its own, top right of its first page, without an image:
# number and symbol, time of signing (Decree 30/2020, appendix I, II.9; upright 10 pt black).
ANNEX = """
#align(right, text(10pt, if d.at("code", default: "") == "" [
  Số, ký hiệu: #box(width: 28mm, repeat[.]); thời gian ký: #box(width: 42mm, repeat[.])
] else { d.code + "; " + d.signed_at }))
#v(8mm)
#align(center)[
  #heading(level: 1, outlined: false, text(14pt, weight: "bold")[PHỤ LỤC])
  #text(14pt, weight: "bold", d.subject)
  #linebreak()
  #emph(d.carried_by)
]
#set text(11pt)
#for line in d.paragraphs { par(line) }
#table(
  columns: d.widths.map(width => if width == 0 { auto } else { width * 1fr }),
  align: (column, row) => if row == 0 { center + horizon } else if d.right.contains(column) { right } else { left },
  stroke: 0.4pt, inset: 4pt,
  table.header(..d.headings.map(word => text(weight: "bold", word))),
  ..d.rows.flatten()
)
#for line in d.legend { par(text(10pt, line)) }
#listed(d.files)
"""
