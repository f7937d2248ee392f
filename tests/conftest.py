"""What every test may ask for: a PostgreSQL, a database of its own on it, and a Redis.

``GATEWAY_TEST_DATABASE_URL`` (a role that may create databases) and ``GATEWAY_TEST_REDIS_URL`` point the
tests at servers; without them an embedded PostgreSQL and a Redis of one's own are started for the run.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from urllib.parse import quote, urlsplit
from uuid import uuid4

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from gateway.adapters.sql import EmbeddedPostgres
from gateway.adapters.sql.migrate import migrate
from tests.servers import redis_server


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a server's maintenance database."""
    given = os.environ.get("GATEWAY_TEST_DATABASE_URL")
    if given:
        yield given
        return
    server = EmbeddedPostgres(tmp_path_factory.mktemp("postgres"))
    yield server.start()
    server.discard()


@pytest.fixture(scope="session")
def migrated(postgres: str) -> Iterator[str]:
    """Name of an empty database with the schema in it, to copy from."""
    name = f"gateway_template_{uuid4().hex[:12]}"
    _create(postgres, name)
    with psycopg.connect(at_database(postgres, name), autocommit=True) as connection:
        migrate(connection)
    yield name
    _drop(postgres, name)


@pytest.fixture
def database(postgres: str, migrated: str) -> Iterator[str]:
    """URL of a fresh database with the schema in it."""
    name = f"gateway_test_{uuid4().hex[:12]}"
    _create(postgres, name, migrated)
    yield at_database(postgres, name)
    _drop(postgres, name)


@pytest.fixture
def hand(database: str) -> Iterator[psycopg.Connection]:
    """One that reaches past the journal into its tables."""
    with psycopg.connect(database, autocommit=True, options="-c timezone=UTC") as connection:
        yield connection


@pytest.fixture
def bare_database(postgres: str) -> Iterator[str]:
    """URL of a fresh database with nothing in it."""
    name = f"gateway_bare_{uuid4().hex[:12]}"
    _create(postgres, name)
    yield at_database(postgres, name)
    _drop(postgres, name)


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a real Redis: the given one, or one for this run."""
    given = os.environ.get("GATEWAY_TEST_REDIS_URL")
    if given:
        yield given
        return
    with redis_server(tmp_path_factory.mktemp("redis")) as (url, _):
        yield url


def at_database(url: str, name: str) -> str:
    """`url` with another database."""
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}/{quote(name)}{query}"


def _create(postgres: str, name: str, template: str = "template1") -> None:
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(template)))


def _drop(postgres: str, name: str) -> None:
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))
