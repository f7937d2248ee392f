"""The locks say exactly what is installed, from anywhere, on every Python this project promises."""

from __future__ import annotations

import importlib.metadata
import re
import sys

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tests.house.locks import LOCKS, dependencies, locked
from tests.house.tree import ROOT, declared, modules, none_of

_PYTHONS = ("3.11.0", "3.12.0", "3.13.0")


@pytest.mark.parametrize("lock", LOCKS)
def test_every_entry_is_pinned_and_hashed(lock: str) -> None:
    none_of(entry.name for entry in locked(lock).values() if not entry.hashes)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_place_to_fetch_from(lock: str) -> None:
    none_of(re.findall(r"(?m)^\s*-[a-z-]+.*$|https?:.*$|@ file.*$", _without_hashes(lock)))


@pytest.mark.parametrize("lock", LOCKS)
@pytest.mark.parametrize("python", _PYTHONS)
def test_every_locked_release_is_for_every_python_we_promise(lock: str, python: str) -> None:
    assert SpecifierSet(declared()["project"]["requires-python"]).contains(python)
    found = [entry.name for entry in locked(lock).values() if entry.here and not _pythons(entry.name).contains(python)]
    none_of(found)


def test_the_development_lock_is_the_other_one_and_more() -> None:
    runtime, development = ({x.name: x.version for x in locked(lock).values()} for lock in LOCKS)
    assert runtime.items() <= development.items()


@pytest.mark.parametrize("lock", LOCKS)
def test_what_the_project_asks_for_is_locked_at_a_version_it_accepts(lock: str) -> None:
    asked = [*declared()["project"]["dependencies"]]
    if lock == "requirements-dev.lock":
        asked += declared()["dependency-groups"]["dev"]
    pins = {entry.name: entry.version for entry in locked(lock).values()}
    found = [wanted for wanted in asked if not _holds(pins, Requirement(wanted))]
    none_of(found)


@pytest.mark.parametrize("lock", LOCKS)
def test_what_is_locked_is_what_is_installed(lock: str) -> None:
    found = [
        f"{entry.name} {entry.version} locked, {installed} installed"
        for entry in locked(lock).values()
        if entry.here and (installed := importlib.metadata.version(entry.name)) != entry.version
    ]
    none_of(found)


def test_every_library_the_houses_import_is_locked_for_them() -> None:
    distributions = importlib.metadata.packages_distributions()
    imported = {used.library for module in modules() for used in module.imports} - {"gateway", "fallback"}
    found = {
        library
        for library in imported - sys.stdlib_module_names
        if not {canonicalize_name(name) for name in distributions.get(library, ())} & locked(LOCKS[0]).keys()
    }
    none_of(found)


def test_every_dependency_is_imported_or_says_why_it_is_carried() -> None:
    assert dependencies().asked - dependencies().imported == set(declared()["tool"]["gateway"]["carried"])


def _holds(pins: dict[str, str], wanted: Requirement) -> bool:
    name = canonicalize_name(wanted.name)
    return name in pins and wanted.specifier.contains(pins[name])


def _pythons(name: str) -> SpecifierSet:
    return SpecifierSet(",".join(importlib.metadata.metadata(name).get_all("Requires-Python") or ()))


def _without_hashes(lock: str) -> str:
    return re.sub(r"(?m)^\s*--hash=sha256:[0-9a-f]{64}( \\)?$", "", (ROOT / lock).read_text("utf-8"))
