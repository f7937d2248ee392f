"""``province.toml`` read and cross-examined: what is right by itself and wrong together is a fault as well."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from datetime import datetime
from importlib.resources import as_file, files
from itertools import combinations
from pathlib import Path

from pydantic import ValidationError

from gateway.domain.agreement import Agreement, Schedule, SignatureDuty
from gateway.domain.calendar import period as period_named
from gateway.domain.calendar import periods_of
from gateway.domain.deadlines import Regime, Rule, Window, due
from gateway.domain.errors import Misconfigured, Problem, Rejected, problem
from gateway.domain.workdays import WorkingDays
from gateway.schemas.declarations import Declarations, faults_of
from gateway.schemas.province.periods import WindowText
from gateway.schemas.province.shape import Province

FILE = "province.toml"
_PROBES = (2024, 2025)  # a leap year and a common one: every rule meets every shape of its periods


def province(path: Path) -> Province:
    """The declaration in `path`. Raises `Misconfigured` with every fault (F-005)."""
    file = f"{path.parent.name}/{path.name}"
    try:
        read = Province.model_validate(tomllib.loads(path.read_text("utf-8")))
    except ValidationError as error:
        raise Misconfigured(*faults_of(file, error)) from None
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(problem("F-005", file=file, key="-", reason=error)) from None
    faults = [problem("F-005", file=file, key=key, reason=reason) for key, reason in _faults(read)]
    if faults:
        raise Misconfigured(*faults)
    return read


def shipped() -> tuple[Province, ...]:
    """Every province of the package. Raises `Misconfigured` for faults of one, and of all together."""
    with as_file(files("gateway.profiles")) as folder:
        found = tuple(province(path) for path in sorted(folder.glob(f"*/{FILE}")))
    together(found)
    return found


def of_home(home: Path, name: str | None) -> Province:
    """The province called `name`: the deployment's own when it is that one, or when no name is given.

    Raises `Misconfigured` (F-005) when there is none.
    """
    own = [province(home / FILE)] if (home / FILE).is_file() else []
    for found in (*own, *(shipped() if name else ())):
        if name in (None, found.id):
            return found
    known = ", ".join(p.id for p in shipped())
    raise Misconfigured(problem("F-005", file="--province", key=name or "-", reason=known))


def against(regulation: Province, declared: Declarations) -> Iterator[Problem]:
    """What was agreed though the province's regulation does not allow it (F-005)."""
    for agreed in declared.agreements.values():
        for key, reason in _breaches(regulation, agreed):
            said = f"{regulation.regulation.number}: {reason}"
            yield problem("F-005", file=f"{agreed.partner}.toml", key=f"{agreed.id}.{key}", reason=said)


def window_of(
    regulation: Province | None, place: tuple[str, str, str], *, opens: datetime, closes: datetime, notice: str
) -> Window:
    """A notice of regime, period and stage as operations record it, held against the regulation.

    Raises `Rejected` (C-005) with every fault: the regulation knows no opening outside the schedule, there is no such
    regime, stage or period, it closes before it opens or before the figures are closed, the notice has no number.
    """
    if regulation is None or not regulation.windows.applies:
        note = regulation.windows.note if regulation else FILE
        raise Rejected(_unfit("window", f"the regulation knows no opening or closing outside the schedule: {note}"))
    regime, period, stage = place
    given = {"opens": opens, "closes": closes, "notice": notice, "article": regulation.windows.article}
    try:
        text = WindowText(regime=regime, period=period, stage=stage, **given)  # type: ignore[arg-type]  # pydantic's
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        raise Rejected(*(_unfit(".".join(map(str, one["loc"])) or "window", one["msg"]) for one in faults)) from None
    known = {each.id: each for each in regulation.regimes()}
    if regime not in known:
        raise Rejected(_unfit("regime", f"unknown regime “{regime}”; known: {', '.join(known)}"))
    misfits = [_unfit(part, reason) for part, reason in _misfits(text, known[regime])]
    if misfits:
        raise Rejected(*misfits)
    return text.window()


def _unfit(path: str, reason: str) -> Problem:
    wanted = "KTXH ND09:2026M11 tong-hop --opens … --closes … --document 12/TB-SKHDT"
    return problem("C-005", path=path, line="-", reason=reason, expected=wanted)


def _breaches(regulation: Province, agreed: Agreement) -> Iterator[tuple[str, str]]:
    duty = regulation.signature
    if agreed.fallback and not regulation.fallback.applies:
        yield "fallback", regulation.fallback.note
    if regulation.backfill.applies and agreed.fallback and not agreed.fallback.backfill_basis:
        yield "fallback.backfill_basis", f"the system is updated after an incident (Điều {regulation.backfill.article})"
    if agreed.sender.code not in {agency.code for agency in regulation.agency}:
        yield "sender.code", f"“{agreed.sender.code}” is no agency of this province"
    if agreed.schedule and not _is_stage(regulation, agreed.schedule):
        yield "schedule", f"no regime “{agreed.schedule.regime}” with a stage “{agreed.schedule.stage}”"
    if duty.duty == "sign" and agreed.signature is SignatureDuty.NONE:
        yield "signature", f"reports are signed (Điều {duty.article})"


