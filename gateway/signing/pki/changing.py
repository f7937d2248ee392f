"""Changing what is trusted: one person proposes, another approves, every version that was in force is kept.

The person who proposes types the fingerprint that the authority told him by another way than the file came.
Intermediates are not trusted and need no second person: they only help to find a path.
"""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from gateway.domain.errors import Conflict, Misconfigured, NotFound, problem
from gateway.signing.declared import Declared, dumped, read_yaml, refuse
from gateway.signing.pki.certificate import Certificate, Unreadable, read_any
from gateway.signing.pki.store import ROLES, read_store

_PROPOSED, _VERSIONS, _ANCHORS = "proposed", "versions", "anchors.yaml"


@dataclass(frozen=True, slots=True)
class Proposal:
    """An anchor to be believed, or (`role` empty) no longer. Dates narrow the certificate's own."""

    id: str
    role: str
    sha256: str
    proposed_by: str
    proposed_at: datetime
    because: str
    valid_from: date | None = None
    valid_until: date | None = None
    sha1_until: date | None = None

    @property
    def removes(self) -> bool:
        return not self.role


def propose(folder: Path, proposal: Proposal, file: Path | None) -> Certificate | None:
    """Writes the proposal; it changes nothing until somebody else approves. Raises `Misconfigured` (F-005)."""
    certificate = None if proposal.removes else _pinned(proposal, file)
    _plain_name(proposal.id)
    place = folder / _PROPOSED
    place.mkdir(parents=True, exist_ok=True)
    if certificate is not None:
        _write(place / f"{proposal.id}.der", certificate.der)
    _write(place / f"{proposal.id}.yaml", dumped(_told(asdict(proposal))))
    return certificate


def proposals(folder: Path) -> list[Proposal]:
    """What waits for a second person."""
    return [_proposal(file) for file in sorted((folder / _PROPOSED).glob("*.yaml"))]


def approve(folder: Path, name: str, by: str, at: datetime) -> str:
    """Puts the proposal in force; the new version of the store.

    Raises `NotFound`, `Conflict` (B-012) when the same person proposed it, `Misconfigured` when it would not be sound.
    """
    file = folder / _PROPOSED / f"{name}.yaml"
    if not file.is_file():
        raise NotFound(problem("F-006", name=name))
    proposal = _proposal(file)
    if _same(proposal.proposed_by, by):
        raise Conflict(problem("B-012", who=by, what=name))
    before = _declared(folder)
    _keep_version(folder)
    anchors = [one for one in before.get("anchors") or () if one.get("id") != name]
    if len(anchors) == len(before.get("anchors") or ()) and proposal.removes:
        raise NotFound(problem("F-006", name=name))
    if not proposal.removes:
        der = (folder / _PROPOSED / f"{name}.der").read_bytes()
        _write(folder / f"{name}.der", der)
        anchors.append(_entry(proposal, by, at))
    after = {**before, "version": int(before.get("version") or 0) + 1, "anchors": anchors}
    _exchange(folder, dumped(after))
    for left in (folder / _PROPOSED).glob(f"{name}.*"):
        left.unlink()
    return read_store(folder).version


def add_to_pool(folder: Path, file: Path) -> list[Certificate]:
    """Intermediates that help to find paths, each as a file of its own. Raises `Misconfigured` (F-005)."""
    found = _read(file)
    place = folder / "pool"
    place.mkdir(parents=True, exist_ok=True)
    for one in found:
        _write(place / f"{one.sha256[:16]}.der", one.der)
    return found


def _entry(proposal: Proposal, by: str, at: datetime) -> dict[str, Any]:
    kept = {"id": proposal.id, "role": proposal.role, "file": f"{proposal.id}.der", "sha256": proposal.sha256}
    dates = {key: getattr(proposal, key) for key in ("valid_from", "valid_until", "sha1_until")}
    people = {
        "proposed_by": proposal.proposed_by,
        "approved_by": by,
        "approved_at": at.isoformat(timespec="seconds"),
        "because": proposal.because,
    }
    return {**kept, **{key: value for key, value in dates.items() if value is not None}, **people}


def _exchange(folder: Path, text: bytes) -> None:
    """Tries the new file beside the old one first: what is in force is always sound."""
    trial = folder / f".{_ANCHORS}.new"
    _write(trial, text)
    try:
        read_store(folder, trial.name)
    except Misconfigured:
        trial.unlink()
        raise
    trial.replace(folder / _ANCHORS)


def _keep_version(folder: Path) -> None:
    file = folder / _ANCHORS
    if file.is_file():
        data = file.read_bytes()
        place = folder / _VERSIONS
        place.mkdir(exist_ok=True)
        _write(place / f"{read_store(folder).version}.yaml", data)


def _declared(folder: Path) -> dict[str, Any]:
    if not (folder / _ANCHORS).is_file():
        return {}
    return read_yaml(folder / _ANCHORS)[0].plain


def _proposal(file: Path) -> Proposal:
    declared, _ = read_yaml(file)
    proposal = Proposal(
        id=declared.take("id", str),
        role=declared.take("role", str),
        sha256=declared.take("sha256", str),
        proposed_by=declared.take("proposed_by", str),
        proposed_at=_moment(declared, "proposed_at"),
        because=declared.take("because", str),
        valid_from=declared.day("valid_from"),
        valid_until=declared.day("valid_until"),
        sha1_until=declared.day("sha1_until"),
    )
    declared.done()
    refuse(declared.faults)
    return proposal


def _moment(declared: Declared, key: str) -> datetime:
    try:
        return datetime.fromisoformat(declared.take(key, str))
    except ValueError:
        declared.fault(key, "must be a time")
        return datetime.min.replace(tzinfo=UTC)


def _told(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in values.items()}


def _pinned(proposal: Proposal, file: Path | None) -> Certificate:
    found = _read(file) if file is not None else []
    faults = Declared(str(file), {})
    if proposal.role not in ROLES:
        faults.fault("role", f"must be one of {', '.join(sorted(ROLES))}")
    if len(found) != 1:
        faults.fault("file", f"holds {len(found)} certificates, one is wanted")
    elif found[0].sha256 != proposal.sha256:
        faults.fault("sha256", f"the file's certificate has {found[0].sha256}")
    refuse(faults.faults)
    return found[0]


def _read(file: Path) -> list[Certificate]:
    try:
        return read_any(file.read_bytes())
    except (OSError, Unreadable) as error:
        raise Misconfigured(problem("F-005", file=file.name, key="-", reason=str(error))) from error


def _plain_name(name: str) -> None:
    if not name or any(not (letter.isalnum() or letter in "-_.") for letter in name) or name.startswith("."):
        raise Misconfigured(problem("F-005", file="-", key="id", reason=f"{name!r} is no plain name"))


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all, and on disk when it says so."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with fresh.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
