"""The machine's clock and the identities it gives."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from multiprocessing import get_context

from gateway.clock import SystemClock

_DRAWN = 16  # letters, after ten of the time


def test_identities_are_a_prefix_and_a_ulid() -> None:
    assert re.fullmatch(r"gd-[0-7][0-9A-HJKMNP-TV-Z]{25}", SystemClock().new_id("gd"))


def test_identities_grow_and_never_repeat_whatever_thread_asks() -> None:
    clock = SystemClock()
    in_turn = [clock.new_id("x") for _ in range(5000)]
    with ThreadPoolExecutor(8) as threads:
        at_once = list(threads.map(lambda _: clock.new_id("x"), range(5000)))

    assert in_turn == sorted(in_turn)
    assert len({*in_turn, *at_once}) == 10_000


def test_a_process_that_was_forked_gives_none_of_what_the_other_one_gives() -> None:
    clock = SystemClock()
    clock.new_id("x")
    forking = get_context("fork")
    given = forking.SimpleQueue()
    forked = forking.Process(target=lambda: given.put(clock.new_id("x")))
    forked.start()
    forked.join()

    assert given.get()[-_DRAWN:] != clock.new_id("x")[-_DRAWN:]


def test_the_time_is_in_utc_and_a_draw_below_one() -> None:
    clock = SystemClock()

    assert clock.now().utcoffset() == timedelta(0)
    assert all(0 <= clock.spread() < 1 for _ in range(100))
