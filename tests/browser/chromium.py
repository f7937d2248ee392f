"""A headless Chromium, spoken to over its own DevTools protocol: a web socket and JSON, no driver between."""

from __future__ import annotations

import json
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
)
_PATIENCE = 120.0
_LISTENING = "DevTools listening on ws://"


@contextmanager
def chromium(program: str, profile: Path) -> Iterator[str]:
    """A browser with a new empty profile; yields the address of its DevTools."""
    command = [program, *_FLAGS, f"--user-data-dir={profile}", "about:blank"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            line = next((line for line in process.stderr if line.startswith(_LISTENING)), "")
            assert line, "chromium did not start"
            # What it says later is read and dropped: a full pipe would stop it.
            threading.Thread(target=process.stderr.read, daemon=True).start()
            yield line.removeprefix(_LISTENING).partition("/")[0]
        finally:
            process.kill()


class Tab:
    """One page. `logged` is everything the browser complained of, `asked` every address it wanted."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._number = 0
        self.logged: list[str] = []
        self.asked: list[str] = []
        self._loaded: set[str] = set()
        for domain in ("Page", "Log", "Network", "Runtime"):
            self.do(f"{domain}.enable")
        self.do("Page.setLifecycleEventsEnabled", enabled=True)

    def look(self, url: str, *, width: int, scheme: str = "light") -> None:
        """Load a page at a width, in a colour scheme; what was logged before is forgotten."""
        self.logged.clear()
        self.asked.clear()
        self.do("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600)
        self.do("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        # This load's own end: one that was under way before ends with an event as well.
        loader = self.do("Page.navigate", url=url)["loaderId"]
        while loader not in self._loaded:
            self._hear()

    def follow(self, expression: str) -> None:
        """Do something in the page that leads to another, and wait for that one."""
        before = set(self._loaded)
        self.ask(expression)
        while self._loaded == before:
            self._hear()

    def ask(self, expression: str) -> Any:
        """The value of an expression in the page, awaited if it is a promise; the page's own policy does not bind the one who asks."""
        answer = self.do("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def do(self, method: str, **given: Any) -> Any:
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": given}))
        while True:
            heard = self._hear()
            if heard.get("id") == self._number:
                assert "error" not in heard, heard
                return heard["result"]

    def _hear(self) -> dict[str, Any]:
        heard: dict[str, Any] = json.loads(self._socket.recv(timeout=_PATIENCE))
        if heard.get("method") == "Log.entryAdded":
            self.logged.append(heard["params"]["entry"]["text"])
        elif heard.get("method") == "Network.requestWillBeSent":
            self.asked.append(heard["params"]["request"]["url"])
        elif heard.get("method") == "Page.lifecycleEvent" and heard["params"]["name"] == "load":
            self._loaded.add(heard["params"]["loaderId"])
        return heard


@contextmanager
def tab(devtools: str) -> Iterator[Tab]:
    """A new page of a running browser, closed again."""
    target = json.loads(_told(devtools, "new?about:blank"))
    with connect(target["webSocketDebuggerUrl"], max_size=None, compression=None) as socket:
        yield Tab(socket)
    _told(devtools, f"close/{target['id']}")


def _told(devtools: str, what: str) -> bytes:
    wanted = urllib.request.Request(f"http://{devtools}/json/{what}", method="PUT")
    with urllib.request.urlopen(wanted, timeout=_PATIENCE) as answer:
        answered: bytes = answer.read()
    return answered
