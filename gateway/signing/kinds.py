"""What kind of signature a file bears, by its first bytes: whether it holds is the business of the kind's own room."""

from __future__ import annotations

from enum import StrEnum

from gateway.signing.cms.shape import looks_like_cms
from gateway.signing.jose.serial import looks_like_jws

_MARK = b"%PDF-"
_MARK_WITHIN = 1024  # ISO 32000-1 annex H.3.4.1: readers look that far


class Kind(StrEnum):
    XML = "XML"
    PDF = "PDF"
    CMS = "CMS"
    JWS = "JWS"


def kind_of(data: bytes) -> Kind:
    """Whatever is nothing else is taken for XML, whose reader says what is wrong with it."""
    if data[:1] != b"<":
        if looks_like_cms(data):
            return Kind.CMS
        if looks_like_jws(data):
            return Kind.JWS
    return Kind.PDF if _MARK in data[:_MARK_WITHIN] else Kind.XML
