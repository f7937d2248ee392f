"""The keys of those who hand in: made, withdrawn; of each the deployment keeps the digest alone.

Beside `wiring`: the verbs come in. A gateway that runs goes on with the keys it was started with.
"""

from __future__ import annotations

import itertools
import re
import secrets
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.domain.errors import Conflict, Misconfigured, NotFound, problem
from gateway.domain.ids import digest_of
from gateway.schemas.declarations import declarations
from gateway.schemas.entries import FILE, added, client_of, entries, without
from gateway.schemas.settings import Client, Settings, settings
from gateway.soundness import faults_together
from gateway.whole import by_one, exchange, fresh

_KEY_BYTES = 32
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,62}")
_ORDER = ("id", "key_sha256", "agreements", "kind", "partner", "permission", "webhook")
_DESK = "fallback.key"  # what seals the fallback desk's copy is nobody's to hand in with
_LONGEST = 4096  # bytes; what is longer is no key


@dataclass(frozen=True, slots=True)
class Made:
    """`key` only where no file was asked for."""

    client: Client
    further: bool  # there was one of the same id already
    file: Path | None
    key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Revoked:
    id: str
    digest: str
    removed: str  # the entry as it stood
    files: tuple[Path, ...]  # of the key itself
    opens_still: tuple[str, ...]  # whose entries have the same key


def make(
    home: Path, environment: Mapping[str, str], asked: Mapping[str, Any], file: Path | None, *, kept: bool
) -> Made:
    """A new key, and at the end of ``clients.toml`` what it opens.

    `asked` is what an entry says; what it leaves out of a system that has a key already is as in its last entry. The
    key is written to `file` (none named: a new one in ``secrets/``), or not `kept` but handed back.
    Raises `Misconfigured` with whatever `gateway check` would say of it, `Conflict` for a file that is there.
    """
    with by_one(home):
        read, text = settings(home, environment), _text(home)
        _refuse_elsewhere(home)
        before = [entry.said for entry in entries(text) if entry.id == asked["id"]]
        if not before:
            _refuse_if_strange(asked)
        key = secrets.token_urlsafe(_KEY_BYTES)
        told = {**(before[-1] if before else {}), **asked, "key_sha256": digest_of(key.encode())}
        said = {name: told[name] for name in _ORDER if name in told}
        client, grown = client_of(said), added(text, said)
        _refuse_if_unsound(home, read, client)
        if not kept:
            exchange(home / FILE, grown.encode())
            return Made(client, bool(before), None, key)
        place = _new_file(home, client.id, file, key)
        try:
            exchange(home / FILE, grown.encode())
        except OSError:
            place.unlink(missing_ok=True)
            raise
        return Made(client, bool(before), place)


def revoke(home: Path, name: str, prefix: str) -> Revoked:
    """Takes the one entry of `name` whose digest begins with `prefix` out, and then the key itself, where it lies here.

    However wrong the rest of the deployment is: a key that is lost is withdrawn now.
    Raises `NotFound` (F-006), `Conflict` (F-047) where several fit, `Misconfigured` (F-048).
    """
    with by_one(home):
        text = _text(home)
        found = entries(text)
        _refuse_elsewhere(home)
        named = [entry for entry in found if entry.id == name]
        fitting = [entry for entry in named if entry.digest.startswith(prefix)]
        if not fitting:
            raise NotFound(problem("F-006", name=prefix if named else name))
        if len(fitting) > 1:
            told = "; ".join(f"{entry.digest[:8]} ({FILE}: {entry.lines})" for entry in fitting)
            raise Conflict(problem("F-047", client=name, count=len(fitting), found=told))
        [entry] = fitting
        exchange(home / FILE, without(text, entry).encode())
        still = tuple(one.id for one in found if one.digest == entry.digest and one is not entry)
        return Revoked(name, entry.digest, entry.text, () if still else tuple(_forgotten(home, entry.digest)), still)


def _refuse_if_strange(asked: Mapping[str, Any]) -> None:
    """A new system is named as agreements are, and says which of these it uses."""
    if not _NAME.fullmatch(asked["id"]):
        told = f"“{asked['id']}”: chỉ dùng a–z, 0–9, gạch nối / of a–z, 0–9 and hyphens only"
        raise Misconfigured(problem("F-005", file=FILE, key="id", reason=told))
    if not asked.get("agreements") and asked.get("kind") != "partner":
        told = "hệ thống mới cần --agreement / a new system needs --agreement"
        raise Misconfigured(problem("F-005", file=FILE, key=f"{asked['id']}.agreements", reason=told))


def _refuse_if_unsound(home: Path, read: Settings, client: Client) -> None:
    """What was wrong already is not the new key's fault; what is wrong because of it is written nowhere."""
    declared = declarations(home / "partners", read.local)
    known = faults_together(home, read, declared)
    after = faults_together(home, read.model_copy(update={"clients": (*read.clients, client)}), declared)
    if new := [fault for fault in after if fault not in known]:
        raise Misconfigured(*new)


def _refuse_elsewhere(home: Path) -> None:
    """Of two files that name clients the later one wins: here one would not be looked at."""
    for name in ("gateway.toml", "local.toml"):
        with suppress(OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
            if "clients" in tomllib.loads((home / name).read_text("utf-8")):
                told = f"belongs into {FILE} alone; of several files only the last one's are read"
                raise Misconfigured(problem("F-005", file=name, key="clients", reason=told))


def _text(home: Path) -> str:
    """As it stands, line ends and all."""
    try:
        return (home / FILE).read_bytes().decode("utf-8")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise Misconfigured(problem("F-005", file=FILE, key="-", reason=error)) from None


def _new_file(home: Path, name: str, asked: Path | None, key: str) -> Path:
    if asked is not None:
        try:
            return fresh(asked, key.encode())
        except FileExistsError:
            raise Conflict(problem("F-005", file=asked, key="--out", reason="exists already")) from None
    folder = home / "secrets"
    folder.mkdir(mode=0o700, exist_ok=True)
    stem = name if _NAME.fullmatch(name) else digest_of(key.encode())[:8]
    for number in itertools.count(1):
        place = folder / (f"{stem}.key" if number == 1 else f"{stem}-{number}.key")
        if place.name != _DESK:
            with suppress(FileExistsError):
                return fresh(place, key.encode())
    raise AssertionError("numbers do not end")


def _forgotten(home: Path, digest: str) -> Iterator[Path]:
    for path in sorted((home / "secrets").glob("*")):
        with suppress(OSError):
            if path.is_file() and path.stat().st_size <= _LONGEST and digest_of(path.read_bytes().strip()) == digest:
                path.unlink()
                yield path
