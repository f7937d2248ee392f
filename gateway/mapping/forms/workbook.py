"""`ports.Forms` on the packs of a folder: a workbook becomes a report by the layouts its agreement's pack declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gateway.domain.calendar import period as period_named
from gateway.domain.errors import Rejected, problem
from gateway.domain.record import canonical
from gateway.domain.report import Cover, Report, ReportHead
from gateway.mapping.forms.anchors import numbers
from gateway.mapping.forms.decoding import decode, tell
from gateway.mapping.forms.found import Reading
from gateway.mapping.forms.layout import Layout, layouts
from gateway.mapping.forms.reading import TableReader
from gateway.mapping.forms.tables import Misfit, Placed, placed, regions
from gateway.mapping.pack import Pack
from gateway.ports import FormRead
from gateway.schemas.workbooks import Sheet, is_workbook, workbook

SCHEMA = "form"
_FLAT = {"dau_muc", "so_lieu"}  # the sheets of the shape that needs no layout
_MOST_TOLD = 600


class PackForms:
    """`pack` gives the pack of a name as it stands now."""

    def __init__(self, pack: Callable[[str], Pack]) -> None:
        self._pack = pack

    def read(self, payload: bytes, media_type: str, cover: Cover) -> FormRead | None:
        """None for what is no workbook, is of the flat shape, or belongs to a pack that declares no layouts.

        Raises `Rejected`: C-003, C-005, C-019 for the file; C-020 where it fits no layout, C-021 where its period or
        form is not told.
        """
        if not is_workbook(media_type):
            return None
        pack = self._pack(cover.pack)
        if not pack.lines["bieu_mau"]:
            return None
        sheets = workbook(payload)
        if {sheet.name for sheet in sheets} >= _FLAT:
            return None
        return read_form(payload, sheets, pack, cover)


def read_form(payload: bytes, sheets: list[Sheet], pack: Pack, cover: Cover) -> FormRead:
    """The form in `sheets`, which were read from `payload`. Raises as `PackForms.read`."""
    if not cover.period:
        raise _untold("period", "kỳ", "period")
    covers = period_named(cover.period)
    known = numbers(covers)
    decoded = decode(payload, sheets)
    day = covers.start if pack.settings["as_of"] == "period_start" else covers.end
    declared = layouts(pack.lines["bieu_mau"], day, known)
    form = _form(declared, cover, sheets)
    tables = _placed(declared[form], sheets, form, pack.name)
    into = Reading()
    changes = tell(decoded, {table.region.sheet.name for table in tables}, into)
    reader = TableReader(into, pack.units, pack.settings["figures"], cover.reporter, known)
    for table in tables:
        reader.read(table)
    if not into.values.value:
        raise _unfit(form, pack.name, "không có số liệu", "it has no figures", sheets)
    head = ReportHead(cover.regime, form, cover.period, cover.reporter, cover.revision)
    return FormRead(SCHEMA, Report(head, into.values.columns()), _findings(form, into, changes))


def _form(declared: Mapping[str, Layout], cover: Cover, sheets: Sequence[Sheet]) -> str:
    """The form that was named, or the only one of those agreed whose tables the workbook has."""
    names = ", ".join(declared) or "–"
    if cover.form:
        if cover.form not in declared:
            told = f"chưa khai bố cục cho kỳ này (đã khai: {names})", f"no layout is declared for the period ({names})"
            raise _unfit(cover.form, cover.pack, *told, sheets)
        return cover.form
    agreed = [form for form in declared if not cover.forms or form in cover.forms]
    fitting = [form for form in agreed if all(found for _, found in regions(declared[form], sheets))]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        raise _unfit(names, cover.pack, "không bố cục nào khớp", "no declared layout fits", sheets)
    raise _untold("form", "biểu", "form", ", ".join(fitting))


def _placed(layout: Layout, sheets: Sequence[Sheet], form: str, pack: str) -> list[Placed]:
    """Every table of the layout, in all its places. Raises `Rejected` with every misfit (C-020)."""
    misfits: list[Misfit] = []
    found: list[Placed] = []
    for table, places in regions(layout, sheets):
        if not places:
            misfits.append(Misfit(table.name, "không thấy bảng", "the table is not there", _titles(sheets)))
        for region in places:
            try:
                found.append(placed(table, region))
            except Misfit as misfit:
                misfits.append(misfit)
    if misfits:
        raise Rejected(*(misfit.problem(form, pack) for misfit in misfits))
    return found


def _untold(what: str, what_vi: str, what_en: str, proposal: str = "") -> Rejected:
    told_vi, told_en = (f" Có thể là: {proposal}.", f" It may be: {proposal}.") if proposal else ("", "")
    told = {"what_vi": what_vi, "what_en": what_en, "proposal_vi": told_vi, "proposal_en": told_en}
    return Rejected(problem("C-021", what=what, **told))


def _unfit(form: str, pack: str, what: str, what_en: str, sheets: Sequence[Sheet]) -> Rejected:
    return Rejected(Misfit("*", what, what_en, _titles(sheets)).problem(form, pack))


def _titles(sheets: Sequence[Sheet]) -> str:
    """The sheets of a file with their first words, for the person who looks for the right one."""
    told = [f"{sheet.name}: {_first_words(sheet)}" for sheet in sheets if sheet.rows]
    return ("; ".join(told) or "–")[:_MOST_TOLD]


def _first_words(sheet: Sheet) -> str:
    words = (cell.strip()[:60] for row in sheet.rows[:8] for cell in row if isinstance(cell, str) and cell.strip())
    return next(words, "–")


def _findings(form: str, into: Reading, changes: Sequence[Mapping[str, Any]]) -> bytes:
    return canonical({
        "form": form,
        "values": len(into.values.value),
        "conflicts": [found.as_json() for found in into.found],
        "left_out": [left.as_json() for left in into.left_out.values()],
        "checks": into.checks,
        "decoded": changes,
    })  # fmt: skip
