"""What is parsed does not depend on what is thrown away meanwhile."""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from gateway.grammar import expression, module
from gateway.mapping.expression import parse


class Litter:
    """Garbage, for it holds on to itself, that has something parsed as it goes and leaves more of its kind."""

    def __init__(self, falls: list[bool]) -> None:
        self.itself = self
        self._falls = falls

    def __del__(self) -> None:
        if self._falls:
            ast.parse("1 + 1")
            Litter(self._falls)


@contextmanager
def litter() -> Iterator[None]:
    """There is always some, and it is looked for at every other object."""
    usual, falls = gc.get_threshold(), [True]
    gc.set_threshold(2, 1, 1)
    Litter(falls)
    try:
        yield
    finally:
        falls.clear()
        gc.set_threshold(*usual)


def test_a_formula_is_read_whatever_is_collected_meanwhile() -> None:
    formula = " + ".join(["[0601] * [0602]"] * 12)
    with litter():
        read = [parse(formula) for _ in range(20)]
    assert {x.code for each in read for x in each.references} == {"0601", "0602"}


def test_a_module_is_read_whatever_is_collected_meanwhile() -> None:
    with litter():
        read = [module("a = b + c * d\n" * 12) for _ in range(20)]
    assert {len(each.body) for each in read} == {12}


@pytest.mark.parametrize("text", ["1 + 1", "1 +"])
def test_garbage_is_collected_again_afterwards_only_where_it_was_before(text: str) -> None:
    def read() -> None:
        try:
            expression(text)
        except SyntaxError:
            return

    read()
    assert gc.isenabled()
    gc.disable()
    try:
        read()
        assert not gc.isenabled()
    finally:
        gc.enable()
