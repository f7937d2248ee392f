"""Judges a whole run: what clients were promised, what the journal says, and what the receiver got.

The receiver does not deduplicate: what it counts is what was sent. A finding names its rule; an empty
list is a good run. `test_checker.py` shows that each rule can fail.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from gateway.domain.exchange import Stage
from tests.faults.history import Journalled, Told

_DELIVERED = frozenset({"Delivered", "Backfilled"})


@dataclass(frozen=True, slots=True)
class Finding:
    rule: str
    about: str


@dataclass
class Run:
    """`now`: seconds since the epoch, by the database's clock; `led`: what the front door made of promised ids that
    the journal does not know under that id."""

    told: Sequence[Told]
    kept: Sequence[Journalled]
    arrivals: Sequence[Mapping[str, Any]]
    now: float
    led: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.by_id = {one.id: one for one in self.kept}
        self.arrived = Counter(one["messageId"] for one in self.arrivals)

    def promised(self, *, other: bool = False) -> Iterator[Told]:
        on_purpose = {(one.key, one.digest) for one in self.told if one.what == "asked" and one.other}
        return (one for one in self.told if one.what == "promised" and ((one.key, one.digest) in on_purpose) is other)

    def found_by(self, name: str) -> Journalled | None:
        """What stands for a promise: the exchange of that id, or the one it leads to."""
        kept = self.by_id.get(name) or self.by_id.get(self.led.get(name, ""))
        return kept if kept is None or kept.beside is None else self.by_id.get(kept.beside)

    def counts(self) -> dict[str, int]:
        """For people: what the run amounted to."""
        rules = Counter(one.rule for one in judged(self))
        return {
            "promised": len({one.key for one in self.promised()}),
            "delivered": sum(1 for one in self.kept if _DELIVERED & set(one.facts)),
            "arrived": len(self.arrivals),
            "attempted_again": sum(max(0, one.facts.count("Attempted") - 1) for one in self.kept),
            "lost": rules["lost"],
            "doubled": rules["doubled"],
            "out_of_order": rules["out of order"],
        }


def judged(run: Run) -> list[Finding]:
    """Everything wrong with a run that has come to rest."""
    return [Finding(name, about) for name, rule in RULES.items() for about in rule(run)]


def _lost(run: Run) -> Iterator[str]:
    """What was promised is in the journal, under the id and the key that were promised."""
    for one in run.promised():
        kept = run.found_by(one.id)
        if kept is None or kept.key != one.key:
            yield f"{one.key}: {one.id} was promised, the journal has {kept and kept.key}"


def _two_ids(run: Run) -> Iterator[str]:
    """One key, one exchange, whatever host was asked."""
    ids: dict[str, set[str]] = defaultdict(set)
    for one in run.promised():
        kept = run.found_by(one.id)
        ids[one.key].add(kept.id if kept else one.id)
    yield from (f"{key}: {sorted(found)}" for key, found in ids.items() if len(found) > 1)


def _changed(run: Run) -> Iterator[str]:
    """What is kept is what was handed in; what arrived is what was packed."""
    for one in run.promised():
        kept = run.found_by(one.id)
        if kept is not None and kept.content != one.digest:
            yield f"{one.key}: handed in {one.digest}, kept {kept.content}"
    for arrival in run.arrivals:
        sent = run.by_id.get(arrival["messageId"])
        if sent is not None and sent.packet != arrival["digest"]:
            yield f"{sent.id}: packed {sent.packet}, arrived {arrival['digest']}"


def _phantom(run: Run) -> Iterator[str]:
    """Nothing is kept that nobody handed in, nothing arrives that is not kept."""
    known = {one.key for one in run.told} | {one.id for one in run.told}
    asked = {one.digest for one in run.told if one.what == "asked"}
    for one in run.kept:
        # Spooled, and the sender never heard of it (the door was killed before it answered), so he asked elsewhere:
        # the journal cannot say his key again, but what he asked is there.
        unheard = one.beside is not None and one.content in asked
        if not unheard and not {one.id, one.key} & known:
            yield f"{one.id} under {one.key}: nobody asked"
    yield from (f"{name}: arrived, not kept" for name in run.arrived if name not in run.by_id)


def _doubled(run: Run) -> Iterator[str]:
    yield from (f"{name}: arrived {times} times" for name, times in run.arrived.items() if times > 1)


def _blind(run: Run) -> Iterator[str]:
    """Sent again only once it was certain that it was not there, or a person said so."""
    for one in run.kept:
        certain = True
        for fact in one.facts:
            if fact == "Attempted" and not certain:
                yield f"{one.id}: {one.facts}"
            certain = fact in ("Undelivered", "Released") or (certain and fact != "Attempted")


def _undelivered(run: Run) -> Iterator[str]:
    """Called delivered, and not there."""
    for one in run.kept:
        if _DELIVERED & set(one.facts) and not run.arrived[one.id]:
            yield f"{one.id}: {one.stage}, never arrived"


def _untold(run: Run) -> Iterator[str]:
    """There, and the journal neither says so nor holds it in doubt."""
    for one in run.kept:
        doubtful = Stage.IN_DOUBT in (one.stage, one.before)
        if run.arrived[one.id] and not doubtful and not {*_DELIVERED, "Discrepant"} & set(one.facts):
            yield f"{one.id}: arrived, {one.stage}"


def _out_of_order(run: Run) -> Iterator[str]:
    """Within a report no older revision arrives after a newer one."""
    spooled = {one.id for one in run.promised() if one.spooled}
    latest: dict[tuple[str, ...], Mapping[str, Any]] = {}
    for one in run.arrivals:
        lane = (one["form"], one["period"], one["reporter"])
        newest = latest.setdefault(lane, one)
        if one["revision"] < newest["revision"]:
            both = [
                f"revision {arrival['revision']} ({name}, opened as {kept and kept.ordinal}, spooled: {name in spooled})"
                for arrival in (one, newest)
                for name in [arrival["messageId"]]
                for kept in [run.by_id.get(name)]
            ]
            yield f"{lane}: {' after '.join(both)}"
        else:
            latest[lane] = one


def _stuck(run: Run) -> Iterator[str]:
    """Settled, or waiting for somebody named, or for a time that is still to come."""
    for one in run.kept:
        person = one.stage is Stage.PARKED and one.owner is not None
        later = one.due is not None and one.due > run.now
        if not (one.settled or person or later):
            yield f"{one.id}: {one.stage} since {one.facts[-1]}"


def _unbalanced(run: Run) -> Iterator[str]:
    """received = mapped + held + excluded, and received is what was handed in; the receiver's count too."""
    values = {one.key: one.values for one in run.told if one.what == "asked" and not one.other}
    for one in run.kept:
        if one.account is not None:
            received, mapped, held, excluded = one.account
            if received != mapped + held + excluded or received != values.get(one.key, received):
                yield f"{one.id}: {one.account} of {values.get(one.key)}"
            if one.tally is not None and one.tally != (mapped, mapped):
                yield f"{one.id}: sent {mapped}, receiver counts {one.tally}"
        elif "Translated" in one.facts:
            yield f"{one.id}: translated without an account"


