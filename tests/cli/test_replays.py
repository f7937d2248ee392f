"""Replay, one and many: a plan freezes a set and sends nothing; it is run as often as it takes."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from gateway.clock import SystemClock
from gateway.domain.exchange import Stage
from gateway.journey import replaying
from gateway.journey.accept import Incoming
from gateway.ports import Query
from tests.api.house import THANG, as_json
from tests.cli.house import Office, run, started, until

DESTINATION = "quoc-gia"
WHY = ("--because", "đã sửa gói ánh xạ", "--by", "chị Hoa")


def planned(office: Office, *words: str) -> dict[str, object]:
    told = office.run("replay", "plan", *words, *WHY, "--json")
    assert told.code == 0, told.err
    document: dict[str, object] = told.document
    return document


def test_a_plan_is_frozen_sends_nothing_and_is_run_once_however_often(office: Office) -> None:
    office.at_rest()
    first = office.submitted()
    office.walked(first, Stage.RECONCILED)
    waiting = office.submitted()
    plan = planned(office, "--agreement", THANG)
    name, size = str(plan["plan"]), int(str(plan["planned"]))
    assert size >= 1
    assert int(str(plan["left_out"])) >= 1, "what is on its way is not replayed"

    late = office.submitted()
    office.walked(late, Stage.RECONCILED)
    office.walked(waiting, Stage.RECONCILED)
    before = office.run("replay", "status", name, "--json").document
    assert (before["planned"], before["opened"], before["left"]) == (size, 0, size)

    for _ in range(2):
        ran = office.run("replay", "run", name, "--json")
        assert (ran.code, ran.document["opened"], ran.document["left"]) == (0, size, 0), ran.err
    office.at_rest()
    after = office.run("replay", "status", name, "--json").document
    assert sum(after["stages"].values()) == size
    assert "accepted" not in after["stages"]
    assert after["by"] == "chị Hoa"


def test_without_json_people_are_told_what_to_do_next(office: Office) -> None:
    told = office.run("replay", "plan", "--stage", "refused", *WHY)
    assert told.code == 0
    assert "gateway replay run kh-" in told.err
    name = told.err.rpartition("gateway replay run ")[2].strip()
    assert name in office.run("replay", "status", name).err


class Killed(BaseException):
    """The process is gone: nobody catches this."""


def test_killed_in_the_middle_the_next_run_goes_on_where_it_was(office: Office) -> None:
    identities = [office.submitted() for _ in range(5)]
    for identity in identities:
        office.walked(identity, Stage.RECONCILED)
    name = str(planned(office, "--stage", "reconciled")["plan"])
    with office.opened() as gateway:

        def dies(_: str) -> None:
            raise Killed

        with pytest.raises(Killed):
            replaying.run(gateway.doors, gateway.plans, name, dies, lambda _: None, unread_at_most=2)
        begun = gateway.plans.progress(name)
        assert 0 < begun.opened <= 2

        most = 0

        def reads(_: float) -> None:
            nonlocal most
            most = max(most, gateway.plans.unread(name))
            gateway.runner.prepare(DESTINATION)

        ran = replaying.run(gateway.doors, gateway.plans, name, lambda _: None, reads, unread_at_most=2)
    assert (ran.progress.left, ran.stalled, most) == (0, False, 2)
    office.at_rest()
    parents = [one["parent"] for one in office.run("ls", "--limit", "1000", "--json").document if one["parent"]]
    assert all(parents.count(identity) == 1 for identity in identities)


def test_killed_for_good_at_any_moment_each_is_opened_once(office: Office) -> None:
    with office.opened() as gateway:
        given = [gateway.accept(incoming(f"k-{uuid4().hex}"))[0] for _ in range(90)]
        while gateway.runner.prepare(DESTINATION):
            continue
        assert {gateway.journal.read(x.id).stage for x in given} == {Stage.REFUSED}
        name = str(planned(office, "--stage", "refused")["plan"])
        opened = [0]
        for _ in range(2):
            with started("replay", "run", name, "--home", str(office.home)) as running:
                until(lambda: gateway.plans.progress(name).opened > opened[-1] or running.child.poll() is not None, "")
                running.child.kill()
            opened.append(gateway.plans.progress(name).opened)
            while gateway.runner.prepare(DESTINATION):
                continue
        ran = replaying.run(gateway.doors, gateway.plans, name, lambda _: None, lambda _: None)
        assert (ran.progress.left, ran.refused) == (0, {})
        children = [gateway.journal.find(Query(parent=x.id)) for x in given]
        assert {len(found) for found in children} == {1}
    office.at_rest()


def test_they_are_opened_in_the_order_in_which_they_were_handed_in_and_what_is_refused_is_told_by_its_code(
    office: Office,
) -> None:
    with office.opened() as gateway:
        given = [gateway.accept(incoming(f"o-{uuid4().hex}"))[0] for _ in range(40)]
        while gateway.runner.prepare(DESTINATION):
            continue
        name = str(planned(office, "--stage", "refused")["plan"])
        size = gateway.plans.progress(name).planned
        nobody = replace(gateway.doors, peers=replace(gateway.doors.peers, agreements={}))
        ran = replaying.run(nobody, gateway.plans, name, lambda _: None, lambda _: None)
        assert (ran.refused, ran.progress.opened, ran.stalled) == ({"B-005": size}, 0, False)

        ran = replaying.run(gateway.doors, gateway.plans, name, lambda _: None, lambda _: None, unread_at_most=1000)
        assert (ran.refused, ran.progress.left) == ({}, 0)
        opened = [gateway.journal.find(Query(parent=x.id))[0].ordinal for x in given]
        assert opened == sorted(opened)
        while gateway.runner.prepare(DESTINATION):
            continue
    office.at_rest()


def incoming(key: str) -> Incoming:
    return Incoming(THANG, key, "cli", "application/json", b"{")


def test_while_live_reports_wait_to_be_read_no_replay_goes_before_them(office: Office) -> None:
    identity = office.submitted()
    office.walked(identity, Stage.RECONCILED)
    name = str(planned(office, "--stage", "reconciled")["plan"])
    live = [office.submitted() for _ in range(3)]
    with office.opened() as gateway:
        seen: list[int] = []

        def reads(_: float) -> None:
            seen.append(gateway.plans.progress(name).opened)
            gateway.runner.prepare(DESTINATION)

        replaying.run(gateway.doors, gateway.plans, name, lambda _: None, reads, unread_at_most=3)
    assert seen[0] == 0
    assert all(office.stage(one) != "accepted" for one in live)
    office.at_rest()


def test_where_nobody_reads_it_stops_and_says_so(office: Office) -> None:
    office.walked(office.submitted(), Stage.RECONCILED)
    name = str(planned(office, "--stage", "reconciled")["plan"])
    office.submitted()
    with office.opened() as gateway:
        clock = Later()
        doors = replace(gateway.doors, clock=clock)
        ran = replaying.run(doors, gateway.plans, name, lambda _: None, clock.wait, unread_at_most=1)
    assert (ran.stalled, ran.progress.opened) == (True, 0)
    office.at_rest()


class Later(SystemClock):
    """A clock that jumps when it is waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.waited = 0.0

    def ticks(self) -> float:
        return self.waited

    def wait(self, seconds: float) -> None:
        self.waited += 10


