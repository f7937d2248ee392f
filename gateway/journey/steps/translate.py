"""Translate: provincial terms become national ones; what nobody may guess is held and named."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.domain.errors import Unavailable, problem
from gateway.domain.facts import Held, Translated
from gateway.journey.case import Case, blob
from gateway.ports import Entry


def translate(case: Case) -> Iterator[Entry]:
    """Yields `Translated`, and `Held` when something is. Raises `Rejected` (D-001) when all is."""
    x, doors = case.exchange, case.doors
    assert x.submission is not None
    catalogue = doors.catalogues.current(case.agreement.catalogue)
    if catalogue is None:
        raise Unavailable(problem("D-003", catalogue=case.agreement.catalogue))
    done = doors.translator.translate(case.submitted(), x.submission.pack or case.agreement.pack, catalogue)
    case.memory.translated = done.report
    kept = doors.writer.keep(done.report)
    yield case.entry(
        Translated(
            pack=done.pack,
            pack_digest=done.pack_digest,
            catalogue=f"{catalogue.name}@{catalogue.version}",
            document=blob(kept, "application/json"),
            findings=blob(done.findings, "application/json"),
            account=done.account,
        ),
        kept,
        done.findings,
    )
    if done.account.held:
        yield case.entry(Held(done.account.held, done.held))
