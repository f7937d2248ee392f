"""Makes trouble for a fleet by lot, one act after another; the seed decides which, on whom and how long."""

from __future__ import annotations

import random
import signal
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

import psycopg

from tests.faults.fleet import LEASE, Fleet, Member
from tests.faults.proxy import Proxy, any_manner

MISCHIEF = (
    "fail_before_storing", "fail_after_storing", "reset_before_storing", "reset", "too_many", "wrong_token", "slow",
    "drip", "hang", "duplicate", "redirect",
)  # fmt: skip


class Nemesis:
    """`acts` counts what was done. Nothing stays broken for longer than a few seconds, and `stop` heals the rest."""

    def __init__(self, fleet: Fleet, seed: int) -> None:
        self._fleet = fleet
        self._lot = random.Random(f"{seed} nemesis")
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._live, name="nemesis")
        self._fault: BaseException | None = None
        self.acts: Counter[str] = Counter()
        kinds: list[tuple[int, Callable[[], None]]] = [
            (4, self.kill), (2, self.stop_past_the_lease), (1, self.terminate),
            (1, self.redis_killed), (1, self.redis_flushed), (1, self.redis_full),
            (2, self.postgres_crashes), (2, self.postgres_cuts_off), (1, self.postgres_locked), (1, self.postgres_crowded),
            (3, self.line_to_other_side), (2, self.line_to_store), (1, self.line_to_bell), (5, self.mischief),
        ]  # fmt: skip
        # Shuffled rounds, so that no kind is left out for long.
        self._round = [act for weight, act in kinds for _ in range(weight)]

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ending.set()
        self._thread.join()
        self._fleet.heal()
        if self._fault is not None:
            raise self._fault

    def _live(self) -> None:
        try:
            while not self._ending.is_set():
                for act in self._lot.sample(self._round, len(self._round)):
                    if self._ending.is_set():
                        return
                    self.acts[act.__name__] += 1
                    act()
                    self._wait(0.1, 0.8)
        except BaseException as fault:
            self._fault = fault

    def _wait(self, least: float, most: float) -> None:
        self._ending.wait(self._lot.uniform(least, most))

    def _anyone(self) -> Member:
        return self._lot.choice(self._fleet.members)

    # ── processes ────────────────────────────────────────────────────────────────────────────────
    def kill(self) -> None:
        one = self._anyone()
        if one.alive:
            one.kill()
        self._wait(0.0, 0.5)
        one.begin()

    def stop_past_the_lease(self) -> None:
        one = self._anyone()
        if one.alive:
            one.send(signal.SIGSTOP)
            self._wait(LEASE + 0.2, LEASE + 1.5)
            one.send(signal.SIGCONT)

    def terminate(self) -> None:
        one = self._anyone()
        if one.alive:
            one.send(signal.SIGTERM)
            one.ended()
        one.begin()

    # ── Redis ────────────────────────────────────────────────────────────────────────────────────
    def redis_killed(self) -> None:
        self._fleet.bell.kill()
        self._wait(0.2, 1.5)
        self._fleet.bell.start()

    def redis_flushed(self) -> None:
        self._fleet.bell.flush()

    def redis_full(self) -> None:
        self._fleet.bell.fill()
        self._wait(0.5, 1.5)
        self._fleet.bell.empty()

    # ── PostgreSQL ───────────────────────────────────────────────────────────────────────────────
    def postgres_crashes(self) -> None:
        self._fleet.store.stop("immediate")
        self._wait(0.0, 1.5)
        self._fleet.store.start()

    def postgres_cuts_off(self) -> None:
        self._fleet.store.cut_off()

    def postgres_locked(self) -> None:
        with suppress(psycopg.Error), self._fleet.store.connected() as connection, connection.transaction():
            connection.execute("SET LOCAL lock_timeout = '1s'")
            connection.execute(f"LOCK TABLE {self._lot.choice(('work', 'exchange', 'blob'))} IN EXCLUSIVE MODE")
            self._wait(0.3, 1.5)

    def postgres_crowded(self) -> None:
        with self._fleet.store.crowded():
            self._wait(0.3, 1.0)

    # ── lines, and the other side ────────────────────────────────────────────────────────────────
    def line_to_other_side(self) -> None:
        self._trouble(self._fleet.to_other_side, 2.0)

    def line_to_store(self) -> None:
        self._trouble(self._fleet.to_store, 1.0)

    def line_to_bell(self) -> None:
        self._trouble(self._fleet.to_bell, 1.0)

    def mischief(self) -> None:
        name = self._lot.choice(MISCHIEF)
        seconds = {"hang": 1.0, "slow": 0.5, "drip": 0.3, "too_many": 1.0}.get(name)
        self._fleet.other_side.fault(f"national:{name}", times=self._lot.randint(1, 4), seconds=seconds)

    def _trouble(self, line: Proxy, most: float) -> None:
        if self._lot.random() < 0.25:
            line.refuse()
        elif self._lot.random() < 0.25:
            line.cut()
        else:
            line.begin(any_manner(self._lot), times=self._lot.choice((1, 3, None)))
        self._wait(0.2, most)
        line.clear()
