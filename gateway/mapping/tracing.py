"""A run is taken up again as it was: the pack's version, the report, the catalogue and the figures it compared with."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

from gateway.domain.catalogue import Catalogue
from gateway.domain.errors import Conflict, Misconfigured, NotFound, problem
from gateway.domain.exchange import Exchange
from gateway.domain.facts import Translated
from gateway.domain.report import Columns, Report
from gateway.journey.case import Case, Doors
from gateway.mapping.forms import PackForms
from gateway.mapping.loading import load, rebuilt
from gateway.mapping.pack import Pack
from gateway.ports import Journal

_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Traced:
    """What a report was mapped with. `catalogue` is None where another version is in force by now."""

    version: str
    pack: Pack
    report: Report
    catalogue: Catalogue | None
    previous: Columns | None


def traced(doors: Doors, packs: Path, x: Exchange) -> Traced:
    """The run behind the newest `Translated` of `x`; `packs` is the folder of packs.

    Raises `NotFound` (F-006) where nothing was mapped yet, `Conflict` (D-007) where the version is nowhere to be had.
    """
    used = _translated(doors.journal, x)
    pack = _pack(doors.journal, packs / used.pack, used)
    case = Case(x, replace(doors, forms=PackForms(lambda _: pack)))
    current = doors.catalogues.current(case.agreement.catalogue)
    catalogue = current if current and f"{current.name}@{current.version}" == used.catalogue else None
    before = json.loads(case.bytes_of(used.findings)).get("previous")
    earlier = doors.writer.recall(doors.journal.bytes_of(before["document"])).columns if before else None
    return Traced(used.version, pack, case.submitted(), catalogue, earlier)


def _translated(journal: Journal, x: Exchange) -> Translated:
    facts = [entry.fact for entry in journal.history(x.id)]
    used = next((fact for fact in reversed(facts) if isinstance(fact, Translated)), None)
    if used is None:
        raise NotFound(problem("F-006", name=f"{x.id}, Translated"))
    return used


def _pack(journal: Journal, folder: Path, used: Translated) -> Pack:
    """Of the folder while it stands there, so that rows have the numbers they have in the file; else as kept."""
    now = "–"
    try:
        standing = load(folder)
        if standing.digest == used.pack_digest:
            return standing
        now = standing.digest[:_SHOWN]
    except Misconfigured:  # gone, or somebody is at work on it
        pass
    if used.kept is None:
        raise Conflict(problem("D-007", pack=used.pack, now=now, used=used.pack_digest[:_SHOWN]))
    return rebuilt(journal.bytes_of(used.kept.digest))
