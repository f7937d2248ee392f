"""What is parsed does not depend on what is thrown away meanwhile."""

from __future__ import annotations

import ast
import gc
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

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


def reading(heard: Callable[[str, Any], None]) -> None:
    """Read a formula; `heard` is told before and after each thing of Python's own that is called for it."""
    sys.setprofile(lambda _, event, called: heard(event, called))
    try:
        expression("1 + 1")
    finally:
        sys.setprofile(None)


def test_of_two_who_read_at_once_neither_leaves_garbage_uncollected_for_ever() -> None:
    reads, asked = threading.Event(), threading.Event()

    def slowly(event: str, called: Any) -> None:
        if event == "c_call" and called is compile:
            reads.set()
            asked.wait(0.2)  # seconds: for the other, who is perhaps not let in before

    def asking(event: str, called: Any) -> None:
        if event == "c_return" and called is gc.isenabled:
            asked.set()
            first.join()  # it is done between what the other asks and what he does about it

    first = threading.Thread(target=reading, args=(slowly,))
    first.start()
    reads.wait(60)
    reading(asking)
    first.join()
    try:
        assert gc.isenabled()
    finally:
        gc.enable()
