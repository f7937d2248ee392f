"""A signed PDF: what was read of it, judged. Every content signature over the whole file as it then stood."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from gateway.domain.verdict import Integrity, SubIndication
from gateway.signing.algorithms import digester
from gateway.signing.cms import tlv
from gateway.signing.cms.core import Content, level_of, look
from gateway.signing.cms.shape import Envelope, read_envelope
from gateway.signing.etsi import time_of
from gateway.signing.findings import Unsound, malformed
from gateway.signing.gathered import NOTHING, Gathered
from gateway.signing.limits import over, within
from gateway.signing.look import Look, Setting, refused
from gateway.signing.message import Examined, Message
from gateway.signing.pdf.told import Reading, Rules, Told
from gateway.signing.pki.tsp import Token
from gateway.signing.stamping import proven_time, token_over
from gateway.signing.whole import failed, judge_looks

Read = Callable[[bytes, Rules], Reading]

_FILTERS = frozenset({"ETSI.CAdES.detached", "adbe.pkcs7.detached"})
_STAMP_FILTER = "ETSI.RFC3161"
_HEX = b"0123456789abcdefABCDEF"


def judge_pdf(payload: bytes, setting: Setting, read: Read) -> Examined:
    """The verdict on the signatures in the PDF `payload`, which `read` takes apart; never raises."""
    message = Message(setting, payload)
    try:
        within("bytes", len(payload), setting.policy.limits.bytes)
        reading = _read(payload, setting, read)
    except Unsound as fault:
        message.note(fault)
        message.broken = True
        message.looks.append(refused(fault, setting.at))
        return message.examined()
    store = Gathered(certificates=_bytes(reading.certificates), crls=_bytes(reading.crls), ocsps=_bytes(reading.ocsps))
    seen = [(told, _look(told, payload, store, reading, setting)) for told in reading.signatures if not _stamps(told)]
    _judge_stamps(message, [told for told in reading.signatures if _stamps(told)], seen)
    return judge_looks(message, [found for _, found in seen])


def _stamps(told: Told) -> bool:
    return told.kind == "DocTimeStamp" or told.filter == _STAMP_FILTER


def _read(payload: bytes, setting: Setting, read: Read) -> Reading:
    policy = setting.policy
    rules = Rules(
        tuple(sorted(policy.pdf.after_last_signature)),
        tuple(sorted(policy.pdf.form_fill)),
        policy.limits.signatures + policy.limits.timestamps,
        policy.limits.values,
    )
    reading = read(payload, rules)
    if reading.fault is not None:
        raise malformed(f"PDF: {reading.fault}")
    if not reading.signatures and b"/ByteRange" in payload:
        raise malformed("PDF: a signature that belongs to no field")
    count = sum(not _stamps(told) for told in reading.signatures)
    if count > policy.limits.signatures:
        raise over("signatures", count, policy.limits.signatures)
    return reading


def _look(told: Told, payload: bytes, store: Gathered, reading: Reading, setting: Setting) -> Look:
    try:
        if told.filter not in _FILTERS:
            raise malformed(f"SubFilter {told.filter or '-'}")
        envelope = _envelope(told, payload, store, setting)
    except Unsound as fault:
        found = Look(None, setting.at, format="PKCS7")
        failed(found, fault)
        return found
    found = look(envelope.signers[0], envelope, _content(told, payload), setting)
    _name(found, told)
    found.claimed = found.claimed or time_of(told.claimed)
    if found.integrity is Integrity.PASSED:
        _judge_changes(found, told)
    if reading.repaired is not None:
        found.warn("structure.repaired", reason=reading.repaired)
    return found


def _name(found: Look, told: Told) -> None:
    """PAdES is its own SubFilter with a bound certificate (EN 319 142-1 6.3); all else is ISO 32000's PKCS#7."""
    if found.format == "CADES" and told.filter == "ETSI.CAdES.detached":
        found.format = "PADES"
    else:
        found.format, found.level = "PKCS7", "BASIC"


