"""Catalogues that come down: compared with what is in force, published once, and never emptied by surprise."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from gateway.domain.catalogue import Item
from gateway.domain.exchange import Exchange, Stage
from gateway.domain.facts import Compared, Parked, Published, Refused, Unchanged
from gateway.journey import operate
from tests.journey.conftest import Build
from tests.journey.interrupted import Interrupted
from tests.journey.scene import AGREED, CATALOGUE, ITEMS, WHO, House, agreed, catalogue_packet, submission
from tests.journey.wires import Killed

NEW = Item("0999", "Chỉ tiêu mới", unit="diem")


def fetched(house: House, items: Sequence[Item] = ITEMS, version: str = "2026.2") -> Exchange:
    house.issuer.packets["VPCP-CT"] = catalogue_packet(items, version)
    return asyncio.run(operate.sync_catalogue(house.doors, AGREED.id, "VPCP-CT"))


def test_a_new_entry_is_counted_and_put_in_force(house: House) -> None:
    x = fetched(house, (*ITEMS, NEW))
    house.work()

    assert house.facts(x) == ["Fetched", "Validated", "Compared", "Published"]
    assert house.last(x, Published) == Published("VPCP-CT", "2026.2", "2026-01-01")
    current = house.shelf.current("VPCP-CT")
    assert current is not None
    assert current.items == (*ITEMS, NEW)


def test_additions_changes_and_withdrawals_are_named_by_code(build: Build) -> None:
    house = build(agreed(max_withdrawn=1))
    x = fetched(house, (replace(ITEMS[0], name="Thu ngân sách"), ITEMS[1], NEW))
    house.work()

    told = house.last(x, Compared)
    assert (told.added, told.changed, told.withdrawn) == (1, 1, 1)
    assert json.loads(house.ledger.bytes_of(told.changes.digest)) == {
        "added": ["0999"], "changed": ["0601"], "withdrawn": ["0101"],
    }  # fmt: skip
    assert house.read(x).stage is Stage.PUBLISHED


def test_the_same_entries_again_change_nothing(house: House) -> None:
    x = fetched(house)
    house.work()

    assert house.last(x, Unchanged) == Unchanged("VPCP-CT", "2026.2")
    assert house.shelf.current("VPCP-CT") is CATALOGUE


def test_fetched_twice_it_is_published_once(house: House) -> None:
    first, second = fetched(house, (*ITEMS, NEW)), fetched(house, (*ITEMS, NEW))
    house.work()

    assert [house.read(x).stage for x in (first, second)] == [Stage.PUBLISHED, Stage.UNCHANGED]
    assert len(house.shelf.published) == 2


def test_the_first_catalogue_of_a_name_is_all_new(house: House) -> None:
    house.shelf.published.clear()
    x = fetched(house)
    house.work()

    assert (house.last(x, Compared).added, house.read(x).stage) == (3, Stage.PUBLISHED)


def test_killed_between_publishing_and_saying_so_it_is_published_once(house: House) -> None:
    house.reopen(lambda journal: Interrupted(journal, Published, before=Killed(), after=None))
    x = fetched(house, (*ITEMS, NEW))
    with pytest.raises(Killed):
        house.work()
    assert house.facts(x) == ["Fetched"]
    house.reopen()
    house.work()

    assert house.read(x).settled
    assert len(house.shelf.published) == 2


def test_too_many_withdrawals_wait_for_a_person_and_nothing_is_in_force_before(house: House) -> None:
    x = fetched(house, ITEMS[:1])
    house.later(hours=1)

    why = house.last(x, Parked).why
    assert (why.code, why.details) == ("D-004", {"catalogue": "VPCP-CT", "withdrawn": "2", "limit": "0"})
    assert house.facts(x)[-2:] == ["Compared", "Parked"]
    assert house.shelf.current("VPCP-CT") is CATALOGUE


def test_released_by_a_person_it_is_published(house: House) -> None:
    x = fetched(house, ITEMS[:1])
    house.work()
    operate.release(house.doors, x.id, WHO)
    house.work()

    current = house.shelf.current("VPCP-CT")
    assert house.read(x).stage is Stage.PUBLISHED
    assert current is not None
    assert current.items == ITEMS[:1]


def test_cancelled_by_a_person_it_never_comes_into_force(house: House) -> None:
    x = fetched(house, ITEMS[:1])
    house.work()
    operate.cancel(house.doors, x.id, WHO)
    house.work()

    assert house.shelf.current("VPCP-CT") is CATALOGUE


def test_a_catalogue_released_late_does_not_push_out_a_newer_one(house: House) -> None:
    """It was compared with what was in force then; since then something newer is."""
    old = fetched(house, ITEMS[:1], "2026.2")
    house.work()
    fetched(house, (*ITEMS, NEW), "2026.3")
    house.work()
    operate.release(house.doors, old.id, WHO)
    house.work()

    current = house.shelf.current("VPCP-CT")
    assert current is not None
    assert current.version == "2026.3"


def test_what_is_no_catalogue_is_refused(house: House) -> None:
    house.issuer.packets["VPCP-CT"] = submission()
    x = asyncio.run(operate.sync_catalogue(house.doors, AGREED.id, "VPCP-CT"))
    house.work()

    assert house.last(x, Refused).by == "gateway"
    assert house.shelf.current("VPCP-CT") is CATALOGUE
