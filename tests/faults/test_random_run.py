"""By lot: partners hand in all the while, and everything that can break breaks. Nothing lost, doubled, or out of order.

``GATEWAY_FAULTS_SECONDS`` (15) bounds the run of every day, ``GATEWAY_FAULTS_SEED`` (the day) repeats one: the same
acts in the same order; what the machine makes of them in between is its own.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.faults.checker import Run, judged
from tests.faults.clients import Crowd, Partner
from tests.faults.fleet import Fleet, fleet
from tests.faults.history import History, Told
from tests.faults.nemesis import Nemesis
from tests.faults.stores import until

_LONG = 120.0
_SECONDS = float(os.environ.get("GATEWAY_FAULTS_SECONDS", "15"))
_SEED = int(os.environ.get("GATEWAY_FAULTS_SEED", datetime.now(UTC).date().toordinal()))
_REST = 600.0
_ASKED_AGAIN = 100


def test_whatever_breaks_nothing_is_lost_doubled_or_out_of_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _ran(tmp_path, _SEED, _SECONDS, capsys)


@pytest.mark.soak
@pytest.mark.parametrize("number", [1, 2, 3])
def test_for_minutes_whatever_breaks_nothing_is_lost_doubled_or_out_of_order(
    tmp_path: Path, number: int, capsys: pytest.CaptureFixture[str]
) -> None:
    _ran(tmp_path, _SEED * 10 + number, _LONG, capsys)


def _ran(folder: Path, seed: int, seconds: float, capsys: pytest.CaptureFixture[str]) -> None:
    with fleet(folder) as ours, History(folder / "history") as history:
        crowd, nemesis = Crowd(ours, history, seed), Nemesis(ours, seed)
        crowd.start()
        nemesis.start()
        threading.Event().wait(seconds)
        nemesis.stop()
        crowd.stop()
        broken_until = time.monotonic()
        _come_to_rest(ours)
        rested = time.monotonic() - broken_until
        run = _asked_again(ours, history, random.Random(seed))
        with capsys.disabled():
            told = " ".join(f"{name} {count}" for name, count in run.counts().items())
            print(
                f"\nseed {seed}, {seconds:g} s: {told}; {nemesis.acts.total()} acts, at rest {rested:.1f} s after",
                flush=True,
            )
        assert set(judged(run)) == set(), f"seed {seed} {dict(nemesis.acts)}\n{ours.last_words()}"
        assert run.counts()["promised"] > seconds, "a run in which hardly anything was handed in proves nothing"


def _come_to_rest(ours: Fleet) -> None:
    try:
        until(ours.at_rest, "everything settled or with a person", _REST, every=0.25)
    except TimeoutError as error:
        raise TimeoutError(f"{error}\n{ours.last_words()}") from error


def _asked_again(ours: Fleet, history: History, lot: random.Random) -> Run:
    """Some receipts, asked for at both doors; and what the doors make of ids that were promised under other names."""
    run = ours.run(history)
    doors = Partner([one.url for one in ours.serving], ours.key, history)
    for one in _some(list(run.promised()), lot):
        for at in (0, 1):
            doors.receipt(one.key, one.id, at=at)
    led = {}
    for one in run.promised():
        if one.id not in run.by_id and (shown := doors.look(one.id)) is not None:
            led[one.id] = str(shown["id"])
    doors.close()
    return ours.run(history, led)


def _some(promised: Sequence[Told], lot: random.Random) -> Sequence[Told]:
    return lot.sample(promised, min(len(promised), _ASKED_AGAIN))
