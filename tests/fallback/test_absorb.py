"""The gateway comes back: nothing the desk took over is sent a second time, and its ledger becomes ours once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from fallback.bundle import BrokenSealError, unpacked_bundle
from fallback.desk import Desk
from fallback.frames import followed
from fallback.handover import HandedOver, name_of, places_of
from fallback.ledger import Ledger
from gateway.domain.exchange import Exchange, Stage
from gateway.domain.facts import Absorbed, Parked, intact
from gateway.journey import operate
from gateway.journey.absorb import Became, Line, absorb
from gateway.journey.accept import accept
from tests.fallback.across import desk, fill_in, incoming, says, sent, stocked, submission
from tests.journey.scene import EVENING, WHO, House
from tests.journey.wires import NATIONAL, Ending


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return stocked(tmp_path / "ban", EVENING)


@pytest.fixture
def house(tmp_path: Path, home: Path) -> Iterator[House]:
    """A gateway that can look into the desk's folder."""
    gateway = House(tmp_path / "gateway.ledger", at=EVENING)
    gateway.doors = replace(gateway.doors, handover=HandedOver(places_of(tmp_path / "var", [home])))
    gateway.runner = gateway.worker("w1")
    yield gateway
    gateway.close()


def at_the_desk(home: Path, key: str = "k1", payload: bytes | None = None) -> Iterator[Desk]:
    with desk(home) as opened:
        opened.accept(incoming(key, payload))
        yield opened


def sent_from_the_desk(home: Path, key: str = "k1", payload: bytes | None = None) -> str:
    """A report that left as document 128; the document's id."""
    [document] = [told for opened in at_the_desk(home, key, payload) for told in [_sent(opened, home)]]
    return document


def _sent(opened: Desk, home: Path) -> str:
    opened.prepare("mất kết nối")
    opened.lay_out()
    [x] = opened.documents(Stage.PREPARED)
    fill_in(home, x.id, 128)
    opened.register("văn thư")
    return x.id


def absorbed(house: House, home: Path) -> list[Line]:
    path = home / "so-cai.ledger"
    name, ledger = name_of(path), Ledger(path)
    try:
        return absorb(house.doors, ledger, name)
    finally:
        ledger.close()


def queued(house: House, key: str = "k1", payload: bytes | None = None) -> Exchange:
    """The same report, handed in at the gateway before it went away."""
    return accept(house.doors, replace(incoming(key, payload), sender="he-thong"))[0]


# ── what waits ───────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("key", ["k1", "khoa-khac"])
def test_what_stands_in_an_unabsorbed_ledger_is_not_sent(house: House, home: Path, key: str) -> None:
    """By its key, and by its content and its lane under another key."""
    sent_from_the_desk(home)
    x = queued(house, key)
    house.later(hours=1)

    assert (house.read(x).stage, house.receiver.sends) == (Stage.PARKED, [])
    assert house.last(x, Parked).why.code == "F-101"


def test_a_report_the_desk_only_took_in_waits_too(house: House, home: Path) -> None:
    for _ in at_the_desk(home):
        pass
    x = queued(house)
    house.later(hours=1)

    assert house.read(x).stage is Stage.PARKED


def test_other_reports_go_as_ever(house: House, home: Path) -> None:
    sent_from_the_desk(home)
    x = queued(house, "k2", submission(reporter="H56.77"))
    house.work()

    assert house.read(x).stage is Stage.RECONCILED


def test_a_list_brought_before_the_ledger_holds_as_well(house: House, home: Path, tmp_path: Path) -> None:
    sent_from_the_desk(home)
    with desk(home) as opened:
        listed = opened.list_for_the_gateway()
    folder = tmp_path / "var" / "handover"
    folder.mkdir(parents=True)
    listed.rename(folder / listed.name)
    (home / "so-cai.ledger").unlink()
    x = queued(house)
    house.work()

    assert house.last(x, Parked).why.code == "F-101"


def test_a_person_may_let_it_go_and_is_not_asked_again(house: House, home: Path) -> None:
    for _ in at_the_desk(home):
        pass
    x = queued(house)
    house.work()
    operate.release(house.doors, x.id, WHO)
    house.work()

    assert house.read(x).stage is Stage.RECONCILED
    assert len(house.receiver.held) == 1


