"""Small PDF written by hand, and incremental updates of them: what an attacker adds, byte by byte."""

from __future__ import annotations

import re
from collections.abc import Mapping

_HEAD = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
_TEXT = b"BT /F1 24 Tf 72 700 Td (%b) Tj ET"
_FORM = b"<< /Type /XObject /Subtype /Form /BBox [0 0 400 100] /Resources << /Font << /F1 5 0 R >> >> /Length %d >>\nstream\n%b\nendstream"


def report(
    text: bytes = b"Thu ngan sach: 100 ty dong", *, field: bool = False, hidden: bool = False, size: int = 0
) -> bytes:
    """One page. `field`: with a form field that shows its value; `hidden`: with an image over its text, and another
    text prepared beneath (what shadow attacks bring along); `size`: bytes of filler."""
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R /AcroForm 6 0 R >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Annots 9 0 R "
        b"/Resources << /Font << /F1 5 0 R >> /XObject << /Over 8 0 R >> >> >>",
        4: stream(_TEXT % text + (b" q 400 0 0 100 72 680 cm /Over Do Q" if hidden else b"")),
        5: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        6: b"<< /Fields [%b] /SigFlags 3 /DA (/F1 12 Tf) /DR << /Font << /F1 5 0 R >> >> >>"
        % (b"7 0 R" if field else b""),
        7: b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (kinhphi) /V (100) /Rect [72 500 300 520] /P 3 0 R "
        b"/AP << /N 10 0 R >> >>",
        8: form(b"1 1 1 rg 0 0 1 1 re f"),
        9: b"[%b]" % (b"7 0 R" if field else b""),
        10: form(b"BT /F1 12 Tf 2 4 Td (100) Tj ET"),
        11: stream(b" " * size),
    }
    body, places = bytearray(_HEAD), {}
    for number, content in objects.items():
        places[number] = len(body)
        body += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    return bytes(body) + _xref(places, len(body), len(objects) + 1, b"/Root 1 0 R")


def updated(pdf: bytes, objects: Mapping[int, bytes]) -> bytes:
    """An incremental update with `objects`, as any editor writes one."""
    previous = int(re.findall(rb"startxref\s+(\d+)", pdf)[-1])
    size = max(int(found) for found in re.findall(rb"/Size (\d+)", pdf))
    body, places = bytearray(pdf if pdf.endswith(b"\n") else pdf + b"\n"), {}
    for number, content in objects.items():
        places[number] = len(body)
        body += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    root = re.findall(rb"/Root (\d+ \d+ R)", pdf)[-1]
    extra = b"/Root %b /Prev %d" % (root, previous)
    return bytes(body) + _xref(places, len(body), max(size, max(objects) + 1), extra)


def object_of(pdf: bytes, number: int) -> bytes:
    """The newest content of an object that is written out (not in a stream of objects)."""
    return re.findall(rb"(?s)(?:^|\n)%d 0 obj\s*(.*?)\s*endobj" % number, pdf)[-1]


def next_number(pdf: bytes) -> int:
    return max(int(found) for found in re.findall(rb"/Size (\d+)", pdf))


def stream(data: bytes) -> bytes:
    return b"<< /Length %d >>\nstream\n%b\nendstream" % (len(data), data)


def form(data: bytes) -> bytes:
    return _FORM % (len(data), data)


def _xref(places: Mapping[int, bytes] | Mapping[int, int], at: int, size: int, extra: bytes) -> bytes:
    lines = [b"xref\n0 1\n0000000000 65535 f \n"]
    lines += [b"%d 1\n%010d 00000 n \n" % (number, place) for number, place in sorted(places.items())]
    return b"".join(lines) + b"trailer\n<< /Size %d %b >>\nstartxref\n%d\n%%%%EOF\n" % (size, extra, at)
