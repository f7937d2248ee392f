"""The standby copy (bản sao dự phòng): all that a desk needs to work without the gateway, written each night.

Declarations, packs, policies, anchors of trust, catalogues in force, and what was known of every recent
report. No secret travels in it: no key of a partner, no digest of a client's key.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from fallback.bundle import BrokenSealError, opened_folder, seal_folder, settled, write_durably
from gateway.domain.catalogue import Catalogue
from gateway.domain.errors import Misconfigured, problem
from gateway.domain.record import canonical, restore

_FOLDERS = ("partners", "packs", "policies", "trust")
_FILES = ("province.toml", "ngay-nghi.toml")  # not gateway.toml: an address of a database may stand in it
_KEPT = 3  # copies; an older one is there should the last have been cut off
_AT_WORK = timedelta(hours=1)  # nobody writes one copy for longer
_WHEN = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Known:
    """What the gateway knew of one report when the copy was made."""

    exchange: str
    agreement: str
    key: str
    content: str
    lane: str
    stage: str


@dataclass(frozen=True, slots=True)
class Standby:
    """An intact copy. `home` is its deployment folder; `local` what differed on the gateway's machine."""

    home: Path
    made_at: datetime
    authentic: bool
    local: Mapping[str, Any]
    known: tuple[Known, ...]

    def catalogue(self, name: str) -> Catalogue | None:
        path = self.home / "catalogues" / f"{name}.json"
        return restore(Catalogue, json.loads(path.read_bytes())) if path.is_file() else None


class StandbyCatalogues:
    """`ports.Catalogues` of a standby copy: what was in force then."""

    def __init__(self, standby: Standby) -> None:
        self._standby = standby
        self._read: dict[str, Catalogue | None] = {}

    def current(self, name: str) -> Catalogue | None:
        if name not in self._read:
            self._read[name] = self._standby.catalogue(name)
        return self._read[name]

    def on(self, name: str, day: date) -> Catalogue | None:
        return self.current(name)  # the copy knows no other

    def version(self, name: str, version: str) -> Catalogue | None:
        kept = self.current(name)
        return kept if kept and kept.version == version else None

    def publish(self, catalogue: Catalogue, exchange: str) -> None:
        raise TypeError("the desk publishes nothing")


def write_standby(
    deployment: Path,
    folder: Path,
    *,
    local: Mapping[str, Any],
    catalogues: Sequence[Catalogue],
    known: Sequence[Known],
    at: datetime,
    key: bytes | None,
) -> Path:
    """Write a copy of `deployment` below `folder` and take away the oldest ones; where it lies.

    It has its name only once it is whole and on disk.
    """
    made = folder / at.astimezone(UTC).strftime(_WHEN)
    part = folder / f".{made.name}.part"
    _swept(folder, at)
    try:
        _filled(part, deployment, catalogues, known, local)
        seal_folder(part, {"kind": "standby", "made_at": at.astimezone(UTC).isoformat()}, key)
        for path in part.rglob("*"):
            settled(path)
        if made.exists():
            shutil.rmtree(made)  # of this very second: the newer one counts
        part.replace(made)
    finally:
        shutil.rmtree(part, ignore_errors=True)  # it is there only where it could not be finished
    settled(folder)
    for old in _copies(folder)[_KEPT:]:
        shutil.rmtree(old)
    return made


def _swept(folder: Path, at: datetime) -> None:
    """Take away what was cut off long ago: each is as large as a copy, and a full disk would never be less full."""
    lately = (at - _AT_WORK).astimezone(UTC).strftime(_WHEN)
    for cut_off in folder.glob(".[0-9]*Z.part"):
        if cut_off.name[1:] < lately:
            shutil.rmtree(cut_off, ignore_errors=True)


def _filled(
    part: Path, deployment: Path, catalogues: Sequence[Catalogue], known: Sequence[Known], local: Mapping[str, Any]
) -> None:
    (part / "catalogues").mkdir(parents=True)
    for name in _FOLDERS:
        if (deployment / name).is_dir():
            shutil.copytree(deployment / name, part / name)
    for name in _FILES:
        if (deployment / name).is_file():
            shutil.copyfile(deployment / name, part / name)
    for catalogue in catalogues:
        (part / "catalogues" / f"{catalogue.name}.json").write_bytes(canonical(catalogue))
    (part / "known.json").write_bytes(canonical(known))
    (part / "local.json").write_bytes(canonical(local))


def opened_standby(folder: Path, key: bytes | None) -> Standby:
    """The newest intact copy below `folder`. Raises `Misconfigured` (F-103) with what is wrong with each."""
    wrong = []
    for copy in _copies(folder):
        try:
            return _opened(copy, key)
        except (BrokenSealError, ValueError, KeyError) as error:
            wrong.append(problem("F-103", folder=copy, reason=error))
    raise Misconfigured(*(wrong or [problem("F-103", folder=folder, reason="chưa có bản nào / none was written")]))


def key_of(path: Path, *, make: bytes | None = None) -> bytes | None:
    """The shared key in the file at `path`; None where there is none and nothing to make one of."""
    if not path.is_file():
        if make is None:
            return None
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        write_durably(path, make.hex().encode())
        path.chmod(0o600)
    return bytes.fromhex(path.read_text("ascii").strip())


def _opened(copy: Path, key: bytes | None) -> Standby:
    sealed = opened_folder(copy, key)
    known = tuple(restore(Known, each) for each in json.loads((copy / "known.json").read_bytes()))
    local = json.loads((copy / "local.json").read_bytes())
    made_at = datetime.fromisoformat(sealed.about["made_at"])
    return Standby(copy, made_at, sealed.authentic, local, known)


def _copies(folder: Path) -> list[Path]:
    """Newest first."""
    found = [path for path in folder.glob("[0-9]*Z") if path.is_dir()] if folder.is_dir() else []
    return sorted(found, reverse=True)
