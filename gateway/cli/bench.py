"""bench: figures and the ratio to a baseline measured in the same run."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.cli.options import Json
from gateway.cli.speech import document, line, say


def register(app: typer.Typer) -> None:
    app.command(epilog="Ví dụ: gateway bench journey --json")(bench)


def bench(
    name: Annotated[str, typer.Argument(help="journey · bulk · calendar · all")] = "all",
    reports: Annotated[int, typer.Option(min=10, help="Số báo cáo 2 KB.")] = 300,
    values: Annotated[int, typer.Option(min=1000, help="Số giá trị của báo cáo lớn.")] = 100_000,
    as_json: Json = False,
) -> None:
    """Đo tốc độ trên máy này, so với vòng gọi trần cùng lượt / measure, beside a bare loop."""
    from gateway.bench import bulk, calendar, journey

    if name not in ("journey", "bulk", "calendar", "all"):
        raise typer.BadParameter(f"{name}; journey · bulk · calendar · all", param_hint="NAME")
    figures = {}
    if name in ("journey", "all"):
        figures["journey"] = journey.measure(reports)
    if name in ("bulk", "all"):
        figures["bulk"] = bulk.measure(values)
    if name in ("calendar", "all"):
        figures["calendar"] = calendar.measure()
    if as_json:
        document(figures)
    tell = say if as_json else line
    for title, found in figures.items():
        tell(f"{title}:")
        for key, value in found.items():
            tell(f"  {key:<42} {value}")
