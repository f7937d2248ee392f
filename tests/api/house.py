"""A served gateway with the other side beside it, and the hands that knock at its front door."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import httpx
import psycopg
from psycopg.sql import SQL, Identifier

from gateway.deploy import CLIENT, connect, create
from gateway.domain.account import Tally
from gateway.domain.ids import digest_of
from gateway.domain.parcel import Answer
from gateway.ports import Header
from gateway.sandbox import Sandbox
from gateway.schemas.national import packet
from gateway.schemas.national.model import Packet, Status
from gateway.serving import served
from gateway.wiring import Gateway, build
from gateway.working import synchronised
from tests.conftest import at_database

T = TypeVar("T")

THANG, SIGNED, OFFICE, SMALL = "ktxh-thang", "ktxh-ky-so", "ktxh-so", "ktxh-nho"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OTHER = "ht-so-nong-nghiep"
OTHER_KEY = "khoa-cua-so-nong-nghiep"
PARTNER, PARTNER_KEY = "quoc-gia-bao", "khoa-cua-he-thong-quoc-gia"
SMALL_BYTES = 64 * 1024
_PATIENCE = 240.0
_numbers = itertools.count(1)


@contextmanager
def new_database(postgres: str, template: str) -> Iterator[str]:
    """A database of one's own, for as long as one likes."""
    name = f"gateway_api_{uuid4().hex[:12]}"
    with psycopg.connect(postgres, autocommit=True) as c:
        c.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(template)))
    try:
        yield at_database(postgres, name)
    finally:
        with psycopg.connect(postgres, autocommit=True) as c:
            c.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))


def deployed(home: Path, other_side: Sandbox, more: str = "") -> str:
    """A deployment with two clients and a regime of every classification; the first client's key."""
    created = create(home, "thanh-hoa")
    connect(home, other_side)
    key = created.key_file.read_text("utf-8")
    partner = home / "partners" / "quoc-gia.toml"
    text = partner.read_text("utf-8")
    _, monthly, *_, statistical = text.split("[[agreement]]\n")
    same = {
        "che-do-mat": statistical.replace("statistical", "secret"),
        "noi-bo": statistical.replace("statistical", "internal"),
        OFFICE: monthly.replace("max_bytes = 33554432", f"max_bytes = {SMALL_BYTES}"),
        SMALL: monthly.replace("max_bytes = 33554432", f"max_bytes = {SMALL_BYTES}"),
    }
    for name, block in same.items():
        said = block.replace('id = "thong-ke"', f'id = "{name}"').replace(f'id = "{THANG}"', f'id = "{name}"')
        text += "\n[[agreement]]\n" + said
    partner.write_text(text, "utf-8")
    (home / "clients.toml").write_text(
        _client(CLIENT, key, THANG, SIGNED, SMALL, "thong-ke", "che-do-mat", "noi-bo")
        + _client(OTHER, OTHER_KEY, OFFICE)
        + f'[[clients]]\nid = "{PARTNER}"\nkind = "partner"\npartner = "quoc-gia"\n'
        + f'key_sha256 = "{digest_of(PARTNER_KEY.encode())}"\n',
        "utf-8",
    )
    with (home / "local.toml").open("a", encoding="utf-8") as local:
        local.write(f"\n[work]\nsweep_seconds = 0.1\n{more}")
    return key


def _client(name: str, key: str, *agreements: str) -> str:
    return (
        f'[[clients]]\nid = "{name}"\nkey_sha256 = "{digest_of(key.encode())}"\nagreements = {json.dumps(agreements)}\n'
    )