def test_what_is_taken_in_while_the_gateway_looks_is_seen_at_once(house: House, home: Path) -> None:
    with desk(home) as opened:
        opened.accept(incoming("k1"))
        assert house.doors.handover.holds(queued(house, "k2", submission(reporter="H56.77"))) is None
        opened.accept(incoming("k2", submission(reporter="H56.77")))
        assert house.doors.handover.holds(queued(house, "k2", submission(reporter="H56.77"))) is not None


# ── what becomes of it ───────────────────────────────────────────────────────────────────────────
def test_the_desk_sends_the_gateway_revives_and_the_receiver_has_it_once(house: House, home: Path) -> None:
    x = queued(house)
    document = sent_from_the_desk(home)
    house.work()
    [line] = absorbed(house, home)
    assert (line.became, line.exchange, line.document) == (Became.JOINED, x.id, document)

    house.axis.documents.append(("ax-1", "H56,2026/11/20,128/BC-UBND", sent(home)[0].read_bytes()))
    house.axis.says("03")
    house.until(x, Stage.RECONCILED)
    assert len(house.receiver.held) == 1
    assert house.read(x).backfill is not None
    assert house.read(document).stage is Stage.DOCUMENT_ACCEPTED


def test_a_report_the_gateway_never_saw_is_opened_with_its_chain_as_it_was(house: House, home: Path) -> None:
    document = sent_from_the_desk(home)
    with desk(home) as opened:
        [theirs] = opened.reports()
        chains = {name: opened.ledger.history(name) for name in (theirs.id, document)}
    [line] = absorbed(house, home)

    assert line.became is Became.OPENED
    ours = house.ledger.history(theirs.id)
    assert intact(ours)
    assert [each.digest for each in ours[:-1]] == [each.digest for each in chains[theirs.id]]
    assert [each.digest for each in house.ledger.history(document)] == [each.digest for each in chains[document]]
    assert ours[-1].fact == Absorbed(line.ledger, line.line)
    assert all(house.ledger.bytes_of(a.content.digest) for a in house.read(document).prepared.files)  # type: ignore[union-attr]


def test_absorbed_twice_nothing_changes(house: House, home: Path) -> None:
    queued(house)
    sent_from_the_desk(home)
    house.work()
    absorbed(house, home)
    before = house.size()

    assert [line.became for line in absorbed(house, home)] == [Became.KNOWN]
    assert house.size() == before


def test_a_document_still_on_the_clerks_desk_is_numbered_here_afterwards(house: House, home: Path) -> None:
    for opened in at_the_desk(home):
        opened.prepare("mất kết nối")
    [line] = absorbed(house, home)
    house.number(line.document or "")
    house.work()

    assert house.read(line.document or "").stage is Stage.SENT
    assert len(house.axis.documents) == 1


def test_what_the_desk_refused_is_let_go_here(house: House, home: Path) -> None:
    payload = submission().replace(b"01/KTXH", b"99/KTXH")
    for opened in at_the_desk(home, payload=payload):
        opened.prepare("mất kết nối")
    x = queued(house, payload=payload)
    assert [line.became for line in absorbed(house, home)] == [Became.LET_GO]
    house.work()

    assert house.read(x).stage is Stage.REFUSED


def test_what_is_in_doubt_here_waits_and_is_joined_once_it_is_known(house: House, home: Path) -> None:
    house.receiver.endings.append(Ending.LOST_ON_THE_WAY)
    x = queued(house)
    house.work()
    assert house.read(x).stage is Stage.IN_DOUBT
    sent_from_the_desk(home)
    assert [line.became for line in absorbed(house, home)] == [Became.WAITS]

    house.until(x, Stage.PARKED)
    assert [line.became for line in absorbed(house, home)] == [Became.JOINED]
    assert house.receiver.held == []


