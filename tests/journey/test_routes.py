"""The margin follows what the document route really took."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from gateway.domain.exchange import Stage
from gateway.journey import operate
from gateway.journey.routes import RouteTimes
from tests.journey.conftest import Build
from tests.journey.scene import AGREED, EVENING, REGISTERED, WHO, House
from tests.journey.wires import NATIONAL


def went(house: House, times: int, hours: float) -> None:
    """So many documents that took so long from the desk to the axis."""
    for number in range(times):
        x = house.hand_in(f"cu-{number}", reporter=f"H56.{number:02}")
        house.runner.prepare(NATIONAL)
        paper = operate.divert(house.doors, x.id, WHO).paper or ""
        house.clock.move(hours=hours)
        prepared = house.read(paper).prepared
        assert prepared is not None
        files = [
            (a.name, a.description, a.content.media_type, house.ledger.bytes_of(a.content.digest))
            for a in prepared.files
        ]
        operate.number(house.doors, paper, replace(REGISTERED, number=str(200 + number)), files, WHO)
        house.work()
        assert house.read(paper).stage is Stage.SENT


def test_a_slow_route_widens_the_margin_of_its_agreements(build: Build) -> None:
    house = build(at=EVENING - timedelta(days=9))
    times = RouteTimes(house.ledger, house.clock)
    assert times.widened(AGREED) is AGREED
    went(house, 5, hours=8)
    house.clock.move(minutes=11)

    widened = times.widened(AGREED)
    assert widened.fallback is not None
    assert widened.fallback.margin == timedelta(hours=10)


def test_it_is_measured_again_only_after_a_while(build: Build) -> None:
    house = build(at=EVENING - timedelta(days=9))
    times = RouteTimes(house.ledger, house.clock)
    assert times.widened(AGREED) is AGREED
    measured = house.clock.now()
    went(house, 5, hours=8)

    house.clock.at = measured + timedelta(minutes=9)
    assert times.widened(AGREED) is AGREED
    house.clock.at = measured + timedelta(minutes=11)
    assert times.widened(AGREED) is not AGREED


def test_a_report_starts_as_a_document_when_the_slow_route_needs_it(build: Build) -> None:
    house = build(at=EVENING - timedelta(days=9))
    went(house, 5, hours=8)
    house.clock.at = EVENING - timedelta(hours=5)  # eight hours before the deadline: twice the agreed margin
    house.doors = replace(house.doors, route_times=RouteTimes(house.ledger, house.clock))
    house.runner = house.worker("w2")

    assert house.diverted("nay", reporter="H56.99").stage is Stage.DIVERTED
    assert house.clock.at < EVENING - timedelta(hours=1)
