"""Signatures over whole files (CMS, JWS, PDF): what their looks have in common, whatever bytes carry them.

Such a signature stands nowhere, so who signed for whom is told by the certificate: one that bears the attribute of the
policy's `organisation` signs for an organisation, any other for a person.
"""

from __future__ import annotations

from collections.abc import Iterable

from gateway.domain.verdict import Integrity, Outcome
from gateway.signing.etsi import judge_format
from gateway.signing.findings import Unsound, finding
from gateway.signing.look import Look, Setting, judge_trust
from gateway.signing.message import Examined, Message, judge_required
from gateway.signing.pki.certificate import Certificate
from gateway.signing.policy import Slot
from gateway.signing.stamping import require
from gateway.signing.strength import judge_algorithms


def judge_looks(message: Message, looks: Iterable[Look]) -> Examined:
    """The verdict over `looks`, whose integrity is known and whose trust is not yet judged."""
    setting = message.setting
    free = list(setting.policy.slots)
    for found in looks:
        message.looks.append(found)
        if found.scheme is not None:
            judge_algorithms(found, setting)
        if found.signer is not None:
            found.slot = _slot_of(found, found.signer, free, setting)
        if found.integrity is not Integrity.PASSED:
            continue
        judge_format(found, setting)
        require(found, setting)
        judge_trust(found, setting)
    judge_required(message)
    if message.looks and not message.broken and all(one.integrity is Integrity.PASSED for one in message.looks):
        message.checks.append(finding("coverage.whole", Outcome.PASSED))
    return message.examined()


def failed(found: Look, fault: Unsound) -> None:
    """Ends the look at a signature by `fault`: its integrity is gone, or cannot be known."""
    found.note(fault)
    gone = fault.check.outcome is Outcome.FAILED
    found.integrity = Integrity.FAILED if gone else Integrity.UNDETERMINED


def _slot_of(found: Look, signer: Certificate, free: list[Slot], setting: Setting) -> Slot | None:
    """The first slot of the signer's kind that nobody has filled; taken out of `free`."""
    binding = setting.policy.organisation
    organisation = binding is not None and bool(signer.values(binding.oid))
    role = "organisation" if organisation else "person"
    slot = next((one for one in free if one.role == role), None)
    if slot is not None:
        free.remove(slot)
    elif setting.policy.slots:
        found.warn("position.further", signer=signer.said)
    return slot
