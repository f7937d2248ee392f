"""A system of the province that is told by webhook, written from the specification and nothing of ours."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Consumer:
    """`answers` are given in turn, the last for ever; what was not signed by `secret` is refused with 401."""

    secret: bytes
    answers: list[int] = field(default_factory=lambda: [204])
    heard: list[dict[str, Any]] = field(default_factory=list)  # events answered with a 2xx, repeated or not
    asked: list[str] = field(default_factory=list)  # the id of every request
    stamps: list[int] = field(default_factory=list)  # when each says it was made, in seconds
    url: str = ""
    changed: threading.Event = field(default_factory=threading.Event)

    @property
    def known(self) -> dict[str, dict[str, Any]]:
        """As a consumer keeps them: one for each id."""
        return {event["id"]: event for event in self.heard}

    def take(self, headers: dict[str, str], body: bytes) -> int:
        self.asked.append(headers["webhook-id"])
        self.stamps.append(int(headers["webhook-timestamp"]))
        if not self._is_signed(headers, body):
            return 401
        status = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if status < 300:
            event = json.loads(body)
            assert event["id"] == headers["webhook-id"]
            assert headers["content-type"].startswith("application/cloudevents+json")
            self.heard.append(event)
        self.changed.set()
        return status

    def _is_signed(self, headers: dict[str, str], body: bytes) -> bool:
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        expected = base64.b64encode(hmac.digest(self.secret, signed, hashlib.sha256)).decode()
        given = [one.partition(",") for one in headers["webhook-signature"].split(" ")]
        return any(version == "v1" and hmac.compare_digest(text, expected) for version, _, text in given)


@contextmanager
def consuming(secret: bytes, *answers: int) -> Iterator[Consumer]:
    """A consumer that listens on this machine."""
    consumer = Consumer(secret, list(answers) or [204])

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(consumer.take({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return None

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        consumer.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield consumer
        finally:
            server.shutdown()
            thread.join()