def _envelope(told: Told, payload: bytes, store: Gathered, setting: Setting) -> Envelope:
    contents = _gap(told, payload)
    body = tlv.first(contents).raw
    if contents[len(body) :].strip(b"\0"):
        raise malformed("Contents holds more than one signature")
    envelope = read_envelope(body, setting.policy.limits)
    if envelope.content is not None:
        raise malformed("Contents encloses a content of its own")
    if len(envelope.signers) != 1:
        raise malformed(f"{len(envelope.signers)} signers in one field")
    certificates = tuple(dict.fromkeys((*envelope.certificates, *store.certificates)))
    return Envelope(envelope.content_type, None, certificates, envelope.brought + store, envelope.signers)


def _gap(told: Told, payload: bytes) -> bytes:
    """What /Contents holds; the gap between the ranges is exactly it, brackets and all. Raises `Unsound`."""
    if len(told.ranges) != 4:
        raise _left_out(f"ByteRange of {len(told.ranges)} numbers")
    begin, length, resumed, rest = told.ranges
    if begin != 0 or min(length, rest) <= 0 or not length < resumed <= resumed + rest <= len(payload):
        raise _left_out(f"ByteRange {list(told.ranges)}")
    gap = payload[length:resumed]
    if gap[:1] != b"<" or gap[-1:] != b">" or gap[1:-1].strip(_HEX) or len(gap) % 2:
        raise _left_out("the gap is not Contents")
    contents = bytes.fromhex(told.contents)
    if bytes.fromhex(gap[1:-1].decode("ascii")) != contents:
        raise _left_out("the gap is not this signature's Contents")
    return contents


def _content(told: Told, payload: bytes) -> Content:
    _, length, resumed, rest = told.ranges

    def digested(name: str) -> bytes:
        made = digester(name)
        view = memoryview(payload)
        made.update(view[:length])
        made.update(view[resumed : resumed + rest])
        return bytes(made.digest())

    return Content(f"[0 {length} {resumed} {rest}]", digested)


def _judge_changes(found: Look, told: Told) -> None:
    if told.changed is not None:
        failed(found, Unsound(SubIndication.FORMAT_FAILURE, "changes.refused", reason=told.changed))
        return
    found.good("ranges.right")
    if told.added:
        found.good("changes.allowed", what=told.added)
    else:
        found.good("changes.none")


def _judge_stamps(message: Message, stamps: Sequence[Told], seen: Sequence[tuple[Told, Look]]) -> None:
    """From the last in: each document time-stamp proves what stands before it, the older stamps too."""
    existed = message.setting.at
    for stamp in sorted(stamps, key=lambda told: -told.revision):
        before = [found for told, found in seen if told.revision < stamp.revision]
        judged = Look(None, message.setting.at, brought=before[0].brought if before else NOTHING)
        try:
            at = proven_time(judged, _token(stamp, message), message.setting, existed)
        except Unsound as fault:
            message.broken = True
            message.note(fault)
            continue
        message.checks += judged.checks
        message.subs += judged.subs
        existed = existed if at is None else min(existed, at)
        for found in before:
            _proven(found, judged, at)


def _token(stamp: Told, message: Message) -> Token:
    payload = message.payload
    contents = _gap(stamp, payload)
    if stamp.changed is not None:
        raise Unsound(SubIndication.FORMAT_FAILURE, "changes.refused", reason=stamp.changed)
    _, length, resumed, rest = stamp.ranges
    return token_over(tlv.first(contents).raw, payload[:length] + payload[resumed : resumed + rest], message.setting)


def _proven(found: Look, stamp: Look, at: datetime | None) -> None:
    """`found` existed at `at` by a document time-stamp, which makes it a signature for years."""
    found.gathered += stamp.gathered
    if found.integrity is not Integrity.PASSED:
        return
    if found.format == "PADES":
        found.level = level_of(found, stamped=True, archived=True)
    if at is not None:
        found.best = at if found.best is None else min(found.best, at)


def _bytes(values: Iterable[str]) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(value) for value in values)


def _left_out(reason: str) -> Unsound:
    return Unsound(SubIndication.FORMAT_FAILURE, "ranges.wrong", reason=reason)
