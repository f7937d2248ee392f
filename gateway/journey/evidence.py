"""Everything that proves one exchange, out of the journal: its chain of facts and every byte string they name."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

from gateway.domain.chain import Anchored
from gateway.domain.exchange import Exchange
from gateway.domain.facts import Accepted, Attempted, Fact, Fetched, Packaged, Recorded, Translated, Verified
from gateway.domain.parcel import Blob, Receipt
from gateway.domain.record import canonical, plain
from gateway.ports import Journal

F = TypeVar("F", bound=Fact)

ANCHORS = "anchors.json"
FACTS = "facts.json"
MANIFEST = "manifest.json"
BLOBS = "blobs/"
_DATE = (1980, 1, 1, 0, 0, 0)  # the ZIP's own dates say nothing: the facts do


def dossier(journal: Journal, x: Exchange, anchored: Iterable[Anchored] = ()) -> Iterator[tuple[str, bytes]]:
    """(name, content) of each file: `manifest.json` tells what is there, `facts.json` is the chain, then bytes.

    `anchors.json`: the closed days it is in, with the way to each one's root and the time-stamp over it.
    """
    history = journal.history(x.id)
    yield MANIFEST, canonical(manifest_of(history, x.id, x.agreement))
    yield FACTS, canonical([_line(one) for one in history])
    yield ANCHORS, canonical([_anchor(one) for one in anchored])
    named = {blob.digest: blob for one in history for blob in blobs_of(one.fact)}
    for digest in sorted(named):
        yield BLOBS + digest, journal.bytes_of(digest)


def bundled(files: Iterable[tuple[str, bytes]]) -> bytes:
    """One ZIP of `files`; the same files make the same bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files:
            packed.writestr(zipfile.ZipInfo(name, _DATE), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def blobs_of(value: Any) -> Iterator[Blob]:
    """Every blob named anywhere in a fact."""
    if isinstance(value, Blob):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        for part in fields(value):
            yield from blobs_of(getattr(value, part.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from blobs_of(item)


def manifest_of(history: list[Recorded], exchange: str, agreement: str) -> Mapping[str, Any]:
    """What the facts of an exchange say at a glance: nothing that a reader could not find in `history` again."""
    facts = [one.fact for one in history]
    accepted, translated, packaged = _newest(facts, Accepted), _newest(facts, Translated), _newest(facts, Packaged)
    verified, received = _newest(facts, Verified), accepted or _newest(facts, Fetched)
    signature = accepted.submission.signature if accepted else None
    return {
        "version": 1,
        "exchange": exchange,
        "agreement": agreement,
        "head": history[-1].digest if history else None,
        "payload": received.payload.digest if received else None,
        "signature": signature.digest if signature else None,
        "evidence": verified.evidence.digest if verified and verified.evidence else None,
        "packet": packaged.parcel.body.digest if packaged else None,
        "pack": {"name": translated.version, "digest": translated.pack_digest} if translated else None,
        "attempts": sum(isinstance(one, Attempted) for one in facts),
        "receipts": [plain(one) for fact in facts for one in _receipts(fact)],
    }


def _newest(facts: list[Fact], shape: type[F]) -> F | None:
    return next((one for one in reversed(facts) if isinstance(one, shape)), None)


def _receipts(fact: Any) -> Iterator[Receipt]:
    return (found for part in fields(fact) if isinstance(found := getattr(fact, part.name), Receipt))


def _anchor(one: Anchored) -> Mapping[str, Any]:
    return {
        "day": one.day.isoformat(),
        "root": one.root,
        "exchanges": one.exchanges,
        "head": one.head,
        "path": list(one.path),
        "token": base64.b64encode(one.token).decode() if one.token is not None else None,
    }


def _line(one: Recorded) -> Mapping[str, Any]:
    return {
        "exchange": one.exchange,
        "seq": one.seq,
        "at": one.at,
        "name": one.name,
        "fact": json.loads(one.body) if one.body else plain(one.fact),  # as digested: it may have gained fields since
        "previous": one.previous,
        "digest": one.digest,
    }
