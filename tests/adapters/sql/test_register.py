"""The register of operations on PostgreSQL: only added to, one writer a subject, seen by other processes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from psycopg import errors

from gateway.adapters.sql import SqlInbox, SqlJournal, SqlRegister
from gateway.domain.errors import Conflict, NotFound, Unavailable
from gateway.domain.register import Deed, Sheet

NOW = datetime(2026, 11, 9, 1, tzinfo=UTC)


@pytest.fixture
def register(journal: SqlJournal) -> SqlRegister:
    return SqlRegister(journal)


def deed(subject: str = "2026-01-02", after: dict[str, Any] | None = None, **more: Any) -> Deed:
    told = {"state": "off"} if after is None else after
    said = Deed(Sheet.DAY, subject, "set", "Lê Thị Mẫu", "hoán đổi", "1/QĐ-TTg", NOW, {"state": "worked"}, told)
    return replace(said, **more)


def test_what_was_written_stands_with_who_why_by_which_document_and_what_was_before(register: SqlRegister) -> None:
    written = register.write(deed())

    assert written.ordinal > 0
    assert register.last(Sheet.DAY, "2026-01-02") == written
    assert register.standing(Sheet.DAY) == {"2026-01-02": written}
    assert (written.before, written.after) == ({"state": "worked"}, {"state": "off"})


def test_what_is_taken_back_stands_no_more_and_is_still_told(register: SqlRegister) -> None:
    first = register.write(deed())
    second = register.write(replace(deed(), act="unset", after=None, follows=first.ordinal))

    assert register.standing(Sheet.DAY) == {}
    assert [one.act for one in register.told()] == ["unset", "set"]
    assert register.last(Sheet.DAY, "2026-01-02") == second


def test_of_two_who_write_after_the_same_deed_one_gives_way_and_is_told_why(register: SqlRegister) -> None:
    with ThreadPoolExecutor(8) as hands:
        found = [hands.submit(register.write, deed(by=f"người {number}")) for number in range(8)]
    outcomes = [type(one.exception()) for one in found]

    assert outcomes.count(type(None)) == 1
    assert outcomes.count(Conflict) == 7
    refused = next(error for one in found if (error := one.exception()))
    assert isinstance(refused, Conflict)
    assert refused.problem.code == "C-018"
    assert "người" in refused.problem.details["stands"]


@pytest.mark.parametrize("act", ["UPDATE deed SET by = 'x'", "DELETE FROM deed", "TRUNCATE deed CASCADE"])
def test_nobody_can_change_or_take_out_a_deed(register: SqlRegister, database: str, act: str) -> None:
    register.write(deed())

    with psycopg.connect(database) as c, pytest.raises(errors.IntegrityConstraintViolation):
        c.execute(act)  # type: ignore[call-overload]  # words of this test


def test_another_process_sees_it(register: SqlRegister, database: str) -> None:
    with closing(SqlJournal.connect(database)) as other:
        SqlRegister(other).write(deed())

    assert list(register.standing(Sheet.DAY)) == ["2026-01-02"]


def test_what_was_seen_stays_known_while_the_store_is_away(journal: SqlJournal) -> None:
    register = SqlRegister(journal, fresh=0)
    register.write(deed())
    seen = register.standing(Sheet.DAY)
    journal.close()

    assert register.standing(Sheet.DAY) == seen
    with pytest.raises(Unavailable):
        SqlRegister(journal).standing(Sheet.DAY)
    with pytest.raises(Unavailable):
        register.write(deed("2026-01-03"))


def test_the_list_is_narrowed_by_sheet_and_subject(register: SqlRegister) -> None:
    register.write(deed())
    register.write(deed("2026-01-10"))
    register.write(deed("sc-1", sheet=Sheet.INCIDENT))

    assert [one.subject for one in register.told(Sheet.DAY)] == ["2026-01-10", "2026-01-02"]
    assert [one.subject for one in register.told(subject="sc-1")] == ["sc-1"]
    assert len(register.told(limit=1)) == 1


def test_a_bulletin_waits_for_each_agreement_until_it_took_note(register: SqlRegister, journal: SqlJournal) -> None:
    inbox = SqlInbox(journal, register)
    written = register.write(deed(), tell=["ktxh-thang", "ktxh-ky-so"])
    [mine] = inbox.bulletins(["ktxh-thang"], 10)

    assert (mine.deed, mine.agreement) == (written, "ktxh-thang")
    inbox.settle(mine.id, ["ktxh-thang"], "ht")
    inbox.settle(mine.id, ["ktxh-thang"], "ht")
    assert not inbox.bulletins(["ktxh-thang"], 10)
    assert len(inbox.bulletins(["ktxh-ky-so"], 10)) == 1


@pytest.mark.parametrize(
    "name", ["so-1.khac", "so-.ktxh-thang", "so-x.ktxh-thang", "so-99999999999999999999.ktxh-thang"]
)
def test_a_bulletin_of_nobody_is_not_found(register: SqlRegister, journal: SqlJournal, name: str) -> None:
    register.write(deed(), tell=["ktxh-thang"])

    with pytest.raises(NotFound):
        SqlInbox(journal, register).settle(name, ["ktxh-thang"], "ht")
