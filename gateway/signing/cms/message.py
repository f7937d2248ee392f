"""A CMS signature as a message: its content inside, or beside it."""

from __future__ import annotations

from gateway.domain.verdict import Outcome, SubIndication
from gateway.signing.cms.core import Content, content_of, look
from gateway.signing.cms.shape import read_envelope, unframed
from gateway.signing.findings import Unsound, malformed
from gateway.signing.limits import within
from gateway.signing.look import Setting, refused
from gateway.signing.message import Examined, Message
from gateway.signing.whole import judge_looks

_SCOPE = "/"  # the whole content


def judge_cms(signature: bytes, content: bytes | None, setting: Setting) -> Examined:
    """The verdict on the content enclosed in `signature`, or on the `content` beside it; never raises."""
    message = Message(setting, signature)
    try:
        envelope = read_envelope(unframed(signature), setting.policy.limits)
        if content is not None:
            within("bytes", len(content), setting.policy.limits.bytes)
        if not envelope.signers:
            raise malformed("no signer")
    except Unsound as fault:
        message.note(fault)
        message.broken = True
        message.looks.append(refused(fault, setting.at))
        return message.examined()
    told = _content(envelope.content, content)
    return judge_looks(message, [look(signer, envelope, told, setting) for signer in envelope.signers])


def _content(enclosed: bytes | None, beside: bytes | None) -> Content | Unsound:
    if enclosed is not None and beside is not None and enclosed != beside:
        return Unsound(SubIndication.HASH_FAILURE, "references.changed", path="--content")
    data = beside if enclosed is None else enclosed
    if data is None:
        return Unsound(SubIndication.SIGNED_DATA_NOT_FOUND, "references.not_found", Outcome.UNDETERMINED, uri="-")
    return content_of(_SCOPE, data)
