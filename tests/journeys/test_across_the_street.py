"""The runbook, command by command: the gateway's host is lost with its database, the desk carries on from the last
night's copy, and a new gateway takes its ledger home. Every command a clerk is told to type is typed here.
"""

from __future__ import annotations

import asyncio
import glob
import json
import os
import re
import shlex
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fallback.__main__ import main as desk_main
from gateway.adapters.documents.axis import AxisCredentials, AxisRoute
from gateway.adapters.http import HttpLine
from gateway.cli.main import main as gateway_main
from gateway.clock import SystemClock
from gateway.deploy import connect, create
from gateway.domain.calendar import VIETNAM
from gateway.domain.exchange import Kind, Stage
from gateway.journey.accept import Incoming
from gateway.ports import Query
from gateway.sandbox import Sandbox
from gateway.signers import signed_papers
from gateway.wiring import Gateway, build
from gateway.working import synchronised
from tests.api.house import new_database
from tests.fallback.across import AGREEMENT, fill_in, sent
from tests.faults.scenarios import sample

RUNBOOK = Path(__file__).parents[2] / "fallback" / "RUNBOOK.md"
COMMAND = re.compile(r"```bash\n(.*?)```", re.DOTALL)


def commands(language: str) -> list[str]:
    """Every command of one language's part, in its order."""
    part = RUNBOOK.read_text("utf-8").split(f"## {language}\n")[1].split("\n## ")[0]
    return [line for block in COMMAND.findall(part) for line in block.strip().splitlines()]


def test_both_languages_tell_the_same_commands() -> None:
    assert commands("Tiếng Việt") == commands("English")
    assert len(commands("English")) >= 12


