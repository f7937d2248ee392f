"""Package: one packet for each report, the only one that will ever be sent for it."""

from __future__ import annotations

from dataclasses import replace

from gateway.domain.exchange import Stage
from gateway.domain.facts import Packaged
from gateway.domain.ids import digest_of
from gateway.domain.trace import onward
from gateway.journey import operate
from gateway.journey.accept import accept
from gateway.schemas.national import packet
from tests.journey.scene import QUIET, WHO, House, incoming
from tests.journey.wires import NATIONAL, Ending


def test_the_packet_names_the_exchange_and_both_agencies_in_both_code_systems(house: House) -> None:
    x = house.hand_in()
    house.work()

    header = packet.read(house.receiver.held[0].body).header
    assert (header.message_id, header.correlation_id, header.packet, header.created) == (
        x.id, x.id, "report-data", QUIET,
    )  # fmt: skip
    assert (header.sender_code, header.sender_old_code) == ("H56", "000.00.00.H56")
    assert (header.receiver_code, header.receiver_old_code) == ("G22", "000.00.00.G22")


def test_the_parcel_names_the_report_and_the_very_bytes(house: House) -> None:
    x = house.hand_in()
    house.work()

    parcel = house.last(x, Packaged).parcel
    assert (parcel.message_id, parcel.report_key) == (x.id, "BC-KTXH|01/KTXH|H56|LICH:2026M11")
    assert parcel.body.digest == digest_of(house.receiver.held[0].body)
    assert parcel.backfill is None


def test_a_replay_is_another_message_about_the_first(house: House) -> None:
    x = house.hand_in()
    house.work()
    fresh = operate.replay(house.doors, x.id, WHO)
    house.work()

    header = packet.read(house.receiver.held[1].body).header
    assert (header.message_id, header.correlation_id) == (fresh.id, x.id)


def test_it_is_packed_once_however_often_it_is_sent_and_by_whatever_process(house: House) -> None:
    house.receiver.endings.extend([Ending.UNREACHABLE, Ending.UNREACHABLE])
    x = house.hand_in()
    house.runner.prepare(NATIONAL)
    house.clock.move(minutes=1)
    house.later(minutes=1)
    house.reopen()
    house.until(x, Stage.RECONCILED)

    assert len({body for _, body in house.receiver.sends}) == 1
    assert house.facts(x).count("Packaged") == 1


def test_the_callers_trace_goes_on_with_the_parcel_and_is_kept(house: House) -> None:
    given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    x, _ = accept(house.doors, replace(incoming("k1"), trace=given))
    house.work()
    told = house.read(x).submission
    assert told is not None
    assert told.trace == given
    assert house.last(x, Packaged).parcel.trace == onward(given, x.id)
