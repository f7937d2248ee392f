"""The steps of a catalogue that came down: read it, see who signed it, compare it, put it in force from its day."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.domain.catalogue import Catalogue, applied, compare
from gateway.domain.errors import Rejected, problem
from gateway.domain.exchange import Exchange, Kind, Stage
from gateway.domain.facts import Compared, Parked, Published, Superseded, Unchanged, Validated, Verified
from gateway.domain.record import canonical
from gateway.journey.case import Case, blob
from gateway.journey.steps.verify import judged
from gateway.ports import Entry, Query


def read(case: Case) -> Iterator[Entry]:
    """Yields `Validated`. Raises `Rejected` as `whole` does."""
    yield case.entry(Validated("catalogue", None, len(whole(case).items)))


def verify(case: Case) -> Iterator[Entry]:
    """Yields `Verified`; where it was agreed that catalogues are signed, nothing unsigned goes on (B-003, B-004)."""
    policy = case.agreement.catalogue_policy
    if policy:
        yield from judged(case, policy, required=True)
    else:
        yield case.entry(Verified(None))


def compare_with_current(case: Case) -> Iterator[Entry]:
    """With what would be in force on its first day. Yields `Unchanged`, or `Compared`; and `Parked` (D-004) where more
    codes are lost, at once or from a day on, than may go by themselves.
    """
    new = whole(case)
    before = case.doors.catalogues.on(new.name, new.valid_from)
    changes = compare(before, new)
    if not changes:
        yield case.entry(Unchanged(new.name, new.version))
        return
    detail = canonical(changes)
    lost, limit = changes.lost, case.agreement.max_withdrawn
    changed = len(changes.changed) + len(changes.renamed)
    told = blob(detail, "application/json")
    against = before.version if before else ""
    yield case.entry(Compared(len(changes.added), changed, lost, told, against), detail)
    if lost > limit:
        yield case.entry(Parked(problem("D-004", catalogue=new.name, withdrawn=lost, limit=limit)))


def publish(case: Case) -> Iterator[Entry]:
    """Puts the catalogue in force from its day (repeatable), then yields `Published`."""
    new = whole(case)
    newer = _published_since(case, new.name)
    if newer is not None:
        yield case.entry(Superseded(newer.id))
        return
    case.doors.catalogues.publish(new, case.exchange.id)
    yield case.entry(Published(new.name, new.version, new.valid_from.isoformat()))


def whole(case: Case) -> Catalogue:
    """The catalogue as it will be in force: what came, or what an increment makes of the version it builds on.

    Raises `Rejected`: not the catalogue that was asked for, or not of whom it was agreed with (C-005); an increment on
    a version that is not here (D-010), or in force before that version is (C-005): it would bring that forward, and be
    pushed out by it on its day.
    """
    asked, issuer = case.exchange.catalogue or "", case.agreement.receiver.code
    came = case.doors.reader.read_catalogue(case.bytes_of(case.exchange.payload), issuer)
    if came.name != asked:
        path = "/Packet/Body/Catalogue/@name"
        raise Rejected(problem("C-005", path=path, line="-", reason=f"“{came.name}”", expected=f"“{asked}”"))
    if not came.base:
        return came
    base = case.doors.catalogues.version(came.name, came.base)
    if base is None:
        raise Rejected(problem("D-010", catalogue=came.name, version=came.version, builds_on=came.base))
    if came.valid_from < base.valid_from:
        path, expected = "/Packet/Body/Catalogue/@validFrom", f"≥ {base.valid_from} ({base.version})"
        raise Rejected(problem("C-005", path=path, line="-", reason=came.valid_from, expected=expected))
    return applied(base, came)


def _published_since(case: Case, name: str) -> Exchange | None:
    """A younger fetch of it that is in force already: one that waited for a person must not push it out."""
    published = case.doors.journal.find(Query(stages=(Stage.PUBLISHED,), kinds=(Kind.INBOUND,), limit=200))
    return next((x for x in published if x.catalogue == name and x.ordinal > case.exchange.ordinal), None)
