"""What the house can complain about: every code is used, every sentence stands in both languages and is filled."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from string import Formatter

import pytest

from gateway.domain.problems import PROBLEMS, Entry
from tests.house.tree import Module, modules, none_of

_CODE = re.compile(r"[A-G]-\d{3}")
_TABLE = "gateway.domain.problems"


def test_every_problem_is_named_somewhere_outside_the_table() -> None:
    none_of(set(PROBLEMS) - {code for _, _, code in _named()})


def test_every_code_in_the_houses_is_in_the_table() -> None:
    none_of(f"{module.here}:{line} {code}" for module, line, code in _named() if code not in PROBLEMS)


@pytest.mark.parametrize("code", PROBLEMS)
def test_a_problem_speaks_both_languages_about_the_same_case(code: str) -> None:
    entry = PROBLEMS[code]
    for text in (entry.title, entry.advice):
        assert text.vi.strip()
        assert text.en.strip()
        assert text.vi != text.en
        assert _blanks(text.vi) == _blanks(text.en)


def test_whoever_names_a_problem_fills_its_blanks() -> None:
    found = [
        f"{module.here}:{call.lineno} {code} without {', '.join(sorted(missing))}"
        for module in modules()
        for call, code in _calls(module)
        if code in PROBLEMS and (missing := _all_blanks(PROBLEMS[code]) - {word.arg for word in call.keywords})
    ]
    none_of(found)


def _named() -> Iterator[tuple[Module, int, str]]:
    for module in modules():
        if module.name == _TABLE:
            continue
        for node in ast.walk(module.syntax):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _CODE.fullmatch(node.value):
                yield module, node.lineno, node.value


def _calls(module: Module) -> Iterator[tuple[ast.Call, str]]:
    """``problem("A-001", …)`` with its words written out."""
    for node in ast.walk(module.syntax):
        if not isinstance(node, ast.Call) or ast.unparse(node.func) != "problem" or not node.args:
            continue
        if isinstance(node.args[0], ast.Constant) and all(word.arg for word in node.keywords):
            yield node, str(node.args[0].value)


def _all_blanks(entry: Entry) -> set[str]:
    texts = (entry.title.vi, entry.title.en, entry.advice.vi, entry.advice.en)
    return {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}


def _blanks(text: str) -> set[str]:
    """Of what the sentence speaks; a blank that each language fills in its own words ends in ``_vi`` or ``_en``."""
    return {re.sub("_(vi|en)$", "", name) for _, name, _, _ in Formatter().parse(text) if name}
