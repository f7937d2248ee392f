"""A load of POSTs over many kept-open connections, at a few microseconds a request: the server is what is measured.

Run as a process of its own (``python -m gateway.bench.load``); refused: httpx, which would be slower than the server.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import count, cycle, islice
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Load:
    """`requests` POSTs of the file `body` to `path`, `connections` at once, in turn to each of the `ports`.

    {key} in `headers` is numbered.
    """

    host: str
    ports: tuple[int, ...]
    path: str
    headers: tuple[str, ...]
    body: str
    connections: int
    requests: int
    run: str


def fire(load: Load) -> dict[str, float]:
    """Rate, latencies in ms, and how many answers were no 2xx."""
    command = [sys.executable, "-m", "gateway.bench.load"]
    told = json.dumps(asdict(load))  # on stdin: a key on a command line is there for everybody to read
    done = subprocess.run(command, check=True, input=told, stdout=subprocess.PIPE, text=True)  # noqa: S603  # our own module
    found: dict[str, float] = json.loads(done.stdout)
    return found


@contextmanager
def beside(load: Load) -> Iterator[None]:
    """`load` again and again from its first answer until the block ends; what is on its way then is cut off."""
    command = [sys.executable, "-m", "gateway.bench.load", "on"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603  # our own module
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps(asdict(load)))
        process.stdin.close()
        process.stdout.readline()
        yield
        if process.poll() is not None:
            raise RuntimeError("the load beside ended by itself")
    finally:
        process.kill()
        process.wait(30)
        process.stdout.close()


async def _going_on(load: Load) -> None:
    """Says so once the first was answered; ends when it is killed."""
    await _fired(replace(load, connections=1, requests=1, run=f"{load.run}-first"))
    sys.stdout.write("\n")
    sys.stdout.flush()
    for turn in count():
        await _fired(replace(load, run=f"{load.run}-{turn}"))


async def _fired(load: Load) -> dict[str, float]:
    body = Path(load.body).read_bytes()
    numbers = iter(range(load.requests))
    times: list[float] = []
    refused = 0

    async def connection(port: int) -> None:
        nonlocal refused
        reader, writer = await asyncio.open_connection(load.host, port)
        for number in numbers:
            began = time.perf_counter()
            writer.write(_request(load, number, body))
            status = await _answered(reader)
            times.append(time.perf_counter() - began)
            refused += not 200 <= status < 300
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(connection(port) for port in islice(cycle(load.ports), load.connections)))
    wall = time.perf_counter() - began
    times.sort()
    return {
        "rate": load.requests / wall,
        "p50_ms": times[len(times) // 2] * 1000,
        "p99_ms": times[int(len(times) * 0.99)] * 1000,
        "refused": refused,
    }


def _request(load: Load, number: int, body: bytes) -> bytes:
    lines = [f"POST {load.path} HTTP/1.1", f"Host: {load.host}", f"Content-Length: {len(body)}"]
    lines += [line.replace("{key}", f"{load.run}-{number}") for line in load.headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def _answered(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    length = head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]
    await reader.readexactly(int(length or 0))
    return int(head.split(b" ", 2)[1])


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    told = Load(**{**asked, "headers": tuple(asked["headers"]), "ports": tuple(asked["ports"])})
    if "on" in sys.argv[1:]:
        asyncio.run(_going_on(told))
    else:
        sys.stdout.write(json.dumps(asyncio.run(_fired(told))))