def _is_stage(regulation: Province, followed: Schedule) -> bool:
    stages = {(regime.id, rule.stage) for regime in regulation.regimes() for rule in regime.rules}
    return (followed.regime, followed.stage) in stages


def together(provinces: Iterable[Province]) -> None:
    """Raises `Misconfigured` (F-005) where two provinces claim one agency code at the same time."""
    faults = [
        problem("F-005", file=f"{two.id}/{FILE}", key=f"agency.{b.code}", reason=f"claimed by {one.id}, too")
        for one, two in combinations(provinces, 2)
        for a in one.agency
        for b in two.agency
        if a.code == b.code and a.meets(b)
    ]
    if faults:
        raise Misconfigured(*faults)


def _faults(read: Province) -> Iterator[tuple[str, str]]:
    """(key, reason) of everything that contradicts something else in the file."""
    yield from _twice("regime", [r.id for r in read.regime])
    yield from _twice("legal_basis", [b.number for b in read.legal_basis])
    for regime in read.regimes():
        yield from _rule_faults(regime)
    yield from _window_faults(read)
    yield from _code_faults(read)
    listed = {basis.number for basis in read.legal_basis}
    for basis in read.legal_basis:
        if basis.replaced_by and basis.replaced_by not in listed:
            yield f"legal_basis.{basis.number}.replaced_by", f"“{basis.replaced_by}” is not listed"


def _twice(key: str, names: list[str]) -> Iterator[tuple[str, str]]:
    yield from ((f"{key}.{name}", "declared twice") for name in sorted({n for n in names if names.count(n) > 1}))


def _rule_faults(regime: Regime) -> Iterator[tuple[str, str]]:
    for rule in regime.rules:
        key = f"regime.{regime.id}.deadline.{rule.stage}"
        covered = [p for year in _PROBES for p in periods_of(regime.calendar, rule.kind, year) if rule.covers(p)]
        if not covered:
            yield key, f"{regime.calendar} has no period {rule.kind.value} {' '.join(rule.only)}".rstrip()
        try:
            for p in covered:
                due(p, rule, WorkingDays())
        except ValueError as error:
            yield key, str(error)
    for one, two in combinations(regime.rules, 2):
        if _same_place(one, two):
            yield f"regime.{regime.id}.deadline.{one.stage}", f"two deadlines for one period ({one.kind.value})"


def _same_place(one: Rule, two: Rule) -> bool:
    apart = one.only and two.only and not set(one.only) & set(two.only)
    return (one.stage, one.kind) == (two.stage, two.kind) and not apart


def _window_faults(read: Province) -> Iterator[tuple[str, str]]:
    regimes = {regime.id: regime for regime in read.regimes()}
    for number, window in enumerate(read.window):
        key = f"window.{number}"
        if not read.windows.applies:
            yield key, "the regulation knows no opening or closing outside the schedule"
        if window.regime not in regimes:
            yield f"{key}.regime", f"unknown regime “{window.regime}”"
            continue
        yield from ((f"{key}.{part}", reason) for part, reason in _misfits(window, regimes[window.regime]))
    for one, two in combinations(read.window, 2):
        same = (one.regime, one.period, one.stage) == (two.regime, two.period, two.stage)
        if same and one.opens <= two.closes and two.opens <= one.closes:
            yield f"window.{read.window.index(two)}", f"overlaps the one of notice {one.notice}"


def _misfits(window: WindowText, regime: Regime) -> Iterator[tuple[str, str]]:
    if window.stage not in {rule.stage for rule in regime.rules}:
        yield "stage", f"{regime.id} has no stage “{window.stage}”"
    try:
        covered = period_named(window.period)
    except Rejected as error:
        yield "period", error.problem.details["reason"]
        return
    if covered.regime != regime.calendar:
        yield "period", f"“{window.period}” is not of the calendar {regime.calendar}"
    elif window.closes < covered.cut_off:
        yield "closes", f"before the cut-off of {window.period}"


def _code_faults(read: Province) -> Iterator[tuple[str, str]]:
    for one, two in combinations(read.agency, 2):
        if one.code == two.code and one.meets(two):
            yield f"agency.{one.code}", "declared twice for one day"
    for a, b in combinations(read.alias, 2):
        if a.alias == b.alias and a.code != b.code and a.meets(b):
            yield f"alias.{a.alias}", f"means {a.code} and {b.code} on one day"
    for alias in read.alias:
        if alias.code not in {agency.code for agency in read.agency}:
            yield f"alias.{alias.alias}", f"“{alias.code}” is no agency of this province"
    for s, t in combinations(read.territory, 2):
        if s.meets(t):
            yield f"territory.{t.code}", f"valid together with {s.code}"