@pytest.fixture
def other_side(tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox.thread(tmp_path / "other-side") as side:
        side.mode(judge_after=0.02)
        side.office("silent")
        yield side


class Clerk:
    """Types what the runbook says, in this process."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.desk = folder / "ban"
        self.desk.mkdir()
        monkeypatch.chdir(folder)
        monkeypatch.setenv("FALLBACK_HOME", str(self.desk))

    def types(self, command: str) -> int:
        words = [found for word in shlex.split(os.path.expandvars(command)) for found in _matched(word)]
        if words[:3] == ["python", "-m", "fallback"]:
            return desk_main(words[3:])
        assert words[0] == "gateway", command
        try:
            gateway_main(words[1:])
        except SystemExit as ended:
            return ended.code if isinstance(ended.code, int) else 0
        return 0


def _matched(word: str) -> list[str]:
    return sorted(glob.glob(word)) or [word] if "*" in word else [word]


def moved_in(home: Path, database: str, other_side: Sandbox) -> None:
    """A gateway's deployment on a host of its own, its catalogue in force."""
    create(home, "thanh-hoa")
    connect(home, other_side)
    with (home / "local.toml").open("r+", encoding="utf-8") as local:
        addresses = local.read()
        local.seek(0)
        local.write(f'database_url = "{database}"\n{addresses}')
    with build(home, {}) as gateway:
        synchronised(gateway, AGREEMENT, "VPCP-CT")


def test_every_command_of_the_runbook_does_what_it_says(
    tmp_path: Path, postgres: str, migrated: str, other_side: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = Clerk(tmp_path, monkeypatch)
    told = iter(commands("Tiếng Việt"))
    first, second = tmp_path / "may-cu", tmp_path / "may-moi"
    monkeypatch.setenv("GATEWAY_HOME", str(first))
    with new_database(postgres, migrated) as database:
        moved_in(first, database, other_side)
        assert clerk.types(next(told)) == 0  # the nightly copy
    shutil.copyfile(first / "secrets" / "fallback.key", clerk.desk / "desk.key")
    key = (first / "secrets" / "fallback.key").read_bytes()
    shutil.rmtree(first)  # the host is gone, database and all

    (tmp_path / "bao-cao.json").write_bytes(_payload(clerk))
    assert [clerk.types(next(told)) for _ in range(3)] == [0, 0, 0]  # status, accept, export
    [document] = [path.name for path in (clerk.desk / "trinh-ky").glob("vb-*")]
    fill_in(clerk.desk, document, 128)
    _signed(clerk.desk / "cap-so" / document, other_side)
    assert clerk.types(next(told)) == 0  # receipts
    [package] = sent(clerk.desk)
    document_id = asyncio.run(_carried(other_side, package.read_bytes()))
    assert [clerk.types(next(told)) for _ in range(2)] == [0, 0]  # status, hand over

    monkeypatch.setenv("GATEWAY_HOME", str(second))
    with new_database(postgres, migrated) as database:
        moved_in(second, database, other_side)
        (second / "secrets" / "fallback.key").write_bytes(key)
        with build(second, {}) as gateway:
            _handed_in_again(gateway, clerk)
        assert clerk.types(next(told)) == 0  # note
        with build(second, {}) as gateway:
            asyncio.run(_drained(gateway, Stage.PARKED))
        assert other_side.arrivals() == []
        assert clerk.types(next(told)) == 0  # absorb
        other_side.office_says(document_id, "03", "01", "03")
        assert [clerk.types(next(told)) for _ in range(2)] == [0, 0]  # status --collect, backfill
        with build(second, {}) as gateway:
            asyncio.run(_drained(gateway, Stage.RECONCILED))
        assert [clerk.types(next(told)) for _ in range(2)] == [0, 0]  # the incident: open, ls
        with build(second, {}) as gateway:
            [incident] = gateway.calendar.incidents()
        monkeypatch.setenv("SU_CO", incident.id)
        monkeypatch.setenv("HAN_XONG", f"{incident.opened.astimezone(VIETNAM) + timedelta(days=1):%Y-%m-%dT%H:%M}")
        assert [clerk.types(command) for command in told] == [0, 0, 0]  # promise, close, report

    kinds = {path.suffix: path.read_bytes()[:4] for path in (clerk.desk / "bien-ban").iterdir()}
    assert kinds == {".pdf": b"%PDF", ".xlsx": b"PK\x03\x04"}

    [arrival] = other_side.arrivals()
    assert (arrival["backfill"], arrival["document"]) == (True, document_id)


def _payload(clerk: Clerk) -> bytes:
    [copy] = (clerk.desk / "standby").glob("[0-9]*Z")
    report = sample(Path(__file__).parents[2] / "gateway" / "profiles" / "thanh-hoa")
    assert (copy / "packs").is_dir()
    return json.dumps(report, ensure_ascii=False).encode()


def _handed_in_again(gateway: Gateway, clerk: Clerk) -> None:
    """The provincial system, which got no answer, hands the same report in at the new gateway."""
    payload = (clerk.desk.parent / "bao-cao.json").read_bytes()
    gateway.accept(Incoming(AGREEMENT, "T11-2026", "ht", "application/json", payload))


def _signed(folder: Path, other_side: Sandbox) -> None:
    """By leader and agency, as the desk's copy of the agreement asks for."""
    papers = [folder / name for name in ("bao-cao.pdf", "phu-luc.pdf")]
    for path, content in zip(
        papers, signed_papers(other_side.issue, "H56", [p.read_bytes() for p in papers]), strict=True
    ):
        path.write_bytes(content)


async def _carried(other_side: Sandbox, package: bytes) -> str:
    """What the agency's document system does with a package in ``gui-di``; the DocumentId."""
    shown = AxisCredentials(other_side.credentials.axis_system_id, other_side.credentials.axis_secret)
    route = AxisRoute(HttpLine("VXP", other_side.axis_url, deadline=5), shown, SystemClock())
    try:
        await route.send(package, "H56", ("G22",))
    finally:
        await route.close()
    return "H56,2026/11/20,128/BC-UBND"


async def _drained(gateway: Gateway, end: Stage) -> None:
    """Work until the report stands at `end`."""
    last = datetime.now(UTC).timestamp() + 60
    while datetime.now(UTC).timestamp() < last:
        for destination in gateway.declarations.partners:
            await gateway.runner.drain(destination)
        [report] = gateway.journal.find(Query(kinds=(Kind.OUTBOUND,)))
        if report.stage is end:
            await gateway.hang_up()
            return
        await asyncio.sleep(0.05)
    raise TimeoutError(f"{report.stage}: {report.trouble}")
