"""Distinguished names, compared as RFC 5280 section 7.1 says: case, white space and string type do not count.

VGCA writes issuers in ASCII PrintableString where subjects are UTF8String, so bytes must not be compared.
"""

from __future__ import annotations

import unicodedata

from asn1crypto import x509 as asn1

Attribute = tuple[str, str]  # (dotted OID, value)
Name = tuple[frozenset[Attribute], ...]  # normalised, one set per RDN

_SHORT = {
    "2.5.4.3": "CN",
    "2.5.4.5": "serialNumber",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.12": "title",
    "2.5.4.97": "organizationIdentifier",
    "0.9.2342.19200300.100.1.1": "UID",
    "0.9.2342.19200300.100.1.25": "DC",
    "1.2.840.113549.1.9.1": "E",
}
OIDS = {short: oid for oid, short in _SHORT.items()}


def attributes(name: asn1.Name) -> tuple[Attribute, ...]:
    """Every attribute in order, values as written."""
    return tuple((pair["type"].dotted, _text(pair["value"])) for rdn in name.chosen for pair in rdn)


def normalised(name: asn1.Name) -> Name:
    return tuple(frozenset((pair["type"].dotted, _folded(_text(pair["value"]))) for pair in rdn) for rdn in name.chosen)


def said(pairs: tuple[Attribute, ...]) -> str:
    """For people, most specific first: ``CN=…, O=…, C=VN``."""
    return ", ".join(f"{_SHORT.get(oid, oid)}={value}" for oid, value in reversed(pairs))


def _text(value: object) -> str:
    native = getattr(value, "native", None)
    return native if isinstance(native, str) else str(native)


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
