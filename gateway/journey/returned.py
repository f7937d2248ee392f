"""What comes back from the document system (văn bản đã ký): judged before its number is taken down.

A document signed by another agency, or by nobody, is found out here by the clerk who brings it, and not days later by
the receiving office. Where the agency lets the gateway sign, the files are set once more with their number and signed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from gateway.domain.agreement import Agreement
from gateway.domain.errors import Problem, Rejected, Unavailable, problem
from gateway.domain.exchange import Exchange, Kind, Stage
from gateway.domain.facts import Attachment, Numbered, Verified
from gateway.domain.problems import Text
from gateway.domain.verdict import Outcome, SubIndication, Verdict
from gateway.journey import operate
from gateway.journey.case import Case, Doors, agreement_of, blob
from gateway.journey.operate import Person, Registration
from gateway.ports import Entry, Proven

File = tuple[str, str, str, bytes]  # name, description, media type, bytes

_PDF = "application/pdf"
_PART = re.compile(r"[^\s/,\x00-\x1f\x7f][^/,\x00-\x1f\x7f]*")  # a DocumentId is split at commas, a code at the slash
_CODE = re.compile(r"[0-9A-Z]+(?:\.[0-9A-Z]+)*")
_ORGANISATION = "organisation"  # the check that the certificate is a registered agency's


def number(doors: Doors, document: str, registration: Registration, files: Sequence[File], person: Person) -> Exchange:
    """Record number, symbol, date and the signed `files`; without any, those that the gateway signs itself.

    Raises `Rejected`: F-107 unsigned, F-110 another agency's, F-114 signatures that do not pass, F-115 no number, and
    what `operate.number` raises; `Unavailable` (B-007) while revocation cannot be known and there is a wire to ask.
    """
    x = doors.journal.read(document)
    agreed = agreement_of(doors, x.agreement)
    _speakable(registration)
    if x.kind is Kind.DOCUMENT and x.stage is Stage.PREPARED and x.prepared is not None:
        files = files or _signed_here(doors, x, agreed, registration, person)
        # What is ruined on the way has no signature that could be judged: it is told by its own name, and first.
        contents = {name: content for name, _, _, content in files}
        doors.scribe.edxml(agreed, x.prepared, _told(registration, person, files), contents, doors.clock.now())
        judged = _judged(doors, agreed, files)
        if judged:
            doors.journal.append(x, [_evidence(doors, proven) for proven in judged])
    return operate.number(doors, document, registration, files, person)


def _told(r: Registration, person: Person, files: Sequence[File] = ()) -> Numbered:
    attached = tuple(Attachment(name, said, blob(content, kind)) for name, said, kind, content in files)
    return Numbered(r.number, r.notation, r.issued, r.signer, r.position, person.name, attached)


def _speakable(told: Registration) -> None:
    wrong = [text for text in (told.number, told.notation) if not _PART.fullmatch(text)]
    if wrong:
        raise Rejected(problem("F-115", reason=f"“{wrong[0]}”"))
    try:
        date.fromisoformat(told.issued)
    except ValueError:
        raise Rejected(problem("F-115", reason=f"“{told.issued}”")) from None


# ── signed by people ─────────────────────────────────────────────────────────────────────────────
def _judged(doors: Doors, agreed: Agreement, files: Sequence[File]) -> list[Proven]:
    """Every PDF's verdict, the report's under its own policy, the annexes' under theirs; all faults at once."""
    terms = agreed.fallback
    if terms is None or not terms.policy:
        return []
    papers = [(name, content) for name, _, _, content in files if name.lower().endswith(".pdf")]
    policies = [terms.policy, *[terms.annex_policy] * len(papers)]
    now = doors.clock.now()
    found: list[Proven] = []
    faults: list[Problem] = []
    later: list[str] = []
    for (name, content), policy in zip(papers, policies, strict=False):
        if not policy:
            continue
        proven = doors.verifier.prove(content, None, policy, now)
        faults += _faults(name, proven.verdict, agreed)
        found.append(proven)
        later += [name] if proven.verdict.sub_indication is SubIndication.TRY_LATER else []
    if faults:
        raise Rejected(*faults)
    if later and doors.peers.channels:  # a desk has no wire to ask by: the gateway that absorbs it has
        raise Unavailable(problem("B-007", reason=", ".join(later)))
    return found


def _faults(name: str, verdict: Verdict, agreed: Agreement) -> Iterator[Problem]:
    if not verdict.signatures:
        yield problem("F-107", name=name)
        return
    stranger = _stranger(verdict, agreed.sender.code)
    if stranger is not None:
        told = problem("F-110", name=name, expected=f"{agreed.sender.name} ({agreed.sender.code})", reason="{}")
        title = Text(told.title.vi.replace("{}", stranger.vi), told.title.en.replace("{}", stranger.en))
        yield replace(told, title=title, details={**told.details, "reason": stranger.vi})
    elif not verdict.passed and verdict.sub_indication is not SubIndication.TRY_LATER:
        indication = f"{verdict.indication} {verdict.sub_indication or ''}".strip()
        yield problem("F-114", name=name, indication=indication, reason=_failures(verdict))


def _stranger(verdict: Verdict, code: str) -> Text | None:
    """What was found instead of `code`'s signature. A policy may register many agencies; one of them issued this."""
    checks = [check for one in verdict.signatures for check in one.checks if check.name == _ORGANISATION]
    wrong = [c for c in checks if c.outcome is not Outcome.PASSED or code not in _CODE.findall(c.en)]
    if not wrong or len(wrong) < len(checks):
        return None
    return Text(wrong[0].vi, wrong[0].en)


def _failures(verdict: Verdict) -> str:
    checks = [*verdict.checks, *(check for one in verdict.signatures for check in one.checks)]
    return " ".join(check.vi for check in checks if check.outcome is Outcome.FAILED) or "–"


def _evidence(doors: Doors, proven: Proven) -> Entry:
    materials = tuple(blob(one, "application/octet-stream") for one in proven.materials)
    fact = Verified(proven.verdict, blob(proven.record, "application/json"), materials)
    return Entry(fact, doors.clock.now(), (proven.record, *proven.materials))


# ── signed by the gateway ────────────────────────────────────────────────────────────────────────
def _signed_here(doors: Doors, x: Exchange, agreed: Agreement, told: Registration, person: Person) -> Sequence[File]:
    """The prepared files with their number, signed: the report by everybody in order, an annex by the agency alone

    (Decree 30/2020, appendix I). None where the agency signs by its people.
    """
    terms = agreed.fallback
    if terms is None or not terms.signers or x.parent is None:
        return ()
    parent, now = Case(doors.journal.read(x.parent), doors), doors.clock.now()
    carried = _told(told, person)
    packet = parent.bytes_of(parent.parcel.body)
    report = parent.translated()
    prepared, contents = doors.scribe.prepare(parent.exchange, agreed, report, packet, now, numbered=carried)
    signers = [doors.signer(name) for name in terms.signers]
    made: list[File] = []
    for each, content in zip(prepared.files, contents, strict=True):
        if each.content.media_type == _PDF:
            for signer in signers if not made else signers[-1:]:
                content = signer.sign(content, now)  # noqa: PLW2901  signed over and over
        made.append((each.name, each.description, each.content.media_type, content))
    return made
