"""The server's disk is gone: the journal comes back from its backup, and every report is there once."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.deploy import connect, create, discard
from gateway.domain.exchange import Stage
from gateway.domain.facts import Delivered, intact
from gateway.sandbox import Sandbox
from gateway.upkeep import Upkeep, upkeep
from gateway.wiring import build
from tests.faults.conftest import _furnish, _quicken
from tests.faults.scenarios import Scene, sample

WHY = ("trực ban", "hỏng đĩa")


@dataclass
class Site:
    """A deployment with its own server, whose every change is streamed to a backup."""

    home: Path
    other_side: Sandbox
    promised: dict[str, str] = field(default_factory=dict)  # key → id: what clients were told with 202

    @property
    def keeping(self) -> Upkeep:
        return upkeep(self.home, {})

    @contextmanager
    def scene(self) -> Iterator[Scene]:
        with build(self.home, {}) as gateway:
            yield Scene(gateway, self.other_side, sample(self.home))

    def hand_in(self, scene: Scene, *keys: str) -> None:
        for key in keys:
            x = scene.hand_in(key, reporter=f"H56.{key}", period="LICH:2024-9T")
            self.promised[key] = x.id

    @contextmanager
    def followed(self) -> Iterator[None]:
        """While the backup streams; it has its first base copy when this begins."""
        stop, begun = threading.Event(), threading.Event()
        thread = threading.Thread(target=self.keeping.follow, args=(stop, lambda _: begun.set()))
        thread.start()
        assert begun.wait(240)
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def destroy(self) -> None:
        """Kill the server and take its data away."""
        with self.keeping.connected() as connection:
            row = connection.execute(
                "SELECT pg_read_file('postmaster.pid'), current_setting('data_directory')"
            ).fetchone()
            os.kill(int(row[0].split("\n", 1)[0]), signal.SIGKILL)
        shutil.rmtree(row[1])


def silent(what: str, done: int, total: int) -> None:
    """Nobody watches."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Sandbox.thread(tmp_path / "other-side") as other_side:
        other_side.mode(judge_after=0.05, office_after=0.05)
        home = tmp_path / "deployment"
        create(home, "thanh-hoa")
        connect(home, other_side)
        _quicken(home)
        one = Site(home, other_side)
        try:
            with one.scene() as scene:
                asyncio.run(_furnish(scene.gateway))
            yield one
        finally:
            discard(home)


def _all_settled(scene: Scene) -> bool:
    return all(x.settled for x in scene.every())


def test_restored_to_a_moment_what_may_have_gone_out_since_is_asked_after_and_is_there_once(site: Site) -> None:
    with site.scene() as scene, site.followed():
        site.hand_in(scene, "before-1", "before-2")
        scene.drain(lambda: _all_settled(scene))
        site.hand_in(scene, "packaged", "taken")
        scene.gateway.runner.prepare("quoc-gia")
        assert scene.by_key("packaged").stage is Stage.PACKAGED
        moment = datetime.now(UTC)
        scene.drain(lambda: _all_settled(scene))
        site.hand_in(scene, "after")
        scene.drain(lambda: _all_settled(scene))
    site.destroy()

    restored, _ = site.keeping.restore(moment, "", WHY, silent)
    assert restored.doubted == 2
    assert not restored.short
    with site.scene() as scene:
        assert {x.key: x.stage for x in scene.every() if not x.settled} == {
            "packaged": Stage.IN_DOUBT, "taken": Stage.IN_DOUBT,
        }  # fmt: skip
        scene.drain(lambda: _all_settled(scene))
        _each_is_there_once(site, scene)
        for key in ("packaged", "taken"):
            history = scene.gateway.journal.history(site.promised[key])
            assert [entry.fact.recovered for entry in history if isinstance(entry.fact, Delivered)] == [True]
            assert "Attempted" not in {entry.name for entry in history}
        # Which promises the journal does not know is found by asking it for the ids that clients were given.
        known = {x.id for x in scene.every()}
        assert {key for key, name in site.promised.items() if name not in known} == {"after"}
    assert site.keeping.check(silent).faults == []


def test_with_the_stream_nothing_that_was_promised_is_lost_and_nothing_is_sent_twice(site: Site) -> None:
    with (site.home / "local.toml").open("a") as local:
        local.write("\n[backup]\nsynchronous = true\n")
    with site.scene() as scene, site.followed():
        site.hand_in(scene, "sent")
        scene.drain(lambda: _all_settled(scene))
        site.hand_in(scene, "waiting", "waiting-2")
        site.destroy()  # right after the last promise, in the middle of everything
    restored, _ = site.keeping.restore(None, "", WHY, silent)
    assert restored.doubted == 2
    with site.scene() as scene:
        assert {x.id for x in scene.every()} == set(site.promised.values())
        scene.drain(lambda: _all_settled(scene))
        _each_is_there_once(site, scene)


def _each_is_there_once(site: Site, scene: Scene) -> None:
    for key, name in site.promised.items():
        assert site.other_side.count(name) == 1, key
    for x in scene.every():
        assert intact(scene.gateway.journal.history(x.id))
