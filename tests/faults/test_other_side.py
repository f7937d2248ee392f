"""Whatever the other side or the line to it does: the report is there once, and the journal knows what it knows.

One gateway, and for each trouble a receiver that does not deduplicate and a line of its own; all at the same time,
because most of it is waiting.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from gateway.deploy import connect, create, secret
from gateway.sandbox import Sandbox
from gateway.serving import served
from gateway.wiring import build
from gateway.working import synchronised
from tests.conftest import at_database
from tests.faults.checker import Run, judged
from tests.faults.clients import Partner, paper
from tests.faults.history import History, every
from tests.faults.proxy import Proxy, address
from tests.faults.stores import until
from tests.faults.troubles import TROUBLES, Certificates, There

_SECRETS = ("system_id", "system_secret", "username", "password")
_REST = 600.0


@dataclass
class Told:
    """What became of one trouble's report, alone."""

    run: Run

    @property
    def stage(self) -> str:
        return self.run.kept[0].stage.value

    @property
    def facts(self) -> tuple[str, ...]:
        return self.run.kept[0].facts


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, postgres: str) -> Iterator[Mapping[str, Told]]:
    folder = tmp_path_factory.mktemp("other-side")
    name = f"gateway_faults_{uuid4().hex[:12]}"
    with psycopg.connect(postgres, autocommit=True) as admin:
        admin.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        yield _played(folder, {"GATEWAY_DATABASE_URL": at_database(postgres, name)})
        admin.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


@pytest.mark.parametrize("name", TROUBLES)
def test_the_report_is_there_once_although_the_other_side(told: Mapping[str, Told], name: str) -> None:
    trouble, found = TROUBLES[name], told[name]
    assert judged(found.run) == []
    assert found.stage == trouble.ends, found.facts
    assert trouble.facts <= set(found.facts), found.facts
    assert found.run.arrived.total() == 1


def _played(folder: Path, environment: Mapping[str, str]) -> Mapping[str, Told]:
    home = folder / "deployment"
    made = create(home, "thanh-hoa")
    with ExitStack() as stack:
        lines = {name: _there(stack, folder, home, number) for number, name in enumerate(TROUBLES)}
        _declare(home, list(lines.values()))
        gateway = stack.enter_context(build(home, environment))
        synchronised(gateway, "ktxh-0", "VPCP-CT")
        url = stack.enter_context(served(gateway))
        histories = {
            name: stack.enter_context(History(folder / f"history-{number}")) for number, name in enumerate(TROUBLES)
        }
        key = made.key_file.read_text("utf-8")
        partners = {
            name: Partner([url], key, histories[name], agreement=f"ktxh-{number}")
            for number, name in enumerate(TROUBLES)
        }
        ids = {}
        for number, (name, partner) in enumerate(partners.items()):
            stack.callback(partner.close)
            TROUBLES[name].begin(lines[name])
            answer = partner.ask(paper(f"H56.{number:02}", key=f"{number}"))
            assert answer is not None
            ids[name] = answer.json()["id"]
        for name in TROUBLES:
            until(lambda name=name: _tried(partners[name], ids[name]), name, _REST)  # type: ignore[misc]
            TROUBLES[name].heal(lines[name])
        until(lambda: all(_at_rest(partners[name], ids[name]) for name in TROUBLES), "all at rest", _REST, every=0.25)
        kept = {one.id: one for one in every(gateway.journal)}
        now = gateway.doors.clock.now().timestamp()
        return {
            name: Told(Run(histories[name].read(), [kept[ids[name]]], _arrivals(lines[name]), now)) for name in TROUBLES
        }


def _there(stack: ExitStack, folder: Path, home: Path, number: int) -> There:
    """A receiver and its line. The very first settings are copied from a deployment connected as any is."""
    other_side = stack.enter_context(Sandbox.thread(folder / f"there-{number}"))
    other_side.mode(judge_after=0.0)
    if number == 0:
        connect(home, other_side)
    shows = Certificates(folder / f"tls-{number}") if list(TROUBLES)[number] == "shows a wrong certificate" else None
    line = stack.enter_context(Proxy(address(other_side.national_url), tls=shows.context if shows else None).standing())
    return There(other_side, line, shows)


def _declare(home: Path, lines: list[There]) -> None:
    """The shipped partner and agreement, once for each line; seconds in place of minutes, nothing else differs."""
    shipped = (home / "partners" / "quoc-gia.toml").read_text("utf-8")
    head, agreed = shipped.split("[[agreement]]")[:2]
    local = ["[work]\nlease_seconds = 3\nsweep_seconds = 0.5\n[partners.truc-van-ban]\ndeadline_seconds = 1\n"]
    for number, there in enumerate(lines):
        name = f"quoc-gia-{number}"
        text = f"{head}[[agreement]]{agreed}".replace('"quoc-gia"', f'"{name}"').replace("quoc-gia.", f"{name}.")
        (home / "partners" / f"{name}.toml").write_text(text.replace('"ktxh-thang"', f'"ktxh-{number}"'), "utf-8")
        given = there.other_side.credentials
        for one in _SECRETS:
            secret(home, f"{name}.{one.replace('_', '-')}", getattr(given, f"national_{one}"))
        scheme = "http" if there.shows is None else "https"
        trusted = "" if there.shows is None else f'ca_file = "{there.shows.trusted}"\n'
        local.append(
            f'[partners.{name}]\nurl = "{scheme}://127.0.0.1:{there.line.port}/national"\ndeadline_seconds = 1\n'
            f"{trusted}[agreements.ktxh-{number}]\nsettles_after_seconds = 4\n"
        )
    (home / "partners" / "quoc-gia.toml").unlink()
    (home / "local.toml").write_text("\n".join(local), "utf-8")
    agreements = ", ".join(f'"ktxh-{number}"' for number in range(len(lines)))
    clients = (home / "clients.toml").read_text("utf-8").partition("agreements")[0]
    (home / "clients.toml").write_text(f"{clients}agreements = [{agreements}]\n", "utf-8")


def _tried(partner: Partner, name: str) -> bool:
    """Its first attempt has come to an end, good or bad."""
    shown = partner.look(name)
    return shown is not None and shown["attempts"] > 0 and (shown["stage"] != "in_doubt" or shown["due"] is not None)


def _at_rest(partner: Partner, name: str) -> bool:
    shown = partner.look(name)
    return shown is not None and shown["stage"] in ("reconciled", "parked", "refused", "returned")


def _arrivals(there: There) -> list[Mapping[str, object]]:
    return list(there.other_side.arrivals())
