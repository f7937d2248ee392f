"""The door: what is refused leaves no trace, what is taken is on disk, and one key is one report."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.domain.agreement import Classification
from gateway.domain.calendar import clock_face
from gateway.domain.errors import Conflict, GatewayError, NotFound, Rejected
from gateway.domain.exchange import Stage
from gateway.domain.facts import Accepted
from gateway.domain.ids import digest_of
from gateway.journey.accept import Incoming, accept
from gateway.ports import Query
from tests.journey.conftest import Build
from tests.journey.scene import AGREED, House, agreed, incoming, submission


def refused(house: House, given: Incoming) -> list[str]:
    """The codes it is refused with; nothing of it is kept."""
    before = house.size()
    with pytest.raises(GatewayError) as caught:
        accept(house.doors, given)
    assert house.size() == before
    assert house.ledger.find(Query()) == []
    return [problem.code for problem in caught.value.problems]


@pytest.mark.parametrize("key", ["document:gd-1", "replay:pl-1"])
def test_keys_by_which_the_house_names_its_own_exchanges_are_not_for_others(house: House, key: str) -> None:
    assert refused(house, incoming(key)) == ["C-014"]


def test_what_is_taken_is_on_disk_to_the_byte_before_the_answer(house: House) -> None:
    x, is_new = accept(house.doors, incoming())
    house.reopen()

    assert is_new
    assert house.read(x).stage is Stage.ACCEPTED
    assert house.ledger.bytes_of(digest_of(submission())) == submission()


def test_a_detached_signature_is_kept_beside_the_report(house: House) -> None:
    x = house.hand_in(signature=b"<Signature/>")

    kept = house.last(x, Accepted)
    assert kept.submission.signature is not None
    assert house.ledger.bytes_of(kept.submission.signature.digest) == b"<Signature/>"
    assert house.ledger.bytes_of(kept.payload.digest) == submission()


def test_the_same_key_with_the_same_content_is_the_same_exchange_and_nothing_is_written_twice(house: House) -> None:
    first, _ = accept(house.doors, incoming())
    before = house.size()
    again, is_new = accept(house.doors, incoming())

    assert (again.id, is_new) == (first.id, False)
    assert house.size() == before


def test_a_repeated_question_shows_how_far_the_report_has_come(house: House) -> None:
    house.until(house.hand_in(), Stage.RECONCILED)

    again, is_new = accept(house.doors, incoming())

    assert (again.stage, is_new) == (Stage.RECONCILED, False)


def test_the_same_key_with_other_content_is_a_conflict_that_names_both_digests(house: House) -> None:
    x = house.hand_in()
    before = house.size()
    with pytest.raises(Conflict) as caught:
        house.hand_in(revision=2)

    problem = caught.value.problem
    assert problem.code == "C-008"
    assert problem.details["before"] == digest_of(submission())
    assert problem.details["now"] == digest_of(submission(revision=2))
    assert problem.details["at"] == clock_face(house.read(x).opened_at)
    assert house.size() == before


def test_another_signature_on_the_same_report_is_other_content(house: House) -> None:
    house.hand_in(signature=b"<Signature>1</Signature>")
    with pytest.raises(Conflict):
        house.hand_in(signature=b"<Signature>2</Signature>")


def test_where_the_report_ends_and_the_signature_begins_is_content_too(house: House) -> None:
    """A key must not answer for bytes that were cut differently: one of the two was never kept."""
    whole = incoming(signature=b"<Signature/>")
    accept(house.doors, whole)
    with pytest.raises(Conflict):
        accept(house.doors, replace(whole, payload=whole.payload + b"<Signature/>", signature=None))


def test_a_key_belongs_to_its_agreement(build: Build) -> None:
    house = build(agreed(id="khac"))

    assert house.hand_in("k1").id != house.hand_in("k1", "khac").id


def test_an_agreement_nobody_declared_is_not_found(house: House) -> None:
    given = incoming(agreement="ktxh-tuan")
    with pytest.raises(NotFound):
        accept(house.doors, given)
    assert refused(house, given) == ["B-005"]


@pytest.mark.parametrize("declared", [c for c in Classification if c is not Classification.OPEN])
def test_secret_statistical_and_internal_regimes_may_not_travel(build: Build, declared: Classification) -> None:
    house = build(agreed(classification=declared))

    assert refused(house, incoming()) == ["B-006"]
    with pytest.raises(Rejected, match=declared.value):
        accept(house.doors, incoming())


def test_the_shipped_statistical_regime_is_refused(house: House) -> None:
    assert refused(house, incoming(agreement="thong-ke")) == ["B-006"]


def test_a_report_is_taken_up_to_the_agreed_size_and_not_a_byte_beyond(build: Build) -> None:
    house = build(agreed(max_bytes=len(submission()) - 1))
    assert refused(house, incoming()) == ["C-003"]

    assert accept(house.doors, replace(incoming(), payload=submission()[:-1]))[1]


def test_a_media_type_that_was_not_agreed_is_refused(house: House) -> None:
    assert refused(house, replace(incoming(), media_type="application/pdf")) == ["C-006"]


@pytest.mark.parametrize("key", ["", "k" * 201])
def test_a_report_needs_a_key_of_at_most_two_hundred_characters(house: House, key: str) -> None:
    assert refused(house, incoming(key)) == ["C-007"]


def test_the_longest_key_is_taken(house: House) -> None:
    assert accept(house.doors, incoming("k" * 200))[1]


def test_everything_wrong_at_the_door_is_said_at_once(build: Build) -> None:
    house = build(agreed(max_bytes=3))

    assert refused(house, replace(incoming(""), media_type="text/html")) == ["C-007", "C-003", "C-006"]


def test_a_refused_key_is_free_for_the_mended_report(house: House) -> None:
    assert refused(house, replace(incoming(), media_type="text/html")) == ["C-006"]

    assert accept(house.doors, incoming())[1]


def test_what_was_handed_in_is_not_read_at_the_door(house: House) -> None:
    """Parsing can wait and can fail; the receipt must not."""
    x, _ = accept(house.doors, Incoming(AGREED.id, "k1", "he-thong-tinh", "application/json", b"not JSON"))

    assert x.stage is Stage.ACCEPTED
