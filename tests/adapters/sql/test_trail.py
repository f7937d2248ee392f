"""Who did what, the days' anchors, and what is let go after its term."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from psycopg import Connection

from gateway.adapters.sql import SqlJournal
from gateway.adapters.sql.check import check
from gateway.adapters.sql.purging import due, purge
from gateway.adapters.sql.trail import acts, anchored, changed_days, close_days, closed_days, stamp_days
from gateway.domain import facts as f
from gateway.domain.calendar import VIETNAM
from gateway.domain.chain import anchor_line, merkle_reached
from gateway.domain.errors import NotFound
from gateway.domain.exchange import Exchange, Kind, Opening
from gateway.domain.ids import digest_of
from gateway.domain.parcel import Blob
from gateway.domain.problems import problem
from gateway.ports import Birth, Entry, Query
from tests.adapters.sql.test_keeping import silent
from tests.contracts.telling import CLOCK, opened, told

THEN = datetime(2010, 3, 1, 9, tzinfo=VIETNAM)
TODAY = date(2026, 11, 25)
EVER = (datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
CLERK = ("an", "hết thời hạn lưu trữ")


def long_ago(
    journal: SqlJournal, key: str, payload: bytes, *, ended: datetime = THEN, parent: str | None = None
) -> Exchange:
    """A report taken and cancelled in another year."""
    name = Blob(digest_of(payload), len(payload), "application/json")
    opening = Opening(CLOCK.new_id("gd"), Kind.OUTBOUND, "ktxh", key, name.digest, "quoc-gia", parent)
    accepted = f.Accepted(f.Submission("ktxh", key, "ht", "application/json", replay_of=parent), name)
    begun = ended - timedelta(days=2)
    x, _ = journal.open(Birth(opening, (Entry(accepted, begun, (payload,)),)))
    return journal.append(x, [Entry(f.Cancelled("bình", "nhầm kỳ"), ended)])


# ── who did what ─────────────────────────────────────────────────────────────────────────────────
def test_what_people_did_is_told_and_what_machines_did_is_not(journal: SqlJournal, hand: Connection) -> None:
    x = told(journal, opened(journal), f.Validated("s", None, 1), f.Parked(problem("G-002", destination="quoc-gia")))
    x = told(journal, x, f.Released("an", "đã hỏi", resend=True))
    x = told(journal, x, f.Parked(problem("F-009", by="chi", reason="chờ công văn")), f.Released("chi", "có công văn"))
    told(journal, x, f.Retained("an", "thanh tra"), f.Retained("an", "xong", held=False), f.Cancelled("bình", "nhầm"))
    long_ago(journal, "replay:1", b"{}", parent=x.id)

    found = acts(hand, *EVER)
    assert [(act.who, act.act, act.why) for act in found] == [
        ("ht", "replayed", x.id), ("bình", "cancelled", "nhầm kỳ"),
        ("an", "resent", "đã hỏi"), ("chi", "parked", "chờ công văn"), ("chi", "released", "có công văn"),
        ("an", "held", "thanh tra"), ("an", "lifted", "xong"), ("bình", "cancelled", "nhầm"),
    ]  # fmt: skip
    digests = {link.digest for one in journal.find(Query()) for link in journal.history(one.id)}
    assert {act.digest for act in found} <= digests
    assert acts(hand, EVER[0], THEN) == found[:1]


# ── days ─────────────────────────────────────────────────────────────────────────────────────────
def test_a_day_is_closed_once_it_is_over_and_then_no_fact_of_it_can_go_unseen(
    journal: SqlJournal, hand: Connection
) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=3)
    kept = long_ago(journal, "k1", b"1", ended=yesterday)
    gone = long_ago(journal, "k2", b"2", ended=yesterday)
    opened(journal, "today")
    closed = close_days(hand)
    assert [one.exchanges for one in closed][0::2][:2] == [2, 2]
    assert closed[-1].day < datetime.now(VIETNAM).date()
    assert close_days(hand) == []
    assert closed_days(hand) == closed
    assert list(changed_days(hand)) == []
    root, count = journal.anchor(closed[0].day)
    assert (root, count) == (closed[0].root, closed[0].exchanges)

    hand.execute("ALTER TABLE fact DISABLE TRIGGER USER")
    hand.execute("DELETE FROM fact WHERE exchange = %s", [gone.id])
    hand.execute("DELETE FROM exchange WHERE id = %s", [gone.id])
    assert check(hand, silent).faults == []  # taken away whole: every chain that is left is whole
    assert [fault.where for fault in changed_days(hand)] == [closed[0].day.isoformat(), closed[2].day.isoformat()]
    assert journal.read(kept.id)


def test_a_closed_day_is_time_stamped_once_and_every_exchange_finds_its_way_to_it(
    journal: SqlJournal, hand: Connection
) -> None:
    then = datetime.now(UTC) - timedelta(days=3)
    kept = [long_ago(journal, f"k{number}", b"%d" % number, ended=then) for number in range(5)]
    closed = close_days(hand)
    asked: list[bytes] = []

    def token_over(line: bytes) -> bytes:
        asked.append(line)
        return b"token over " + line

    busy = [one for one in closed if one.exchanges]
    assert stamp_days(hand, token_over) == len(busy) == 2
    assert stamp_days(hand, token_over) == 0
    assert asked == [anchor_line(one.day, one.root, one.exchanges) for one in busy]
    for x in kept:
        days = anchored(hand, x.id)
        assert [(one.day, one.root, one.exchanges) for one in days] == [(d.day, d.root, d.exchanges) for d in busy]
        assert [merkle_reached(one.head, one.path) for one in days] == [one.root for one in busy]
        assert [one.token for one in days] == [b"token over " + one.said for one in days]
    assert anchored(hand, opened(journal, "today").id) == []
    with pytest.raises(psycopg.IntegrityError):
        hand.execute("UPDATE anchor SET root = '00'")
    with pytest.raises(psycopg.IntegrityError):
        hand.execute("UPDATE anchor SET token = NULL WHERE token IS NOT NULL")


# ── letting go ───────────────────────────────────────────────────────────────────────────────────
def test_nothing_goes_before_its_term_is_over(journal: SqlJournal, hand: Connection) -> None:
    x = long_ago(journal, "k1", b"1")
    assert due(hand, {"ktxh": 10}, date(2020, 12, 31)) == []
    assert [one.exchange for one in due(hand, {"ktxh": 10}, date(2021, 1, 1))] == [x.id]
    assert due(hand, {"ktxh": 17}, TODAY) == []
    assert due(hand, {"another": 1}, TODAY) == []
    assert due(hand, {}, TODAY) == []


def test_what_is_owed_held_or_kin_of_what_stays_does_not_go(journal: SqlJournal, hand: Connection) -> None:
    held = told(journal, long_ago(journal, "k1", b"1"), f.Retained("an", "thanh tra"))
    parent = long_ago(journal, "k2", b"2")
    recent = long_ago(journal, "replay:2", b"2", ended=datetime.now(UTC), parent=parent.id)
    chain = long_ago(journal, "k3", b"3")
    between = long_ago(journal, "replay:3", b"3", parent=chain.id)
    long_ago(journal, "replay:4", b"3", ended=datetime.now(UTC), parent=between.id)
    opened(journal, "owed")
    free = long_ago(journal, "k5", b"5")
    assert [one.exchange for one in due(hand, {"ktxh": 10}, TODAY)] == [free.id]

    told(journal, held, f.Retained("an", "xong", held=False))
    assert recent.parent == parent.id
    # Lifting it was yesterday's act: its term begins again with the year in which it was touched last.
    assert [one.exchange for one in due(hand, {"ktxh": 10}, TODAY)] == [free.id]


def test_the_database_itself_refuses_what_is_too_early_or_held(journal: SqlJournal, hand: Connection) -> None:
    early = long_ago(journal, "k1", b"1")
    held = told(journal, long_ago(journal, "k2", b"2"), f.Retained("an", "thanh tra"))
    for x, until in ((early, "current_date + 1"), (held, "'2020-12-31'")):
        with pytest.raises(psycopg.errors.IntegrityError):
            hand.execute(
                "INSERT INTO purged (exchange, agreement, head, days, heads, kept_until, by, why) "
                f"VALUES (%s, 'ktxh', 'x', '{{}}', '{{}}', {until}, 'an', 'vội')",  # type: ignore[arg-type]
                [x.id],
            )
    with pytest.raises(psycopg.errors.IntegrityError):
        hand.execute("DELETE FROM fact WHERE exchange = %s", [early.id])


def test_what_is_let_go_leaves_proof_and_takes_only_bytes_that_are_nobodys(
    journal: SqlJournal, hand: Connection
) -> None:
    gone = long_ago(journal, "k1", b"shared")
    other = long_ago(journal, "k2", b"its own")
    stays = opened(journal, "k3", b"shared")
    days = close_days(hand)

    done = purge(hand, due(hand, {"ktxh": 10}, TODAY), CLERK, silent)
    assert (done.exchanges, done.blobs) == (2, 1)
    assert [x.id for x in journal.find(Query())] == [stays.id]
    assert journal.bytes_of(digest_of(b"shared")) == b"shared"
    for name in (gone.id, other.id):
        assert journal.history(name) == []
    with pytest.raises(NotFound):
        journal.bytes_of(digest_of(b"its own"))
    assert check(hand, silent).faults == []
    assert list(changed_days(hand)) == []  # the days still come to what they were closed with
    assert closed_days(hand) == days
    told_of = [(act.act, act.who, act.digest) for act in acts(hand, *EVER) if act.act == "purged"]
    assert sorted(told_of) == sorted(("purged", "an", x.head_digest) for x in (gone, other))
    assert journal.count() == {"accepted": 1}


def test_the_first_day_is_that_of_the_earliest_fact_wherever_it_came_from(
    journal: SqlJournal, hand: Connection
) -> None:
    """What a desk hands over was told before the first report was taken here, and is numbered after it."""
    long_ago(journal, "k1", b"{}")
    long_ago(journal, "k2", b"[]", ended=THEN - timedelta(days=9))

    assert close_days(hand)[0].day == (THEN - timedelta(days=11)).date()
