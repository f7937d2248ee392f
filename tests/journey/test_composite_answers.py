"""What a receiver says of a composite's parts is held against what was sent: it may be wrong, or of another one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.domain.exchange import Stage
from gateway.domain.facts import Delivered, Discrepant
from gateway.domain.ids import digest_of
from gateway.domain.parcel import Answer, Blob, Enclosed, Parcel
from gateway.journey.accept import accept
from gateway.journey.enclosing import other_parts
from tests.journey.composite import ANNEX, LETTER, PDF_BYTES, PNG_BYTES, composite, linked
from tests.journey.conftest import Build
from tests.journey.scene import House, incoming
from tests.journey.wires import Ending

Lie = Callable[[list[str]], list[str]]
STRANGE = "f" * 64


@pytest.fixture
def house(build: Build) -> House:
    return build(linked())


LIES: dict[str, tuple[Lie, list[str]]] = {
    "the words are missing": (lambda told: told[1:], ["thiếu / missing narrative"]),
    "a file is missing": (lambda told: told[:-1], [f"thiếu / missing {ANNEX}"]),
    "nothing came": (lambda told: [], ["missing narrative", f"missing {LETTER}", f"missing {ANNEX}"]),
    "another digest": (lambda told: [told[0], STRANGE, told[2]], [f"missing {LETTER}", "lạ / foreign ffffffffffff"]),
    "a file twice": (lambda told: [*told, told[1]], [f"lặp / twice {LETTER}"]),
    "one file in the place of another": (lambda told: [told[0], told[1], told[1]], [f"missing {ANNEX}", f"twice {LETTER}"]),
    "a file more": (lambda told: [*told, STRANGE], ["lạ / foreign"]),
    "the parts of another composite": (lambda told: [digest_of(b"1"), digest_of(b"2")], ["missing narrative", "foreign"]),
    "names that are no digests": (lambda told: ["1", "2", "3"], ["missing narrative", "lạ / foreign 1"]),
}  # fmt: skip


@pytest.mark.parametrize("name", LIES)
def test_a_receipt_that_names_other_parts_is_no_delivery(house: House, name: str) -> None:
    house.receiver.says_parts, about = LIES[name]
    x, _ = accept(house.doors, composite())
    house.work()

    why = house.last(x, Discrepant).what
    assert why.code == "G-004"
    assert not [each for each in about if each not in why.title.vi], why.title.vi
    assert "Delivered" not in house.facts(x)
    assert len(house.receiver.sends) == 1


@pytest.mark.parametrize("name", LIES)
def test_so_is_one_that_is_only_got_by_asking(house: House, name: str) -> None:
    house.receiver.says_parts, _ = LIES[name]
    house.receiver.endings.append(Ending.ANSWER_LOST)
    x = house.until(accept(house.doors, composite())[0], Stage.PARKED)

    assert house.last(x, Discrepant).what.code == "G-004"
    assert len(house.receiver.sends) == 1


@pytest.mark.parametrize("name", LIES)
def test_a_statement_that_names_other_parts_is_not_reconciled(house: House, name: str) -> None:
    house.receiver.judgement = None
    x = house.until(accept(house.doors, composite())[0], Stage.DELIVERED)
    house.receiver.judgement = Answer.ACCEPTED
    house.receiver.says_parts, about = LIES[name]
    house.until(x, Stage.PARKED)

    why = house.last(x, Discrepant).what
    assert why.code == "E-003"
    assert not [each for each in about if each not in why.title.vi], why.title.vi


def test_the_right_parts_in_any_order_and_any_case_are_the_right_ones(house: House) -> None:
    house.receiver.says_parts = lambda told: [each.upper() for each in reversed(told)]
    x = house.until(accept(house.doors, composite())[0], Stage.RECONCILED)

    assert len(house.last(x, Delivered).receipt.parts or ()) == 3


def test_figures_alone_have_no_parts_and_a_receiver_who_names_some_means_another_report(build: Build) -> None:
    house = build()
    house.receiver.says_parts = lambda told: [STRANGE]
    x, _ = accept(house.doors, incoming())
    house.work()
    assert house.last(x, Discrepant).what.code == "G-004"


def test_the_same_bytes_under_two_names_are_two_parts() -> None:
    one = Blob(digest_of(PDF_BYTES), len(PDF_BYTES), "application/pdf")
    parcel = Parcel("m", "report-data", one, "lane", files=(Enclosed("a.pdf", one), Enclosed("b.pdf", one)))
    assert other_parts(parcel, [one.digest, one.digest]) == []
    assert other_parts(parcel, [one.digest]) == [f"thiếu / missing b.pdf {one.digest[:12]}…"]
    assert other_parts(parcel, None) == []
    assert digest_of(PNG_BYTES) != one.digest
