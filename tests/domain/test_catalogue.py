"""What changed between two catalogues, and what an increment makes of one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.catalogue import Catalogue, Item, Succession, applied, by_code, compare

DAY = date(2026, 1, 1)


def catalogue(*items: Item, version: str = "1") -> Catalogue:
    return Catalogue("CT", version, DAY, items)


def item(code: str, name: str = "", **changes: object) -> Item:
    attributes = {"replaces": str(changes.pop("replaces"))} if "replaces" in changes else {}
    return Item(code, name or f"Chỉ tiêu {code}", unit="ha", attributes=attributes, **changes)  # type: ignore[arg-type]


def test_a_name_alone_is_renamed_and_anything_else_is_changed() -> None:
    found = compare(catalogue(item("1"), item("2")), catalogue(item("1", "Tên mới"), replace(item("2"), unit="km")))
    [renamed], [changed] = found.renamed, found.changed
    assert (renamed.code, renamed.before, renamed.after) == ("1", {"name": "Chỉ tiêu 1"}, {"name": "Tên mới"})
    assert (changed.code, changed.before, changed.after) == ("2", {"unit": "ha"}, {"unit": "km"})
    assert not found.lost


def test_the_issuers_word_tells_merged_from_split_from_recoded() -> None:
    old = catalogue(*(item(code) for code in "ABCD"))
    new = catalogue(
        item("AB", replaces="A B"), item("C1", replaces="C"), item("C2", replaces="C"), item("D9", replaces="D")
    )
    found = compare(old, new)
    assert found.merged == (Succession(("A", "B"), ("AB",)),)
    assert found.split == (Succession(("C",), ("C1", "C2")),)
    assert found.recoded == (Succession(("D",), ("D9",)),)
    assert found.supposed == ()
    assert found.withdrawn == ("A", "B", "C", "D")


def test_the_same_name_and_unit_under_another_code_is_only_supposed() -> None:
    found = compare(catalogue(item("1", "Số hộ nghèo")), catalogue(item("9", "số  hộ nghèo")))
    assert found.supposed == (Succession(("1",), ("9",)),)
    assert found.recoded == ()
    two = catalogue(item("8", "Số hộ nghèo"), item("9", "Số hộ nghèo"))
    assert compare(catalogue(item("1", "Số hộ nghèo")), two).supposed == ()


def test_a_code_that_ends_sooner_is_lost_like_one_that_is_gone() -> None:
    until = date(2026, 6, 30)
    found = compare(catalogue(item("1"), item("2")), catalogue(item("1", valid_to=until)))
    assert (found.ended, found.withdrawn, found.lost) == ((("1", "2026-06-30"),), ("2",), 2)
    longer = compare(catalogue(item("1", valid_to=until)), catalogue(item("1")))
    assert longer.lost == 0


def test_an_increment_takes_all_validities_of_a_code_together() -> None:
    old = catalogue(item("1", valid_to=DAY), item("1", "Sau", valid_from=date(2026, 1, 2)), item("2"))
    more = Catalogue("CT", "2", DAY, (item("1", "Mới"), Item("2", "rút", attributes={"withdrawn": "true"})), base="1")
    assert applied(old, more) == Catalogue("CT", "2", DAY, (item("1", "Mới"),))


_ITEMS = st.dictionaries(st.sampled_from("ABCDEFGH"), st.sampled_from(["Một", "Hai", "Ba"]), max_size=8).map(
    lambda named: catalogue(*(item(code, name) for code, name in sorted(named.items())))
)


@given(_ITEMS, _ITEMS)
def test_every_code_that_differs_is_told_once_and_an_increment_of_the_changes_is_the_whole(
    old: Catalogue, new: Catalogue
) -> None:
    found = compare(old, new)
    told = [*found.added, *found.withdrawn, *(one.code for one in (*found.changed, *found.renamed))]
    before, after = by_code(old.items), by_code(new.items)
    assert sorted(told) == sorted(code for code in {*before, *after} if before.get(code) != after.get(code))
    gone = [Item(code, "rút", attributes={"withdrawn": "true"}) for code in found.withdrawn]
    fresh = [one for one in new.items if one.code in told]
    made = applied(old, Catalogue("CT", "1", DAY, (*gone, *fresh), base="1"))
    assert by_code(made.items) == after
