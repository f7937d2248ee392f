"""What CMS and PDF signatures bring along for later years: certificates, CRLs and OCSP answers (EN 319 122-1 5.4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from asn1crypto import cms, core, crl, ocsp, x509

from gateway.signing.cms import names
from gateway.signing.gathered import Gathered


class _Lists(core.SequenceOf):  # type: ignore[misc]
    _child_spec = crl.CertificateList


class _Basics(core.SequenceOf):  # type: ignore[misc]
    _child_spec = ocsp.BasicOCSPResponse


class _Wholes(core.SequenceOf):  # type: ignore[misc]
    _child_spec = ocsp.OCSPResponse


class _Certificates(core.SequenceOf):  # type: ignore[misc]
    _child_spec = x509.Certificate


class _RevocationValues(core.Sequence):  # type: ignore[misc]
    _fields = [  # noqa: RUF012
        ("crls", _Lists, {"explicit": 0, "optional": True}),
        ("ocsps", _Basics, {"explicit": 1, "optional": True}),
        ("others", core.Any, {"explicit": 2, "optional": True}),
    ]


class _AdobeArchival(core.Sequence):  # type: ignore[misc]
    _fields = [  # noqa: RUF012
        ("crls", _Lists, {"explicit": 0, "optional": True}),
        ("ocsps", _Wholes, {"explicit": 1, "optional": True}),
        ("others", core.Any, {"explicit": 2, "optional": True}),
    ]


def of_envelope(given: Sequence[bytes]) -> Gathered:
    """RevocationInfoChoices: CRLs, and OCSP answers in another format (RFC 5940)."""
    crls: list[bytes] = []
    ocsps: list[bytes] = []
    for data in given:
        one = cms.RevocationInfoChoice.load(data, strict=True)
        if one.name == "certificate_list":
            crls.append(data)
        elif one.chosen["other_rev_info_format"].native == "ocsp_response":
            ocsps.append(one.chosen["other_rev_info"].dump())
    return Gathered(crls=tuple(crls), ocsps=tuple(ocsps))


def of_attribute(oid: str, value: bytes) -> Gathered:
    """What an attribute of one of these kinds holds; an OCSP answer always whole, as on the wire."""
    if oid == names.CERTIFICATE_VALUES:
        return Gathered(certificates=_each(_Certificates.load(value, strict=True)))
    if oid == names.ADOBE_REVOCATION:
        archival = _AdobeArchival.load(value, strict=True)
        return Gathered(crls=_each(archival["crls"]), ocsps=_each(archival["ocsps"]))
    found = _RevocationValues.load(value, strict=True)
    return Gathered(crls=_each(found["crls"]), ocsps=tuple(_whole(one) for one in found["ocsps"] or ()))


def _each(values: Any) -> tuple[bytes, ...]:
    return tuple(one.dump() for one in values or ())


def _whole(basic: ocsp.BasicOCSPResponse) -> bytes:
    answer: bytes = ocsp.OCSPResponse(
        {"response_status": "successful", "response_bytes": {"response_type": "basic_ocsp_response", "response": basic}}
    ).dump()
    return answer
