"""Files that travel without a wire: every one by its digest in a list, and the list under a seal.

A standby copy is a folder sealed so, a ledger handed over is a ZIP sealed so. The seal is an HMAC-SHA256
with a key that gateway and desk share; without a key the digests still show damage, not forgery.
"""

from __future__ import annotations

import hmac
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import IO, Any

from gateway.domain.record import canonical

LIST, SEAL = "MANIFEST.json", "MANIFEST.hmac"
_CHUNK = 1 << 20
_LARGEST = 16 << 30  # bytes of one bundle, unpacked
_MOST_FILES = 20_000


class BrokenSealError(Exception):
    """Not what was sealed; the reason in plain words."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a list says. `authentic`: its seal was made with the key at hand; False where there was no key."""

    about: Mapping[str, Any]
    files: Mapping[str, str]  # path → SHA-256
    authentic: bool


def seal_folder(folder: Path, about: Mapping[str, Any], key: bytes | None) -> None:
    """List every file below `folder` and seal the list; all of it is on disk when this returns."""
    files = {name: _digest_of(folder / name) for name in sorted(_below(folder))}
    listed = canonical({"about": about, "files": files})
    write_durably(folder / LIST, listed)
    if key is not None:
        write_durably(folder / SEAL, _seal(listed, key).encode())


def opened_folder(folder: Path, key: bytes | None) -> Sealed:
    """The list of a sealed folder, every file compared. Raises `BrokenSealError`."""
    try:
        listed = (folder / LIST).read_bytes()
        seal = (folder / SEAL).read_bytes() if (folder / SEAL).is_file() else b""
        sealed = _understood(listed, seal, key)
        found = {name: _digest_of(folder / name) for name in _below(folder)}
    except OSError as error:
        raise BrokenSealError(f"{error.filename}: {error.strerror}") from error
    _compared(sealed.files, found)
    return sealed


def seal_bundle(path: Path, files: Mapping[str, Path], about: Mapping[str, Any], key: bytes | None) -> None:
    """Write the ZIP at `path`, whole or not at all."""
    listed = canonical({"about": about, "files": {name: _digest_of(file) for name, file in files.items()}})
    part = path.with_suffix(".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(LIST, listed)
        if key is not None:
            archive.writestr(SEAL, _seal(listed, key))
        for name, file in files.items():
            archive.write(file, name)
    settled(part)
    part.replace(path)
    settled(path.parent)


def unpacked_bundle(path: Path, into: Path, key: bytes | None) -> Sealed:
    """Unpack a bundle into the new folder `into`. Raises `BrokenSealError`; then nothing of it may be used."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = {entry.filename: entry for entry in archive.infolist()}
            if len(entries) > _MOST_FILES or sum(entry.file_size for entry in entries.values()) > _LARGEST:
                raise BrokenSealError("too large")
            seal = archive.read(SEAL) if SEAL in entries else b""
            sealed = _understood(archive.read(LIST), seal, key)
            into.mkdir(parents=True)
            found = {}
            for name in entries.keys() - {LIST, SEAL}:
                found[name] = _unpacked(archive, entries[name], into / _plain_name(name))
    except (zipfile.BadZipFile, KeyError, OSError, RuntimeError, NotImplementedError, EOFError) as error:
        raise BrokenSealError(f"{path.name}: {error}") from error
    _compared(sealed.files, found)
    return sealed


def write_durably(path: Path, content: bytes) -> None:
    """`content` at `path`, on disk, whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    settled(path.parent)


def settled(path: Path) -> None:
    """A file or folder, synchronised to disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _understood(listed: bytes, seal: bytes, key: bytes | None) -> Sealed:
    if key is not None and not hmac.compare_digest(seal.decode("ascii", "replace").strip(), _seal(listed, key)):
        raise BrokenSealError("the seal is missing or of another key")
    try:
        said = json.loads(listed)
        return Sealed(dict(said["about"]), dict(said["files"]), key is not None)
    except (ValueError, KeyError, TypeError) as error:
        raise BrokenSealError(f"{LIST}: {error}") from error


def _compared(listed: Mapping[str, str], found: Mapping[str, str]) -> None:
    wrong = sorted(name for name in listed.keys() | found.keys() if listed.get(name) != found.get(name))
    if wrong:
        raise BrokenSealError(f"missing, changed or unlisted: {', '.join(wrong[:5])}")


def _seal(listed: bytes, key: bytes) -> str:
    return hmac.new(key, listed, "sha256").hexdigest()


def _below(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in (LIST, SEAL):
            yield name


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return _digest(file)


def _digest(file: IO[bytes]) -> str:
    made = sha256()
    while chunk := file.read(_CHUNK):
        made.update(chunk)
    return made.hexdigest()


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path) -> str:
    made = sha256()
    with archive.open(entry) as source, path.open("xb") as target:
        while chunk := source.read(_CHUNK):
            made.update(chunk)
            target.write(chunk)
    return made.hexdigest()


def _plain_name(name: str) -> str:
    if PurePosixPath(name).name != name or name in ("", ".", ".."):
        raise BrokenSealError(f"a path in the bundle: {name!r}")
    return name
