"""docs/scale.md: its costs are figures that the benchmarks print, and its plan follows from them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.grammar import module
from tests.house.tree import ROOT, none_of

PROVINCES, COMMUNES, REGIMES = 34, 3321, 100
TWO_HOURS, TEN_MINUTES = 7200, 600
NUMBER = re.compile(r"[\d,]+(\.\d+)?")


def table(heading: str) -> list[list[str]]:
    """The rows below `heading` of docs/scale.md, without the two of the head."""
    text = (ROOT / "docs" / "scale.md").read_text("utf-8")
    below = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line for line in below.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in rows[2:]]


def cost(figure: str) -> float:
    """The first number of the row that names `figure`."""
    (said,) = [row[1] for row in table("What one report costs") if row[2] == f"`{figure}`"]
    return number(said)


def number(said: str) -> float:
    found = NUMBER.search(said)
    assert found, said
    return float(found[0].replace(",", ""))


def test_every_cost_is_a_figure_that_a_benchmark_prints() -> None:
    known = [re.compile(pattern) for path in (ROOT / "gateway" / "bench").glob("*.py") for pattern in _patterns(path)]
    named = [row[2].strip("`") for row in table("What one report costs")]
    assert len(named) > 5
    none_of(name for name in named if not any(pattern.fullmatch(name) for pattern in known))


@pytest.mark.parametrize(
    ("row", "communes"), [(1, COMMUNES / PROVINCES), (2, COMMUNES)], ids=["one province", "the nation"]
)
def test_the_plan_follows_from_the_costs(row: int, communes: float) -> None:
    said = [number(cells[row]) for cells in table("What is asked for")]
    reports = round(communes) * REGIMES
    each = (cost("gateway_cpu_ms_per_report") + cost("postgres_cpu_ms_per_report")) / 1000
    late, last = reports / 2 / TWO_HOURS, reports / 4 / TEN_MINUTES
    assert said == pytest.approx(
        [round(communes), reports, reports / 2, late, late * each, last, last * each], rel=0.06
    )


def _patterns(path: Path) -> Iterator[str]:
    """What the strings of a module may say, as regular expressions: of f-strings what is not fixed is any word."""
    for node in ast.walk(module(path.read_text("utf-8"))):
        if isinstance(node, ast.JoinedStr):
            yield "".join(re.escape(str(p.value)) if isinstance(p, ast.Constant) else r"\w+" for p in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield re.escape(node.value)
