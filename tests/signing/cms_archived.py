"""Archive time-stamps put on a CMS signature, as EN 319 122-1 section 5.5.3 says; nothing of the verifier is used."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from asn1crypto import algos, cms, core

ARCHIVE_STAMP = "0.4.0.1733.2.4"
ARCHIVE_INDEX = "0.4.0.19122.1.5"


class _Hashes(core.SequenceOf):  # type: ignore[misc]
    _child_spec = core.OctetString


class _Index(core.Sequence):  # type: ignore[misc]
    _fields = [  # noqa: RUF012
        ("algorithm", algos.DigestAlgorithm),
        ("certificates", _Hashes),
        ("crls", _Hashes),
        ("unsigned", _Hashes),
    ]


def with_archive(
    made: bytes, content: bytes, token_over: Callable[[bytes], bytes], more: Sequence[bytes] = ()
) -> bytes:
    """`made` with one more archive time-stamp. `more`: hashes in the index of certificates that are not there."""
    whole = cms.ContentInfo.load(made)
    signed = whole["content"]
    signer = signed["signer_infos"][0]
    index = _index_of(signed, signer, more)
    given = b"".join(
        (
            core.ObjectIdentifier(signed["encap_content_info"]["content_type"].dotted).dump(),
            hashlib.sha256(content).digest(),
            *(_encoded(signer[name]) for name in ("version", "sid", "digest_algorithm", "signed_attrs")),
            *(_encoded(signer[name]) for name in ("signature_algorithm", "signature")),
            index.dump(),
        )
    )
    token = cms.ContentInfo.load(token_over(given))
    _add(token["content"]["signer_infos"][0], ARCHIVE_INDEX, index)
    _add(signer, ARCHIVE_STAMP, cms.ContentInfo.load(token.dump()))
    data: bytes = whole.dump()
    return data


def _index_of(signed: Any, signer: Any, more: Sequence[bytes]) -> Any:
    later: list[bytes] = []
    for one in signer["unsigned_attrs"] or ():
        later += [one["type"].dump() + value.dump() for value in one["values"]]
    return _Index(
        {
            "algorithm": {"algorithm": "sha256"},
            "certificates": [*(hashlib.sha256(one.dump()).digest() for one in signed["certificates"]), *more],
            "crls": [hashlib.sha256(one.dump()).digest() for one in signed["crls"] or ()],
            "unsigned": [hashlib.sha256(one).digest() for one in later],
        }
    )


def _encoded(field: Any) -> bytes:
    data: bytes = field.dump()
    return data


def _add(signer: Any, oid: str, value: Any) -> None:
    """One more unsigned attribute."""
    kept = [{"type": one["type"].native, "values": list(one["values"])} for one in signer["unsigned_attrs"] or ()]
    signer["unsigned_attrs"] = [*kept, {"type": oid, "values": [core.Any(value)]}]
