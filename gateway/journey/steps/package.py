"""Package: the translated report becomes the one packet that will ever be sent for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from gateway.domain.agreement import Agreement
from gateway.domain.exchange import Exchange
from gateway.domain.facts import Packaged
from gateway.domain.parcel import Backfill, Parcel
from gateway.journey.case import Case, blob
from gateway.ports import Entry, Header

PACKET = "report-data"


def package(case: Case) -> Iterator[Entry]:
    """Yields `Packaged`."""
    yield packet(case, None)


def packet(case: Case, backfill: Backfill | None) -> Entry:
    """The `Packaged` entry of this exchange, marked as a back-fill where it is one.

    The message id is the exchange's own id: a resend, and a back-fill of what certainly never
    arrived, are the same message to a receiver that deduplicates.
    """
    x = case.exchange
    report = case.translated()
    body = case.doors.writer.write(_header(x, case.agreement, case.now), report, backfill)
    parcel = Parcel(x.id, PACKET, blob(body, "application/xml"), report.head.lane, backfill)
    return case.entry(Packaged(parcel), body)


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
