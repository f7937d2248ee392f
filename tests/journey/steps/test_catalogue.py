"""Catalogues that come down: compared with what is in force, published once, and never emptied by surprise."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from gateway.domain.catalogue import Item
from gateway.domain.exchange import Exchange, Stage
from gateway.domain.facts import Compared, Parked, Published, Refused, Unchanged, Verified
from gateway.journey import operate
from tests.journey.conftest import Build
from tests.journey.interrupted import Interrupted
from tests.journey.scene import AGREED, CATALOGUE, ITEMS, WHO, House, agreed, catalogue_packet, submission
from tests.journey.steps.test_verify import PASSED
from tests.journey.wires import Killed

NEW = Item("0999", "Chỉ tiêu mới", unit="diem")


def fetched(
    house: House, items: Sequence[Item] = ITEMS, version: str = "2026.2", base: str = "", **said: Any
) -> Exchange:
    house.issuer.packets["VPCP-CT"] = catalogue_packet(items, version, base, **said)
    return asyncio.run(operate.sync_catalogue(house.doors, AGREED.id, "VPCP-CT"))


def test_a_new_entry_is_counted_and_put_in_force(house: House) -> None:
    x = fetched(house, (*ITEMS, NEW))
    house.work()

    assert house.facts(x) == ["Fetched", "Validated", "Verified", "Compared", "Published"]
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
    changes = json.loads(house.ledger.bytes_of(told.changes.digest))
    assert {name: codes for name, codes in changes.items() if codes} == {
        "added": ["0999"],
        "renamed": [{"code": "0601", "before": {"name": ITEMS[0].name}, "after": {"name": "Thu ngân sách"}}],
        "withdrawn": ["0101"],
    }
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


def test_an_entry_that_ends_sooner_counts_as_withdrawn(house: House) -> None:
    x = fetched(house, (*ITEMS[:2], replace(ITEMS[2], valid_to=date(2026, 12, 31))))
    house.work()

    assert house.last(x, Parked).why.details["withdrawn"] == "1"


def test_an_increment_is_laid_over_the_version_it_builds_on(house: House) -> None:
    gone = Item(ITEMS[1].code, "rút", attributes={"withdrawn": "true"})
    house.work()
    x = fetched(house, (gone, NEW), base="2026.1")
    house.work()
    operate.release(house.doors, x.id, WHO)
    house.work()

    current = house.shelf.current("VPCP-CT")
    assert current is not None
    assert (current.items, current.base) == ((ITEMS[0], ITEMS[2], NEW), "")
    assert house.last(x, Compared).against == "2026.1"


def test_an_increment_on_a_version_that_is_not_here_is_refused_and_says_what_to_do(house: House) -> None:
    x = fetched(house, (NEW,), base="2025.9")
    house.work()

    [why] = house.last(x, Refused).reasons
    assert (why.code, why.details["builds_on"]) == ("D-010", "2025.9")
    assert house.shelf.current("VPCP-CT") is CATALOGUE


def test_an_increment_that_fits_no_version_here_is_healed_by_the_whole_catalogue(house: House) -> None:
    lost = fetched(house, (NEW,), version="2026.3", base="2026.2")
    whole = fetched(house, (*ITEMS, NEW), version="2026.3")
    house.work()

    assert [house.read(x).stage for x in (lost, whole)] == [Stage.REFUSED, Stage.PUBLISHED]
    assert "--incremental" in house.last(lost, Refused).reasons[0].advice.vi


def test_an_increment_builds_on_a_version_that_is_not_in_force_yet_but_not_before_its_day(house: House) -> None:
    """The issuer's last word counts, whenever it takes effect: two changes that are coming do not undo one another."""
    coming, early, another = date(2027, 1, 1), date(2026, 12, 31), Item("0998", "Mới nữa", unit="diem")
    house.shelf.publish(replace(CATALOGUE, version="2027.1", valid_from=coming, items=(*ITEMS, NEW)), "dm-0")
    x, y = (fetched(house, (another,), version="2027.2", base="2027.1", since=since) for since in (early, coming))
    house.work()

    assert [house.read(one).stage for one in (x, y)] == [Stage.REFUSED, Stage.PUBLISHED]
    assert house.last(x, Refused).reasons[0].details["expected"] == "≥ 2027-01-01 (2027.1)"
    latest = house.shelf.version("VPCP-CT", "2027.2")
    assert latest is not None
    assert [item.code for item in latest.items] == ["0601", "0401", "0101", "0999", "0998"]


def test_an_increment_that_withdraws_what_is_not_there_changes_nothing(house: House) -> None:
    x = fetched(house, (Item("0777", "rút", attributes={"withdrawn": "true"}),), base="2026.1")
    house.work()

    assert house.read(x).stage is Stage.UNCHANGED


def test_a_whole_catalogue_withdraws_by_leaving_out_and_in_no_other_way(house: House) -> None:
    x = fetched(house, (*ITEMS, Item("0999", "rút", attributes={"withdrawn": "true"})))
    house.work()

    assert house.last(x, Refused).reasons[0].code == "C-005"


def test_a_catalogue_of_another_sender_than_was_agreed_with_is_refused(house: House) -> None:
    x = fetched(house, (*ITEMS, NEW), sender="G09")
    house.work()

    [why] = house.last(x, Refused).reasons
    assert (why.code, why.details["reason"], why.details["expected"]) == ("C-005", "“G09”", "“G22”")
    assert house.shelf.current("VPCP-CT") is CATALOGUE


def test_where_catalogues_are_agreed_to_be_signed_an_unsigned_one_never_comes_into_force(build: Build) -> None:
    house = build(agreed(catalogue_policy="jws"))
    x = fetched(house, (*ITEMS, NEW))
    house.work()
    assert house.last(x, Refused).reasons[0].code == "B-004"
    assert house.shelf.current("VPCP-CT") is CATALOGUE

    house.expert.verdict = PASSED
    signed = fetched(house, (*ITEMS, NEW))
    house.work()
    assert house.last(signed, Verified).verdict == PASSED
    assert house.read(signed).stage is Stage.PUBLISHED


def test_what_is_no_catalogue_is_refused(house: House) -> None:
    house.issuer.packets["VPCP-CT"] = submission()
    x = asyncio.run(operate.sync_catalogue(house.doors, AGREED.id, "VPCP-CT"))
    house.work()

    assert house.last(x, Refused).by == "gateway"
    assert house.shelf.current("VPCP-CT") is CATALOGUE


def test_another_catalogue_than_the_one_asked_for_is_refused(house: House) -> None:
    house.issuer.packets["VPCP-KY"] = catalogue_packet((*ITEMS, NEW), "2026.2")
    x = asyncio.run(operate.sync_catalogue(house.doors, AGREED.id, "VPCP-KY"))
    house.work()

    assert house.last(x, Refused).reasons[0].details["expected"] == "“VPCP-KY”"
    assert house.shelf.current("VPCP-CT") is CATALOGUE
