"""A load of POSTs over many kept-open connections, at a few microseconds a request: the server is what is measured.

Run as a process of its own (``python -m gateway.bench.load``); refused: httpx, which would be slower than the server.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Load:
    """`requests` POSTs of the file `body` to `path`, `connections` at once. {key} in `headers` is numbered."""

    host: str
    port: int
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


async def _fired(load: Load) -> dict[str, float]:
    body = Path(load.body).read_bytes()
    numbers = iter(range(load.requests))
    times: list[float] = []
    refused = 0

    async def connection() -> None:
        nonlocal refused
        reader, writer = await asyncio.open_connection(load.host, load.port)
        for number in numbers:
            began = time.perf_counter()
            writer.write(_request(load, number, body))
            status = await _answered(reader)
            times.append(time.perf_counter() - began)
            refused += not 200 <= status < 300
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(connection() for _ in range(load.connections)))
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
    said = asyncio.run(_fired(Load(**{**asked, "headers": tuple(asked["headers"])})))
    sys.stdout.write(json.dumps(said))
