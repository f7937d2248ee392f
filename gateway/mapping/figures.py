"""Figures without floating point: decimals of 38 digits, 12 of them behind the point, nothing rounded silently.

Polars rounds a product to its operands' larger scale without a word (0.001 × 0.000001 = 0 at scale 6) and raises on
overflow for a whole column. So every figure is read at one scale, and what would not stay exact after its factor is
told apart before anything is multiplied (M902). Refused: `float`; 128-bit integers, which wrap around silently.
"""

from __future__ import annotations

import re

import polars as pl

MARKS = ("-", "…", "x")
NIL = "-"
PLACES = 12
WHOLE = 20  # digits before the point; leaves room for the sum of a million of them
NUMBER = pl.Decimal(38, PLACES)

_PLAIN = rf"^-?[0-9]{{1,{WHOLE}}}(\.[0-9]{{1,{PLACES}}})?$"
_WHOLE_ONLY = rf"^-?[0-9]{{1,{WHOLE}}}$"
_MACHINE = re.compile(r"([-−]?)([0-9]+)(?:\.([0-9]+))?")
_VIETNAMESE = re.compile(r"([-−]?)([0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+)(?:,([0-9]+))?")
_ENGLISH = re.compile(r"([-−]?)([0-9]{1,3}(?:,[0-9]{3})+)(?:\.([0-9]+))?")
_CONVENTIONS = {"machine": _MACHINE, "vietnamese": _VIETNAMESE}


def read(values: pl.Series, convention: str) -> pl.DataFrame:
    """Columns number, mark, whole and places (digits before and behind the point) of figures as written.

    number is null for marks, for what is no number, and for what has too many digits (whole tells them apart: it is
    null for what is no number). An empty cell and ``...`` are *not available*.
    """
    plain = values.str.contains(_PLAIN if convention == "machine" else _WHOLE_ONLY).fill_null(value=False)
    if plain.all():
        text, marks = values, pl.Series("mark", [None], dtype=pl.String).new_from_index(0, len(values))
    else:
        text, marks = _with_care(values, plain, convention)
    return (
        pl.DataFrame({"text": text, "mark": marks})
        .select(pl.col("text").cast(NUMBER, strict=False).alias("number"), "mark", *_digits(pl.col("text")))
        .with_columns(pl.when(pl.col("whole") <= WHOLE).then(pl.col("number")))
    )


def written(number: pl.Expr) -> pl.Expr:
    """A decimal as text: canonical, no trailing zeros."""
    return number.cast(pl.String).str.strip_chars_end("0").str.strip_chars_end(".")


def meant(text: str, convention: str) -> str:
    """What a figure may have been meant as, written the pack's way; for a person, never applied."""
    text = text.strip()
    others = [shape for shape in (_VIETNAMESE, _ENGLISH, _MACHINE) if shape is not _CONVENTIONS[convention]]
    found = next((match for shape in others if (match := shape.fullmatch(text))), None)
    if found is None:
        return ""
    whole = re.sub(r"[.,]", "", found[2])
    point = "." if convention == "machine" else ","
    return found[1] + whole + (point + found[3] if found[3] else "")


def _digits(text: pl.Expr) -> list[pl.Expr]:
    point = text.str.find(".", literal=True).cast(pl.Int32)
    whole = pl.coalesce(point, text.str.len_bytes().cast(pl.Int32)) - text.str.starts_with("-").cast(pl.Int32)
    places = text.str.strip_chars_end("0").str.len_bytes().cast(pl.Int32) - point - 1
    return [whole.alias("whole"), places.fill_null(0).alias("places")]


def _with_care(values: pl.Series, plain: pl.Series, convention: str) -> tuple[pl.Series, pl.Series]:
    """The few that are not plain, each distinct one looked at once: its plain text or its mark."""
    odd = values.filter(~plain)
    distinct = odd.unique()
    read = [_one(value, _CONVENTIONS[convention]) for value in distinct.to_list()]
    said = {
        "v": distinct,
        "text": pl.Series([text for text, _ in read], dtype=pl.String),
        "mark": pl.Series([mark for _, mark in read], dtype=pl.String),
    }
    found = pl.DataFrame({"v": values}).join(pl.DataFrame(said), on="v", how="left", maintain_order="left")
    text = pl.DataFrame({"plain": plain, "v": values, "text": found["text"]}).select(
        pl.when(pl.col("plain")).then(pl.col("v")).otherwise(pl.col("text"))
    )
    return text.to_series(), found["mark"]


def _one(value: str | None, shape: re.Pattern[str]) -> tuple[str | None, str | None]:
    text = (value or "").strip()
    if text in ("", "..."):
        return None, "…"
    if text in MARKS:
        return None, text
    found = shape.fullmatch(text)
    if found is None:
        return None, None
    whole = found[2].replace(".", "").lstrip("0") or "0"
    places = (found[3] or "").rstrip("0")
    sign = "-" if found[1] and (whole != "0" or places) else ""
    return f"{sign}{whole}{'.' + places if places else ''}", None
