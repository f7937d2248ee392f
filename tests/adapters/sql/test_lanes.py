"""What a lane is asked for costs what is found, however many revisions the report has had."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from gateway.adapters.sql import SqlJournal, reading
from gateway.domain import facts as f
from gateway.domain.account import Tally
from gateway.domain.errors import Overtaken
from gateway.domain.exchange import Exchange, Stage, begin
from gateway.domain.parcel import Acknowledgement, Answer, Receipt
from gateway.ports import Birth, InLane
from tests.contracts.telling import BLOB, HEAD, birth, entry, packed, read

OVER = frozenset({Stage.SUPERSEDED})
RECEIPT = Receipt("VPCP-1", None, None)
TAKEN = Acknowledgement(Answer.ACCEPTED, Tally(1, 1), (), None)
AT_WORK = frozenset({Stage.PACKAGED, Stage.PARKED})


def handed_in(journal: SqlJournal, first: int, last: int, *more: f.Fact, lane: str = HEAD.form) -> list[Exchange]:
    """Revisions `first` … `last` of one report, each at the stage that `more` leads to."""
    births: list[Birth] = []
    for revision in range(first, last + 1):
        born = birth(f"{lane}-{revision}")
        told = [read(replace(HEAD, form=lane, revision=revision)), packed(begin(born.opening)), *more]
        births.append(replace(born, entries=(*born.entries, *map(entry, told))))
    return [opening.result()[0] for opening in [journal.opening(one) for one in births]]


def rows_read(database: str, *asked: InLane) -> int:
    """How many rows the database looks at to answer, as it says itself."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("ANALYZE exchange")
        connection.execute("SET enable_seqscan = off")  # of a table this small it would read all
        statement = b"EXPLAIN (ANALYZE, FORMAT JSON) " + reading.IN_LANES.as_bytes()
        row = connection.execute(statement, [reading.lanes(asked)]).fetchone()
        assert row is not None
    return sum(_rows(node) for node in _nodes(row[0][0]["Plan"]) if node.get("Relation Name") == "exchange")


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


def _rows(node: dict[str, Any]) -> int:
    seen = sum(node.get(name, 0) for name in ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck"))
    return round(seen * node["Actual Loops"])


def test_a_lane_of_many_revisions_is_asked_as_cheaply_as_one_of_few(journal: SqlJournal, database: str) -> None:
    read_by_size = []
    for size, lane in ((10, "01/KTXH"), (300, "02/KTXH")):
        handed_in(journal, 1, size - 1, f.Superseded("gd-9"), lane=lane)
        older, x = handed_in(journal, size, size + 1, lane=lane)
        assert x.lane is not None
        newer = InLane(x.lane, frozenset(Stage) - {Stage.REFUSED}, before=x.ordinal, newer=size + 1)
        waiting = InLane(x.lane, AT_WORK, before=x.ordinal, older=size + 2)
        sides = [InLane(x.lane, AT_WORK, older=size + 1), InLane(x.lane, AT_WORK, newer=size + 1)]
        assert journal.in_lanes([newer, waiting, *sides]) == [[], [older], [older], []]
        read_by_size.append(rows_read(database, newer, waiting, *sides))

    few, many = read_by_size
    assert 2 <= few <= 5
    assert many <= few + 2


def test_what_the_version_before_has_written_is_found_all_the_same(journal: SqlJournal, database: str) -> None:
    one, two, three = handed_in(journal, 1, 3)
    assert one.lane is not None
    with psycopg.connect(database, autocommit=True) as older:
        older.execute("UPDATE exchange SET revision = NULL WHERE id = ANY(%s)", [[one.id, two.id]])
    every = frozenset(Stage)

    assert journal.in_lanes([InLane(one.lane, every)]) == [[one, two, three]]
    assert journal.in_lanes([InLane(one.lane, every, newer=1)]) == [[two, three]]
    assert journal.in_lanes([InLane(one.lane, every, older=2), InLane(one.lane, OVER)]) == [[one], []]


def test_what_ends_a_report_that_was_alone_is_recorded_only_while_it_is(journal: SqlJournal) -> None:
    [x] = handed_in(journal, 1, 1, f.Attempted("quoc-gia", 1), f.Delivered(RECEIPT), f.Acknowledged(TAKEN))
    [lease] = journal.claim("quoc-gia", "w1", [Stage.ACKNOWLEDGED], 1, 60, wire=True)
    assert lease.alone
    handed_in(journal, 2, 2)

    with pytest.raises(Overtaken):
        journal.append(x, [entry(f.Reconciled(BLOB))], lease=lease)
    assert journal.read(x.id).stage is Stage.ACKNOWLEDGED
    judged = replace(lease, alone=False)
    assert journal.append(x, [entry(f.Reconciled(BLOB))], lease=judged).stage is Stage.RECONCILED


def test_what_is_judged_and_ended_at_once_is_recorded_only_while_it_is_alone(journal: SqlJournal) -> None:
    [x] = handed_in(journal, 1, 1, f.Attempted("quoc-gia", 1), f.Delivered(RECEIPT))
    [lease] = journal.claim("quoc-gia", "w1", [Stage.DELIVERED], 1, 60, wire=True)
    assert lease.alone
    handed_in(journal, 2, 2)

    both = [entry(f.Acknowledged(TAKEN)), entry(f.Reconciled(BLOB))]
    with pytest.raises(Overtaken):
        journal.append(x, both, lease=lease)
    judged = journal.append(x, both[:1], lease=lease)
    assert judged.stage is Stage.ACKNOWLEDGED
    assert journal.append(judged, both[1:], lease=replace(lease, alone=False)).stage is Stage.RECONCILED


def test_what_is_told_of_a_report_on_its_way_does_not_ask_who_else_is_in_its_lane(journal: SqlJournal) -> None:
    [x] = handed_in(journal, 1, 1)
    [lease] = journal.claim("quoc-gia", "w1", [Stage.PACKAGED], 1, 60, wire=True)
    handed_in(journal, 2, 2)
    assert journal.append(x, [entry(f.Attempted("quoc-gia", 1))], lease=lease).stage is Stage.IN_DOUBT


def test_a_report_that_stays_alone_is_ended(journal: SqlJournal) -> None:
    [x] = handed_in(journal, 1, 1, f.Attempted("quoc-gia", 1), f.Delivered(RECEIPT), f.Acknowledged(TAKEN))
    handed_in(journal, 1, 1, lane="02/KTXH")
    [lease] = journal.claim("quoc-gia", "w1", [Stage.ACKNOWLEDGED], 1, 60, wire=True)
    assert journal.append(x, [entry(f.Reconciled(BLOB))], lease=lease).stage is Stage.RECONCILED
