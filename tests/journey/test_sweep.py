"""The sweep: whatever became of the rings, what is due is found again."""

from __future__ import annotations

from gateway.domain.exchange import Stage
from gateway.journey import operate
from gateway.journey.sweep import sweep
from tests.journey.conftest import Build
from tests.journey.scene import EVENING, WHO, House
from tests.journey.wires import AXIS, NATIONAL, Bell, Ending


def swept(house: House) -> list[str]:
    bell = Bell()
    assert sweep(house.ledger, bell) == bell.rings
    return bell.rings


def test_it_rings_once_for_each_destination_however_much_is_due(house: House) -> None:
    for n in range(1, 4):
        house.hand_in(f"k{n}", revision=n)

    assert swept(house) == [NATIONAL]


def test_it_rings_for_every_destination_with_work(build: Build) -> None:
    house = build(at=EVENING)
    x = house.diverted()
    assert x.paper is not None
    house.number(x.paper)
    house.hand_in("k2", reporter="H56.01")

    assert swept(house) == [NATIONAL, AXIS]


def test_it_is_silent_where_nothing_is_due(house: House) -> None:
    assert swept(house) == []
    house.until(house.hand_in(), Stage.RECONCILED)
    assert swept(house) == []


def test_it_does_not_ring_for_what_waits_for_a_person_or_for_later(house: House) -> None:
    operate.park(house.doors, house.hand_in("k1").id, WHO)
    house.receiver.endings.append(Ending.UNREACHABLE)
    house.hand_in("k2", reporter="H56.01")
    house.work()
    assert swept(house) == []

    house.clock.move(hours=1)
    assert swept(house) == [NATIONAL]


def test_it_does_not_ring_for_what_somebody_is_working_on(house: House) -> None:
    house.hand_in()
    house.ledger.claim(NATIONAL, "w2", tuple(Stage), 10, 60)

    assert swept(house) == []


def test_after_a_restart_it_finds_what_was_left_lying(house: House) -> None:
    house.hand_in()
    house.ledger.claim(NATIONAL, "w1", tuple(Stage), 10, 600)
    house.reopen()

    assert swept(house) == [NATIONAL]
