"""One signature, looked at in the order that runs nothing a stranger chose before his key has vouched for it:
limits, structure, the value over SignedInfo, references, and only then the certificate's trust.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from gateway.domain.verdict import Integrity, Outcome, SubIndication
from gateway.signing.algorithms import key_fits, signed_by
from gateway.signing.etsi import judge_format, judge_stamps, look_at_properties, time_of, token_over
from gateway.signing.findings import Unsound
from gateway.signing.look import Look, Setting, judge_trust
from gateway.signing.pki.certificate import Certificate, Unreadable
from gateway.signing.pki.tsp import Token
from gateway.signing.policy import Slot
from gateway.signing.stamping import require
from gateway.signing.strength import describe_algorithms, judge_algorithms
from gateway.signing.xml.c14n import EXCLUSIVE, canonical
from gateway.signing.xml.imprint import write_covered
from gateway.signing.xml.parse import Document, Element, path_of
from gateway.signing.xml.references import Expected, Target, check_references
from gateway.signing.xml.shape import Shape, read_shape
from gateway.signing.xml.xades import Stamp, read_properties


@dataclass(slots=True)
class XmlLook(Look):
    """With the nodes digested: what is covered of the document is judged over all signatures."""

    targets: tuple[Target, ...] = ()


def look(
    document: Document, element: Element, slot: Slot | None, expected: Expected | Unsound, setting: Setting
) -> XmlLook:
    """Everything found of the signature `element` in `document`; `expected` may be the reason why nothing can be
    expected."""
    found = XmlLook(slot, setting.at)
    _look_at_position(found, element, setting)
    shape: Shape | None = None
    try:
        shape = read_shape(element, setting.policy.limits)
        found.scheme = shape.scheme
        found.digests = tuple(reference.digest for reference in shape.references)
        found.good("structure.sound")
        document.weigh(inclusive=_inclusive(shape))
        _look_at_value(found, shape, setting)
        tokens = _look_at_content(found, shape, document, expected, setting)
    except Unsound as fault:
        found.note(fault)
        failed = fault.check.outcome is Outcome.FAILED
        found.integrity = Integrity.FAILED if failed else Integrity.UNDETERMINED
        if shape is not None:
            describe_algorithms(found)
            judge_algorithms(found, setting)
        return found
    found.integrity = Integrity.PASSED
    judge_format(found, setting)
    judge_stamps(found, tokens, setting)
    judge_algorithms(found, setting)
    require(found, setting)
    judge_trust(found, setting)
    return found


def _look_at_position(found: Look, element: Element, setting: Setting) -> None:
    if not setting.policy.slots:
        return
    path = path_of(element)
    if found.slot is None:
        found.note(Unsound(SubIndication.SIG_CONSTRAINTS_FAILURE, "position.wrong", path=path))
    else:
        found.good("position.right", path=path)


def _inclusive(shape: Shape) -> bool:
    """Whether anything in it asks for all namespaces in scope, or for more than are used."""
    for one in (shape.method, *[one.method for one in shape.references]):
        if one is None or one.uri != EXCLUSIVE or one.prefixes:
            return True
    return False


def _look_at_value(found: Look, shape: Shape, setting: Setting) -> None:
    """The signer's certificate is the one whose key made the value; which one that is decides no order in KeyInfo."""
    given = _certificates(shape, setting)
    data = canonical(shape.signed_info, shape.method)
    fitting = [one for one in given if key_fits(one.key, shape.scheme)]
    signer = next((one for one in fitting if signed_by(one.key, shape.scheme, shape.value, data)), None)
    found.signer = signer or given[0]
    describe_algorithms(found)
    found.good("certificate.read", subject=found.signer.said)
    if signer is None:
        raise Unsound(SubIndication.SIG_CRYPTO_FAILURE, "signature_value.wrong")
    found.others = tuple(one for one in given if one is not signer)
    found.crypto_ok = True
    found.good("signature_value.right")


def _certificates(shape: Shape, setting: Setting) -> list[Certificate]:
    sub = SubIndication.NO_SIGNING_CERTIFICATE_FOUND
    if not shape.certificates:
        raise Unsound(sub, "certificate.none", Outcome.UNDETERMINED)
    try:
        return [setting.certificate(der) for der in shape.certificates]
    except Unreadable as error:
        raise Unsound(sub, "certificate.unreadable", Outcome.UNDETERMINED, reason=str(error)) from error


def _look_at_content(
    found: XmlLook, shape: Shape, document: Document, expected: Expected | Unsound, setting: Setting
) -> list[tuple[Stamp, Token]]:
    if isinstance(expected, Unsound):
        raise expected
    found.targets = check_references(shape, expected, setting.policy.limits)
    found.scope = tuple(target.name for target in found.targets)
    if expected.attachments and not any(target.element is None for target in found.targets):
        raise Unsound(
            SubIndication.SIGNED_DATA_NOT_FOUND, "references.elsewhere", expected=expected.position, uri=_uris(shape)
        )
    found.good("references.right")
    properties = read_properties(shape, found.targets, setting.policy.limits)
    if properties is not None:

        def token_for(stamp: Stamp) -> Token:
            write = partial(write_covered, stamp, shape, properties, found.targets, document=document)
            return token_over(stamp, write, document, setting)

        return look_at_properties(found, properties, token_for, setting)
    found.claimed = _claimed_time(shape, found.targets)
    found.warn("binding.absent")
    return []


def _uris(shape: Shape) -> str:
    return ", ".join(reference.uri for reference in shape.references)


def _upwards(element: Element) -> Iterator[Element]:
    yield element
    yield from element.iterancestors()


def _claimed_time(shape: Shape, targets: tuple[Target, ...]) -> datetime | None:
    """SigningTime out of the signature's own signed Objects; without a zone it is Vietnam's."""
    for target in targets if shape.objects else ():
        if target.element is None or not any(one in shape.objects for one in _upwards(target.element)):
            continue
        for node in target.element.iter("{*}SigningTime"):
            return time_of(node.text or "")
    return None
