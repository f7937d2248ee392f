"""Packet 2, biểu mẫu báo cáo."""

from __future__ import annotations

from datetime import date
from typing import cast

from gateway.domain.form import ColumnType, FormColumn, FormDefinition, FormKind
from gateway.safexml import Element
from gateway.schemas.national.canonical import element


def written(form: FormDefinition) -> str:
    """The FormDefinition element."""
    return element(
        "FormDefinition",
        (
            element("Name", form.name),
            element("LegalBasis", form.legal_basis),
            element("Subjects", form.subjects),
            element("SendTime", form.send_time),
            element("Aggregator", form.aggregator),
            element("Approver", form.approver),
            element("Kind", form.kind),
            element(
                "Columns",
                (element("Column", (element("Name", c.name),), code=c.code, type=c.type) for c in form.columns),
            ),
            element("Rows", (element("Row", indicator=code) for code in form.rows)),
        ),
        code=form.code,
        validFrom=form.valid_from.isoformat(),
        version=form.version,
    )


def read(body: Element) -> FormDefinition:
    """From a body that its schema has passed."""
    *words, columns, rows = body
    name, legal_basis, subjects, send_time, aggregator, approver, kind = (e.text or "" for e in words)
    return FormDefinition(
        code=body.get("code", ""),
        version=body.get("version", ""),
        valid_from=date.fromisoformat(body.get("validFrom", "")),
        name=name,
        legal_basis=legal_basis,
        subjects=subjects,
        send_time=send_time,
        aggregator=aggregator,
        approver=approver,
        kind=cast(FormKind, kind),
        columns=tuple(
            FormColumn(c.get("code", ""), cast(ColumnType, c.get("type", "")), c[0].text or "") for c in columns
        ),
        rows=tuple(row.get("indicator", "") for row in rows),
    )
