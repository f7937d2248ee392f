"""accept → receipt for 2 KB signed reports, beside the bare loop of the same HTTP calls.

The gateway is a process of its own; CPU is the kernel's account of that process, of its PostgreSQL
apart. The bare loop makes the same calls to the same other side (send, status, statement) with the
same client library, and does nothing else.
"""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
from httpx_aiohttp import AiohttpTransport

from gateway.bench.deployment import Running, running
from gateway.bench.measuring import cpu_seconds, peak_megabytes, tree_cpu_seconds
from gateway.bench.reports import signed, signers, small
from gateway.sandbox import Sandbox

_CLIENTS = 8
_DONE = ("reconciled", "partly_accepted", "returned", "superseded", "refused")


def measure(reports: int) -> dict[str, Any]:
    """CPU milliseconds per report and reports per second, gateway and bare loop."""
    with running() as gateway:
        sample = small()
        by = signers(gateway.other_side)
        packets = [signed(sample, number, by) for number in range(reports)]
        _through(gateway, packets[: reports // 10], "warm")
        pid = gateway.process.pid
        store = gateway.store_pid()
        own, stored, began = cpu_seconds(pid), tree_cpu_seconds(store), time.monotonic()
        _through(gateway, packets, "run")
        wall = time.monotonic() - began
        own, stored = cpu_seconds(pid) - own, tree_cpu_seconds(store) - stored
        peak = peak_megabytes(pid)
        bare_cpu, bare_wall = _bare(gateway, packets)
    return {
        "reports": reports,
        "bytes_per_report": len(packets[0]),
        "gateway_cpu_ms_per_report": round(own / reports * 1000, 2),
        "postgres_cpu_ms_per_report": round(stored / reports * 1000, 2),
        "reports_per_second": round(reports / wall, 1),
        "peak_mb": round(peak),
        "bare_loop_cpu_ms_per_report": round(bare_cpu / reports * 1000, 2),
        "bare_loop_reports_per_second": round(reports / bare_wall, 1),
        "ratio_cpu_to_bare_loop": round(own / bare_cpu, 1),
    }


def _through(gateway: Running, packets: list[bytes], run: str) -> None:
    """Hand in every packet and wait until the receiver's judgement of each is reconciled."""
    before = _done(gateway)

    def hand_in(numbered: tuple[int, bytes]) -> None:
        number, packet = numbered
        headers = {"Idempotency-Key": f"{run}-{number}", "Content-Type": "application/xml"}
        gateway.desk.post("/v1/reports", content=packet, headers=headers).raise_for_status()

    with ThreadPoolExecutor(_CLIENTS) as clients:
        list(clients.map(hand_in, enumerate(packets)))
    gateway.until(lambda: _done(gateway) - before >= len(packets), "every report has its receipt")


def _done(gateway: Running) -> int:
    counts = gateway.counts()
    return sum(counts.get(stage, 0) for stage in _DONE)


def _bare(gateway: Running, packets: list[bytes]) -> tuple[float, float]:
    """CPU and wall seconds of the same calls with nothing around them."""
    parcels = gateway.parcels(len(packets))
    used, began = time.process_time(), time.monotonic()
    asyncio.run(_bare_loop(gateway, parcels))
    return time.process_time() - used, time.monotonic() - began


async def _bare_loop(gateway: Running, parcels: list[bytes]) -> None:
    base = gateway.other_side.national_url
    async with httpx.AsyncClient(transport=AiohttpTransport(), timeout=30) as client:
        client.headers.update(await logged_in(gateway.other_side, client))
        turns = asyncio.Semaphore(_CLIENTS)

        async def one(parcel: bytes) -> None:
            async with turns:
                files = {"packetFile": ("x.xml", parcel, "application/xml")}
                sent = await client.post(f"{base}/v1/packets", files=files, data={"messageType": "report-data"})
                reference = sent.json()["data"]["docId"]
                while (await client.get(f"{base}/v1/packets/{reference}/status")).status_code == httpx.codes.ACCEPTED:
                    await asyncio.sleep(0.2)
                await client.get(f"{base}/v1/packets/{reference}/statement")

        await asyncio.gather(*(one(parcel) for parcel in parcels))


async def logged_in(other_side: Sandbox, client: httpx.AsyncClient) -> dict[str, str]:
    given = other_side.credentials
    answer = await client.post(
        f"{other_side.national_url}/v1/auth/login?allow_anonymous=true",
        json={"username": given.national_username, "password": given.national_password},
    )
    token = answer.json()["data"]["token"]
    return {
        "Authorization": f"Bearer {token}",
        "X-SystemId": given.national_system_id,
        "X-SecretKey": given.national_system_secret,
    }
