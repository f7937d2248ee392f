"""What is wrong with a deployment as it is declared, all of it at once, and what a person should look at.

Beside `wiring`: the verbs and the doctor come in. Nothing is put together, and no store is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from gateway.domain.errors import Misconfigured, Problem, problem
from gateway.mapping import check_pack
from gateway.schemas.declarations import Declarations, declarations
from gateway.schemas.province import FILE as REGULATION
from gateway.schemas.province import against, province
from gateway.schemas.settings import Settings, disagreements, settings, warnings
from gateway.schemas.workdays import OVERLAY, overlay
from gateway.signing import check_policy


def faults(home: Path, environment: Mapping[str, str]) -> list[Problem]:
    """Everything wrong with the declarations, packs and policies of a deployment."""
    try:
        read = settings(home, environment)
        declared = declarations(home / "partners", read.local)
    except Misconfigured as error:
        return list(error.problems)
    found = [*disagreements(read, declared), *_faults_of_the_regulation(read, declared)]
    for agreed in declared.agreements.values():
        found += _faults_of(lambda name=agreed.pack: check_pack(home / "packs" / name))
        documents = (agreed.fallback.policy, agreed.fallback.annex_policy) if agreed.fallback else ()
        parts = agreed.composite.policies.values() if agreed.composite else ()
        for policy in (agreed.policy, *filter(None, (agreed.catalogue_policy, *documents, *parts))):
            found += _faults_of(lambda name=policy: check_policy(home / "policies" / f"{name}.yaml"))
    for partner in declared.partners.values():
        for key, file in partner.secrets.items():
            if not (home / file).is_file():
                found.append(problem("F-005", file=file, key=f"{partner.id}.{key}", reason="not found"))
    return [fault for number, fault in enumerate(found) if fault not in found[:number]]


def doubts(home: Path, environment: Mapping[str, str]) -> list[Problem]:
    """What a person should look at in declarations without a fault."""
    return list(warnings(declarations(home / "partners", settings(home, environment).local)))


def _faults_of_the_regulation(read: Settings, declared: Declarations) -> Iterator[Problem]:
    """The province's regulation, where the deployment declares one, and what was agreed against it."""
    if (read.home / OVERLAY).is_file():
        yield from _faults_of(lambda: overlay(read.home / OVERLAY))
    if not (read.home / REGULATION).is_file():
        return
    try:
        regulation = province(read.home / REGULATION)
    except Misconfigured as error:
        yield from error.problems
        return
    if read.province != regulation.id:
        yield problem("F-005", file="gateway.toml", key="province", reason=f"{REGULATION} is of “{regulation.id}”")
    yield from against(regulation, declared)
    if regulation.vertical.permission == "required":
        for client in read.clients:
            if client.kind == "sector" and client.permission is None:
                told = f"Điều {regulation.vertical.article}: {regulation.vertical.through}"
                yield problem("F-005", file="clients.toml", key=f"{client.id}.permission", reason=told)


def _faults_of(check: object) -> list[Problem]:
    try:
        check()  # type: ignore[operator]  # a thunk, so that one broken pack does not hide the next
    except Misconfigured as error:
        return list(error.problems)
    return []