def _broken(run: Run) -> Iterator[str]:
    yield from (f"{one.id}: its chain is not the one that was written" for one in run.kept if not one.intact)


def _other_receipt(run: Run) -> Iterator[str]:
    """Whoever asks again gets the same receipt, and it is the journal's."""
    for one in run.told:
        if one.what == "receipt":
            kept = run.found_by(one.id)
            if kept is None or kept.receipt != one.digest:
                yield f"{one.key}: shown {one.digest}, kept {kept and kept.receipt}"


def _turned_away(run: Run) -> Iterator[str]:
    """Nothing good is declined; other content under a used key is, or ends refused where it was spooled.

    A door that had to spool the other content cannot look into the store, so that it turns away (409) whoever
    asks there again with the good one: he has been promised it before, and the promise stands.
    """
    on_purpose: set[tuple[str, str]] = set()
    promised: set[tuple[str, str]] = set()
    for one in run.told:
        asked = (one.key, one.digest)
        if one.what == "asked" and one.other:
            on_purpose.add(asked)
        elif one.what == "promised":
            promised.add(asked)
        elif one.what == "declined" and asked not in on_purpose:
            contested = one.status == HTTPStatus.CONFLICT and any(key == one.key for key, _ in on_purpose)
            if not (contested and asked in promised):
                yield f"{one.key}: {one.status}"
    for one in run.promised(other=True):
        kept = run.found_by(one.id)
        if not one.spooled or kept is None or kept.stage is not Stage.REFUSED:
            yield f"{one.key}: other content was taken as {one.id}"


RULES: Mapping[str, Callable[[Run], Iterator[str]]] = {
    "lost": _lost,
    "two ids": _two_ids,
    "changed": _changed,
    "phantom": _phantom,
    "doubled": _doubled,
    "blind": _blind,
    "undelivered": _undelivered,
    "untold": _untold,
    "out of order": _out_of_order,
    "stuck": _stuck,
    "unbalanced": _unbalanced,
    "broken": _broken,
    "other receipt": _other_receipt,
    "turned away": _turned_away,
}
