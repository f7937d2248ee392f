"""A closed day before an authority that is asked over the wire: whatever it does, no day counts as stamped that is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.adapters.sql import SqlJournal
from gateway.deploy import connect, create
from gateway.sandbox import Sandbox
from tests.adapters.sql.test_trail import long_ago
from tests.cli.house import Told, run
from tests.signing.authority import Authority


@dataclass(frozen=True, slots=True)
class Home:
    """A deployment whose journal holds one exchange, ended three days ago."""

    folder: Path
    exchange: str
    other_side: Sandbox

    def anchor(self) -> Told:
        return run("audit", "anchor", "--home", str(self.folder), "--json")

    def proof(self) -> Any:
        """Of the exchange's last day, as somebody sees it who has the bundle and the deployment's anchors."""
        return self.judged(self.bundle(), self.folder / "trust").document["days"][-1]

    def bundle(self) -> str:
        target = str(self.folder.parent / "chung-cu.zip")
        told = run("evidence", "export", self.exchange, "--out", target, "--home", str(self.folder))
        assert told.code == 0, told.err
        return target

    def judged(self, bundle: str, *trust: Path) -> Told:
        return run("evidence", "verify", bundle, "--json", *(word for one in trust for word in ("--trust", str(one))))


@pytest.fixture(scope="module")
def other_side() -> Iterator[Sandbox]:
    with Sandbox.thread() as sandbox:
        yield sandbox


@pytest.fixture
def home(tmp_path: Path, database: str, other_side: Sandbox) -> Iterator[Home]:
    folder = tmp_path / "home"
    create(folder, "thanh-hoa")
    connect(folder, other_side)
    local = folder / "local.toml"
    stamps = f'database_url = "{database}"\nanchor_tsa = "{other_side.control_url}/pki/tsa"\n'
    local.write_text(stamps + local.read_text("utf-8"), "utf-8")
    journal = SqlJournal.connect(database)
    exchange = long_ago(journal, "k1", b"{}", ended=datetime.now(UTC) - timedelta(days=3)).id
    journal.close()
    yield Home(folder, exchange, other_side)
    other_side.mode(tsa="right")


def test_a_day_that_an_authority_has_stamped_is_proven_to_whoever_has_its_anchor(home: Home, tmp_path: Path) -> None:
    assert home.anchor().code == 0
    bundle = home.bundle()
    home.other_side.mode(tsa="stopped", ocsp="stopped")  # nobody is asked any more
    told = home.judged(bundle, home.folder / "trust")
    home.other_side.mode(ocsp="right")
    assert (told.code, told.document["holds"], told.document["faults"]) == (0, True, [])
    assert [(day["trusted"], bool(day["stamped_at"])) for day in told.document["days"]] == [(True, True)] * 2
    alone = home.judged(bundle)
    assert (alone.code, [day["trusted"] for day in alone.document["days"]]) == (0, [None, None])
    stranger = home.judged(bundle, Authority("Gốc khác").write_trust(tmp_path / "stranger"))
    assert (stranger.code, stranger.document["days"]) == (1, [])
    assert "no anchor of yours" in stranger.document["faults"][0]


@pytest.mark.parametrize(("manner", "code"), [("stopped", "A-002"), ("wrong_imprint", "A-004")])
def test_without_a_stamp_over_its_line_a_day_stays_due_and_that_is_told(home: Home, manner: str, code: str) -> None:
    home.other_side.mode(tsa=manner)
    told = home.anchor()
    [found] = told.document["problems"]
    assert (told.code, found["code"]) == (7, "A-006")
    owing = {(datetime.now(UTC) - timedelta(days=past)).date().isoformat() for past in range(1, 5)}
    for language in ("vi", "en"):
        said = found["title"][language]
        assert code in said
        assert any(day in said for day in owing), said
        assert "gateway audit anchor" in found["advice"][language]
    assert "127.0.0.1" in told.err
    assert home.proof()["stamped_at"] is None
    home.other_side.mode(tsa="right")
    assert home.anchor().code == 0
    assert home.proof()["trusted"] is True
