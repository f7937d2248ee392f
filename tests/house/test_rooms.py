"""Rooms of one kind look alike: a plate at the door, one thing inside, a telling name, tests of the same name."""

from __future__ import annotations

import ast
import re

import pytest

from tests.house.tree import HOUSES, ROOT, Module, modules, none_of

_LONGEST = 300
_LONG = {
    "gateway/domain/exchange.py": "the stages beside their words, and one fold over all facts",
    "gateway/domain/facts.py": "the table of facts: one record after another",
    "gateway/domain/problems.py": "the table of problems in two languages",
}

_SAYS_NOTHING = {"manager", "helper", "util", "service", "handler", "processor", "info", "data", "common", "misc"}
_FOREIGN_WORDS = {
    "ReportData": "the packet's name in QCVN 125:2021",
    "report_data": "the packet's name in QCVN 125:2021",
}

_PLATE = 4
# Rooms that another room's tests prove, and folders of tests that are not a room's.
_PROVED_ELSEWHERE: dict[str, str] = {
    "gateway.ports": "shapes, not behaviour; tests/contracts holds what stands behind them to it"
}
_BESIDE_ROOMS = {
    "browser": "the console as people see it, through the whole house",
    "contracts": "one suite for every implementation of a port",
    "edxml": "gateway.schemas.edxml, on the published examples",
    "faults": "crashes and long runs through the whole house",
    "house": "these rules",
    "journeys": "whole journeys through several rooms",
}


@pytest.mark.parametrize("package", [m for m in modules() if m.is_package], ids=lambda m: m.name)
def test_a_room_has_a_plate_of_a_few_lines(package: Module) -> None:
    plate = ast.get_docstring(package.syntax)
    assert plate, f"{package.here} says nothing about the room"
    assert len(plate.splitlines()) <= _PLATE


def test_every_folder_of_code_is_a_room() -> None:
    folders = {path.parent for house in HOUSES for path in (ROOT / house).rglob("*.py")}
    none_of(str(folder) for folder in folders if not (folder / "__init__.py").is_file())


def test_a_module_is_one_thing_of_at_most_three_hundred_lines() -> None:
    long = {module.here for module in modules() if len(module.text.splitlines()) > _LONGEST}
    assert long == set(_LONG), "divide it, or give the reason; and take it off the list when it is short again"


def test_no_name_is_a_word_that_says_nothing() -> None:
    found = {name for module in modules() for name in _names(module) if _words(name) & _SAYS_NOTHING}
    assert found == set(_FOREIGN_WORDS)


def test_the_rooms_have_tests_of_the_same_name() -> None:
    rooms = {".".join(module.name.split(".")[:2]) for module in modules("gateway") if module.name.count(".") >= 1}
    rooms = {room for room in rooms if (ROOT / room.replace(".", "/")).is_dir()} | {"fallback"}
    untested = {room for room in rooms if not list((ROOT / "tests" / room.rpartition(".")[2]).rglob("test_*.py"))}
    assert untested == set(_PROVED_ELSEWHERE)


def test_a_folder_of_tests_is_a_rooms_or_says_whose() -> None:
    folders = {path.parent.relative_to(ROOT / "tests").parts[0] for path in (ROOT / "tests").glob("*/**/*.py")}
    rooms = {module.name.split(".")[1] for module in modules("gateway") if "." in module.name} | {"fallback"}
    assert folders - rooms == set(_BESIDE_ROOMS)


def _names(module: Module) -> set[str]:
    classes = {node.name for node in ast.walk(module.syntax) if isinstance(node, ast.ClassDef)}
    return classes | {module.name.rpartition(".")[2]}


def _words(name: str) -> set[str]:
    """`SqlJournalHelpers` and `sql_journal_helpers` are both {sql, journal, helper}."""
    return {word.lower().removesuffix("s") for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", name)}
