"""A national catalogue that takes codes away: parked, looked at, approved, in force from its day; and who is told."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.deploy import CLIENT, connect, create
from gateway.domain.calendar import VIETNAM
from gateway.sandbox import Sandbox
from gateway.schemas.national import packet
from gateway.schemas.national.model import Packet
from gateway.serving import served
from tests.adapters.webhooks.consumer import Consumer, consuming
from tests.api.house import THANG, VALUE, as_json, until
from tests.cli.house import Office, Told
from tests.schemas.test_packets import FORM, header

WHO = ("--by", "Lê Thị Mẫu", "--because", "đã hỏi Văn phòng Chính phủ")
GRDP, BUDGET = "T0101", "T0601"


@pytest.fixture
def consumer() -> Iterator[Consumer]:
    with consuming(os.urandom(32)) as listening:
        yield listening


@pytest.fixture
def office(tmp_path: Path, database: str, consumer: Consumer) -> Iterator[Office]:
    """A deployment whose one client is told by webhook, with the first catalogue in force."""
    home = tmp_path / "home"
    with Sandbox.thread(tmp_path / "other-side") as other_side:
        create(home, "thanh-hoa")
        connect(home, other_side)
        local = (home / "local.toml").read_text("utf-8")
        (home / "local.toml").write_text(f'database_url = "{database}"\n{local}', "utf-8")
        (home / "webhook.secret").write_text(f"whsec_{base64.b64encode(consumer.secret).decode()}\n", "utf-8")
        with (home / "clients.toml").open("a", encoding="utf-8") as clients:
            clients.write(f'webhook = {{ url = "{consumer.url}", secret_files = ["webhook.secret"] }}\n')
        opened = Office(home, database, other_side, tmp_path / "other-side")
        assert opened.run("catalogue", "sync", "--as", THANG).code == 0
        yield opened


def today(office: Office) -> date:
    with office.opened() as gateway:
        return gateway.doors.clock.now().astimezone(VIETNAM).date()


def turned(office: Office, since: date) -> Told:
    """The nation takes 0601 away and puts another in the place of 0101; both together are one increment."""
    office.other_side.withdraw_indicators("0601", since=since.isoformat())
    office.other_side.add_indicator("0199", "Tốc độ tăng GRDP mới", "phan_tram", replaces=["0101"])
    return office.run("catalogue", "sync", "--as", THANG, "--incremental", "--json")


def codes(office: Office, day: date) -> set[str]:
    shown = office.run("catalogue", "show", "VPCP-CT", "--as-of", day.isoformat(), "--json").document
    return {item["code"] for item in shown["items"]}


def test_a_catalogue_that_loses_codes_waits_is_weighed_and_takes_effect_on_its_day(office: Office) -> None:
    since = today(office) + timedelta(days=10)
    budget = {**VALUE, "indicator": BUDGET, "unit": "triệu đồng"}
    queued = office.submitted(as_json(VALUE, budget, period="ND09:2024M09"))
    other = office.submitted(as_json({**VALUE, "indicator": "T0801"}))

    came = turned(office, since)
    assert came.code == 0, came.err
    parked = came.document["id"]
    assert (came.document["stage"], came.document["problem"]["code"]) == ("parked", "D-004")
    assert came.document["problem"]["details"]["withdrawn"] == "2"

    told = office.run("catalogue", "compare", parked, "--json").document
    assert (told["withdrawn"], told["added"], told["lost"]) == (["0101", "0601"], ["0199"], 2)
    assert told["recoded"] == [{"before": ["0101"], "after": ["0199"]}]
    assert any(line.startswith("đổi mã") for line in office.run("catalogue", "compare", parked).lines)

    weighed = office.run("catalogue", "impact", parked, "--json")
    found = weighed.document
    assert weighed.code == 3
    rows = {row["row"]["source"]: row for row in found["rows"]}
    assert {GRDP, BUDGET} <= rows.keys()
    assert rows[GRDP]["now"] == ["0199"]
    assert {row["since"] for row in found["rows"]} == {since.isoformat()}
    assert found["packs"] == ["kt-xh-tinh", "ngan-sach"]
    hit = {broken["report"]["exchange"]: broken["codes"] for broken in found["reports"]}
    assert hit == {queued: ["0101", "0601"]}
    assert other not in hit
    assert {due["due"]["agreement"] for due in found["deadlines"]} == {"ktxh-ky-so"}
    assert all(due["due"]["deadline"][:10] >= since.isoformat() for due in found["deadlines"])

    assert {c["next"] for c in office.run("catalogue", "ls", "--json").document} == {None}
    assert office.run("catalogue", "approve", queued, *WHO).code == 6
    assert office.run("catalogue", "approve", parked, *WHO, "--json").document["stage"] == "published"
    assert office.run("catalogue", "approve", parked, *WHO).code == 6

    listed = next(c for c in office.run("catalogue", "ls", "--json").document if c["name"] == "VPCP-CT")
    assert listed["next"]["valid_from"] == since.isoformat()
    now, then = (codes(office, day) for day in (today(office), since))
    assert (now - then, then - now) == ({"0101", "0601"}, {"0199"})
    assert office.run("catalogue", "impact", parked, "--json").document["rows"] == found["rows"]


def test_forms_and_allocations_are_told_by_webhook_and_taken_note_of_in_the_inbox(
    office: Office, consumer: Consumer, tmp_path: Path
) -> None:
    file = tmp_path / "bieu-mau.xml"
    file.write_bytes(packet.written(Packet(header("form"), FORM)))
    give = ("allocation", "assign", "VPCP-CT", "H56.09", "--indicator", "0601", "--form", FORM.code, *WHO)
    start = (
        "form", "activate", FORM.code, FORM.version, "--since", today(office).isoformat(), "--document", "15/TB-VP", *WHO,
    )  # fmt: skip
    assert office.run(*give).code == 1  # the form is not in use yet
    assert office.run("form", "draft", str(file), *WHO).code == 1  # reports go by it: which version is that?
    assert office.run("form", "draft", str(file), "--new", *WHO).code == 0
    assert office.run(*start).code == 1  # nor tested
    assert office.run("form", "test", FORM.code, FORM.version, *WHO).code == 0
    assert office.run(*start).code == 0
    given = office.run(*give, "--json")
    assert given.code == 0, given.err

    before = office.run("allocation", "ls", "VPCP-CT", "--json").document
    [one] = before["allocations"]
    assert (one["unit"], one["acknowledged"], "0601" in before["nobody"]) == ("H56.09", False, False)
    assert "0401" in before["nobody"]

    key = (office.home / "secrets" / f"{CLIENT}.key").read_text("utf-8").strip()
    client = {"Authorization": f"Bearer {key}"}
    with office.opened() as gateway, served(gateway) as url:
        event = until(lambda: allocation(consumer), "the webhook of the allocation")
        acts = {e["type"] for e in consumer.known.values() if e["type"].startswith("report-gateway.form.")}
        assert acts == {f"report-gateway.form.{act}" for act in ("draft", "test", "activate")}
        waiting = httpx.get(f"{url}/v1/inbox?limit=200", headers=client, trust_env=False).json()
        assert event in waiting
        answer = httpx.post(f"{url}/v1/inbox/{event['id']}/ack", headers=client, trust_env=False)
        assert answer.status_code == 204

    [after] = office.run("allocation", "ls", "VPCP-CT", "--json").document["allocations"]
    assert after["taken_note"][THANG]["by"] == CLIENT
    assert len(consumer.asked) == len(set(consumer.asked))


def allocation(consumer: Consumer) -> dict[str, Any] | None:
    """Of the first agreement; each has its own."""
    found = (e for e in consumer.known.values() if e["type"] == "report-gateway.allocation.allocate")
    return next((e for e in found if e["id"].endswith(f".{THANG}")), None)
