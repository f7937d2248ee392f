"""A real browser before a real desk. Without Chromium these tests are skipped by name."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from gateway.console import console
from gateway.wiring import Gateway, Seen
from tests.browser.chromium import Tab, chromium, tab
from tests.console.reader import put_together


@pytest.fixture(scope="session")
def devtools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed")
    with chromium(program, tmp_path_factory.mktemp("chromium")) as address:
        yield address


@pytest.fixture
def page(devtools: str) -> Iterator[Tab]:
    with tab(devtools) as opened:
        yield opened


@pytest.fixture
def gateway(tmp_path: Path, database: str) -> Iterator[Gateway]:
    with put_together(tmp_path / "thanh-hoa", database, Seen()) as built:
        yield built


@pytest.fixture
def address(gateway: Gateway) -> Iterator[str]:
    """Where the desk is served; nothing is drained, so its exchanges stay as they were told."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(console(gateway), log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join()
