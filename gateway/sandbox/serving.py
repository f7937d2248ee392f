"""The whole other side on three ports of the loopback: national system, axis, control."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from starlette.applications import Starlette
from starlette.types import ASGIApp

from gateway.sandbox import credentials
from gateway.sandbox.authority import Authority
from gateway.sandbox.axis import Axis
from gateway.sandbox.catalogue import Catalogues
from gateway.sandbox.control import Control
from gateway.sandbox.doors import Doors
from gateway.sandbox.faulty import Faulty
from gateway.sandbox.judging import Judge
from gateway.sandbox.lgsp import Lgsp
from gateway.sandbox.line import Port
from gateway.sandbox.national import National
from gateway.sandbox.store import Store
from gateway.sandbox.switches import Switches


@asynccontextmanager
async def served(folder: Path, port: int) -> AsyncIterator[dict[str, str]]:
    """Its addresses, by name (national_url, axis_url, …). `port`, +1 and +2; 0: those of the last time, or any."""
    folder.mkdir(parents=True, exist_ok=True)
    ports = _ports(folder / "ports.json", port)
    addresses = {
        "national_url": f"http://127.0.0.1:{ports[0].number}/national",
        "axis_url": f"http://127.0.0.1:{ports[1].number}/axis",
        "lgsp_url": f"http://127.0.0.1:{ports[1].number}/lgsp",
        "control_url": f"http://127.0.0.1:{ports[2].number}",
    }
    with closing(Store(folder)) as store:
        try:
            _furnish(folder, store, addresses, ports)
            for one in ports:
                await one.open_door()
            yield addresses
        finally:
            for one in ports:
                await one.stop()


def _furnish(folder: Path, store: Store, addresses: dict[str, str], ports: list[Port]) -> None:
    """Put the three applications behind their doors."""
    switches = Switches()
    given = credentials.kept(folder)
    catalogues = Catalogues(store)
    authority = Authority(folder / "ca", store, addresses["control_url"])
    national = National(store, catalogues, Judge(store, catalogues), switches, given)
    axis = Axis(store, switches, given)
    lgsp = Lgsp(axis, given)
    between = Starlette(routes=[*axis.app.routes, *lgsp.app.routes])

    def expire_tokens() -> None:
        national.expire_tokens()
        lgsp.expire_tokens()

    sides = [
        Faulty(national.app, "national", switches, national.duplicate, expire_tokens),
        Faulty(between, "axis", switches, axis.duplicate),
    ]
    doors = Doors(switches, {"national": ports[0], "axis": ports[1]}, sides, expire_tokens)
    control = Control(
        store, switches, catalogues, authority, axis=axis, credentials=given, addresses=addresses, doors=doors
    )
    apps: list[ASGIApp] = [*sides, control.app]
    for port, app in zip(ports, apps, strict=True):
        port.serve(app)


def _ports(file: Path, first: int) -> list[Port]:
    """Certificates name the control port, so a restart comes back where it was if it can."""
    last = json.loads(file.read_bytes()) if file.exists() else [0, 0, 0]
    try:
        ports = _held([first, first + 1, first + 2] if first else last)
    except OSError:
        if first:
            raise
        ports = _held([0, 0, 0])
    file.write_text(json.dumps([port.number for port in ports]), "utf-8")
    return ports


def _held(numbers: list[int]) -> list[Port]:
    """All of them or none."""
    held: list[Port] = []
    try:
        for number in numbers:
            held.append(Port(number))
    except OSError:
        for port in held:
            port.let_go()
        raise
    return held
