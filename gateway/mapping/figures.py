"""Figures without floating point: whole numbers of 128 bits beside the place of their decimal point.

Refused: `pl.Decimal` arithmetic (a product silently takes the larger scale: 0.001 × 0.000001 = 0)
and Python's `Decimal` row by row (several times slower).
"""

from __future__ import annotations

import polars as pl

MARKS = ("-", "…", "x")
NIL = "-"
_SHAPES = {"machine": r"^([-−]?)(\d{1,30})(?:\.(\d{1,20}))?$", "vietnamese": r"^([-−]?)(\d{1,30})(?:,(\d{1,20}))?$"}
# Below this many digits no sum of a billion parts leaves 128 bits.
MOST_DIGITS = 29


def read(value: pl.Expr, convention: str) -> list[pl.Expr]:
    """Columns mark, digits, places, negative and number (whether it is one) from figures as written.

    An empty cell and ``...`` are *not available*.
    """
    text = value.str.strip_chars()
    text = pl.when(text.is_in(["", "..."])).then(pl.lit("…")).otherwise(text)
    plain = text.str.replace_all(r"\.(\d{3})", "$1") if convention == "vietnamese" else text
    groups = plain.str.extract_groups(_SHAPES[convention])
    sign, whole, places = (groups.struct.field(str(n)) for n in (1, 2, 3))
    return [
        pl.when(text.is_in(MARKS)).then(text).alias("mark"),
        (whole + places.fill_null("")).str.strip_chars_start("0").alias("digits"),
        places.str.len_bytes().fill_null(0).cast(pl.Int32).alias("places"),
        (sign.fill_null("") != "").alias("negative"),
        whole.is_not_null().alias("number"),
    ]


def unscaled() -> pl.Expr:
    """The signed whole number of columns digits, negative and times."""
    digits = pl.when(pl.col("digits") == "").then(pl.lit("0")).otherwise(pl.col("digits"))
    # The sign goes on the text: Polars cannot negate whole numbers of 128 bits.
    signed = pl.when(pl.col("negative")).then(pl.lit("-") + digits).otherwise(digits)
    return signed.cast(pl.Int128, strict=False) * pl.col("times").cast(pl.Int128)


def written(number: pl.Expr, places: pl.Expr) -> pl.Expr:
    """A whole number with its decimal point put back: canonical, no trailing zeros, no ``-0``."""
    magnitude = number.cast(pl.String).str.strip_chars_start("-").str.zfill(places + 1)
    whole = magnitude.str.head(magnitude.str.len_bytes().cast(pl.Int64) - places.cast(pl.Int64))
    fraction = magnitude.str.tail(places.cast(pl.Int64)).str.strip_chars_end("0")
    text = pl.when((places > 0) & (fraction != "")).then(whole + pl.lit(".") + fraction).otherwise(whole)
    return pl.when(number < 0).then(pl.lit("-") + text).otherwise(text)
