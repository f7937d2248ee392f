"""A verdict had again from its record, offline, by the same core; what does not fit is said, never passed over."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from gateway.domain.errors import GatewayError
from gateway.domain.record import restore
from gateway.domain.verdict import Check, Verdict
from gateway.signing.gathered import Gathered
from gateway.signing.pki.store import read_store
from gateway.signing.verifier import SignatureVerifier

# What a record bent by hand lets its reader stumble over.
_GATHERED = ("certificates", "crls", "ocsps", "timestamps")
_DAYS = ("valid_from", "valid_until", "sha1_until")
_QUIET = (ValueError, TypeError, KeyError, IndexError, AttributeError)


@dataclass(frozen=True, slots=True)
class Replayed:
    """`kept`: the verdict as recorded; `again`: as judged now, None where `faults` forbid; `same`: all but the
    sentences and the store's version alike; `pins`: SHA-256 of the anchors believed, by id; `trusted`: whether they are
    the reader's own."""

    kept: Verdict | None
    again: Verdict | None
    faults: tuple[str, ...]
    pins: Mapping[str, str]
    trusted: bool

    @property
    def same(self) -> bool:
        if self.kept is None or self.again is None or self.faults:
            return False
        return _unsaid(self.kept) == _unsaid(self.again)


def _unsaid(verdict: Verdict) -> Verdict:
    """Without its sentences, which a later version may word otherwise, and without the version of the trust store."""
    signatures = tuple(replace(one, checks=_bare(one.checks)) for one in verdict.signatures)
    return replace(verdict, signatures=signatures, checks=_bare(verdict.checks), trust_version="")


def _bare(checks: Iterable[Check]) -> tuple[Check, ...]:
    return tuple(replace(check, vi="", en="") for check in checks)


def replay(record: bytes, contents: Mapping[str, bytes], trust: Path | None) -> Replayed:
    """`contents`: byte strings by SHA-256. `trust`: the reader's own folder; None: the anchors of the record, whose
    pins the reader must compare by hand. Never raises on what is in the record."""
    try:
        return _replayed(json.loads(record), contents, trust)
    except _Lacking as error:
        return Replayed(None, None, (str(error),), {}, trust is not None)
    except (GatewayError, RecursionError, *_QUIET) as error:
        return Replayed(None, None, (f"{type(error).__name__}: {error}",), {}, trust is not None)


class _Lacking(Exception):
    """Something the record names is not there, or is other bytes."""


def _replayed(document: Mapping[str, Any], contents: Mapping[str, bytes], trust: Path | None) -> Replayed:
    kept = restore(Verdict, document["verdict"])
    signature = document["signature"]
    payload = _content(contents, document["payload"]["sha256"])
    beside = _content(contents, signature["sha256"]) if signature is not None else None
    chain, crls, ocsps, stamps = (_all(contents, document[name]) for name in _GATHERED)
    given = Gathered(chain, crls, ocsps, stamps)
    at = datetime.fromisoformat(document["judged_at"])
    with tempfile.TemporaryDirectory(prefix="gateway-evidence-") as made:
        policy, anchors = Path(made, "policy.yaml"), trust or _trust(document, contents, Path(made, "trust"))
        policy.write_bytes(_content(contents, document["policy"]["file"]))
        verifier = SignatureVerifier(policy, anchors, None)
        again = verifier.examine(payload, beside, document["policy"]["id"], at, given).verdict
        pins = {anchor.id: anchor.certificate.sha256 for anchor in read_store(anchors).anchors.values()}
    return Replayed(kept, again, (), pins, trust is not None)


def _trust(document: Mapping[str, Any], contents: Mapping[str, bytes], folder: Path) -> Path:
    """A trust folder of the record's own anchors."""
    folder.mkdir()
    lines = []
    for number, told in enumerate(document["anchors"]):
        (folder / f"{number}.der").write_bytes(_content(contents, told["certificate"]))
        fields = [f"id: {json.dumps(told['id'])}", f"role: {json.dumps(told['role'])}", f"file: {number}.der"]
        fields += [f"sha256: {json.dumps(told['certificate'])}"]
        fields += [f"{name}: {date.fromisoformat(told[name])}" for name in _DAYS if told[name] is not None]
        lines.append(f"  - {{{', '.join(fields)}}}\n")
    if lines:
        (folder / "anchors.yaml").write_text("version: 1\nanchors:\n" + "".join(lines), "utf-8")
    return folder


def _all(contents: Mapping[str, bytes], names: list[str]) -> tuple[bytes, ...]:
    return tuple(_content(contents, name) for name in names)


def _content(contents: Mapping[str, bytes], name: str) -> bytes:
    data = contents.get(name)
    if data is None or hashlib.sha256(data).hexdigest() != name:
        raise _Lacking(f"sha256:{name} is not there, or is other bytes")
    return data
