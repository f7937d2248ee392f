"""The steps of a catalogue that came down: read it, compare it, put it in force."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.domain.catalogue import Catalogue, compare
from gateway.domain.errors import problem
from gateway.domain.exchange import Exchange, Kind, Stage
from gateway.domain.facts import Compared, Parked, Published, Superseded, Unchanged, Validated
from gateway.domain.record import canonical
from gateway.journey.case import Case, blob
from gateway.ports import Entry, Query


def read(case: Case) -> Iterator[Entry]:
    """Yields `Validated`. Raises `Rejected` when it is not a catalogue packet."""
    catalogue = _catalogue(case)
    yield case.entry(Validated("catalogue", None, len(catalogue.items)))


def compare_with_current(case: Case) -> Iterator[Entry]:
    """Yields `Unchanged`, or `Compared`, and `Parked` when more is withdrawn than may go by itself."""
    new = _catalogue(case)
    changes = compare(case.doors.catalogues.current(new.name), new)
    if not changes:
        yield case.entry(Unchanged(new.name, new.version))
        return
    detail = canonical(changes)
    withdrawn, limit = len(changes.withdrawn), case.agreement.max_withdrawn
    fact = Compared(len(changes.added), len(changes.changed), withdrawn, blob(detail, "application/json"))
    yield case.entry(fact, detail)
    if withdrawn > limit:
        yield case.entry(Parked(problem("D-004", catalogue=new.name, withdrawn=withdrawn, limit=limit)))


def publish(case: Case) -> Iterator[Entry]:
    """Puts the catalogue in force (repeatable), then yields `Published`."""
    new = _catalogue(case)
    newer = _published_since(case, new.name)
    if newer is not None:
        yield case.entry(Superseded(newer.id))
        return
    case.doors.catalogues.publish(new, case.exchange.id)
    yield case.entry(Published(new.name, new.version, new.valid_from.isoformat()))


def _published_since(case: Case, name: str) -> Exchange | None:
    """A younger fetch of it that is in force already: one that waited for a person must not push it out."""
    published = case.doors.journal.find(Query(stages=(Stage.PUBLISHED,), kinds=(Kind.INBOUND,), limit=200))
    return next((x for x in published if x.catalogue == name and x.ordinal > case.exchange.ordinal), None)


def _catalogue(case: Case) -> Catalogue:
    return case.doors.reader.read_catalogue(case.bytes_of(case.exchange.payload))
