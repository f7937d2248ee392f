"""The doorbell across hosts: Dramatiq on Redis carries hints, never payloads; the journal is the truth.

Dramatiq's retries and delays are off: its own recovery takes minutes and can strand messages, while
the sweep finds work in seconds.
"""

from __future__ import annotations

import logging
import threading

import dramatiq
import redis
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import AgeLimit

from gateway.queue.local import LocalDoorbell

log = logging.getLogger("gateway.queue")

_COALESCED_FOR_MS = 200
_HINT_LIVES_MS = 60_000
_WORKER_MS = 200


class RedisDoorbell:
    """Rings every process that shares `url`; whoever gets the hint drains through its own `local` bell.

    With Redis away a ring stays in the house: this process drains, the others sweep. Nobody who rings waits
    for Redis: a thread tells it, and many rings until it does are one.
    """

    def __init__(self, url: str, local: LocalDoorbell, *, namespace: str = "report-gateway") -> None:
        self._local = local
        self._namespace = namespace
        self._redis = redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)
        aging = AgeLimit(max_age=_HINT_LIVES_MS)
        self._broker = RedisBroker(url=url, namespace=namespace, middleware=[aging])  # type: ignore[no-untyped-call]
        self._broker.emit_after("process_boot")
        # No Retries middleware: a hint that fails is not repeated, and `max_retries` is no option here.
        made = dramatiq.actor(actor_name="drain", queue_name="doorbell", broker=self._broker)
        self._actor = made(local.ring)
        self._worker: dramatiq.Worker | None = None
        self._rung: set[str] = set()
        self._changed = threading.Condition()
        self._telling: threading.Thread | None = None
        self._stopped = False

    def ring(self, destination: str) -> None:
        with self._changed:
            self._rung.add(destination)
            if self._telling is None and not self._stopped:
                self._telling = threading.Thread(target=self._tell, name="doorbell-redis", daemon=True)
                self._telling.start()
            self._changed.notify()

    def start(self) -> None:
        self._local.start()
        if self._worker is None:
            self._worker = dramatiq.Worker(self._broker, worker_timeout=_WORKER_MS, worker_threads=1)
            self._worker.start()

    def stop(self) -> None:
        """What was rung is told first: a process that ends after one errand still rings those that serve."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        if self._telling is not None:
            self._telling.join()
        if self._worker is not None:
            self._worker.stop()
            self._worker = None
        self._local.stop()
        self._broker.close()
        self._redis.close()

    def _tell(self) -> None:
        while rung := self._next():
            for destination in rung:
                self._hint(destination)

    def _next(self) -> list[str]:
        with self._changed:
            while not self._rung and not self._stopped:
                self._changed.wait()
            rung = sorted(self._rung)
            self._rung.clear()
            return rung

    def _hint(self, destination: str) -> None:
        try:
            first = self._redis.set(f"{self._namespace}:rung:{destination}", 1, px=_COALESCED_FOR_MS, nx=True)
            if first:
                self._actor.send(destination)
        except (redis.RedisError, dramatiq.BrokerError) as error:
            log.warning("redis does not answer", extra={"why": type(error).__name__})
            self._local.ring(destination)
