"""Whether words state a figure: numbers as prose writes them, rounded, cut, or told in thousands, millions or billions.

``1.050,5``, ``1,050.5`` and ``1050.5`` are one number; ``1.050`` may be two, and either counts. Words are not parsed:
a figure that stands in them by chance counts as stated, so that nothing is refused that a reader would let pass.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

_NUMBER = re.compile("[0-9]+(?:[.,\u00a0\u202f][0-9]+)*")
_WRITTEN = (
    re.compile("([0-9]{1,3}(?:[.\u00a0\u202f][0-9]{3})+|[0-9]+)(?:,([0-9]+))?"),
    re.compile("([0-9]{1,3}(?:[,\u00a0\u202f][0-9]{3})+|[0-9]+)(?:\\.([0-9]+))?"),
)
_FIGURE = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
_SCALES = (-9, -6, -3, 3, 6, 9)
_FEWEST_DIGITS = 2  # that say something at another scale: “5” is five, and not five thousand
_LONGEST = 40
_MOST = 20_000  # different numbers of one text; with more it is a table, and is not judged

Span = tuple[Decimal, Decimal]


def unstated(text: str, wanted: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Of the codes `wanted`, with the figures a report has for them, those of which `text` states none, with one.

    Marks (``-``, ``…``, ``x``) and zeros need not be stated: there are words for them.
    """
    spans = _joined(_spans(text))
    if spans is None:
        return {}
    starts = [start for start, _ in spans]
    told: dict[str, str] = {}
    for code, figures in wanted.items():
        sizes = {figure: abs(Decimal(figure)) for figure in figures if _FIGURE.fullmatch(figure)}
        sizes = {figure: size for figure, size in sizes.items() if size}
        if sizes and not any(_within(size, spans, starts) for size in sizes.values()):
            told[code] = next(iter(sizes))
    return told


def _spans(text: str) -> set[Span] | None:
    """What each number of `text` may stand for, at each scale: what is rounded to it, and what is cut to it."""
    found = set(_NUMBER.findall(text))
    if len(found) > _MOST:
        return None
    return {span for one in found if len(one) <= _LONGEST for span in _of_number(one)}


def _of_number(said: str) -> Iterator[Span]:
    for shape in _WRITTEN:
        match = shape.fullmatch(said)
        if match is None:
            continue
        digits, behind = re.sub(r"\D", "", match[1]), match[2] or ""
        number, last = Decimal(f"{digits}.{behind}0"), Decimal(1).scaleb(-len(behind))
        says_much = len((digits + behind).strip("0")) >= _FEWEST_DIGITS
        for scale in (0, *(_SCALES if says_much else ())):
            yield (number - last / 2).scaleb(scale), (number + last).scaleb(scale)


def _joined(spans: set[Span] | None) -> list[Span] | None:
    """In order, and those that overlap as one, so that each figure is looked up once."""
    if spans is None:
        return None
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((start, end))
    return joined


def _within(size: Decimal, spans: list[Span], starts: list[Decimal]) -> bool:
    at = bisect_right(starts, size) - 1
    return at >= 0 and size < spans[at][1]
