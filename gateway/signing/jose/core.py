"""One JWS signature, looked at; then the message they are on."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry

from gateway.domain.verdict import Integrity, Outcome, SubIndication
from gateway.signing.algorithms import digest
from gateway.signing.findings import Unsound, malformed, unknown_algorithm
from gateway.signing.jose.header import DIGESTS, Header, read_header
from gateway.signing.jose.serial import Serial, Signature, read_serial
from gateway.signing.jose.text import decodable, decoded, der, encoded, listed, mapped, members, text
from gateway.signing.limits import within
from gateway.signing.look import Look, Setting, refused
from gateway.signing.message import Examined, Message
from gateway.signing.pki.certificate import Certificate, Unreadable
from gateway.signing.pki.tsp import Token
from gateway.signing.stamping import proven_time, token_over
from gateway.signing.strength import describe_algorithms
from gateway.signing.whole import failed, judge_looks

_SCOPE = "/"  # the whole content
_BY_URI = "http://uri.etsi.org/19182/ObjectIdByURI"
_BY_HASH = "http://uri.etsi.org/19182/ObjectIdByURIHash"


def judge_jws(signature: bytes, content: bytes | None, setting: Setting) -> Examined:
    """The verdict on the content enclosed in `signature`, or on the `content` beside it; never raises."""
    message = Message(setting, signature)
    try:
        serial = read_serial(signature, setting.policy.limits)
        if content is not None:
            within("bytes", len(content), setting.policy.limits.bytes)
        decodable(serial.payload, "payload")
    except Unsound as fault:
        message.note(fault)
        message.broken = True
        message.looks.append(refused(fault, setting.at))
        return message.examined()
    return judge_looks(message, [_look(one, serial, content, setting) for one in serial.signatures])


def proven_jws(data: bytes, setting: Setting) -> Certificate:
    """The certificate whose key made a JWS's first value over its own payload. Raises `Unsound`."""
    serial = read_serial(data, setting.policy.limits)
    first = serial.signatures[0]
    header = read_header(first.header, setting.policy.jws_algorithms, setting.policy.limits)
    signer = _certificates(header, setting)[0]
    value = decoded(first.value, "signature")
    if not _right(header.algorithm, signer, value, first.header + b"." + serial.payload):
        raise Unsound(SubIndication.SIG_CRYPTO_FAILURE, "signature_value.wrong")
    return signer


def _look(signature: Signature, serial: Serial, content: bytes | None, setting: Setting) -> Look:
    found = Look(None, setting.at, format="JWS")
    try:
        header = read_header(signature.header, setting.policy.jws_algorithms, setting.policy.limits)
        found.scheme = header.scheme
        found.claimed = header.claimed
        found.good("structure.sound")
        _look_at_value(found, signature, header, _payload(header, serial, content), setting)
        _look_at_objects(found, header, content)
        _look_at_binding(found, header)
        tokens = _tokens(signature, setting)
    except Unsound as fault:
        failed(found, fault)
        return found
    found.integrity = Integrity.PASSED
    found.scope = (_SCOPE,)
    if header.policy is not None:
        found.warn("policy.named", name=header.policy)
    if header.passed_over:
        found.warn("properties.passed_over", names=", ".join(header.passed_over))
    if header.bound is not None and header.claimed is not None:
        found.format, found.level = "JADES", "T" if tokens else "B"
    times = [proven_time(found, token, setting, setting.at) for token in tokens]
    best = min((at for at in times if at is not None), default=setting.at)
    found.best = best if best < setting.at else None
    return found


def _payload(header: Header, serial: Serial, content: bytes | None) -> bytes:
    """The payload's segment as it was signed. Raises `Unsound`."""
    by_hash = header.objects is not None and header.objects.get("mId") == _BY_HASH
    if by_hash:
        if serial.payload:
            raise malformed("sigD beside a payload")
        return b""
    if serial.payload:
        if content is not None and encoded(content) != serial.payload:
            raise Unsound(SubIndication.HASH_FAILURE, "references.changed", path="--content")
        return serial.payload
    if content is None:
        raise _content_missing("-")
    return encoded(content)


