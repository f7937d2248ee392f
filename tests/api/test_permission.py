"""A sector's vertical system connects with the Committee's permission, where the regulation demands it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from gateway.deploy import CLIENT, connect, create
from gateway.domain.errors import Misconfigured
from gateway.domain.ids import digest_of
from gateway.sandbox import Sandbox
from gateway.schemas.settings import settings
from gateway.soundness import faults
from gateway.web import application
from gateway.wiring import build

KEY = "khoa-cua-he-thong-nganh"
GIVEN = '[clients.permission]\ndocument = "45/UBND-KSTT"\nissued = 2026-03-01\n'


def asked(tmp_path: Path, database: str, other_side: Sandbox, province: str, more: str) -> httpx.Response:
    """What a client of kind sector hears when it asks for its exchanges."""
    home = tmp_path / "home"
    create(home, province)
    connect(home, other_side)
    client = (
        f'[[clients]]\nid = "bhxh"\nkind = "sector"\nkey_sha256 = "{digest_of(KEY.encode())}"\n'
        f'agreements = ["ktxh-thang"]\n{more}'
    )
    (home / "clients.toml").write_text(client, "utf-8")
    with build(home, {"GATEWAY_DATABASE_URL": database}) as gateway:
        transport = httpx.ASGITransport(application(gateway))

        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(transport=transport, base_url="http://cua") as http:
                return await http.get("/v1/exchanges", headers={"Authorization": f"Bearer {KEY}"})

        return asyncio.run(ask())


@pytest.mark.parametrize(("province", "article"), [("lao-cai", "11.5.b"), ("soc-trang", "13.4.b")])
def test_without_a_recorded_permission_it_is_refused_and_told_whom_to_ask(
    tmp_path: Path, database: str, other_side: Sandbox, province: str, article: str
) -> None:
    answer = asked(tmp_path, database, other_side, province, "")

    assert (answer.status_code, answer.json()["code"]) == (403, "B-009")
    assert article in answer.json()["title"]
    assert "Sở" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("province", "more", "status"),
    [
        ("lao-cai", GIVEN, 200),
        ("lao-cai", GIVEN.replace("2026-03-01", "2099-03-01"), 403),
        ("lao-cai", f"{GIVEN}valid_to = 2026-03-31\n", 403),
        ("dong-thap", "", 200),
    ],
    ids=["permitted", "not yet", "no longer", "not demanded"],
)
def test_the_permission_counts_from_its_day_to_its_end_where_one_is_demanded(
    tmp_path: Path, database: str, other_side: Sandbox, province: str, more: str, status: int
) -> None:
    assert asked(tmp_path, database, other_side, province, more).status_code == status


def test_check_names_the_system_that_has_none(tmp_path: Path, other_side: Sandbox) -> None:
    create(tmp_path / "home", "lao-cai")
    connect(tmp_path / "home", other_side)
    clients = tmp_path / "home" / "clients.toml"
    clients.write_text(clients.read_text("utf-8") + 'kind = "sector"\n', "utf-8")
    found = faults(tmp_path / "home", {})

    assert [(one.code, one.details["key"]) for one in found] == [("F-005", f"{CLIENT}.permission")]


def test_a_permission_without_a_documents_number_stops_the_start(tmp_path: Path) -> None:
    create(tmp_path / "home", "lao-cai")
    clients = tmp_path / "home" / "clients.toml"
    clients.write_text(clients.read_text("utf-8") + GIVEN.replace("45/UBND-KSTT", "nói miệng"), "utf-8")
    with pytest.raises(Misconfigured) as refused:
        settings(tmp_path / "home", {})
    assert "permission.document" in refused.value.problem.details["key"]
