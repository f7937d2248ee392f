"""bench: figures and the ratio to a baseline measured in the same run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from gateway.cli.options import Json
from gateway.cli.progress import bar
from gateway.cli.speech import document, line, say

NAMES = ("journey", "bulk", "engine", "calendar", "forms", "mapping", "signing", "fallback", "recovery")
APART = ("fill",)  # takes minutes for every million, so only where it is asked for


def register(app: typer.Typer) -> None:
    app.command(epilog="Ví dụ: gateway bench journey --json · gateway bench fill --rows 1000000")(bench)


def bench(
    name: Annotated[str, typer.Argument(help=" · ".join((*NAMES, *APART, "all")))] = "all",
    reports: Annotated[int, typer.Option(min=10, help="Số báo cáo 2 KB.")] = 300,
    values: Annotated[int, typer.Option(min=1000, help="Số giá trị của báo cáo lớn.")] = 100_000,
    rows: Annotated[int, typer.Option(min=1000, help="Số giao dịch có sẵn khi đo engine, fill.")] = 100_000,
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
        "engine": lambda: engine.measure(tell, rows=rows),
        "fill": lambda: engine.filled(tell, rows=rows, queued=rows),
        "calendar": calendar.measure,
        "forms": forms.measure,
        "mapping": lambda: mapping.measure(1_000_000),
        "signing": lambda: {**signing.measure(), **signing_documents.measure()},
        "fallback": lambda: fallback.measure(reports),
        "recovery": lambda: recovery.measure(reports),
    }
    if name not in (*NAMES, *APART, "all"):
        raise typer.BadParameter(f"{name}; {' · '.join((*NAMES, *APART, 'all'))}", param_hint="NAME")
    asked = NAMES if name == "all" else (name,)
    figures = {}
    with bar() as tell:
        for number, each in enumerate(asked):
            tell("benches", number, len(asked))
            figures[each] = measured[each]()
    if as_json:
        document(figures)
    write = say if as_json else line
    for title, found in figures.items():
        write(f"{title}:")
        for key, value in found.items():
            write(f"  {key:<58} {value}")
