"""Rules 5 to 7: what the words may use, where each library lives, and that imports stand where they are seen."""

from __future__ import annotations

import ast
import sys

import pytest

from tests.house.tree import HOUSES, Import, Module, declared, modules, none_of

# The world, time and chance, whatever door they come by.
_NOT_FOR_WORDS = {
    "asyncio", "http", "io", "logging", "multiprocessing", "os", "pathlib", "random", "secrets", "shutil", "socket",
    "sqlite3", "subprocess", "tempfile", "threading", "time", "urllib", "uuid",
}  # fmt: skip
_CLOCKS = {"now", "utcnow", "today"}


def test_the_words_use_the_standard_library_only_and_nothing_of_the_world() -> None:
    found = [
        f"{module.here}:{used.line} imports {used.target}"
        for module in modules()
        if module.is_in("gateway.domain")
        for used in module.imports
        if not used.target.startswith("gateway.domain.")
        and (used.library not in sys.stdlib_module_names or used.library in _NOT_FOR_WORDS)
    ]
    none_of(found)


def test_the_words_never_ask_what_time_it_is() -> None:
    found = [
        f"{module.here}:{node.lineno} {ast.unparse(node)}"
        for module in modules()
        if module.is_in("gateway.domain")
        for node in ast.walk(module.syntax)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CLOCKS
    ]
    none_of(found)


def test_a_library_is_used_only_in_the_rooms_that_pyproject_gives_it() -> None:
    found = [
        f"{module.here}:{used.line} imports {used.target}"
        for module in modules()
        for used in _foreign(module)
        if not any(module.is_in(room) for room in _rooms().get(used.library, ()))
    ]
    none_of(found, "list the room in [tool.gateway.rooms] of pyproject.toml, or use what the room already has")


@pytest.mark.parametrize(
    ("library", "room"),
    [(library, room) for library, rooms in declared()["tool"]["gateway"]["rooms"].items() for room in rooms],
)
def test_a_room_that_was_given_a_library_uses_it(library: str, room: str) -> None:
    assert any(used.library == library for module in modules() if module.is_in(room) for used in _foreign(module))


def test_imports_stand_at_the_top_where_contracts_see_them() -> None:
    found = [
        f"{module.here}:{used.line} imports {used.target} inside a function"
        for module in modules()
        if not module.is_in("gateway.cli") and not module.is_in("gateway.first_use")  # they keep every start quick
        for used in module.imports
        if used.in_function and used.library in HOUSES
    ]
    none_of(found)


def test_nothing_is_imported_for_types_alone() -> None:
    found = [f"{module.here}:{used.line}" for module in modules() for used in module.imports if used.for_types]
    none_of(found)


def test_no_function_reaches_for_a_global() -> None:
    found = [
        f"{module.here}:{node.lineno}"
        for module in modules()
        for node in ast.walk(module.syntax)
        if isinstance(node, ast.Global)
    ]
    none_of(found)


def test_every_room_has_its_place_in_the_layers() -> None:
    layers = declared()["tool"]["importlinter"]["contracts"][0]["layers"]
    placed = {name for layer in layers for name in layer.replace("|", " ").replace(":", " ").split()}
    rooms = {".".join(module.name.split(".")[:2]) for module in modules("gateway")} - {"gateway"}
    without_code = {"gateway.profiles"}
    assert placed == rooms - without_code | {"fallback"}


def _rooms() -> dict[str, list[str]]:
    rooms: dict[str, list[str]] = declared()["tool"]["gateway"]["rooms"]
    return rooms


def _foreign(module: Module) -> list[Import]:
    return [x for x in module.imports if x.library not in sys.stdlib_module_names and x.library not in HOUSES]
