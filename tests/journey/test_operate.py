"""What people may do: at the right stage only, by name and with a reason, and each act is a fact."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from gateway.domain.agreement import WhenUnaskable
from gateway.domain.errors import Conflict, NotFound, Unavailable
from gateway.domain.exchange import STAGE_WORDS, Exchange, Kind, Stage
from gateway.domain.facts import Accepted, Cancelled, Diverted, Numbered, Parked, Released, Translated
from gateway.journey import operate
from gateway.ports import Query
from tests.journey.conftest import Build
from tests.journey.scene import AGREED, EVENING, REGISTERED, WHO, House, agreed, catalogue_packet, submission
from tests.journey.wires import NATIONAL, UNREACHABLE, Ending

VERBS: dict[str, Callable[[House, str], Exchange]] = {
    "resend": lambda house, x: operate.resend(house.doors, x, WHO),
    "release": lambda house, x: operate.release(house.doors, x, WHO),
    "park": lambda house, x: operate.park(house.doors, x, WHO),
    "cancel": lambda house, x: operate.cancel(house.doors, x, WHO),
    "divert": lambda house, x: operate.divert(house.doors, x, WHO),
    "replay": lambda house, x: operate.replay(house.doors, x, WHO),
    "number": lambda house, x: operate.number(house.doors, x, REGISTERED, [], WHO),
}


# ── reports brought to where a person finds them ─────────────────────────────────────────────────
def fresh(house: House) -> str:
    return house.hand_in().id


def packaged(house: House) -> str:
    x = house.hand_in()
    house.runner.prepare(NATIONAL)
    return x.id


def waiting(house: House) -> str:
    house.receiver.endings.append(Ending.UNREACHABLE)
    return house.until(house.hand_in(), Stage.PACKAGED).id


def in_doubt(house: House) -> str:
    house.receiver.endings.append(Ending.ANSWER_LOST)
    return house.until(house.hand_in(), Stage.IN_DOUBT).id


def parked_in_doubt(house: House) -> str:
    house.receiver.askable = False
    house.receiver.endings.append(Ending.LOST_ON_THE_WAY)
    return house.until(house.hand_in(), Stage.PARKED).id


def parked_packaged(house: House) -> str:
    return operate.park(house.doors, packaged(house), WHO).id


def delivered(house: House) -> str:
    house.receiver.judgement = None
    return house.until(house.hand_in(), Stage.DELIVERED).id


def reconciled(house: House) -> str:
    return house.until(house.hand_in(), Stage.RECONCILED).id


def refused(house: House) -> str:
    return house.until(house.hand_in(form="99/KHAC"), Stage.REFUSED).id


def diverted(house: House) -> str:
    return operate.divert(house.doors, packaged(house), WHO).id


def document(house: House) -> str:
    return house.read(diverted(house)).paper or ""


def published(house: House) -> str:
    house.issuer.packets["VPCP-CT"] = catalogue_packet()
    return asyncio.run(operate.sync_catalogue(house.doors, AGREED.id, "VPCP-CT")).id


WRONG = [
    *[("resend", at) for at in (fresh, packaged, waiting, in_doubt, parked_packaged, delivered, reconciled, refused)],
    *[("release", at) for at in (fresh, packaged, waiting, in_doubt, delivered, reconciled, refused, document)],
    *[("park", at) for at in (parked_packaged, parked_in_doubt, reconciled, refused)],
    *[("cancel", at) for at in (waiting, in_doubt, parked_in_doubt, delivered, reconciled, refused, diverted)],
    *[
        ("divert", at)
        for at in (fresh, in_doubt, parked_in_doubt, parked_packaged, delivered, reconciled, diverted, document)
    ],
    *[("replay", at) for at in (document, published)],
    *[("number", at) for at in (fresh, packaged, parked_in_doubt, reconciled)],
]


@pytest.mark.parametrize(("verb", "at"), WRONG, ids=[f"{verb} {at.__name__}" for verb, at in WRONG])
def test_a_verb_at_the_wrong_stage_is_a_conflict_that_names_both(
    house: House, verb: str, at: Callable[[House], str]
) -> None:
    x = at(house)
    before, stage = house.size(), house.read(x).stage
    with pytest.raises(Conflict) as caught:
        VERBS[verb](house, x)

    assert caught.value.problem.code == "F-007"
    told = {"exchange": x, "stage": stage.value, "stage_vi": STAGE_WORDS[stage], "verb": verb}
    assert caught.value.problem.details == told
    assert house.size() == before


@pytest.mark.parametrize("verb", VERBS)
def test_nothing_can_be_done_to_an_exchange_nobody_knows(house: House, verb: str) -> None:
    with pytest.raises(NotFound) as caught:
        VERBS[verb](house, "gd-khong-co")

    assert caught.value.problem.code == "F-006"


# ── park, release, resend, cancel ────────────────────────────────────────────────────────────────
def test_a_parked_report_stays_where_it_is_until_it_is_released(house: House) -> None:
    x = parked_packaged(house)
    house.later(hours=5)
    assert house.last(x, Parked).why.details == {"by": WHO.name, "reason": WHO.because}
    assert house.receiver.sends == []

    operate.release(house.doors, x, WHO)
    house.work()
    assert house.last(x, Released) == Released(WHO.name, WHO.because)
    assert house.read(x).stage is Stage.RECONCILED


def test_a_release_of_a_doubt_asks_again_and_sends_nothing(house: House) -> None:
    x = parked_in_doubt(house)
    operate.release(house.doors, x, WHO)
    house.later(hours=1)

    assert (house.read(x).stage, len(house.receiver.sends)) == (Stage.PARKED, 1)


def test_a_resend_is_the_same_parcel_once_more_and_once_only(house: House) -> None:
    x = parked_in_doubt(house)
    operate.resend(house.doors, x, WHO)
    house.receiver.endings.append(Ending.LOST_ON_THE_WAY)
    house.until(house.read(x), Stage.PARKED)

    assert house.last(x, Released) == Released(WHO.name, WHO.because, resend=True)
    first, second = house.receiver.sends
    assert first == second
    assert not house.read(x).resend_allowed


def test_a_resend_that_is_taken_leads_to_the_end(house: House) -> None:
    x = parked_in_doubt(house)
    operate.resend(house.doors, x, WHO)
    house.later(minutes=1)

    assert house.read(x).stage is Stage.RECONCILED


@pytest.mark.parametrize("at", [fresh, packaged, parked_packaged])
def test_what_was_never_sent_can_be_cancelled(house: House, at: Callable[[House], str]) -> None:
    x = at(house)
    operate.cancel(house.doors, x, WHO)
    house.later(hours=1)

    assert house.last(x, Cancelled) == Cancelled(WHO.name, WHO.because)
    assert house.read(x).settled
    assert house.receiver.sends == []


def test_a_report_whose_document_is_on_its_way_cannot_be_cancelled_by_parking_it_first(house: House) -> None:
    x = diverted(house)
    operate.park(house.doors, x, WHO)
    with pytest.raises(Conflict):
        operate.cancel(house.doors, x, WHO)


# ── divert, number ───────────────────────────────────────────────────────────────────────────────
def test_a_person_may_send_a_waiting_report_as_a_document_with_no_outage_and_no_deadline(house: House) -> None:
    x = house.read(diverted(house))

    assert x.stage is Stage.DIVERTED
    assert house.last(x, Diverted).why.details == {"by": WHO.name, "reason": WHO.because}
    assert house.read(x.paper or "").stage is Stage.PREPARED
    house.later(hours=1)
    assert house.receiver.sends == []


def test_nobody_diverts_where_the_agreement_knows_no_document(build: Build) -> None:
    house = build(agreed(fallback=None))
    x = packaged(house)
    with pytest.raises(Conflict):
        operate.divert(house.doors, x, WHO)


def test_nobody_diverts_what_a_second_attempt_left_in_doubt(build: Build) -> None:
    house = build(agreed(when_unaskable=WhenUnaskable.RESEND), at=EVENING)
    house.receiver.askable = False
    house.receiver.endings.extend([Ending.ANSWER_LOST, Ending.UNREACHABLE])
    x = house.hand_in()
    house.work()
    house.clock.at = house.read(x).due or house.clock.at
    house.drain()
    with pytest.raises(Conflict):
        operate.divert(house.doors, x.id, WHO)


def test_a_document_is_numbered_once_with_its_signed_files_kept(house: House) -> None:
    paper = document(house)
    house.number(paper)

    kept = house.last(paper, Numbered)
    assert (kept.number, kept.notation, kept.by) == ("128", "BC-UBND", WHO.name)
    assert [house.ledger.bytes_of(file.content.digest)[:4] for file in kept.files[:2]] == [b"%PDF", b"%PDF"]
    with pytest.raises(Conflict):
        house.number(paper)


# ── replay ───────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("at", [reconciled, refused, delivered])
def test_a_replay_is_a_new_linked_exchange_from_the_kept_bytes(house: House, at: Callable[[House], str]) -> None:
    x = at(house)
    before = house.facts(x)
    fresh = operate.replay(house.doors, x, WHO)

    assert fresh.id != x
    assert (fresh.parent, fresh.stage, fresh.payload) == (x, Stage.ACCEPTED, house.read(x).payload)
    kept = house.last(fresh, Accepted).submission
    assert (kept.replay_of, kept.sender) == (x, WHO.name)
    assert house.facts(x) == before


def test_every_replay_is_another_exchange(house: House) -> None:
    x = reconciled(house)

    assert operate.replay(house.doors, x, WHO).id != operate.replay(house.doors, x, WHO).id
    assert len(house.ledger.find(Query(parent=x))) == 2


def test_a_replay_carries_the_detached_signature_along(house: House) -> None:
    x = house.hand_in(signature=b"<Signature/>")
    fresh = operate.replay(house.doors, x.id, WHO)
    house.work()

    assert [(payload, signature) for payload, signature, *_ in house.expert.shown] == [
        (submission(), b"<Signature/>")
    ] * 2
    assert fresh.submission is not None


def test_a_replay_is_mapped_by_the_pack_it_names(house: House) -> None:
    x = reconciled(house)
    named = operate.replay(house.doors, x, WHO, pack="goi-khac")
    house.work()
    assert house.last(named, Parked).why.details["pack"] == "goi-khac"

    plain = operate.replay(house.doors, x, WHO)
    house.work()
    assert house.last(plain, Translated).pack == "kt-xh-tinh"


def test_a_replay_goes_through_the_same_gates(house: House) -> None:
    x = reconciled(house)
    house.agreements.clear()
    with pytest.raises(NotFound):
        operate.replay(house.doors, x, WHO)


# ── catalogues ───────────────────────────────────────────────────────────────────────────────────
def test_a_synchronisation_opens_a_journey_of_its_own(house: House) -> None:
    x = house.read(published(house))

    assert (x.kind, x.stage, x.catalogue) == (Kind.INBOUND, Stage.FETCHED, "VPCP-CT")


def test_there_is_nothing_to_synchronise_without_an_agreement(house: House) -> None:
    with pytest.raises(NotFound):
        asyncio.run(operate.sync_catalogue(house.doors, "khong-co", "VPCP-CT"))


def test_an_issuer_that_cannot_be_reached_opens_nothing(house: House) -> None:
    house.issuer.trouble = Unavailable(UNREACHABLE)
    with pytest.raises(Unavailable):
        asyncio.run(operate.sync_catalogue(house.doors, AGREED.id, "VPCP-CT"))

    assert house.ledger.find(Query()) == []