def test_a_plan_nobody_made_is_not_found(office: Office) -> None:
    for verb in ("run", "status"):
        told = office.run("replay", verb, "kh-0")
        assert (told.code, "kh-0" in told.err) == (5, True)


def test_only_the_rejected_part_goes_again(office: Office) -> None:
    office.at_rest()
    content = as_json()
    identity = office.submitted(content)
    with office.opened() as gateway:
        head = gateway.doors.reader.read(content, "application/json")[1].head
    office.other_side.judge(head.form, head.period, "partly")
    office.walked(identity, Stage.PARTLY_ACCEPTED)
    office.other_side.judge_normally()
    told = office.run("replay", identity, "--rejected", "--corrected", office.file(content), *WHY, "--json")
    assert told.code == 0, told.err
    part = office.walked(told.document["id"], Stage.RECONCILED)
    assert (part.parent, part.acknowledgement is not None) == (identity, True)
    assert part.acknowledgement is not None
    assert part.acknowledgement.tally.received == 1
    assert office.stage(identity) == "corrected"
    assert office.run("replay", identity, "--rejected", *WHY).code == 6


def test_a_correction_needs_to_be_asked_for_as_one(office: Office) -> None:
    assert run("replay", "gd-0", "--corrected", office.file(b"{}"), *WHY, "--home", str(office.home)).code == 2
