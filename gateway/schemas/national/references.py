"""What one packet says of another: a report against its outline or its set, a set against its catalogues.

The sender asks before sending, the receiver before judging; either may lack the other packet, so reading never does.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from gateway.domain.calendar import period
from gateway.domain.catalogue import Catalogue
from gateway.domain.kpi import KpiReport, KpiSet
from gateway.domain.outline import Narrative, Outline
from gateway.domain.quoting import unstated
from gateway.domain.report import Columns
from gateway.schemas.national.constraints import Breach

_WHOLE = Decimal(100)


def of_narrative(report: Narrative, outline: Outline, figures: Columns | None = None) -> Iterator[Breach]:
    """Where the words do not follow the outline they name. A signed report attached stands for all words.

    figures  of the report that the words belong to, in the outline's codes; without them nothing is said of quotations
    """
    if (report.head.form, report.outline_version) != (outline.code, outline.version):
        yield Breach("answers-what", "Form", f"{report.head.form} {report.outline_version}")
        return
    yield from _in_force(report.head.period, outline.valid_from, outline.valid_to)
    longest = {section.code: section.longest for section in outline.sections}
    for number, one in enumerate(report.words, start=1):
        if len(one.text) > longest.get(one.section, 0):
            yield Breach("answers-section", f"Sections/Section[{number}]", one.section)
    signed = any(a.role == "narrative" for a in report.attachments)
    missing = {s.code for s in outline.sections if s.required} - {one.section for one in report.words}
    if missing and not signed:
        yield Breach("answers-required", "Sections", ", ".join(sorted(missing)))
    if figures is not None:
        yield from _quotations(report, outline, figures)
    if len(report.attachments) > outline.attachments:
        yield Breach("answers-attachments", "Attachments", f"{len(report.attachments)} > {outline.attachments}")


def _quotations(report: Narrative, outline: Outline, figures: Columns) -> Iterator[Breach]:
    """Sections whose words state no figure of an indicator that they have to quote."""
    quoted = {section.code: section.indicators for section in outline.sections if section.indicators}
    asked = {code for codes in quoted.values() for code in codes}
    there: dict[str, list[str]] = {code: [] for code in asked}
    for code, value in zip(figures.indicator, figures.value, strict=True):
        if code in asked:
            there[code].append(value)
    for number, one in enumerate(report.words, start=1):
        missed = unstated(one.text, {code: there[code] for code in quoted.get(one.section, ())})
        for code, figure in missed.items():
            yield Breach("answers-quoted", f"Sections/Section[{number}]", f"{code} = {figure}")


def of_values(report: KpiReport, kpi_set: KpiSet) -> Iterator[Breach]:
    """Where the values do not fit the set they name; points are at most what a KPI weighs in the whole set."""
    if (report.head.form, report.set_version) != (kpi_set.code, kpi_set.version):
        yield Breach("answers-what", "Form", f"{report.head.form} {report.set_version}")
        return
    yield from _in_force(report.head.period, kpi_set.valid_from, kpi_set.valid_to)
    kpis = {kpi.code: kpi for kpi in kpi_set.kpis}
    weights = {g.group: Decimal(g.weight) for g in kpi_set.groups if g.weight}
    for number, v in enumerate(report.values, start=1):
        kpi, path = kpis.get(v.kpi), f"Values/Value[{number}]"
        if kpi is None:
            yield Breach("answers-kpi", f"{path}/@kpi", v.kpi)
            continue
        broken = {part.partition("=")[0] for part in v.breakdown.split(";") if part} - set(kpi.dimensions)
        if broken:
            yield Breach("answers-dimension", f"{path}/@breakdown", ", ".join(sorted(broken)))
        if v.points and kpi.weight and Decimal(v.points) > weights[kpi.group] * Decimal(kpi.weight) / _WHOLE:
            yield Breach("answers-points", f"{path}/@points", v.points)
    missing = {kpi.code for kpi in kpi_set.kpis if kpi.required} - {v.kpi for v in report.values}
    if missing:
        yield Breach("answers-required", "Values", ", ".join(sorted(missing)))


def of_set(kpi_set: KpiSet, groups: Catalogue, disaggregations: Catalogue) -> Iterator[Breach]:
    """Where the set names a group or a dimension that its catalogue does not have on the day it begins."""
    day = kpi_set.valid_from
    known_groups, known = ({i.code for i in c.items if i.valid_on(day)} for c in (groups, disaggregations))
    for number, group in enumerate(kpi_set.groups, start=1):
        if group.group not in known_groups:
            yield Breach("answers-group", f"Groups/Group[{number}]", group.group)
    for number, kpi in enumerate(kpi_set.kpis, start=1):
        unknown = set(kpi.dimensions) - known
        if unknown:
            yield Breach("answers-dimension", f"Kpis/Kpi[{number}]", ", ".join(sorted(unknown)))


def _in_force(name: str, valid_from: date, valid_to: date | None) -> Iterator[Breach]:
    """The reference period decides, not the day of arrival: the last day of the period counts."""
    end = period(name).end
    if end < valid_from or (valid_to and end > valid_to):
        yield Breach("answers-validity", "Period", f"{end}: {valid_from} – {valid_to or '…'}")
