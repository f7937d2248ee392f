"""Archive time-stamps of CAdES (EN 319 122-1 section 5.5.3): over a signature and all that has come with it so far.

The token covers hashes of certificates, lists and unsigned attributes by way of an index in itself; everything in that
index must be there. What is there and not in the index came later, and is proven by what is later.
"""

from __future__ import annotations

from collections.abc import Iterable

from asn1crypto import core

from gateway.domain.verdict import SubIndication
from gateway.signing.algorithms import digest
from gateway.signing.cms import names, tlv
from gateway.signing.cms.names import digest_name
from gateway.signing.cms.shape import Envelope, Signer, attributes_of
from gateway.signing.cms.tlv import Element
from gateway.signing.findings import Unsound, malformed
from gateway.signing.look import Setting
from gateway.signing.pki.tsp import Token
from gateway.signing.stamping import token_of


def archived(stamp: bytes, signer: Signer, envelope: Envelope, content_digest: bytes, token: Token) -> None:
    """Raises `Unsound` where `token`, read from `stamp`, is over anything else than what stands here.

    `content_digest`: of the signed content, by the token's own hash.
    """
    index = _index(stamp)
    if index is None:
        raise malformed("an archive time-stamp without its index")
    parts = index.must(tlv.SEQUENCE).inside()
    if len(parts) != 4:
        raise malformed("the index of an archive time-stamp is not in order")
    name = digest_name(parts[0])
    given = (envelope.certificate_choices, envelope.revocation_choices, signer.later)
    for part, present in zip(parts[1:], given, strict=True):
        _all_there(part, present, name, token)
    kind = core.ObjectIdentifier(envelope.content_type).dump()
    if not token.covers(kind + content_digest + signer.fields + index.raw):
        raise _of_other(token)


def outermost_first(stamps: Iterable[bytes], setting: Setting) -> list[tuple[bytes, Token]]:
    """The latest proves the older ones. Raises `Unsound`."""
    return sorted(((one, token_of(one, setting)) for one in stamps), key=lambda pair: pair[1].at, reverse=True)


def _all_there(hashes: Element, present: Iterable[bytes], name: str, token: Token) -> None:
    found = {digest(name, one) for one in present}
    if any(one.octets not in found for one in hashes.must(tlv.SEQUENCE).inside()):
        raise _of_other(token)


def _index(stamp: bytes) -> Element | None:
    """The index among the token's own unsigned attributes."""
    _, body = tlv.only(stamp).must(tlv.SEQUENCE).inside()
    signers = tlv.only(body.content).must(tlv.SEQUENCE).inside()[-1].must(tlv.SET).inside()
    parts = signers[0].must(tlv.SEQUENCE).inside()
    unsigned = parts[-1] if parts[-1].tag == tlv.context(1) else None
    told = attributes_of(unsigned).get(names.ARCHIVE_INDEX) if unsigned is not None else None
    return tlv.only(told[0]) if told else None


def _of_other(token: Token) -> Unsound:
    return Unsound(SubIndication.HASH_FAILURE, "timestamp.imprint", at=token.at.isoformat())
