"""recovery: how long it takes to be back, and how much is gone. Beside it, in the same run, a plain copy of the data.

RPO is counted in reports that were promised to a client and are not there afterwards; RTO is from the order to
restore until the journal takes writes again. The law gives four hours.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gateway.deploy import create, discard
from gateway.journey.accept import Incoming
from gateway.upkeep import Upkeep, upkeep
from gateway.wiring import Gateway, build

AGREEMENT = "ktxh-thang"
_PATIENCE = 300.0


def measure(reports: int) -> dict[str, Any]:
    """Figures of one drill: half the reports in the base copy, half in the stream, then the server's disk is gone."""
    with tempfile.TemporaryDirectory(prefix="gateway-bench-") as folder:
        home = Path(folder) / "home"
        _prepared(home)
        try:
            return _drill(home, reports)
        finally:
            discard(home)


def _drill(home: Path, reports: int) -> dict[str, Any]:
    keeping = upkeep(home, {})
    promised: list[str] = []
    with build(home, {}) as gateway:
        promised += _taken(gateway, 0, reports // 2)
        began = time.perf_counter()
        base = keeping.take(_silent)
        copying = time.perf_counter() - began
        with _streamed(keeping):
            promised += _taken(gateway, reports // 2, reports)
            data = _destroyed(keeping)
    plain = _plain_copy(base.folder(keeping.store), Path(data.parent) / "plain")
    began = time.perf_counter()
    restored, _ = keeping.restore(None, "", ("bench", "drill"), _silent)
    back = time.perf_counter() - began
    began = time.perf_counter()
    seen = keeping.check(_silent).insist()
    checking = time.perf_counter() - began
    with build(home, {}) as gateway:
        lost = sum(not _known(gateway, name) for name in promised)
    return {
        "reports promised": len(promised),
        "RPO: promised reports lost (synchronous stream)": lost,
        "data, MB": round(base.bytes / 1e6, 1),
        "base copy, s": round(copying, 2),
        "RTO: order to writable, s": round(back, 2),
        "base copy ÷ plain copy of the same files": round(copying / plain, 1),
        "restore ÷ plain copy of the same files": round(back / plain, 1),
        "asked after before sending": restored.doubted,
        "check, facts/s": round(seen.facts / checking),
    }


def _prepared(home: Path) -> None:
    create(home, "thanh-hoa")
    for name in ("quoc-gia.system-id", "quoc-gia.system-secret", "quoc-gia.username", "quoc-gia.password",
                 "truc-van-ban.system-id", "truc-van-ban.secret"):  # fmt: skip
        (home / "secrets" / name).write_text("-", "utf-8")
    (home / "local.toml").write_text("[backup]\nsynchronous = true\n", "utf-8")


def _taken(gateway: Gateway, first: int, last: int) -> list[str]:
    body = json.loads(sorted((gateway.settings.home / "samples").glob("*.json"))[0].read_bytes())
    found = []
    for number in range(first, last):
        payload = json.dumps({**body, "reporter": f"H56.{number}"}, ensure_ascii=False).encode()
        x, _ = gateway.accept(Incoming(AGREEMENT, f"b{number}", "bench", "application/json", payload))
        found.append(x.id)
    return found


@contextmanager
def _streamed(keeping: Upkeep) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=keeping.follow, args=(stop, lambda _: None))
    thread.start()
    try:
        last = time.monotonic() + _PATIENCE
        with keeping.connected() as connection:
            while connection.execute("SHOW synchronous_standby_names").fetchone() == ("",):
                if time.monotonic() > last:
                    raise TimeoutError("the stream does not begin")
                stop.wait(0.05)
        yield
    finally:
        stop.set()
        thread.join()


def _destroyed(keeping: Upkeep) -> Path:
    with keeping.connected() as connection:
        row = connection.execute("SELECT pg_read_file('postmaster.pid'), current_setting('data_directory')").fetchone()
        os.kill(int(row[0].split("\n", 1)[0]), signal.SIGKILL)
    data = Path(row[1])
    shutil.rmtree(data)
    return data


def _plain_copy(source: Path, target: Path) -> float:
    began = time.perf_counter()
    shutil.copytree(source, target)
    seconds = time.perf_counter() - began
    shutil.rmtree(target)
    return seconds


def _known(gateway: Gateway, name: str) -> bool:
    return bool(gateway.journal.history(name))


def _silent(what: str, done: int, total: int) -> None:
    """Nobody watches."""
