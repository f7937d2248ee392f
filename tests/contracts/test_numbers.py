"""A number is given once: whoever asks at the same moment, in whichever journal, however it is written."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from gateway.adapters.sql import SqlJournal
from gateway.domain import facts as f
from gateway.domain.errors import Conflict
from gateway.domain.exchange import Exchange, Stage
from gateway.ports import Journal

from .telling import entry, opened, paper

_CLERKS = 16


def numbered(number: str = "128", notation: str = "BC-UBND", issued: str = "2026-11-20", **changes: str) -> f.Numbered:
    told = {"agency": "H56", "by": "an", **changes}
    return f.Numbered(number, notation, issued, "A", "Chủ tịch", told["by"], (), told["agency"])


def a_document(journal: Journal, key: str = "k1") -> Exchange:
    return journal.open(paper(opened(journal, key)))[0]


def given(journal: Journal, x: Exchange, told: f.Numbered) -> Exchange:
    return journal.append(x, [entry(told)])


@pytest.fixture
def clerks(request: pytest.FixtureRequest, journal: Journal) -> Iterator[list[Journal]]:
    """The journal as many clerks have it: where it may be opened twice, half of them at another gateway."""
    with ExitStack() as closing:
        other = journal
        if isinstance(journal, SqlJournal):
            other = SqlJournal.connect(request.getfixturevalue("database"))
            closing.callback(other.close)
        yield [journal, other] * (_CLERKS // 2)


def test_of_many_clerks_giving_one_number_at_the_same_moment_one_gives_it(
    journal: Journal, clerks: list[Journal]
) -> None:
    papers = [a_document(journal, f"k{n}") for n in range(_CLERKS)]
    together = threading.Barrier(_CLERKS)

    def give(n: int) -> Exchange | Conflict:
        together.wait(timeout=60)
        try:
            return given(clerks[n], papers[n], numbered(by=f"văn thư {n}"))
        except Conflict as error:
            return error

    with ThreadPoolExecutor(_CLERKS) as pool:
        answers = list(pool.map(give, range(_CLERKS)))
    [won] = [answer for answer in answers if isinstance(answer, Exchange)]
    refused = [answer.problem for answer in answers if isinstance(answer, Conflict)]

    assert len(refused) == _CLERKS - 1
    assert won.numbered is not None
    assert {(why.code, why.details["document"], why.details["by"]) for why in refused} == {
        ("F-105", won.id, won.numbered.by)
    }
    for text in (refused[0].title.vi, refused[0].title.en):
        assert all(told in text for told in ("128/BC-UBND", "2026", won.id, won.numbered.by, "Báo cáo"))
    for x in papers:
        assert (journal.read(x.id).stage is Stage.NUMBERED) is (x.id == won.id)


def test_who_is_refused_leaves_nothing_and_gives_another_number(journal: Journal) -> None:
    first, second = a_document(journal, "k1"), a_document(journal, "k2")
    given(journal, first, numbered())
    with pytest.raises(Conflict):
        journal.append(second, [entry(numbered(), b"signed")])

    assert journal.read(second.id) == second
    assert given(journal, second, numbered("129")).stage is Stage.NUMBERED


@pytest.mark.parametrize(
    "as_well",
    [
        numbered("0128"),
        numbered(notation="bc-ubnd"),
        numbered(notation="BC-UBND "),
        numbered(issued="2026-01-02"),
        numbered(agency="000.00.00.H56"),
    ],
)
def test_one_number_may_be_written_in_several_ways(journal: Journal, as_well: f.Numbered) -> None:
    given(journal, a_document(journal, "k1"), numbered())
    with pytest.raises(Conflict):
        given(journal, a_document(journal, "k2"), as_well)


@pytest.mark.parametrize(
    "another",
    [
        numbered("1280"),
        numbered(notation="BC-SYT"),
        numbered(issued="2027-01-02"),
        numbered(agency="H56.02"),
        numbered(agency=""),  # told by an earlier version: nobody knows whose it is
    ],
)
def test_another_number_year_symbol_or_agency_is_free(journal: Journal, another: f.Numbered) -> None:
    given(journal, a_document(journal, "k1"), numbered())
    assert given(journal, a_document(journal, "k2"), another).stage is Stage.NUMBERED


def test_a_number_stays_given_when_the_journal_is_opened_again(reopen: Callable[[], Journal]) -> None:
    journal = reopen()
    holder = given(journal, a_document(journal, "k1"), numbered())
    journal = reopen()
    with pytest.raises(Conflict) as caught:
        given(journal, a_document(journal, "k2"), numbered())
    assert caught.value.problem.details["document"] == holder.id


def test_what_comes_numbered_from_another_house_is_taken_over_and_holds_its_number(journal: Journal) -> None:
    """Two houses may have given one number; what happened is recorded, and the first of them here keeps it."""
    born = []
    for key in ("k1", "k2"):
        one = paper(opened(journal, key))
        born.append(journal.open(type(one)(one.opening, (*one.entries, entry(numbered()))))[0])
    assert [x.stage for x in born] == [Stage.NUMBERED, Stage.NUMBERED]

    with pytest.raises(Conflict) as caught:
        given(journal, a_document(journal, "k3"), numbered())
    assert caught.value.problem.details["document"] == born[0].id
