"""Which declared heading a row stands below: ``Lúa > Miền Bắc`` is another row than ``Ngô > Miền Bắc``.

A section ends at the next declared heading, at any other heading that stands no further in, and, where its rows stand
further in than itself, at the first row that does not. So a row is rather held for want of a section than read, or left
out, under a wrong one.
"""

from __future__ import annotations

from gateway.mapping.forms.grid import label_text, may_be_figure
from gateway.mapping.forms.tables import Placed


class Sections:
    """Fed with rows from top to bottom."""

    def __init__(self, placed: Placed) -> None:
        self._placed = placed
        self._heads = [label.below for label in placed.table.labels if label.below is not None]
        self._section = ""
        self._indent = 0
        self._has_indented_rows = False
        if self._heads:
            for row in range(placed.region.first, placed.first):
                self.of(row)

    def of(self, row: int) -> str:
        """The heading that `row` stands below; of a heading, itself."""
        text = self._placed.label(row) if self._heads else ""
        if not text:
            return self._section
        cells = self._placed.region.sheet.rows[row]
        indent = next(at for at, cell in enumerate(cells) if label_text(cell))
        if any(head.fits(text) for head in self._heads):
            self._section, self._indent, self._has_indented_rows = text, indent, False
        elif indent > self._indent:
            self._has_indented_rows = True
        elif self._has_indented_rows or not any(map(may_be_figure, cells[indent + 1 :])):
            self._section = ""
        return self._section
