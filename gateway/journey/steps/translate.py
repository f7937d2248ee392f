"""Translate: provincial terms become national ones; what nobody may guess is held and named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from gateway.domain.catalogue import Catalogue
from gateway.domain.errors import GatewayError, Unavailable, problem
from gateway.domain.facts import Held, Translated
from gateway.journey.case import Case, blob
from gateway.ports import Entry, Translation

_PACK = "application/octet-stream"


def translate(case: Case) -> Iterator[Entry]:
    """Yields `Translated`, and `Held` when something is.

    Raises `Rejected` (D-001) when all is, `Unavailable` (D-003, D-008) until catalogue and approved pack are there.
    """
    done, catalogue = _translation(case)
    case.memory.translated = done.report
    kept = case.doors.writer.keep(done.report)
    yield case.entry(
        Translated(
            pack=done.pack,
            pack_digest=done.pack_digest,
            catalogue=f"{catalogue.name}@{catalogue.version}",
            document=blob(kept, "application/json"),
            findings=blob(done.findings, "application/json"),
            account=done.account,
            approval=done.approval,
            kept=blob(done.content, _PACK) if done.content else None,
        ),
        kept,
        done.findings,
        *((done.content,) if done.content else ()),
    )
    if done.account.held:
        yield case.entry(Held(done.account.held, done.held))


def translate_ahead(cases: Sequence[Case]) -> None:
    """Map the reports of `cases` in one run for each pack; `translate` finds what became of its own.

    A run costs much more than a report does. What concerns one report alone is that report's answer; where a whole
    run fails, each report is mapped by itself and says so itself.
    """
    runs: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in cases:
        runs[_pack(case), case.agreement.catalogue].append(case)
    for (pack, _), together in runs.items():
        catalogue = _catalogue(together[0])
        reports = [case.submitted() for case in together]
        found = together[0].doors.translator.translate_many(reports, pack, catalogue)
        for case, one in zip(together, found, strict=True):
            case.memory.translation = one, catalogue


def _translation(case: Case) -> tuple[Translation, Catalogue]:
    """With the catalogue it was mapped by: the one in force then, asked for once however many were mapped together."""
    if case.memory.translation is None:
        catalogue = _catalogue(case)
        return case.doors.translator.translate(case.submitted(), _pack(case), catalogue), catalogue
    done, catalogue = case.memory.translation
    if isinstance(done, GatewayError):
        raise done
    return done, catalogue


def _pack(case: Case) -> str:
    assert case.exchange.submission is not None
    return case.exchange.submission.pack or case.agreement.pack


def _catalogue(case: Case) -> Catalogue:
    found = case.doors.catalogues.current(case.agreement.catalogue)
    if found is None:
        raise Unavailable(problem("D-003", catalogue=case.agreement.catalogue))
    return found
