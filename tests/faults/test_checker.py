"""The checker can fail: a good run is doctored in every way that would be a defect, and each is found by its rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from gateway.domain.exchange import Stage
from tests.faults.checker import RULES, Run, judged
from tests.faults.history import Journalled, Told

_NOW = 1000.0
_WAY = ("Accepted", "Validated", "Verified", "Translated", "Packaged", "Attempted", "Delivered", "Acknowledged")
_SAID = "9" * 64


def good() -> Run:
    """Two revisions of one report delivered, one parked in doubt, one that waits for its time, one key tried twice."""
    kept = [
        Journalled(
            f"gd-{n}", f"k{n}", f"{n}" * 64, Stage.RECONCILED, True, (*_WAY, "Reconciled"), True,
            packet=f"a{n}", account=(3, 2, 1, 0), tally=(2, 2), receipt=_SAID,
        )
        for n in (1, 2)
    ]  # fmt: skip
    waiting = replace(kept[0], settled=False, tally=None, receipt=None)
    doubt = replace(waiting, id="gd-3", key="k3", content="3" * 64, stage=Stage.PARKED, before=Stage.IN_DOUBT)
    later = replace(waiting, id="gd-4", key="k4", content="4" * 64, stage=Stage.PACKAGED, facts=_WAY[:5])
    kept += [replace(doubt, facts=_WAY[:6], owner="operator", packet="a3"), replace(later, due=_NOW + 1)]
    told = [
        line
        for n in (1, 2, 3, 4)
        for line in (
            Told("asked", f"k{n}", f"{n}" * 64, values=3),
            Told("promised", f"k{n}", f"{n}" * 64, f"gd-{n}", status=202),
        )
    ]
    told += [
        Told("promised", "k1", "1" * 64, "gd-1", status=202),
        Told("asked", "k1", "0" * 64, other=True),
        Told("declined", "k1", "0" * 64, status=409),
        Told("receipt", "k1", _SAID, "gd-1"),
        Told("receipt", "k1", _SAID, "gd-1"),
    ]
    return Run(told, kept, [arrived(1), arrived(2), arrived(3)], _NOW)


def arrived(n: int, **changes: Any) -> dict[str, Any]:
    lane = {"form": "01", "period": "2025", "reporter": "H56", "revision": n}
    return {"messageId": f"gd-{n}", "digest": f"a{n}", **lane, **changes}


def kept(run: Run, n: int, **changes: Any) -> Run:
    return replace(run, kept=[replace(one, **changes) if one.id == f"gd-{n}" else one for one in run.kept])


def told(run: Run, *more: Told) -> Run:
    return replace(run, told=[*run.told, *more])


def got(run: Run, arrivals: Sequence[Mapping[str, Any]]) -> Run:
    return replace(run, arrivals=arrivals)


def unheard(run: Run, **changed: Any) -> Journalled:
    """Spooled at a door that was killed before it answered, while the journal took the same question at another."""
    beside = replace(run.kept[1], id="sp-2", key="spool:sp-2", stage=Stage.SUPERSEDED, facts=("Accepted", "Superseded"))
    return replace(beside, receipt=None, account=None, tally=None, beside="gd-2", **changed)


_CONTESTED = (Told("asked", "k2", "f" * 64, other=True),)

DOCTORED: dict[str, list[Callable[[Run], Run]]] = {
    "lost": [
        lambda run: told(run, Told("asked", "k9"), Told("promised", "k9", id="gd-9")),
        lambda run: replace(run, kept=run.kept[1:]),
        lambda run: kept(run, 1, key="k2"),
    ],
    "two ids": [lambda run: told(run, Told("promised", "k1", "1" * 64, "gd-2"))],
    "changed": [
        lambda run: kept(run, 1, content="f" * 64),
        lambda run: got(run, [arrived(1, digest="a2"), arrived(2)]),
    ],
    "phantom": [
        lambda run: replace(run, kept=[*run.kept, replace(run.kept[0], id="gd-8", key="k8")]),
        lambda run: got(run, [*run.arrivals, arrived(9)]),
        lambda run: replace(run, kept=[*run.kept, unheard(run, content="8" * 64)]),
    ],
    "doubled": [lambda run: got(run, [*run.arrivals, arrived(3)])],
    "blind": [
        lambda run: kept(run, 2, facts=(*_WAY[:6], "Postponed", *_WAY[5:])),
        lambda run: kept(run, 2, facts=(*_WAY[:6], "Undelivered", "Attempted", *_WAY[5:])),
    ],
    "undelivered": [lambda run: got(run, [arrived(1)])],
    "untold": [
        lambda run: kept(run, 2, stage=Stage.SUPERSEDED, facts=(*_WAY[:5], "Superseded")),
        lambda run: kept(run, 3, before=Stage.PACKAGED),
    ],
    "out of order": [lambda run: got(run, [arrived(2), arrived(1)])],
    "stuck": [
        lambda run: kept(run, 4, due=_NOW - 1),
        lambda run: kept(run, 3, owner=None),
        lambda run: kept(run, 1, stage=Stage.DELIVERED, settled=False),
    ],
    "unbalanced": [
        lambda run: kept(run, 1, account=(3, 2, 0, 0)),
        lambda run: kept(run, 1, account=(2, 2, 0, 0)),
        lambda run: kept(run, 1, account=None),
        lambda run: kept(run, 1, tally=(2, 1)),
    ],
    "broken": [lambda run: kept(run, 1, intact=False)],
    "other receipt": [lambda run: told(run, Told("receipt", "k1", "8" * 64, "gd-1"))],
    "turned away": [
        lambda run: told(run, Told("declined", "k2", "2" * 64, status=422)),
        lambda run: told(run, Told("declined", "k2", "2" * 64, status=409)),
        lambda run: told(run, *_CONTESTED, Told("declined", "k2", "2" * 64, status=422)),
        lambda run: told(run, *_CONTESTED, Told("declined", "k2", "e" * 64, status=409)),
        lambda run: told(run, Told("promised", "k1", "0" * 64, "gd-1")),
        lambda run: told(run, Told("promised", "k1", "0" * 64, "gd-1", spooled=True)),
    ],
}


def test_a_good_run_has_no_finding() -> None:
    run = good()
    assert judged(run) == []
    wanted = {"promised": 4, "delivered": 2, "arrived": 3, "attempted_again": 0}
    assert run.counts() == {**wanted, "lost": 0, "doubled": 0, "out_of_order": 0}


def test_what_was_spooled_may_lead_to_its_exchange_and_what_conflicts_ends_refused() -> None:
    run = told(good(), Told("promised", "k2", "2" * 64, "sp-2", spooled=True))
    assert [one.rule for one in judged(run)] == ["lost", "two ids"]
    assert judged(replace(run, led={"sp-2": "gd-2"})) == []

    beside = unheard(run)
    assert judged(replace(run, kept=[*run.kept, beside])) == []
    assert "lost" in {one.rule for one in judged(replace(run, kept=[*run.kept, replace(beside, beside="gd-1")]))}

    run = told(good(), Told("promised", "k1", "0" * 64, "sp-0", spooled=True))
    refused = replace(beside, id="sp-0", key="spool:sp-0", content="0" * 64, stage=Stage.REFUSED, beside="sp-0")
    assert judged(replace(run, kept=[*run.kept, refused])) == []


def test_a_spooled_question_whose_sender_never_heard_of_it_is_known_by_what_was_asked() -> None:
    run = good()
    assert judged(replace(run, kept=[*run.kept, unheard(run)])) == []


def test_whoever_was_promised_may_hear_of_a_conflict_where_the_other_content_was_spooled() -> None:
    assert judged(told(good(), *_CONTESTED, Told("declined", "k2", "2" * 64, status=409))) == []


def test_every_rule_has_its_doctored_histories() -> None:
    assert DOCTORED.keys() == RULES.keys()


@pytest.mark.parametrize(("rule", "number"), [(rule, n) for rule, ways in DOCTORED.items() for n in range(len(ways))])
def test_a_doctored_history_is_found_out(rule: str, number: int) -> None:
    assert rule in {one.rule for one in judged(DOCTORED[rule][number](good()))}
