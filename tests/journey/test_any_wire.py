"""Whatever the wire does: one delivery at a receiver that can be asked, and the end in the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.domain.exchange import Stage
from gateway.domain.facts import intact
from tests.journey.scene import House
from tests.journey.wires import Ending, Killed

ENDINGS = st.lists(st.sampled_from([ending for ending in Ending if ending is not Ending.REFUSED]), max_size=7)


@settings(max_examples=30, deadline=None)
@given(ENDINGS)
def test_however_sends_end_a_report_arrives_exactly_once(ledgers: Iterator[Path], endings: list[Ending]) -> None:
    with closing(House(next(ledgers))) as house:
        house.receiver.endings.extend(endings)
        x = house.hand_in()
        for _ in range(len(endings) * 4 + 4):
            try:
                house.work()
            except Killed:
                house.reopen()
            assert len(house.receiver.held) <= 1
            now = house.read(x)
            if now.settled:
                break
            house.wait(now)

        house.clock.move(minutes=1)
        assert house.read(x).stage is Stage.RECONCILED
        assert [kept.message_id for kept in house.receiver.held] == [x.id]
        assert intact(house.ledger.history(x.id))


@settings(max_examples=15, deadline=None)
@given(ENDINGS, ENDINGS)
def test_however_sends_end_revisions_arrive_in_order(
    ledgers: Iterator[Path], first: list[Ending], second: list[Ending]
) -> None:
    with closing(House(next(ledgers))) as house:
        house.receiver.endings.extend(first)
        reports = [house.hand_in("k1", revision=1)]
        for step in range((len(first) + len(second)) * 4 + 8):
            try:
                house.work()
            except Killed:
                house.reopen()
            if step == len(first) // 2:
                house.receiver.endings.extend(second)
                reports.append(house.hand_in("k2", revision=2))
            house.wait(*reports)

        house.clock.move(minutes=1)
        assert house.receiver.revisions() in ([1, 2], [2])
        assert house.read(reports[-1]).stage is Stage.RECONCILED
