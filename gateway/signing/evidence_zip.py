"""A bundle of evidence (`gateway.journey.evidence`), read with bounds and judged whole, offline."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from gateway.domain.errors import GatewayError
from gateway.domain.facts import Accepted, Fact, Recorded, Verified, intact, revive
from gateway.domain.record import canonical
from gateway.journey.evidence import ANCHORS, BLOBS, FACTS, MANIFEST, blobs_of, manifest_of
from gateway.signing.evidence_days import DayProven, judged_days
from gateway.signing.evidence_replay import Replayed, replay

_MOST_FILES = 10_000
_MOST_BYTES = 1024 * 1024 * 1024
# What a bundle bent by hand lets its reader stumble over.
_QUIET = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError)
_PACKING = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
)  # the last: it asks for a password


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a bundle proves. `chain`: every fact is where it was written; `replayed`: the verdict then and now, None
    where no signature was judged; `faults`: what is missing, changed or does not fit; `days`: the closed
    days it is proven to have been in; `parts`: the signed files beside the figures, by name, as `replayed`."""

    exchange: str
    head: str
    facts: int
    chain: bool
    replayed: Replayed | None
    faults: tuple[str, ...]
    days: tuple[DayProven, ...] = ()
    parts: Mapping[str, Replayed] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        again = [*self.parts.values(), *([self.replayed] if self.replayed else [])]
        return self.chain and not self.faults and all(one.same for one in again)


def judged(bundle: bytes, trust: Path | None) -> Evidence:
    """What the bundle proves; `trust`: the reader's own anchors, None: those of the record. Never raises."""
    try:
        return _judged(_files(bundle), trust)
    except _Broken as error:
        return Evidence("", "", 0, False, None, (str(error),))
    except (GatewayError, *_PACKING, *_QUIET) as error:
        return Evidence("", "", 0, False, None, (f"{type(error).__name__}: {error}",))


class _Broken(Exception):
    """The bundle is none, or asks for too much."""


def _files(bundle: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(bundle)) as packed:
        entries = packed.infolist()
        if len(entries) > _MOST_FILES or sum(one.file_size for one in entries) > _MOST_BYTES:
            raise _Broken("more files or bytes than a bundle may have")
        if len({one.filename for one in entries}) < len(entries):
            raise _Broken("a file occurs twice")
        return {one.filename: packed.read(one) for one in entries}


def _judged(files: Mapping[str, bytes], trust: Path | None) -> Evidence:
    manifest = json.loads(files[MANIFEST])
    chain = [_recorded(one) for one in json.loads(files[FACTS])]
    blobs = {name.removeprefix(BLOBS): data for name, data in files.items() if name.startswith(BLOBS)}
    faults = [f"blob {name[:16]}… is other bytes" for name, data in blobs.items() if _digest(data) != name]
    named = {blob.digest for one in chain for blob in blobs_of(one.fact)}
    faults += [f"blob {name[:16]}… is missing" for name in sorted(named - blobs.keys())]
    faults += [f"blob {name[:16]}… belongs to no fact" for name in sorted(blobs.keys() - named)]
    strays = (name for name in files if name not in (MANIFEST, FACTS, ANCHORS) and not name.startswith(BLOBS))
    faults += [f"{name[:80]!r} is no part of a bundle" for name in strays]
    if not chain or any(one.exchange != manifest["exchange"] for one in chain):
        faults.append("the facts are another exchange's")
    elif not _among(manifest, _manifest(chain, manifest["agreement"])):
        faults.append("the manifest says other than the facts")
    newest = {one.fact.part: one.fact for one in chain if isinstance(one.fact, Verified)}
    told = {part: _replayed(fact, chain, blobs, trust, faults) for part, fact in newest.items()}
    replayed, parts = told.pop("", None), {part: one for part, one in told.items() if one is not None}
    days = judged_days(files.get(ANCHORS, b"[]"), chain, trust, faults)
    head = chain[-1].digest if chain else ""
    return Evidence(str(manifest["exchange"]), head, len(chain), intact(chain), replayed, tuple(faults), days, parts)


def _replayed(
    verified: Verified, chain: list[Recorded], blobs: Mapping[str, bytes], trust: Path | None, faults: list[str]
) -> Replayed | None:
    if verified.verdict is None:
        return None
    if verified.evidence is None:
        faults.append("the verdict was kept without its evidence")
        return None
    found = replay(blobs.get(verified.evidence.digest, b""), blobs, trust)
    faults += found.faults
    if found.kept is not None and found.kept != verified.verdict:
        faults.append("the record's verdict is not the chain's")
    if found.kept is not None and not _of_this(blobs[verified.evidence.digest], verified.part, chain):
        faults.append(f"the record is about another {verified.part or 'payload'}")
    return found


def _of_this(record: bytes, part: str, chain: list[Recorded]) -> bool:
    """The record judges the very payload, or the very file beside it, that was accepted."""
    judged_bytes = json.loads(record)["payload"]["sha256"]
    return any(judged_bytes in _accepted(one.fact, part) for one in chain)


def _accepted(fact: Fact, part: str) -> list[str]:
    if not part:
        return [getattr(getattr(fact, "payload", None), "digest", "")]
    attached = fact.submission.attachments if isinstance(fact, Accepted) else ()
    return [one.content.digest for one in attached if one.name == part]


def _recorded(told: Mapping[str, Any]) -> Recorded:
    at = datetime.fromisoformat(told["at"])
    fact = revive(told["name"], told["fact"])
    return Recorded(told["exchange"], told["seq"], at, fact, told["previous"], told["digest"], canonical(told["fact"]))


def _manifest(chain: list[Recorded], agreement: str) -> Any:
    """As `manifest_of`; which agreement it came under is told by what was accepted, where anything was."""
    accepted = next((one.fact for one in chain if isinstance(one.fact, Accepted)), None)
    under = accepted.submission.agreement if accepted else agreement
    return json.loads(canonical(manifest_of(chain, chain[0].exchange, under)))


def _among(told: Any, known: Any) -> bool:
    """Whether `told` says nothing but what is `known`: an earlier version knew fewer names, and none that are gone."""
    if isinstance(told, dict) and isinstance(known, dict):
        return all(name in known and _among(value, known[name]) for name, value in told.items())
    if isinstance(told, list) and isinstance(known, list):
        return len(told) == len(known) and all(map(_among, told, known))
    return bool(told == known)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
