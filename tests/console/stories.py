"""A desk's day: one exchange of every sort an office sees, told to a real journal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from gateway.domain import facts as f
from gateway.domain.account import Account, Tally
from gateway.domain.exchange import Exchange, Kind, Opening
from gateway.domain.ids import digest_of
from gateway.domain.parcel import Acknowledgement, Answer, Backfill, Blob, Parcel, Receipt
from gateway.domain.problems import problem
from gateway.domain.report import ReportHead
from gateway.ports import Birth, Journal
from tests.contracts.telling import BLOB, CLOCK, FILES, entry, told

HOSTILE = "<script>alert('x')</script>"
HEAD = ReportHead("KTXH-THANG", "01/KTXH", "ND09:2025M06", "H56")
AWAY = problem("A-001", destination="quoc-gia", reason="connection refused")
DOUBT = problem("G-001", destination="quoc-gia", reason="read timeout")
GROUPS = (
    f.HeldGroup("M101", "Chỉ tiêu T9999 không có trong gói ánh xạ.", 3, (4, 9, 31)),
    f.HeldGroup("M301", "Đơn vị tính “tạ/ha” chưa có trong gói.", 14, tuple(range(40, 54))),
)


def opened(journal: Journal, key: str, *, destination: str = "quoc-gia", sender: str = "ht-bao-cao-tinh") -> Exchange:
    payload = key.encode()
    blob = Blob(digest_of(payload), len(payload), "application/json")
    opening = Opening(CLOCK.new_id("gd"), Kind.OUTBOUND, "ktxh-thang", key, blob.digest, destination)
    submission = f.Submission("ktxh-thang", key, sender, "application/json")
    return journal.open(Birth(opening, (entry(f.Accepted(submission, blob), payload),)))[0]


def prepared(journal: Journal, key: str, form: str = "01/KTXH", *, held: bool = False, revision: int = 1) -> Exchange:
    """Read, mapped and packed; what it holds back is in its account."""
    head = replace(HEAD, form=form, revision=revision)
    account = Account(120, 101, 17, 2) if held else Account(120, 118, 0, 2)
    x = opened(journal, key)
    x = told(
        journal,
        x,
        f.Validated("submission-json", head, 120),
        f.Verified(None),
        f.Translated("kt-xh-tinh", "d" * 64, "VPCP-CT 2025.2", BLOB, BLOB, account),
    )
    if held:
        x = told(journal, x, f.Held(17, GROUPS))
    return told(journal, x, f.Packaged(Parcel(x.id, "report-data", BLOB, head.lane)))


def delivered(journal: Journal, x: Exchange, digest: str = BLOB.digest) -> Exchange:
    receipt = Receipt("QG-2025-000123", digest, CLOCK.now(), BLOB)
    return told(journal, x, f.Attempted("quoc-gia", x.attempts + 1), f.Delivered(receipt))


def answered(journal: Journal, x: Exchange, answer: Answer, *reasons: str) -> Exchange:
    tally = Tally(118, 100, 8, 4, 6) if answer is Answer.PARTLY else Tally(118, 118)
    return told(journal, delivered(journal, x), f.Acknowledged(Acknowledgement(answer, tally, reasons, CLOCK.now())))


def reconciled(journal: Journal) -> Exchange:
    x = answered(journal, prepared(journal, "k-doi-soat"), Answer.ACCEPTED)
    return told(journal, x, f.Reconciled(BLOB))


def held_back(journal: Journal) -> Exchange:
    return delivered(journal, prepared(journal, "k-giu-lai", "06/NN", held=True))


def returned(journal: Journal) -> Exchange:
    x = prepared(journal, "k-tra-lai", "03/DTC")
    return answered(journal, x, Answer.RETURNED, "Thiếu biểu 02", "Tổng thu khác tổng các khoản")


def partly(journal: Journal) -> Exchange:
    return answered(journal, prepared(journal, "k-mot-phan", "02/TCNS"), Answer.PARTLY, "6 giá trị sai đơn vị tính")


def refused(journal: Journal) -> Exchange:
    x = opened(journal, "k-tu-choi")
    wrong = problem(
        "C-011",
        what_vi="biểu mẫu",
        what_en="form",
        found="99/KHAC",
        agreement="ktxh-thang",
        expected="01/KTXH, 02/TCNS",
    )
    shape = problem("C-005", path="values[3].value", line="14", reason="“một trăm”", expected="số")
    return told(journal, x, f.Validated("submission-json", HEAD, 3), f.Refused("gateway", (wrong, shape)))


def in_doubt(journal: Journal) -> Exchange:
    x = told(journal, prepared(journal, "k-chua-ro", "05/LD"), f.Attempted("quoc-gia", 1))
    return told(journal, x, f.Postponed(CLOCK.now() + timedelta(seconds=90), DOUBT))


def parked(journal: Journal) -> Exchange:
    x = told(journal, prepared(journal, "k-tam-giu", "04/DTNN"), f.Attempted("quoc-gia", 1))
    return told(journal, x, f.Parked(problem("G-002", destination="quoc-gia")))


def waiting(journal: Journal) -> Exchange:
    x = prepared(journal, "k-cho-gui", "05/LD")
    x = told(journal, x, f.Attempted("quoc-gia", 1), f.Undelivered(AWAY))
    return told(journal, x, f.Postponed(CLOCK.now() + timedelta(minutes=4), AWAY))


def as_document(journal: Journal) -> Exchange:
    """The parent; its document is on the axis, numbered and signed."""
    x = prepared(journal, "k-van-ban", "01/KTXH", revision=2)
    opening = Opening(
        CLOCK.new_id("vb"), Kind.DOCUMENT, x.agreement, f"document:{x.id}", "c" * 64, "truc-van-ban", x.id
    )
    assert x.head is not None
    subject = "Báo cáo kinh tế - xã hội tháng 6 năm 2025"
    paper = Birth(opening, (entry(f.Prepared(x.id, subject, x.head, FILES)),))
    x = journal.append(x, [entry(f.Diverted(opening.id, AWAY))], births=[paper])
    numbered = f.Numbered("128", "BC-UBND", "2025-06-19", "Nguyễn Văn A", "Phó Chủ tịch", "văn thư", FILES)
    told(journal, journal.read(opening.id), numbered, f.Ready("H56,2025/06/19,128/BC-UBND", BLOB), f.Sent("ax-77"))
    return x


def back_filled(journal: Journal) -> Exchange:
    x = as_document(journal)
    mark = Backfill("H56,2025/06/19,128/BC-UBND", "128", "BC-UBND", "2025-06-19", CLOCK.now())
    receipt = Receipt("QG-2025-000124", BLOB.digest, CLOCK.now(), BLOB)
    return told(journal, x, f.Backfilled(x.paper or "", mark, receipt))


def document_waiting(journal: Journal) -> Exchange:
    opening = Opening(
        CLOCK.new_id("vb"), Kind.DOCUMENT, "ktxh-thang", "document:gd-x", "c" * 64, "truc-van-ban", "gd-x"
    )
    return journal.open(Birth(opening, (entry(f.Prepared("gd-x", "Báo cáo đầu tư công", HEAD, FILES)),)))[0]


def catalogue(journal: Journal) -> Exchange:
    opening = Opening(CLOCK.new_id("dm"), Kind.INBOUND, "ktxh-thang", "VPCP-CT:1", "e" * 64, "quoc-gia")
    x = journal.open(Birth(opening, (entry(f.Fetched("quoc-gia", "VPCP-CT", BLOB)),)))[0]
    changed = f.Compared(12, 3, 0, BLOB)
    return told(
        journal, x, f.Validated("catalogue", None, 480), changed, f.Published("VPCP-CT", "2025.2", "2025-07-01")
    )


def stumbled(journal: Journal) -> Exchange:
    x = opened(journal, "k-vap")
    return told(journal, x, f.Stumbled("validate", "Traceback\n  ValueError: bất ngờ"))


def hostile(journal: Journal) -> Exchange:
    """Every text a stranger may write is a script."""
    head = ReportHead(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    x = opened(journal, HOSTILE, sender=HOSTILE)
    wrong = problem("C-005", path=HOSTILE, line="1", reason=HOSTILE, expected=HOSTILE)
    group = f.HeldGroup("M101", HOSTILE, 1, (0,))
    x = told(journal, x, f.Validated(HOSTILE, head, 1), f.Verified(None))
    account = Account(1, 0, 1, 0)
    x = told(journal, x, f.Translated(HOSTILE, "d", HOSTILE, BLOB, BLOB, account), f.Held(1, (group,)))
    return told(journal, x, f.Stumbled(HOSTILE, HOSTILE), f.Refused(HOSTILE, (wrong,)))


STORIES: Mapping[str, Callable[[Journal], Exchange]] = {
    told_by.__name__: told_by
    for told_by in (
        reconciled,
        catalogue,
        held_back,
        returned,
        partly,
        refused,
        in_doubt,
        parked,
        waiting,
        stumbled,
        document_waiting,
        back_filled,
    )
}


def a_day(journal: Journal) -> dict[str, Exchange]:
    """One of each; by name."""
    return {name: tell(journal) for name, tell in STORIES.items()}
