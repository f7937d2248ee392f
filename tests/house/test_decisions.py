"""docs/decisions.md says which library was taken for what; it stays true to the locks and to the code."""

from __future__ import annotations

import re

from tests.house.locks import LOCKS, dependencies, locked
from tests.house.tree import ROOT, none_of

_ROW = re.compile(r"(?m)^\| ([a-z][a-z0-9-]+) \| (\d\S*) \| (.+) \| .+ \|$")


def test_the_versions_of_the_decisions_are_those_of_the_lock() -> None:
    pins = {name: entry.version for name, entry in locked(LOCKS[1]).items()}
    none_of(
        f"{name} {version}, locked {pins.get(name)}" for name, version in _rows().items() if pins.get(name) != version
    )


def test_every_library_the_houses_import_was_decided_upon() -> None:
    none_of(dependencies().imported - _rows().keys())


def test_no_library_was_decided_upon_that_is_not_asked_for() -> None:
    none_of(_rows().keys() - dependencies().asked - dependencies().tools)


def _rows() -> dict[str, str]:
    text = (ROOT / "docs" / "decisions.md").read_text("utf-8")
    return {match[1]: match[2] for match in _ROW.finditer(text)}
