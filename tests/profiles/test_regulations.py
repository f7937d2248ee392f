"""docs/regulations.md leaves no article out, names nothing that is not there, and is what its script writes."""

from __future__ import annotations

import runpy
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = runpy.run_path(str(ROOT / "docs" / "regulations.py"))
ROWS = SCRIPT["answers"]()
# How many articles each regulation has.
LENGTHS = {"thanh-hoa": 15, "lao-cai": 19, "dong-thap": 26, "bac-kan": 13, "soc-trang": 20}


def declared(province: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / "gateway" / "profiles" / province / "province.toml").read_text("utf-8"))


def articles_of(province: str) -> list[str]:
    return [article for row in ROWS if row.province == province for article in row.articles.split("; ")]


def test_the_page_is_what_the_script_writes() -> None:
    written = (ROOT / "docs" / "regulations.md").read_text("utf-8")

    assert written == SCRIPT["page"](), "python docs/regulations.py"


@pytest.mark.parametrize("province", LENGTHS)
def test_no_article_is_left_out(province: str) -> None:
    answered = {int(article.split(".")[0]) for article in articles_of(province)}

    assert answered == set(range(1, LENGTHS[province] + 1))


@pytest.mark.parametrize("province", LENGTHS)
def test_every_article_a_profile_rests_on_is_answered(province: str) -> None:
    known = articles_of(province)
    cited = {article for text in _articles(declared(province)) for article in text.split("; ")}

    assert not {article for article in cited if not any(_same(article, other) for other in known)}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.province} {row.articles}")
def test_a_row_names_only_what_is_there(row: Any) -> None:
    assert row.state in SCRIPT["STATES"]
    room = ROOT / row.room if row.room.startswith("fallback/") else ROOT / "gateway" / row.room
    assert bool(row.room) == bool(row.test) == (row.state in ("built", "partly"))
    assert not row.room or (room.is_file() and (ROOT / "tests" / row.test).is_file())
    assert row.why or row.state == "built" or not row.setting
    assert all(_has(row.province, key.split(".")) for key in row.setting.split())


def _articles(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from [inner] if key == "article" else _articles(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _articles(inner)


def _same(one: str, other: str) -> bool:
    """14.1 and 14.1.a speak of one another; 14.1 and 14.10 do not."""
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def _has(province: str, key: list[str]) -> bool:
    if key[0] == "agreement":
        partners = (ROOT / "gateway" / "profiles" / province / "partners").glob("*.toml")
        return any(_within(tomllib.loads(path.read_text("utf-8")), key) for path in partners)
    return _within(declared(province), key)


def _within(value: Any, key: list[str]) -> bool:
    if isinstance(value, list):
        return any(_within(inner, key) for inner in value)
    return not key or (isinstance(value, dict) and key[0] in value and _within(value[key[0]], key[1:]))
