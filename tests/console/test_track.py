"""The picture of the journey: what is behind, where it stands, what is ahead."""

from __future__ import annotations

import pytest

from gateway.console.track import Place, Stop, track
from gateway.domain import facts as f
from gateway.domain.exchange import Exchange
from gateway.ports import Journal
from tests.console import stories


def drawn(journal: Journal, x: Exchange) -> list[Stop]:
    return track(journal.read(x.id), journal.history(x.id))


def here(stops: list[Stop]) -> list[tuple[str, str]]:
    return [(stop.word.vi, stop.mood) for stop in stops if stop.place is Place.HERE]


STANDING = {
    "stumbled": [("Kiểm tra", "way")],
    "waiting": [("Gửi", "way")],
    "in_doubt": [("Gửi", "doubt")],
    "parked": [("Gửi", "hold")],
    "held_back": [("Phản hồi", "way")],
    "returned": [("Phản hồi", "bad")],
    "partly": [("Phản hồi", "bad")],
    "refused": [("Chữ ký", "bad")],
    "document_waiting": [("Cấp số, ký số", "hold")],
    "back_filled": [("Phản hồi", "way")],
    "reconciled": [],
    "catalogue": [],
}


@pytest.mark.parametrize("story", stories.STORIES)
def test_an_exchange_stands_where_its_facts_put_it(journal: Journal, story: str) -> None:
    assert here(drawn(journal, stories.STORIES[story](journal))) == STANDING[story]


def test_what_was_reached_has_its_time_and_what_is_ahead_has_none(journal: Journal) -> None:
    stops = drawn(journal, stories.waiting(journal))
    assert [stop.place for stop in stops] == [Place.REACHED] * 5 + [Place.HERE] + [Place.AHEAD] * 2
    assert all((stop.at is None) == (stop.place is Place.AHEAD) for stop in stops)


def test_the_roundabout_way_over_a_document_is_drawn_as_such(journal: Journal) -> None:
    words = [stop.word.vi for stop in drawn(journal, stories.back_filled(journal))]
    assert words[5:7] == ["Chuyển sang văn bản", "Cập nhật bổ sung"]


def test_a_document_whose_arrival_was_never_told_is_still_taken_in(journal: Journal) -> None:
    x = stories.as_document(journal)
    paper = journal.read(x.paper or "")
    paper = stories.told(journal, paper, f.DocumentAccepted("G22", "2025/06/19", stories.BLOB))
    assert here(drawn(journal, paper)) == []


def test_a_catalogue_that_did_not_change_ends_there(journal: Journal) -> None:
    x = journal.read(stories.catalogue(journal).id)
    opening = stories.Opening(stories.CLOCK.new_id("dm"), x.kind, x.agreement, "VPCP-CT:2", "e" * 64, "quoc-gia")
    fetched = stories.entry(f.Fetched("quoc-gia", "VPCP-CT", stories.BLOB))
    again = journal.open(stories.Birth(opening, (fetched,)))[0]
    again = stories.told(journal, again, f.Validated("catalogue", None, 480), f.Unchanged("VPCP-CT", "2025.2"))
    stops = drawn(journal, again)
    assert stops[-1].word.vi == "Không thay đổi"
    assert here(stops) == []
