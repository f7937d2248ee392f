"""Package: the translated report becomes the one packet that will ever be sent for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from gateway.domain.agreement import Agreement
from gateway.domain.errors import problem
from gateway.domain.exchange import Exchange
from gateway.domain.facts import Packaged, Parked, Released
from gateway.domain.parcel import Backfill, Parcel
from gateway.domain.report import Report
from gateway.domain.trace import onward
from gateway.journey.case import Case, blob
from gateway.journey.enclosing import narrative_of
from gateway.ports import Entry, Header

PACKET, NARRATIVE = "report-data", "narrative"
_XML = "application/xml"
_HELD = "D-020"


def package(case: Case) -> Iterator[Entry]:
    """Yields `Packaged`; `Parked` (D-020) first, until a person lets it go, for a composite that is not whole."""
    x = case.exchange
    if x.held and x.submission and x.submission.composite and not _let_go(case):
        yield case.entry(Parked(problem(_HELD, held=x.held)))
        return
    yield packet(case, None)


def _let_go(case: Case) -> bool:
    """Whether a person released it after it was kept for what is held."""
    kept = False
    for link in case.doors.journal.history(case.exchange.id):
        kept = kept or (isinstance(link.fact, Parked) and link.fact.why.code == _HELD)
        if kept and isinstance(link.fact, Released):
            return True
    return False


def packet(case: Case, backfill: Backfill | None) -> Entry:
    """The `Packaged` entry of this exchange, marked as a back-fill where it is one.

    The message id is the exchange's own id: a resend, and a back-fill of what certainly never
    arrived, are the same message to a receiver that deduplicates. Its time is that of acceptance:
    packaged anew after a recovery it is the same bytes, and a receipt for the lost ones is recognised.
    """
    x = case.exchange
    report = case.translated()
    header = _header(x, case.agreement, x.opened_at or case.now)
    words = _words(case, header, report, backfill)
    beside = blob(words, _XML) if words else None
    body = case.doors.writer.write(header, report, backfill, beside)
    told = x.submission
    trace = onward(told.trace, x.id) if told else ""
    files = told.attachments if told else ()
    parcel = Parcel(x.id, PACKET, blob(body, _XML), report.head.lane, backfill, trace, beside, files)
    deadline, terms = case.deadline, case.agreement.fallback
    # A composite is not diverted: a document of the figures alone would leave its words and files behind.
    divert_from = deadline - terms.margin if deadline and terms and not backfill and not words else None
    return case.entry(Packaged(parcel, deadline, divert_from), body, *([words] if words else []))


def _words(case: Case, header: Header, report: Report, backfill: Backfill | None) -> bytes:
    """Packet 6 of a composite, in the terms of the figures' own packet; empty where figures go alone."""
    head, national = case.exchange.head, report.head
    words = narrative_of(case, head, report.columns) if head else None
    if words is None:
        return b""
    of = {"regime": national.regime, "period": national.period, "reporter": national.reporter}
    told = replace(words, head=replace(words.head, revision=national.revision, **of), backfill=backfill)
    named = replace(header, message_id=f"{header.message_id}.N", packet=NARRATIVE, correlation_id=header.message_id)
    return case.doors.writer.write_narrative(named, told)


def _header(x: Exchange, agreed: Agreement, now: datetime) -> Header:
    return Header(
        message_id=x.id,
        packet=PACKET,
        created=now,
        sender_code=agreed.sender.code,
        sender_old_code=agreed.sender.old_code,
        receiver_code=agreed.receiver.code,
        receiver_old_code=agreed.receiver.old_code,
        correlation_id=x.parent or x.id,
    )
