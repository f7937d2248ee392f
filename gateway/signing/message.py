"""A message and all its signatures: every required one at its place, and nothing read that nobody signed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from gateway.domain.verdict import Check, Integrity, Outcome, SubIndication, Verdict
from gateway.signing.findings import Unsound, finding, indication_of, worst
from gateway.signing.gathered import Gathered, together
from gateway.signing.limits import within
from gateway.signing.look import Look, Setting, refused
from gateway.signing.policy import Slot
from gateway.signing.signature import XmlLook, look
from gateway.signing.xml.coverage import coverage
from gateway.signing.xml.parse import DS, Document, Element, looks_like_xml, parse, path_of
from gateway.signing.xml.references import Expected, element_at

_NAMED = 5  # paths listed in one finding
_COUNTERED = 1000
XML_FORMATS = ("XMLDSIG", "XADES")
_PLAIN_NAME = re.compile(r"(?:cid:)?[^\s/\\:#?]+")
_NAMESPACE = DS[1:-1].encode()


@dataclass(frozen=True, slots=True)
class Examined:
    """A verdict and what it rests on: with `gathered` it can be had again without a network."""

    verdict: Verdict
    gathered: Gathered


@dataclass(slots=True)
class Message:
    """What has been found so far. `document` None: the message is not XML, only a detached signature may hold."""

    setting: Setting
    payload: bytes
    document: Document | None = None
    looks: list[Look] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    subs: list[SubIndication] = field(default_factory=list)
    broken: bool = False  # integrity is gone whatever the signatures say

    def note(self, fault: Unsound) -> None:
        self.subs.append(fault.sub)
        self.checks.append(fault.check)

    def examined(self) -> Examined:
        return Examined(self._verdict(), together(found.gathered for found in self.looks))

    def _verdict(self) -> Verdict:
        policy = self.setting.policy
        sub = worst([*self.subs, *(sub for found in self.looks for sub in found.subs)])
        return Verdict(
            indication=indication_of(sub),
            sub_indication=sub,
            integrity=self._integrity(),
            signatures=tuple(found.verdict() for found in self.looks),
            policy=policy.id,
            policy_digest=policy.digest,
            checks=tuple(self.checks),
            trust_version=self.setting.trust.version,
        )

    def _integrity(self) -> Integrity:
        found = {one.integrity for one in self.looks}
        if self.broken or Integrity.FAILED in found:
            return Integrity.FAILED
        return Integrity.PASSED if found == {Integrity.PASSED} else Integrity.UNDETERMINED


def judge(payload: bytes, signature: bytes | None, setting: Setting) -> Examined:
    """The verdict on `payload` and a detached `signature`; what is wrong with them is in it, never raised."""
    message = Message(setting, payload)
    try:
        _read(message, detached=signature is not None)
        _look_at_enclosed(message)
    except Unsound as fault:
        _unreadable(message, fault, detached=signature is not None)
        return message.examined()
    if signature is not None:
        _look_at_detached(message, signature)
    judge_required(message)
    _judge_coverage(message)
    return message.examined()


def _read(message: Message, *, detached: bool) -> None:
    if looks_like_xml(message.payload):
        message.document = parse(message.payload, message.setting.policy.limits)
        return
    within("bytes", len(message.payload), message.setting.policy.limits.bytes)
    if not detached:
        raise _no_xml(message.setting.policy.formats)


def _no_xml(formats: frozenset[str]) -> Unsound:
    if all(name.startswith(XML_FORMATS) for name in formats):
        return Unsound(SubIndication.FORMAT_FAILURE, "format.parse", reason="not XML")
    return Unsound(SubIndication.FORMAT_FAILURE, "format.other", names=", ".join(sorted(formats)))


def _unreadable(message: Message, fault: Unsound, *, detached: bool) -> None:
    """What bears signatures must not pass for unsigned because it cannot be read."""
    message.note(fault)
    message.looks.clear()
    if detached or _NAMESPACE in message.payload:
        message.looks.append(refused(fault, message.setting.at))
    message.broken = looks_like_xml(message.payload)


def _look_at_enclosed(message: Message) -> None:
    document = message.document
    if document is None:
        return
    within("signatures, counter-signatures included", len(document.signed), _COUNTERED)
    elements = document.signatures()
    within("signatures", len(elements), message.setting.policy.limits.signatures)
    for element in elements:
        slot = _slot_of(message, document, element)
        message.looks.append(look(document, element, slot, _expected(document, slot), message.setting))


def _slot_of(message: Message, document: Document, element: Element) -> Slot | None:
    """The slot whose one place this is; two signatures at one place are at none."""
    slots = message.setting.policy.slots
    place = element.getparent()
    if not slots or place is None or len(place.findall(DS + "Signature")) > 1:
        return None
    return next((slot for slot in slots if element_at(document.root, slot.signature_at) is place), None)


def _expected(document: Document, slot: Slot | None) -> Expected | Unsound:
    if slot is None:
        return Expected(document, None, "/", {})
    position = _said(slot)
    content = element_at(document.root, slot.signs)
    if content is None:
        return Unsound(SubIndication.SIGNED_DATA_NOT_FOUND, "references.not_found", uri=position)
    return Expected(document, content, position, {})


def _look_at_detached(message: Message, signature: bytes) -> None:
    setting = message.setting
    try:
        document = parse(signature, setting.policy.limits)
        element = _only_signature(document)
    except Unsound as fault:
        message.looks.append(refused(fault, setting.at))
        return
    slot = next((slot for slot in setting.policy.slots if slot.detached), None)
    expected = Expected(document, None, "the message", {_file_signed(element): message.payload})
    message.looks.append(look(document, element, slot, expected, setting))


def _only_signature(document: Document) -> Element:
    within("signatures, counter-signatures included", len(document.signed), _COUNTERED)
    found = document.signatures()
    if len(found) != 1:
        raise Unsound(SubIndication.FORMAT_FAILURE, "format.limit", what="signatures", found=len(found), limit=1)
    return found[0]


def _file_signed(signature: Element) -> str:
    """The one file name its References use: whatever it is called there, the message is meant."""
    references = signature.findall(f"{DS}SignedInfo/{DS}Reference")
    names = {str(one.get("URI", "")) for one in references}
    outside = {name for name in names if _PLAIN_NAME.fullmatch(name)}
    return outside.pop().removeprefix("cid:") if len(outside) == 1 else "\0"


def judge_required(message: Message) -> None:
    """Every required signature is there once, and nobody signs for two."""
    if message.looks:
        message.checks.append(finding("signed.found", Outcome.PASSED, count=len(message.looks)))
    else:
        message.note(Unsound(SubIndication.SIG_CONSTRAINTS_FAILURE, "signed.none", Outcome.UNDETERMINED))
    filled = [found for found in message.looks if found.slot is not None]
    for slot in message.setting.policy.slots:
        count = sum(found.slot is slot for found in filled)
        if count != 1:
            message.note(Unsound(SubIndication.SIG_CONSTRAINTS_FAILURE, "required.missing", name=slot.name))
    _judge_signers(message, filled)


def _judge_signers(message: Message, filled: list[Look]) -> None:
    seen: dict[str, str] = {}
    for found in filled:
        if found.signer is None or found.slot is None:
            continue
        other = seen.setdefault(found.signer.sha256, found.slot.name)
        if other != found.slot.name:
            names = f"{other}, {found.slot.name}"
            message.note(Unsound(SubIndication.SIG_CONSTRAINTS_FAILURE, "required.same", name=names))


def _judge_coverage(message: Message) -> None:
    sound = [found for found in message.looks if isinstance(found, XmlLook) and found.integrity is Integrity.PASSED]
    if message.document is None or not sound:
        return
    root = message.document.root
    covered = {_apex(root, target.element, target.whole) for found in sound for target in found.targets}
    if root in covered:
        message.checks.append(finding("coverage.whole", Outcome.PASSED))
        return
    found = coverage(root, covered, message.document.signed, message.setting.policy.unsigned)
    if found.wrapping:
        _uncovered(message, SubIndication.FORMAT_FAILURE, "coverage.wrapping", found.wrapping)
    elif found.uncovered:
        _uncovered(message, SubIndication.SIGNED_DATA_NOT_FOUND, "coverage.partial", found.uncovered)
    else:
        message.checks.append(finding("coverage.whole", Outcome.PASSED))


def _apex(root: Element, element: Element | None, whole: bool) -> Element:
    return root if element is None or whole else element


def _uncovered(message: Message, sub: SubIndication, code: str, found: tuple[Element, ...]) -> None:
    message.broken = True
    message.note(Unsound(sub, code, paths=", ".join(path_of(one) for one in found[:_NAMED])))


def _said(slot: Slot) -> str:
    return "/" + "/".join(step.rpartition("}")[2] for step in slot.signs)
