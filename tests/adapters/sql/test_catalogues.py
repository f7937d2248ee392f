"""The catalogues in force."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from gateway.adapters.sql import SqlCatalogues, SqlJournal
from gateway.domain.catalogue import Catalogue, Item

FIRST = Catalogue(
    "VPCP-CT",
    "2026.1",
    date(2026, 1, 1),
    (Item("0601", "GRDP", unit="ty_dong", required=True, valid_to=date(2026, 12, 31), attributes={"regime": "ND09"}),),
)
SECOND = replace(FIRST, version="2026.2")


def test_nothing_is_in_force_before_anything_was_published(journal: SqlJournal) -> None:
    assert SqlCatalogues(journal).current("VPCP-CT") is None


def test_what_was_published_last_is_in_force_for_everybody(journal: SqlJournal) -> None:
    ours, theirs = SqlCatalogues(journal), SqlCatalogues(journal)
    ours.publish(FIRST, "dm-1")
    assert theirs.current("VPCP-CT") == FIRST
    ours.publish(SECOND, "dm-2")

    assert theirs.current("VPCP-CT") == SECOND
    assert theirs.current("OTHER") is None


def test_publishing_again_after_a_crash_does_not_bring_the_old_one_back(journal: SqlJournal) -> None:
    catalogues = SqlCatalogues(journal)
    catalogues.publish(FIRST, "dm-1")
    catalogues.publish(SECOND, "dm-2")
    catalogues.publish(FIRST, "dm-1")

    assert catalogues.current("VPCP-CT") == SECOND


def test_a_catalogue_is_read_once_and_kept(journal: SqlJournal) -> None:
    catalogues = SqlCatalogues(journal)
    catalogues.publish(FIRST, "dm-1")

    assert catalogues.current("VPCP-CT") is catalogues.current("VPCP-CT")


def test_each_is_in_force_from_its_own_day_until_one_of_a_later_day_is(journal: SqlJournal) -> None:
    """Published in any order: a correction of what was in force pushes out nothing of a later day."""
    catalogues = SqlCatalogues(journal)
    later = replace(FIRST, version="2027.1", valid_from=date(2027, 1, 1))
    for number, one in enumerate((FIRST, later, SECOND)):
        catalogues.publish(one, f"dm-{number}")

    days = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1))
    assert [catalogues.on("VPCP-CT", day) for day in days] == [None, SECOND, SECOND, later]
    assert [catalogues.version("VPCP-CT", name) for name in ("2026.1", "2027.1", "9")] == [FIRST, later, None]
