"""What a table says beside its figures: its period, what is not there, what nobody asked for, what does not add up."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from decimal import Decimal

from gateway.mapping.forms import checks
from gateway.mapping.forms.found import NO_PERIOD, NOT_FOUND, ROUNDED, UNASKED, Reading
from gateway.mapping.forms.grid import is_figure, place
from gateway.mapping.forms.layout import EVERY_FORM
from gateway.mapping.forms.tables import Placed
from gateway.schemas.workbooks import written


def compare_period(placed: Placed, known: Mapping[str, str], into: Reading) -> None:
    """The title's period against the submission's (M403), which stands whatever the title says."""
    wanted, sheet = placed.table.period, placed.region.sheet.name
    if wanted is None:
        return
    found = placed.region.find(wanted, placed.first)
    if found is None:
        into.tell("M803", f"“{wanted.said}” ({sheet})", [], NO_PERIOD)
        return
    row, column, text = found
    shown = wanted.found(text) or {}
    other = [name for name, number in shown.items() if name in known and int(number) != int(known[name])]
    if other:
        asked = ", ".join(f"{name} {known[name]}" for name in other)
        into.tell("M403", f"“{text}” ≠ {asked}", [place(sheet, row, column)])


def tell_unmet(placed: Placed, met: Container[int], into: Reading) -> None:
    """Rows declared for this table alone and not found; names shared by every form need not all be there."""
    for label in placed.table.labels:
        line = label.target.line
        is_own = line["bieu"] != EVERY_FORM and (line["bang"] or line["trang"])
        if is_own and label.target.taken and id(label) not in met:
            into.tell("M801", f"“{line['nhan']}” ({line.place})", [], NOT_FOUND)


def tell_unasked(placed: Placed, units: Container[int | None], into: Reading) -> None:
    """Columns with figures that no row declares."""
    asked = {at for _, places in placed.columns for at in places}
    sheet = placed.region.sheet
    for at in range(placed.labels[1] + 1 if placed.labels else 0, placed.region.width):
        if at in asked or at in units:
            continue
        filled = [row for row in range(placed.first, placed.region.last) if is_figure(sheet.at(row, at))]
        if filled:
            path = placed.header.path(at) or placed.header.printed.get(at, "")
            cells = [place(sheet.name, filled[0], at), place(sheet.name, filled[-1], at)]
            into.tell("M802", f"“{path}” ({len(filled)})", cells, UNASKED)


def check_printed(placed: Placed, into: Reading) -> None:
    """The formulas printed in the header, held against every row."""
    rules = checks.formulas(placed.header.printed)
    rows = list(_decimals(placed)) if rules else []
    sheet = placed.region.sheet.name
    for rule in rules:
        tally = checks.checked(rule, rows)
        into.checks["passed"] += tally.passed + len(tally.rounded)
        into.checks["failed"] += len(tally.failed)
        into.checks["not_evaluated"] += tally.not_evaluated
        for cells, own in ((tally.failed, None), (tally.rounded, ROUNDED)):
            if cells:
                into.tell("M703", f"{rule.text} ({sheet})", [place(sheet, row, rule.column) for row in cells], own)


def _decimals(placed: Placed) -> Iterator[tuple[int, dict[int, Decimal]]]:
    for row in range(placed.first, placed.region.last):
        cells = enumerate(placed.region.sheet.rows[row])
        numbers = ((at, Decimal(written(cell))) for at, cell in cells if is_figure(cell))
        figures = {at: number for at, number in numbers if number.is_finite()}
        if figures and placed.label(row):
            yield row, figures
