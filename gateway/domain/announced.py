"""What the nation announces beside its lists: chế độ báo cáo, biểu mẫu, đề cương, bộ chỉ số, each as a catalogue.

So each comes down, is compared, waits for a person, takes effect from its day and is shown as every catalogue is. Its
entries are what users of it rely on: a section, a cycle, a row, a KPI; the entry of its own name says the rest.
Nothing that is told is left out, so that no change of it passes unseen.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.domain.catalogue import Catalogue, Item
from gateway.domain.form import FormDefinition
from gateway.domain.kpi import KpiSet
from gateway.domain.outline import Outline, Section
from gateway.domain.regime import Regime

Announced = Regime | FormDefinition | Outline | KpiSet
REGIME, FORM, OUTLINE, KPIS = "regime.", "form.", "outline.", "kpi-set."
KINDS = (REGIME, FORM, OUTLINE, KPIS)
COLUMN = "column."


def as_catalogue(told: Announced) -> Catalogue:
    """``regime.KTXH``, ``form.01/KTXH``, ``outline.DC-01``: the version, and an entry for each part of it."""
    if isinstance(told, Regime):
        kind, parts, about = REGIME, _of_regime(told), _regime(told)
    elif isinstance(told, FormDefinition):
        kind, parts, about = FORM, _of_form(told), _form(told)
    elif isinstance(told, Outline):
        kind, parts, about = OUTLINE, _of_outline(told), _outline(told)
    else:
        kind, parts, about = KPIS, _of_kpis(told), {"legal_basis": told.legal_basis}
    name = kind + told.code
    # Reports name the version they answer: the same words under another one are not the same.
    head_says = _said(version=told.version, since=told.valid_from.isoformat(), **about)
    last = None if isinstance(told, FormDefinition) else told.valid_to
    head = Item(name, told.name, valid_to=last, attributes=head_says)
    return Catalogue(name, told.version, told.valid_from, (head, *parts))


def outline_of(kept: Catalogue) -> Outline:
    """The outline that was told as `kept`."""
    head, *sections = kept.items
    said = head.attributes.get
    return Outline(
        kept.name.removeprefix(OUTLINE),
        kept.version,
        kept.valid_from,
        head.name,
        said("legal_basis", ""),
        said("subjects", ""),
        said("send_time", ""),
        said("approver", ""),
        tuple(map(_section, sections)),
        int(said("attachments", "0")),
        head.valid_to,
    )


def _regime(told: Regime) -> dict[str, str]:
    return {
        "legal_basis": told.legal_basis,
        "kind": told.kind.value,
        "content": told.content,
        "calendar": told.calendar,
        "subjects": told.subjects,
        "recipient": told.recipient,
        "means": told.means,
    }


def _of_regime(told: Regime) -> Iterator[Item]:
    for cycle in told.cycles:
        yield Item(f"cycle.{cycle.value}", cycle.value)
    for at in told.send_times:
        due = _said(day=str(at.day), months=str(at.months), inclusive=str(at.inclusive).lower(), before=at.before)
        yield Item(f"due.{at.cycle.value}.{at.stage}", at.stage, f"cycle.{at.cycle.value}", attributes=due)
    for form in told.forms:
        yield Item(form.form, form.form, required=form.required, attributes={"shape": form.shape})


def _form(told: FormDefinition) -> dict[str, str]:
    return {
        "legal_basis": told.legal_basis,
        "subjects": told.subjects,
        "send_time": told.send_time,
        "aggregator": told.aggregator,
        "approver": told.approver,
        "kind": told.kind,
    }


def _of_form(told: FormDefinition) -> Iterator[Item]:
    """A row is asked for: nothing on a form may be left out without a word."""
    for number, column in enumerate(told.columns, start=1):
        yield Item(COLUMN + column.code, column.name, attributes={"type": column.type, "number": str(number)})
    for number, code in enumerate(dict.fromkeys(told.rows), start=1):
        yield Item(code, code, required=True, attributes={"number": str(number)})


def _outline(told: Outline) -> dict[str, str]:
    return {
        "legal_basis": told.legal_basis,
        "subjects": told.subjects,
        "send_time": told.send_time,
        "approver": told.approver,
        "attachments": str(told.attachments),
    }


def _of_outline(told: Outline) -> Iterator[Item]:
    for one in told.sections:
        longest, quoted = str(one.longest) if one.longest else "", " ".join(one.indicators)
        said = _said(number=one.number, guidance=one.guidance, longest=longest, indicators=quoted)
        yield Item(one.code, one.title, one.parent, required=one.required, attributes=said)


def _section(kept: Item) -> Section:
    said = kept.attributes.get
    return Section(
        kept.code,
        said("number", ""),
        kept.name,
        kept.parent,
        said("guidance", ""),
        kept.required,
        int(said("longest", "0")),
        tuple(said("indicators", "").split()),
    )


def _of_kpis(told: KpiSet) -> Iterator[Item]:
    for group in told.groups:
        yield Item(f"group.{group.group}", group.group, attributes=_said(weight=group.weight))
    for one in told.kpis:
        said = _said(
            direction=one.direction,
            weight=one.weight,
            lowest=one.lowest,
            highest=one.highest,
            target=one.target,
            formula=one.formula,
            dimensions=" ".join(one.dimensions),
        )
        yield Item(one.code, one.name, f"group.{one.group}", one.unit, one.required, attributes=said)


def _said(**told: str) -> dict[str, str]:
    return {name: text for name, text in told.items() if text}