def test_what_was_delivered_here_too_is_told_as_a_document_to_recall(house: House, home: Path) -> None:
    x = queued(house)
    house.until(x, Stage.RECONCILED)
    document = sent_from_the_desk(home)
    [line] = absorbed(house, home)

    assert (line.became, line.why and line.why.code) == (Became.TWICE, "F-113")
    assert house.read(document).parent == x.id
    house.later(hours=1)
    assert len(house.receiver.held) == 1


def test_the_same_key_with_other_content_is_a_conflict_and_the_others_go_on(house: House, home: Path) -> None:
    queued(house, "k1", submission(reporter="H56.01"))
    with desk(home) as opened:
        opened.accept(incoming("k1"))
        opened.accept(incoming("k2", submission(reporter="H56.02")))
        opened.prepare("mất kết nối")
    lines = absorbed(house, home)

    assert [line.became for line in lines] == [Became.CONFLICT, Became.OPENED]
    assert lines[0].why is not None
    assert lines[0].why.code == "C-008"


def test_the_same_figures_under_another_key_give_way_to_the_desks(house: House, home: Path) -> None:
    x = queued(house, "khoa-khac")
    sent_from_the_desk(home)
    house.work()
    absorbed(house, home)

    assert house.read(x).stage is Stage.SUPERSEDED
    house.later(hours=1)
    assert house.receiver.sends == []


def test_a_number_given_in_both_houses_keeps_the_desks_document_for_a_person(house: House, home: Path) -> None:
    """Both would go by one DocumentId, and what an office says of one would be believed of the other."""
    x = queued(house, "k9", submission(reporter="H56.09"))
    house.runner.prepare(NATIONAL)
    ours = operate.divert(house.doors, x.id, WHO).paper or ""
    house.number(ours)
    house.work()
    document = sent_from_the_desk(home)
    [line] = absorbed(house, home)

    assert (line.became, line.why and line.why.code) == (Became.OPENED, "F-105")
    assert line.why is not None
    assert line.why.details["document"] == ours
    assert (house.read(document).stage, house.read(ours).stage) == (Stage.PARKED, Stage.SENT)
    house.axis.says("03")
    house.until(house.read(x), Stage.RECONCILED)
    assert house.read(document).offices == {}


# ── the bundle ───────────────────────────────────────────────────────────────────────────────────
def test_a_bundle_opens_with_its_key_and_with_no_other(home: Path, tmp_path: Path) -> None:
    key = b"k" * 32
    for opened in at_the_desk(home):
        opened.key = key
        bundle = opened.hand_over()
    sealed = unpacked_bundle(bundle, tmp_path / "ra", key)
    [name] = sealed.files

    assert sealed.authentic
    assert len(list(followed(tmp_path / "ra" / name))) == 1
    for number, wrong in enumerate((b"j" * 32, None)):
        if wrong is not None:
            with pytest.raises(BrokenSealError):
                unpacked_bundle(bundle, tmp_path / f"sai-{number}", wrong)


def test_a_changed_bundle_is_refused(home: Path, tmp_path: Path) -> None:
    for opened in at_the_desk(home):
        bundle = opened.hand_over()
    content = bundle.read_bytes()
    bundle.write_bytes(content.replace(b'"k1"', b'"k2"', 1))
    with pytest.raises(BrokenSealError):
        unpacked_bundle(bundle, tmp_path / "ra", None)


def test_statuses_the_clerk_had_filed_are_known_after_absorption(house: House, home: Path) -> None:
    document = sent_from_the_desk(home)
    says(home, sent(home)[0], "03")
    with desk(home) as opened:
        opened.follow()
    [line] = absorbed(house, home)
    house.until(house.read(line.exchange), Stage.RECONCILED)

    assert house.read(document).offices == {"G22": "03"}
    assert len(house.receiver.held) == 1


def test_a_document_of_the_gateway_waits_too_while_the_desk_may_have_sent_its_own(house: House, home: Path) -> None:
    house.receiver.otherwise = Ending.UNREACHABLE
    x = queued(house)
    x = house.until(x, Stage.DIVERTED, step=timedelta(minutes=6))
    for _ in at_the_desk(home):
        pass
    house.number(x.paper or "")
    house.work()

    assert house.read(x.paper or "").stage is Stage.PARKED
    assert house.axis.documents == []
