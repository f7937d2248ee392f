"""The database's machine burns down with its disk; the synchronous standby is promoted and takes its address."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path

import pytest

from gateway.adapters.sql import SqlJournal
from gateway.ports import Query
from tests.contracts.telling import opened
from tests.faults.checker import judged
from tests.faults.clients import Crowd
from tests.faults.fleet import Fleet, fleet
from tests.faults.history import History
from tests.faults.proxy import Manner
from tests.faults.stores import STREAMED, PostgresServer, until

pytestmark = pytest.mark.soak

_REST = 600.0


def test_nothing_promised_is_lost_or_doubled_when_the_standby_takes_over(tmp_path: Path) -> None:
    """Its address moves with it, as a cluster manager sees to it."""
    with (
        fleet(tmp_path, serving=1, working=1, store=STREAMED) as ours,
        ours.store.followed() as standby,
        History(tmp_path / "history") as history,
    ):
        crowd = Crowd(ours, history, seed=1, rate=40)
        crowd.start()
        threading.Event().wait(3.0)
        _one_more_arrives_unanswered(ours)
        ours.store.remove()
        ours.to_store.target = ("127.0.0.1", standby.port)
        ours.to_store.cut()
        threading.Event().wait(1.0)  # what comes in meanwhile is spooled
        standby.promote()
        ours.store = standby
        ours.to_other_side.cut()  # with the answer that was on its way
        ours.to_other_side.clear()
        threading.Event().wait(3.0)
        crowd.stop()
        ours.heal()

        until(ours.at_rest, "everything settled or with a person", _REST, every=0.2)
        run = ours.run(history)
        assert judged(run) == [], ours.last_words()
        assert run.counts()["promised"] > 20
        assert any("Recovered" in one.facts for one in run.kept)  # what may have gone out was asked after first


def _one_more_arrives_unanswered(ours: Fleet) -> None:
    """From here on no answer comes back, so that there is something that may have gone out."""
    ours.to_other_side.begin(Manner("hang", way="down"))
    before = len(ours.other_side.arrivals())
    until(lambda: len(ours.other_side.arrivals()) > before, "it arrived, unanswered")


def test_named_by_both_its_hosts_the_store_is_found_where_it_is_written_to() -> None:
    with PostgresServer().standing(**STREAMED) as first, first.followed() as standby:
        hosts = f"127.0.0.1:{standby.port},127.0.0.1:{first.port}"
        url = f"postgresql://gateway@{hosts}/postgres?sslmode=disable&target_session_attrs=read-write"
        with closing(SqlJournal.connect(url)) as journal:
            before = opened(journal, "k1")
            first.remove()
            standby.promote()
            after = opened(journal, "k2")

            assert [x.id for x in journal.find(Query())] == [after.id, before.id]
