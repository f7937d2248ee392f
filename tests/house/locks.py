"""The two locks, read: which distribution at which version, where."""

from __future__ import annotations

import importlib.metadata
import re
from dataclasses import dataclass
from functools import cache

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.tree import ROOT, declared, modules

LOCKS = ("requirements.lock", "requirements-dev.lock")


@dataclass(frozen=True, slots=True)
class Locked:
    name: str
    version: str
    here: bool  # whether this platform and this Python install it
    hashes: int


@cache
def locked(lock: str) -> dict[str, Locked]:
    """Every entry of a lock by its canonical name."""
    entries = re.findall(r"(?m)^[a-z0-9].*(?:\n\s+.*)*", (ROOT / lock).read_text("utf-8"))
    return {found.name: found for found in map(_entry, entries)}


def _entry(text: str) -> Locked:
    asked = Requirement(text.partition("\n")[0].removesuffix("\\"))
    (pin,) = asked.specifier
    assert pin.operator == "==", f"{asked} is no pin"
    here = asked.marker is None or asked.marker.evaluate()
    return Locked(canonicalize_name(asked.name), pin.version, here, text.count("--hash=sha256:"))


@dataclass(frozen=True, slots=True)
class Dependencies:
    """Canonical names of what pyproject asks for, to run and to build; and of the former, what the houses import."""

    asked: frozenset[str]
    tools: frozenset[str]
    imported: frozenset[str]


@cache
def dependencies() -> Dependencies:
    asked = _names(declared()["project"]["dependencies"])
    distributions = importlib.metadata.packages_distributions()
    libraries = {used.library for module in modules() for used in module.imports}
    known = {canonicalize_name(name) for library in libraries for name in distributions.get(library, ())}
    return Dependencies(asked, _names(declared()["dependency-groups"]["dev"]), asked & known)


def _names(wanted: list[str]) -> frozenset[str]:
    return frozenset(canonicalize_name(Requirement(text).name) for text in wanted)
