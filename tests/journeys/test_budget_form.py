"""A ministry's own workbook is submitted, read by declared rows, mapped, sent and found again at the receiver."""

from __future__ import annotations

import csv
import json
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.deploy import connect, create
from gateway.domain.account import Account
from gateway.domain.exchange import Exchange
from gateway.domain.facts import Held, Reconciled
from gateway.journey.accept import Incoming
from gateway.sandbox import Sandbox
from gateway.schemas.workbooks import XLS
from gateway.wiring import build
from gateway.working import synchronised
from tests.faults.scenarios import Scene
from tests.journeys.real import needed, provinces

_AGREEMENT = "ngan-sach"  # as the province's profile declares it
# column of the published table → indicator at the receiver, and what its triệu đồng are divided by
_COLUMNS = {
    "total.rev": ("0601", 1000),
    "ratio": ("0602", 1),
    "total.exp": ("0603", 1000),
    "balance.trans": ("0604", 1000),
    "target.trans": ("0607", 1000),
}


@pytest.fixture
def scene(tmp_path: Path, database: str) -> Iterator[Scene]:
    home = tmp_path / "deployment"
    create(home, "thanh-hoa")
    with Sandbox.thread(tmp_path / "other-side") as other_side:
        other_side.mode(judge_after=0.05)
        connect(home, other_side)
        with build(home, {"GATEWAY_DATABASE_URL": database}) as gateway:
            synchronised(gateway, _AGREEMENT, "VPCP-CT")
            yield Scene(gateway, other_side, {})


def test_the_plan_of_2007_arrives_as_the_ministry_published_it(scene: Scene) -> None:
    workbook = needed("mof-budget/Plan_2007.xls").read_bytes()
    asked = Incoming(_AGREEMENT, "k1", "ht", XLS, workbook, period="LICH:2007")
    x, _ = scene.gateway.accept(asked)
    scene.drain(scene.settled("k1"))

    x = scene.gateway.journal.read(x.id)
    assert (scene.other_side.count(x.id), x.pack) == (1, "ngan-sach@1")
    assert x.account == Account(64 * 6, 64 * 5, 64, 0)  # the receiver has no code for money bound to projects
    held = [link.fact.groups for link in scene.gateway.journal.history(x.id) if isinstance(link.fact, Held)]
    assert [(group.code, group.count) for group in held[0]] == [("M104", 64)]

    arrived, known = _statement(scene, x), {_ascii(name): code for name, code in provinces().items()}
    assert len(arrived) == 64 * 5
    with needed("mof-budget/expected-plan-2007.csv").open(encoding="utf-8") as file:
        published = {code: row for row in csv.DictReader(file) if (code := known.get(_ascii(row["prov"])))}
    assert len(published) == 56  # the others are spelt another way there, or were merged since
    for province, row in published.items():
        for column, (indicator, scale) in _COLUMNS.items():
            wanted = Decimal(row[column] or 0) / scale
            assert Decimal(arrived[indicator, province]) == wanted, (indicator, province)


def _ascii(name: str) -> str:
    """The published table has names without marks."""
    plain = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    return "".join(letter for letter in plain if letter.isalnum() and letter.isascii())


def _statement(scene: Scene, x: Exchange) -> dict[tuple[str, str], str]:
    """What the receiver holds, by (indicator, organisation); nil as 0."""
    journal = scene.gateway.journal
    [kept] = [link.fact.statement for link in journal.history(x.id) if isinstance(link.fact, Reconciled)]
    values = json.loads(journal.bytes_of(kept.digest))["values"]
    return {(one["indicator"], one["organisation"]): one["value"].replace("-", "0") for one in values}
