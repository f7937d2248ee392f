"""The trust folder: pinned anchors, the untrusted pool of intermediates, and hosts that may be asked.

``anchors.yaml`` names each anchor's file with the SHA-256 an operator typed; a file that does not fit
its pin stops the start. Anchors are never learnt, system roots never used. Files: PEM (LF, CRLF) or DER.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from gateway.signing.declared import Declared, good_on, read_yaml, refuse
from gateway.signing.pki import names
from gateway.signing.pki.certificate import Certificate, Unreadable, read_any

ROLES = frozenset({"root", "tsa", "tls"})
_SUFFIXES = frozenset({".pem", ".crt", ".cer", ".der"})


@dataclass(frozen=True, slots=True)
class Anchor:
    """`valid_from`, `valid_until` narrow the certificate's own dates; `sha1_until`: last day on which
    SHA-1 signatures on certificates below this anchor are believed (None: never)."""

    id: str
    role: str
    certificate: Certificate
    valid_from: date | None = None
    valid_until: date | None = None
    sha1_until: date | None = None
    proposed_by: str = ""
    approved_by: str = ""
    approved_at: str = ""
    because: str = ""

    def good_on(self, at: datetime, day: date) -> bool:
        dated = self.certificate.not_before <= at <= self.certificate.not_after
        return dated and (self.valid_from is None or self.valid_from <= day) and good_on(self.valid_until, day)

    def believes_sha1(self, day: date) -> bool:
        return self.sha1_until is not None and day <= self.sha1_until


@dataclass(frozen=True, slots=True)
class Store:
    """Everything trusted or merely known, as of one reading. `version` is a digest over all of it."""

    anchors: Mapping[str, Anchor]  # by SHA-256 of the certificate
    by_subject: Mapping[names.Name, tuple[Certificate, ...]]  # anchors and pool together
    hosts: frozenset[str] = frozenset()
    host_map: Mapping[str, str] = field(default_factory=dict)
    version: str = ""

    def named(self, subject: names.Name) -> tuple[Certificate, ...]:
        return self.by_subject.get(subject, ())


def store_of(
    anchors: Iterable[Anchor],
    pool: Iterable[Certificate] = (),
    hosts: Iterable[str] = (),
    host_map: Mapping[str, str] | None = None,
    version: str = "",
) -> Store:
    """A store from values; `read_store` is the same from a folder."""
    kept = {anchor.certificate.sha256: anchor for anchor in anchors}
    by_subject: dict[names.Name, list[Certificate]] = defaultdict(list)
    for certificate in [*(anchor.certificate for anchor in kept.values()), *pool]:
        by_subject[certificate.subject].append(certificate)
    frozen = {subject: tuple(found) for subject, found in by_subject.items()}
    return Store(kept, frozen, frozenset(hosts), dict(host_map or {}), version)


def read_store(folder: Path, name: str = "anchors.yaml") -> Store:
    """The folder's store. Raises `Misconfigured` (F-005) with every fault.

    A folder that is absent or holds neither ``anchors.yaml`` nor certificates trusts nobody.
    """
    if not (folder / name).exists() and not _has_certificates(folder):
        return store_of([])
    declared, data = read_yaml(folder / name)
    seen = [data]
    declared.take("version", int, 1)
    anchors = [anchor for one in declared.each("anchors") if (anchor := _anchor(one, folder, seen)) is not None]
    pool = _pool(declared, folder / declared.take("pool", str, "pool"), seen)
    mapped = declared.inner("host_map")
    host_map = {name: mapped.take(name, str) for name in list(declared.take("host_map", dict, {}))}
    hosts = declared.words("hosts")
    if not declared.has("anchors"):
        declared.fault("anchors", "no anchor is declared")
    declared.done()
    refuse(declared.faults)
    version = hashlib.sha256(b"".join(hashlib.sha256(one).digest() for one in seen)).hexdigest()
    return store_of(anchors, pool, hosts, host_map, version)


def hosts_of(folder: Path) -> frozenset[str]:
    """The hosts a trust folder allows to be asked. Raises `Misconfigured` (F-005)."""
    return read_store(folder).hosts


def _anchor(declared: Declared, folder: Path, seen: list[bytes]) -> Anchor | None:
    role, pin = declared.take("role", str), declared.take("sha256", str).lower()
    if role not in ROLES:
        declared.fault("role", f"must be one of {', '.join(sorted(ROLES))}")
    found = _certificates(declared, "file", folder / declared.take("file", str), seen)
    name = declared.take("id", str)
    since, until, sha1 = (declared.day(key) for key in ("valid_from", "valid_until", "sha1_until"))
    people = [declared.take(key, str, "") for key in ("proposed_by", "approved_by", "approved_at", "because")]
    declared.done()
    if len(found) != 1:
        declared.fault("file", f"holds {len(found)} certificates, one is wanted")
        return None
    if found[0].sha256 != pin:
        declared.fault("sha256", f"the file's certificate has {found[0].sha256}")
        return None
    return Anchor(name, role, found[0], since, until, sha1, *people)


def _pool(declared: Declared, folder: Path, seen: list[bytes]) -> list[Certificate]:
    if not folder.is_dir():
        return []
    files = sorted(path for path in folder.iterdir() if _is_certificate(path))
    return [one for path in files for one in _certificates(declared, "pool", path, seen)]


def _has_certificates(folder: Path) -> bool:
    return folder.is_dir() and any(_is_certificate(path) for path in folder.iterdir())


def _is_certificate(path: Path) -> bool:
    return path.suffix.lower() in _SUFFIXES


def _certificates(declared: Declared, key: str, path: Path, seen: list[bytes]) -> list[Certificate]:
    try:
        data = path.read_bytes()
        seen.append(data)
        return read_any(data)
    except (OSError, Unreadable) as error:
        declared.fault(key, f"{path.name}: {error}")
        return []
