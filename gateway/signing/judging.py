"""Which core judges a file: told by its first bytes, among the formats that the policy takes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from gateway.signing.cms.message import judge_cms
from gateway.signing.jose.core import judge_jws
from gateway.signing.kinds import Kind, kind_of
from gateway.signing.look import Setting
from gateway.signing.message import XML_FORMATS, Examined, judge
from gateway.signing.pdf.message import Read, judge_pdf

_FAMILIES: Mapping[Kind, tuple[str, ...]] = {
    Kind.XML: XML_FORMATS,
    Kind.PDF: ("PADES", "PKCS7"),
    Kind.CMS: ("CMS", "CADES"),
    Kind.JWS: ("JWS", "JADES"),
}


def examine(payload: bytes, signature: bytes | None, setting: Setting, read_pdf: Read) -> Examined:
    """The verdict on `payload`, with a `signature` beside it or the signatures inside it.

    A kind that the policy does not take is left to the XML core, which says that it is no XML: a JSON report under
    a policy for XML is unsigned, not a broken JWS.
    """
    kind = kind_of(payload if signature is None else signature)
    if kind is not Kind.XML and not _taken(kind, setting.policy.formats):
        kind = Kind.XML
    if kind is Kind.PDF and signature is None:
        return judge_pdf(payload, setting, read_pdf)
    if kind is Kind.CMS:
        return judge_cms(*_apart(payload, signature), setting)
    if kind is Kind.JWS:
        return judge_jws(*_apart(payload, signature), setting)
    return judge(payload, signature, setting)


@lru_cache(maxsize=64)
def _taken(kind: Kind, formats: frozenset[str]) -> bool:
    return any(name.startswith(_FAMILIES[kind]) for name in formats)


def _apart(payload: bytes, signature: bytes | None) -> tuple[bytes, bytes | None]:
    """(signature, content beside it)."""
    return (payload, None) if signature is None else (signature, payload)
