"""docs/guarantees.md promises nothing that no test proves."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from gateway.grammar import module
from tests.house.tree import ROOT, none_of

_PARTS = ("vi", "en", "proof", "limits")
_NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def test_every_promise_is_made_in_both_languages_with_its_proof_and_its_limits() -> None:
    none_of(
        f"{heading}: no {part}" for heading, text in _promises() for part in _PARTS if f"\n- **{part}** " not in text
    )


def test_every_promise_names_a_test() -> None:
    none_of(heading for heading, text in _promises() if not _NAMED.search(text))


def test_every_test_that_is_named_is_there() -> None:
    found = {(path, test) for _, text in _promises() for path, test in _NAMED.findall(text)}
    none_of(f"{path}::{test}" for path, test in found if test not in _tests(path))


def _promises() -> list[tuple[str, str]]:
    """(heading, text) of every promise."""
    parts = re.split(r"(?m)^## (.+)$", (ROOT / "docs" / "guarantees.md").read_text("utf-8"))
    assert len(parts) > 2
    return list(zip(parts[1::2], parts[2::2], strict=True))


def _tests(path: str) -> set[str]:
    file = ROOT / path
    return set(_functions(module(file.read_text("utf-8")))) if file.is_file() else set()


def _functions(tree: ast.Module) -> Iterator[str]:
    return (node.name for node in tree.body if isinstance(node, ast.FunctionDef))
