"""What is wrong with a deployment as it is declared, all of it at once, and what a person should look at.

Beside `wiring`: the verbs and the doctor come in. Nothing is put together, and no store is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TypeVar

from gateway.domain.errors import Misconfigured, Problem, problem
from gateway.mapping import check_pack
from gateway.schemas.declarations import Declarations, declarations
from gateway.schemas.province import FILE as REGULATION
from gateway.schemas.province import Province, against, province
from gateway.schemas.settings import Settings, disagreements, overrides, settings, warnings
from gateway.schemas.workdays import OVERLAY, overlay
from gateway.signing import check_policy

T = TypeVar("T")


def faults(home: Path, environment: Mapping[str, str]) -> list[Problem]:
    """Everything wrong with the declarations, packs and policies of a deployment.

    What cannot be read hides what could be said of it together with others, and nothing else.
    """
    found: list[Problem] = []
    read = _read(lambda: settings(home, environment), found)
    declared = _read(lambda: declarations(home / "partners", read.local if read else overrides(home)), found)
    regulation = _regulation(home, found)
    if read and declared:
        found += disagreements(read, declared)
    if regulation and read:
        found += _faults_under(regulation, read)
    if regulation and declared:
        found += against(regulation, declared)
    found += faults_behind(home, declared) if declared else _faults_of_what_is_named(home)
    return [fault for number, fault in enumerate(found) if fault not in found[:number]]


def doubts(home: Path, environment: Mapping[str, str]) -> list[Problem]:
    """What a person should look at in declarations without a fault."""
    return list(warnings(declarations(home / "partners", settings(home, environment).local)))


def faults_together(home: Path, read: Settings, declared: Declarations) -> list[Problem]:
    """What is right by itself and wrong together, also of what is not written down yet; packs and policies aside.

    Raises `Misconfigured` where the regulation cannot be read: then nobody can say.
    """
    found = list(disagreements(read, declared))
    if (home / REGULATION).is_file():
        regulation = province(home / REGULATION)
        found += [*_faults_under(regulation, read), *against(regulation, declared)]
    return found


def _regulation(home: Path, found: list[Problem]) -> Province | None:
    """The province's regulation, where the deployment declares one."""
    if (home / OVERLAY).is_file():
        _read(lambda: overlay(home / OVERLAY), found)
    return _read(lambda: province(home / REGULATION), found) if (home / REGULATION).is_file() else None


def _faults_under(regulation: Province, read: Settings) -> Iterator[Problem]:
    """What is set here against the regulation."""
    if read.province != regulation.id:
        yield problem("F-005", file="gateway.toml", key="province", reason=f"{REGULATION} is of “{regulation.id}”")
    if regulation.vertical.permission == "required":
        for client in read.clients:
            if client.kind == "sector" and client.permission is None:
                told = f"Điều {regulation.vertical.article}: {regulation.vertical.through}"
                yield problem("F-005", file="clients.toml", key=f"{client.id}.permission", reason=told)


def faults_behind(home: Path, declared: Declarations) -> list[Problem]:
    """What is wrong with the packs, policies and secrets that partners and agreements name."""
    found: list[Problem] = []
    for agreed in declared.agreements.values():
        _read(partial(check_pack, home / "packs" / agreed.pack), found)
        documents = (agreed.fallback.policy, agreed.fallback.annex_policy) if agreed.fallback else ()
        parts = agreed.composite.policies.values() if agreed.composite else ()
        for policy in (agreed.policy, *filter(None, (agreed.catalogue_policy, *documents, *parts))):
            _read(partial(check_policy, home / "policies" / f"{policy}.yaml"), found)
    for partner in declared.partners.values():
        for key, file in partner.secrets.items():
            if not (home / file).is_file():
                found.append(problem("F-005", file=file, key=f"{partner.id}.{key}", reason="not found"))
    return found


def _faults_of_what_is_named(home: Path) -> list[Problem]:
    """Of partners that cannot be read: what is wrong with the packs and policies there that their files name."""
    found: list[Problem] = []
    text = "".join(file.read_text("utf-8", "replace") for file in sorted((home / "partners").glob("*.toml")))
    for folder, check in (("packs", check_pack), ("policies", check_policy)):
        for path in sorted((home / folder).glob("*")):
            if any(f"{quote}{path.stem}{quote}" in text for quote in "\"'"):
                _read(partial(check, path), found)
    return found


def _read(reading: Callable[[], T], found: list[Problem]) -> T | None:
    """What `reading` gives; none where it is refused, so that one broken file does not hide the next."""
    try:
        return reading()
    except Misconfigured as error:
        found += error.problems
        return None
