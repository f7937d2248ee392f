"""period · deadline ls: what a period covers, and when reports of a province are due."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from gateway.cli.options import HERE, Home, Json
from gateway.cli.speech import document, line, say, table, when

HELP = "Thời hạn báo cáo của tỉnh / a province's deadlines."
EXAMPLE = "Ví dụ: gateway deadline ls --province lao-cai --from 2026-02-01 --to 2026-02-28"


def register(app: typer.Typer) -> None:
    """Verbs of the group `deadline`."""
    app.command("ls", epilog=EXAMPLE)(list_deadlines)


def register_period(app: typer.Typer) -> None:
    """The verb `period`, which is no group."""
    app.command(epilog="Ví dụ: gateway period 2025M06 2025Q1 --regime ND09 --json")(period)


def period(
    codes: Annotated[list[str], typer.Argument(metavar="CODE…", help="2025-06-03 2025M06A 2025M06 2025Q1 2025 …")],
    regime: Annotated[str, typer.Option(help="ND09 · LICH · NAMHOC: lịch mà mã kỳ thuộc về.")],
    as_json: Json = False,
) -> None:
    """Ngày đầu và ngày cuối của kỳ, tính cả hai / first and last day; one code is one object, several are a list."""
    from gateway.domain.calendar import period as named

    found = [named(f"{regime}:{code}") for code in codes]
    rows = [{"code": p.code, "regime": p.regime, "start": p.start.isoformat(), "end": p.end.isoformat()} for p in found]
    if as_json:
        document(rows[0] if len(rows) == 1 else rows)
    else:
        for p in found:
            line(f"{p.name}\t{p.start:%d/%m/%Y}–{p.end:%d/%m/%Y}")


def list_deadlines(
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="Từ ngày / from.")],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Đến hết ngày / to, inclusive.")],
    province: Annotated[str | None, typer.Option(help="Mặc định: tỉnh của triển khai / the deployment's.")] = None,
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Thời hạn gửi từng kỳ, từng chặng; hạn là thời điểm cuối cùng còn kịp / the last admissible instants."""
    from gateway.schemas.deadlines import days_of, deadlines, row
    from gateway.schemas.province import of_home

    start, end = first.date(), last.date()
    regulation = of_home(home, province)
    days = days_of(home, regulation, start, end)
    found = list(deadlines(regulation, start, end, days))
    if as_json:
        document([row(due).model_dump() for due in found])
    else:
        rows = [(due.period.name, due.stage, when(due.deadline), due.rule) for due in found]
        table(regulation.name, ("Kỳ", "Chặng", "Hạn cuối", "Quy định"), rows)
    closed = regulation.regulation.closed_from
    if closed and end >= closed:
        say(f"⚠ Từ {closed:%d/%m/%Y}: {regulation.regulation.note}")
    for text in regulation.regime:
        if text.undated:
            say(f"⚠ {text.name}: {text.undated}")
    for day, note in days.undecided.items():
        if start <= day <= end:
            say(f"⚠ {day:%d/%m/%Y}: {note}")
