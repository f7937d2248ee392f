"""Facts to tell a journal, and exchanges brought to where a test needs them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from gateway.clock import SystemClock
from gateway.domain import facts as f
from gateway.domain.account import Account, Tally
from gateway.domain.exchange import Exchange, Kind, Opening, Stage
from gateway.domain.ids import digest_of
from gateway.domain.parcel import Acknowledgement, Answer, Backfill, Blob, Parcel, Receipt
from gateway.domain.problems import problem
from gateway.domain.report import ReportHead
from gateway.ports import Birth, Entry, Journal, Lease

CLOCK = SystemClock()
TROUBLE = problem("A-001", destination="quoc-gia", reason="đường truyền")
BLOB = Blob("a" * 64, 3, "application/json")
HEAD = ReportHead("KTXH-THANG", "01/KTXH", "ND09:2025M06", "H56")
MARK = Backfill("H56,2026/11/20,1/BC", "128", "BC-UBND", "2026-11-20", datetime(2026, 11, 20, 1, tzinfo=UTC))
FILES = (f.Attachment("bao-cao.pdf", "Báo cáo", BLOB),)
EVERY_STAGE = tuple(Stage)
PURE = (Stage.ACCEPTED, Stage.VALIDATED, Stage.VERIFIED, Stage.TRANSLATED)
WIRE = (Stage.PACKAGED, Stage.IN_DOUBT, Stage.DELIVERED, Stage.DIVERTED)


def entry(fact: f.Fact, *contents: bytes) -> Entry:
    return Entry(fact, CLOCK.now(), contents)


def birth(key: str = "k1", payload: bytes = b"{}", *, agreement: str = "ktxh", destination: str = "quoc-gia") -> Birth:
    opening = Opening(CLOCK.new_id("gd"), Kind.OUTBOUND, agreement, key, digest_of(payload), destination)
    accepted = f.Accepted(
        f.Submission(agreement, key, "ht", "application/json"),
        Blob(digest_of(payload), len(payload), "application/json"),
    )
    return Birth(opening, (entry(accepted, payload),))


def paper(parent: Exchange, key: str | None = None) -> Birth:
    opening = Opening(
        CLOCK.new_id("vb"), Kind.DOCUMENT, parent.agreement, key or f"document:{parent.id}", "c" * 64, "truc", parent.id
    )
    return Birth(opening, (entry(f.Prepared(parent.id, "Báo cáo", HEAD, FILES)),))


def opened(journal: Journal, key: str = "k1", payload: bytes = b"{}", *, agreement: str = "ktxh") -> Exchange:
    return journal.open(birth(key, payload, agreement=agreement))[0]


def told(journal: Journal, x: Exchange, *facts: f.Fact, lease: Lease | None = None) -> Exchange:
    return journal.append(x, [entry(fact) for fact in facts], lease=lease)


def read(head: ReportHead = HEAD) -> f.Validated:
    return f.Validated("report-data", head, 3)


def packed(x: Exchange) -> f.Packaged:
    return f.Packaged(Parcel(x.id, "report-data", BLOB, HEAD.lane))


def packaged(journal: Journal, key: str = "k1", head: ReportHead = HEAD, *, agreement: str = "ktxh") -> Exchange:
    x = opened(journal, key, agreement=agreement)
    return told(journal, x, read(head), packed(x))


def claimed(
    journal: Journal, stages: Sequence[Stage] = EVERY_STAGE, limit: int = 10, seconds: float = 60
) -> list[Lease]:
    return journal.claim("quoc-gia", "w1", stages, limit, seconds)


def every_fact() -> list[f.Fact]:
    """One of each kind, with every field that can be filled filled."""
    parcel = Parcel("gd-1", "report-data", BLOB, HEAD.lane, MARK)
    receipt = Receipt("doc-1", BLOB.digest, CLOCK.now(), BLOB)
    held = f.HeldGroup("M101", "không rõ", 2, (1, 2))
    return [
        f.Accepted(f.Submission("ktxh", "k1", "ht", "application/json", BLOB, "gd-0", "pack-2"), BLOB),
        read(),
        f.Verified(None),
        f.Translated("p", "d", "c", BLOB, BLOB, Account(3, 2, 1, 0)),
        f.Held(2, (held,)),
        f.Packaged(parcel),
        f.Attempted("quoc-gia", 1),
        f.Undelivered(TROUBLE),
        f.Delivered(receipt, recovered=True),
        f.Acknowledged(Acknowledgement(Answer.PARTLY, Tally(3, 2, rejected=1), ("E21",), CLOCK.now(), BLOB)),
        f.Corrected("gd-2"),
        f.Cancelled("an", "nhầm"),
        f.Reconciled(BLOB),
        f.Discrepant(TROUBLE),
        f.Refused("quoc-gia", (TROUBLE, TROUBLE)),
        f.Postponed(CLOCK.now() + timedelta(hours=1), TROUBLE),
        f.Diverted("vb-1", TROUBLE),
        f.Parked(TROUBLE),
        f.Released("an", "đã hỏi", resend=True),
        f.Superseded("gd-2"),
        f.Recovered("7311-00000002"),
        f.Retained("an", "thanh tra"),
        f.CalledBack("quoc-gia-bao", "ST-1", "accepted", BLOB),
        f.Stumbled("validate", "Traceback\n\x00…"),
        f.Prepared("gd-1", "Báo cáo", HEAD, FILES),
        f.Numbered("128", "BC-UBND", "2026-11-20", "A", "Chủ tịch", "an", FILES),
        f.Ready("H56,2026/11/20,1/BC", BLOB),
        f.Sent("ax-1", recovered=True),
        f.Arrived("G22", BLOB),
        f.DocumentAccepted("G22", "2026/11/20", BLOB),
        f.DocumentRejected("G22", "sai", BLOB),
        f.Recalled("G22", BLOB),
        f.Progressed("G22", "05", "đang xử lý", "2026-11-20 10:00:00", BLOB),
        f.Attributed("an", "gọi điện", "ax-9", "G22", "03", "08:00:00 21/11/2026", BLOB),
        f.RecallAsked("văn thư", "gửi nhầm", BLOB, (f.AskedBack("G22", BLOB), f.AskedBack("G09", BLOB))),
        f.RecallTold("ax-2", "G22"),
        f.RecallRefused("G22", "đã xử lý", BLOB),
        f.Absorbed("so-1", 7),
        f.Backfilled("vb-1", MARK, receipt),
        f.Fetched("quoc-gia", "VPCP-CT", BLOB),
        f.Compared(1, 2, 3, BLOB),
        f.Published("VPCP-CT", "2026.1", "2026-01-01"),
        f.Unchanged("VPCP-CT", "2026.1"),
    ]
