"""bench: figures and the ratio to a baseline measured in the same run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from gateway.cli.options import Json
from gateway.cli.speech import document, line, say

NAMES = ("journey", "bulk", "engine", "calendar", "forms", "mapping", "signing", "fallback", "recovery")


def register(app: typer.Typer) -> None:
    app.command(epilog="Ví dụ: gateway bench journey --json")(bench)


def bench(
    name: Annotated[str, typer.Argument(help=" · ".join((*NAMES, "all")))] = "all",
    reports: Annotated[int, typer.Option(min=10, help="Số báo cáo 2 KB.")] = 300,
    values: Annotated[int, typer.Option(min=1000, help="Số giá trị của báo cáo lớn.")] = 100_000,
    rows: Annotated[int, typer.Option(min=1000, help="Số giao dịch có sẵn khi đo engine.")] = 100_000,
    as_json: Json = False,
) -> None:
    """Đo tốc độ trên máy này, so với vòng gọi trần cùng lượt / measure, beside a bare loop."""
    from gateway.bench import (
        bulk,
        calendar,
        engine,
        fallback,
        forms,
        journey,
        mapping,
        recovery,
        signing,
        signing_documents,
    )

    measured: dict[str, Callable[[], dict[str, Any]]] = {
        "journey": lambda: journey.measure(reports),
        "bulk": lambda: bulk.measure(values),
        "engine": lambda: engine.measure(rows=rows),
        "calendar": calendar.measure,
        "forms": forms.measure,
        "mapping": lambda: mapping.measure(1_000_000),
        "signing": lambda: {**signing.measure(), **signing_documents.measure()},
        "fallback": lambda: fallback.measure(reports),
        "recovery": lambda: recovery.measure(reports),
    }
    if name not in (*NAMES, "all"):
        raise typer.BadParameter(f"{name}; {' · '.join((*NAMES, 'all'))}", param_hint="NAME")
    figures = {each: measured[each]() for each in NAMES if name in (each, "all")}
    if as_json:
        document(figures)
    tell = say if as_json else line
    for title, found in figures.items():
        tell(f"{title}:")
        for key, value in found.items():
            tell(f"  {key:<42} {value}")
