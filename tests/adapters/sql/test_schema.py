"""The schema's steps, and what the database itself refuses."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import psycopg
import pytest
from psycopg.sql import SQL

from gateway.adapters.sql import SqlJournal
from gateway.adapters.sql.migrate import migrate, steps
from gateway.adapters.sql.reading import DUE, listing
from gateway.adapters.sql.trail import FACTS
from gateway.domain.calendar import VIETNAM
from gateway.domain.errors import Misconfigured, Unavailable
from gateway.domain.exchange import Kind
from gateway.ports import Query
from tests.contracts.telling import birth, opened


def test_steps_are_applied_once_and_in_order(bare_database: str) -> None:
    with psycopg.connect(bare_database, autocommit=True) as connection:
        assert migrate(connection) == sorted(steps())
        assert migrate(connection) == []


def test_of_many_processes_starting_at_once_one_applies_the_steps(bare_database: str) -> None:
    barrier = threading.Barrier(4)

    def one(_: int) -> list[str]:
        with psycopg.connect(bare_database, autocommit=True) as connection:
            barrier.wait()
            return migrate(connection)

    with ThreadPoolExecutor(4) as threads:
        applied = list(threads.map(one, range(4)))

    assert sorted(applied) == [[], [], [], sorted(steps())]


def test_an_applied_step_that_was_edited_is_refused(database: str) -> None:
    edited = {name: text + b"\n-- edited" for name, text in steps().items()}
    with psycopg.connect(database, autocommit=True) as connection, pytest.raises(Misconfigured) as caught:
        migrate(connection, edited)

    assert caught.value.problem.code == "F-005"
    assert caught.value.problem.details["key"] == "0001_journal.sql"


def test_a_database_of_a_newer_version_is_refused(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection, pytest.raises(Misconfigured):
        migrate(connection, {})


def test_a_step_that_fails_leaves_nothing(bare_database: str) -> None:
    half = {"0001.sql": b"CREATE TABLE one (n int)", "0002.sql": b"CREATE TABLE two (n int); SELECT 1/0"}
    with psycopg.connect(bare_database, autocommit=True) as connection:
        with pytest.raises(psycopg.errors.DivisionByZero):
            migrate(connection, half)
        assert connection.execute("SELECT to_regclass('one'), to_regclass('migration')").fetchone() == (None, None)


@pytest.mark.parametrize("table", ["fact", "blob"])
@pytest.mark.parametrize("change", ["UPDATE {} SET digest = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
def test_facts_and_bytes_are_never_changed(database: str, table: str, change: str) -> None:
    journal = SqlJournal.connect(database)
    opened(journal)
    journal.close()
    with psycopg.connect(database) as connection, pytest.raises(psycopg.errors.IntegrityConstraintViolation):
        connection.execute(change.format(table))


def test_an_exchange_taken_away_by_force_changes_the_anchor(database: str) -> None:
    journal = SqlJournal.connect(database)
    gone = [journal.open(birth(f"k{n}"))[0] for n in range(3)][1]
    days = {link.at.astimezone(VIETNAM).date() for link in journal.history(gone.id)}
    before = {day: journal.anchor(day) for day in days}
    with psycopg.connect(database) as connection:
        connection.execute("ALTER TABLE fact DISABLE TRIGGER ALL")
        connection.execute("DELETE FROM fact WHERE exchange = %s", [gone.id])
    after = {day: journal.anchor(day) for day in days}
    journal.close()

    assert before != after


def test_a_server_that_is_away_is_unavailable(tmp_path: str) -> None:
    with pytest.raises(Unavailable) as caught:
        SqlJournal.connect(f"postgresql:///x?host={tmp_path}")

    assert caught.value.problem.code == "F-003"
    assert caught.value.retry_after


def test_a_url_that_is_none_is_misconfigured() -> None:
    with pytest.raises(Misconfigured):
        SqlJournal.connect("postgresql://host:port:port/x?what=ever")


def test_a_role_that_may_not_create_is_misconfigured(postgres: str, bare_database: str) -> None:
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS gateway_guest")
        connection.execute("CREATE ROLE gateway_guest NOLOGIN")
        try:
            with psycopg.connect(bare_database, autocommit=True) as bare:
                bare.execute("SET ROLE gateway_guest")
                with pytest.raises(Misconfigured):
                    _migrated_through_the_wall(bare)
        finally:
            connection.execute("DROP ROLE gateway_guest")


def _migrated_through_the_wall(connection: psycopg.Connection) -> None:
    from gateway.adapters.sql.wall import wall

    with wall():
        migrate(connection)


def test_a_number_is_looked_up_by_its_own_index(database: str) -> None:
    """The condition must read as the index does, to the letter: else every fact is read for every number."""
    statement, values = listing(Query(code="128/BC-UBND"))
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("SET enable_seqscan = off")
        plan = connection.execute(SQL("EXPLAIN ") + statement, values).fetchall()

    assert any("fact_numbered" in line for (line,) in plan)


def test_who_has_work_due_is_asked_of_the_indexes_of_what_is_owed(database: str) -> None:
    """Each half must say the condition of its partial index: else every sweep reads all that is owed."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("SET enable_seqscan = off")
        plan = "\n".join(line for (line,) in connection.execute(SQL("EXPLAIN ") + DUE).fetchall())

    assert "Seq Scan on work" not in plan
    assert {name for name in ("work_ready", "work_timed") if name in plan} == {"work_ready", "work_timed"}


def test_documents_among_many_reports_are_found_by_their_own_index(database: str) -> None:
    statement, values = listing(Query(kinds=(Kind.DOCUMENT,)))
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("SET enable_seqscan = off")
        plan = connection.execute(SQL("EXPLAIN ") + statement, values).fetchall()

    assert any("exchange_beside" in line for (line,) in plan)


def test_what_was_handed_in_since_a_day_is_found_by_the_summaries_of_times(database: str) -> None:
    statement, values = listing(Query(since=datetime(2026, 11, 30, tzinfo=UTC)))
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("SET enable_seqscan = off")
        connection.execute("SET enable_indexscan = off")  # by the order alone: everything before would be read
        plan = connection.execute(SQL("EXPLAIN ") + statement, values).fetchall()

    assert any("exchange_opened" in line for (line,) in plan)


def test_what_people_did_is_found_without_reading_what_machines_did(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("SET enable_seqscan = off")
        connection.execute("SET enable_bitmapscan = off")
        asked = {"since": datetime(1970, 1, 1, tzinfo=UTC), "until": datetime(2100, 1, 1, tzinfo=UTC)}
        plan = "\n".join(line for (line,) in connection.execute(SQL("EXPLAIN ") + FACTS, asked).fetchall())

    assert {name for name in ("fact_of_people", "exchange_beside", "fact_pkey") if name in plan} == {
        "fact_of_people", "exchange_beside", "fact_pkey"
    }  # fmt: skip