def _look_at_value(found: Look, signature: Signature, header: Header, payload: bytes, setting: Setting) -> None:
    given = _certificates(header, setting)
    found.signer, found.others = given[0], tuple(given[1:])
    describe_algorithms(found)
    found.good("certificate.read", subject=found.signer.said)
    value = decoded(signature.value, "signature")
    if not _right(header.algorithm, found.signer, value, signature.header + b"." + payload):
        raise Unsound(SubIndication.SIG_CRYPTO_FAILURE, "signature_value.wrong")
    found.crypto_ok = True
    found.good("signature_value.right")
    found.good("references.right")


def _certificates(header: Header, setting: Setting) -> list[Certificate]:
    sub = SubIndication.NO_SIGNING_CERTIFICATE_FOUND
    if not header.certificates:
        raise Unsound(sub, "certificate.none", Outcome.UNDETERMINED)
    try:
        return [setting.certificate(one) for one in header.certificates]
    except Unreadable as error:
        raise Unsound(sub, "certificate.unreadable", Outcome.UNDETERMINED, reason=str(error)) from error


@lru_cache(maxsize=256)
def _shaped(algorithm: str, signer: Certificate) -> RSAKey | ECKey | None:
    """As joserfc wants it; None: a key of another family or curve than the algorithm's."""
    key = signer.key
    shaped = RSAKey(key, key) if isinstance(key, rsa.RSAPublicKey) else ECKey(key, key)
    try:
        JWSRegistry.algorithms[algorithm].check_key(shaped)
    except (JoseError, ValueError):
        return None
    return shaped


def _right(algorithm: str, signer: Certificate, value: bytes, data: bytes) -> bool:
    """By joserfc."""
    shaped = _shaped(algorithm, signer)
    try:
        return shaped is not None and JWSRegistry.algorithms[algorithm].verify(data, value, shaped)
    except (JoseError, ValueError):
        return False


def _look_at_objects(found: Look, header: Header, content: bytes | None) -> None:
    """JAdES `sigD`: the one object named there is the content; addresses in it are names, never fetched."""
    if header.objects is None:
        return
    kind = header.objects.get("mId")
    names = listed(header.objects.get("pars"), "sigD.pars")
    if kind not in (_BY_URI, _BY_HASH) or len(names) != 1:
        raise malformed(f"sigD {kind} with {len(names)} objects")
    if kind == _BY_HASH:
        _look_at_hash(found, header.objects, text(names[0], "sigD.pars"), content)


def _look_at_hash(found: Look, objects: Mapping[str, Any], name: str, content: bytes | None) -> None:
    algorithm = text(objects.get("hashM"), "sigD.hashM")
    values = listed(objects.get("hashV"), "sigD.hashV")
    if algorithm not in DIGESTS:
        raise unknown_algorithm(algorithm)
    if len(values) != 1:
        raise malformed("sigD.hashV does not fit sigD.pars")
    if content is None:
        raise _content_missing(name)
    found.digests = (DIGESTS[algorithm],)
    described = digest(DIGESTS[algorithm], encoded(content))  # TS 119 182-1 5.2.8.3.3: of its base 64
    if not hmac.compare_digest(described, decoded(text(values[0], "sigD.hashV").encode(), "sigD.hashV")):
        raise Unsound(SubIndication.HASH_FAILURE, "references.changed", path=name)


def _look_at_binding(found: Look, header: Header) -> None:
    assert found.signer is not None
    if header.bound is None:
        found.warn("binding.absent")
        return
    name, value = header.bound
    if not hmac.compare_digest(digest(name, found.signer.der), value):
        raise Unsound(SubIndication.NO_SIGNING_CERTIFICATE_FOUND, "binding.wrong")
    found.good("binding.right")


def _tokens(signature: Signature, setting: Setting) -> list[Token]:
    """Signature time-stamps among JAdES' unsigned properties, over the value as it is written."""
    found: list[Token] = []
    for one in signature.unsigned:
        told = members(decoded(one.encode(), "etsiU"), "etsiU") if isinstance(one, str) else mapped(one, "etsiU")
        for token in listed(mapped(told["sigTst"], "sigTst").get("tstTokens"), "tstTokens") if "sigTst" in told else ():
            within("timestamps", len(found) + 1, setting.policy.limits.timestamps)
            found.append(token_over(der(mapped(token, "tstTokens").get("val"), "tstTokens"), signature.value, setting))
    return found


def _content_missing(name: str) -> Unsound:
    return Unsound(SubIndication.SIGNED_DATA_NOT_FOUND, "references.not_found", Outcome.UNDETERMINED, uri=name)