@dataclass
class House:
    """A gateway that is served, and who may knock."""

    home: Path
    database: str
    gateway: Gateway
    other_side: Sandbox
    other_side_folder: Path
    url: str
    key: str
    desk: httpx.Client = field(repr=False)
    other: httpx.Client = field(repr=False)

    @classmethod
    @contextmanager
    def opened(
        cls, home: Path, database: str, other_side: Sandbox, folder: Path, more: str = "", *, drains: bool = True
    ) -> Iterator[House]:
        key = deployed(home, other_side, more)
        with ExitStack() as stack:
            gateway = stack.enter_context(build(home, {"GATEWAY_DATABASE_URL": database}))
            synchronised(gateway, THANG, "VPCP-CT")
            url = stack.enter_context(served(gateway, drains=drains))
            desk, other = (stack.enter_context(client(url, one)) for one in (key, OTHER_KEY))
            yield cls(home, database, gateway, other_side, folder, url, key, desk, other)

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self.url)
        return parts.hostname or "", parts.port or 0

    def hand_in(
        self,
        payload: bytes,
        media_type: str = "application/json",
        *,
        agreement: str = THANG,
        key: str | None = None,
        **more: Any,
    ) -> httpx.Response:
        """POST one report; the answer, whatever it is."""
        headers = {"Idempotency-Key": key or new_key(), "Agreement": agreement, "Content-Type": media_type}
        return self.desk.post("/v1/reports", content=payload, headers={**headers, **more.pop("headers", {})}, **more)

    def taken(self, payload: bytes, media_type: str = "application/json", **more: Any) -> str:
        """POST one report that is taken; where it is to be looked at."""
        answer = self.hand_in(payload, media_type, **more)
        assert answer.status_code == 202, answer.text
        return answer.headers["Location"]

    def read(self, location: str, client: httpx.Client | None = None) -> dict[str, Any]:
        answer = (client or self.desk).get(location)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def at_rest(self, location: str, client: httpx.Client | None = None) -> dict[str, Any]:
        """The exchange once it is settled, or waits for a person."""

        def looked() -> dict[str, Any] | None:
            x = self.read(location, client)
            return x if x["stage"] in AT_REST else None

        return until(looked, f"{location} comes to rest")

    def stage(self, location: str, stage: str) -> dict[str, Any]:
        def looked() -> dict[str, Any] | None:
            x = self.read(location)
            return x if x["stage"] == stage else None

        return until(looked, f"{location} is {stage}")

    def facts(self, location: str) -> list[str]:
        return [fact["fact"] for fact in self.read(f"{location}/facts")["facts"]]

    def stored(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read the store past the gateway, by a connection of one's own."""
        with psycopg.connect(self.database) as c:
            return c.execute(statement, values).fetchall()  # type: ignore[call-overload,no-any-return]

    def arrived(self, location: str) -> int:
        """How often the receiver, which does not deduplicate, was given this exchange."""
        return self.other_side.count(location.rpartition("/")[2])


AT_REST = frozenset({"partly_accepted", "returned", "corrected", "reconciled", "refused", "superseded", "parked"})


def client(url: str, key: str, **more: Any) -> httpx.Client:
    # A line kept as long as the server keeps it may be closed just when the next question goes out.
    limits = httpx.Limits(max_connections=200, max_keepalive_connections=50, keepalive_expiry=1)
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.Client(base_url=url, headers=headers, timeout=240, limits=limits, trust_env=False, **more)


def until(looked: Callable[[], T | None], what: str) -> T:
    """What `looked` finds, as soon as it finds it; bounded."""
    last = time.monotonic() + _PATIENCE
    waiting = threading.Event()
    while True:
        found = looked()
        if found:
            return found
        if time.monotonic() > last:
            raise TimeoutError(what)
        waiting.wait(0.05)


def new_key() -> str:
    return f"khoa-{uuid4().hex}"


def new_reporter() -> str:
    """A reporting unit nobody else reports for: its reports stand in no other test's way."""
    return f"H56.{next(_numbers)}"


VALUE = {"indicator": "T0101", "organisation": "38", "unit": "%", "value": "12.15"}


def report(*values: Mapping[str, Any], **head: Any) -> dict[str, Any]:
    """A monthly report in the short form; its own unit, so that it is alone in its lane."""
    said = {"regime": "KTXH-THANG", "form": "01/KTXH", "period": "LICH:2024M09", "reporter": new_reporter()}
    return {**said, "values": list(values or (VALUE,)), **head}


def as_json(*values: Mapping[str, Any], **head: Any) -> bytes:
    return json.dumps(report(*values, **head), ensure_ascii=False).encode()


def packet_7(about: str, reference: str, key: str = "ST-1", answer: Answer = Answer.ACCEPTED) -> bytes:
    """What the receiver says of a message of ours."""
    at = datetime(2026, 11, 20, 3, tzinfo=UTC)
    header = Header(key, "status", at, "G22", "000.00.00.G22", "H56", "000.00.00.H56", about)
    return packet.written(Packet(header, Status(about, reference, answer, Tally(3, 3), (), at)))


@contextmanager
def away(postgres: str, database: str) -> Iterator[None]:
    """The store is gone: connections cut, new ones refused."""
    name = Identifier(unquote(urlsplit(database).path[1:]))
    with psycopg.connect(postgres, autocommit=True) as c:
        c.execute(SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
        try:
            c.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name.as_string()[1:-1]]
            )
            yield
        finally:
            c.execute(SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))
