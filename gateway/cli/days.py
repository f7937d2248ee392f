"""day ls · set · unset: days of rest and of work that the calendar's library does not know, set by operations."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from gateway.cli.options import HERE, Because, By, Home, Json
from gateway.cli.speech import document, say, table

HELP = "Ngày nghỉ, ngày làm bù theo văn bản / days off and worked, by document."
EXAMPLE = (
    'Ví dụ: gateway day set 2026-01-02 --state off --document 12729/VPCP-KGVX --issued 2025-12-25 --because "hoán đổi"'
)
Day = Annotated[datetime, typer.Argument(metavar="NGÀY", formats=["%Y-%m-%d"], help="Ngày / the day.")]
STATES = {"off": "nghỉ", "worked": "làm việc", "undecided": "chưa rõ"}


def register(app: typer.Typer) -> None:
    app.command("ls", epilog="Ví dụ: gateway day ls --year 2026")(list_days)
    app.command("set", epilog=EXAMPLE)(set_day)
    app.command("unset", epilog='Ví dụ: gateway day unset 2026-01-02 --because "ghi nhầm ngày"')(unset_day)


def list_days(
    year: Annotated[int | None, typer.Option(min=1950, max=2200, help="Chỉ năm này / of one year.")] = None,
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Những ngày khác với lịch chung, kèm số văn bản / what differs from the library, with its documents."""
    from gateway.domain.register import Sheet
    from gateway.wiring import opened

    with opened(home) as gateway:
        over = gateway.calendar.overlay()
        by_hand = gateway.register.standing(Sheet.DAY)
    found = [day for on, day in sorted(over.days.items()) if year in (None, on.year)]
    rows = [
        {
            **day.model_dump(mode="json"),
            "counts": day.counts,
            "set_by": by_hand[str(day.on)].by if str(day.on) in by_hand else None,
        }
        for day in found
    ]
    if as_json:
        document(rows)
        return
    shown = [
        (
            f"{day.on:%d/%m/%Y}",
            STATES[day.state],
            STATES[day.counts],
            day.document,
            row["set_by"] or "tệp khai báo",
            day.note,
        )
        for day, row in zip(found, rows, strict=True)
    ]
    table("Ngày nghỉ, ngày làm bù", ("Ngày", "Trạng thái", "Tính là", "Văn bản", "Ghi bởi", "Ghi chú"), shown)


def set_day(
    day: Day,
    state: Annotated[str, typer.Option(help="off · worked · undecided")],
    document_number: Annotated[str, typer.Option("--document", help="Số văn bản, ví dụ 12729/VPCP-KGVX.")],
    issued: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Ngày ban hành văn bản.")],
    because: Because,
    default: Annotated[str | None, typer.Option(help="Chỉ với undecided: off · worked, cách tạm tính.")] = None,
    by: By = "cli",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Ghi một ngày nghỉ hoặc làm bù; có hiệu lực ngay / set a day; it counts at once."""
    from gateway.domain.register import Sheet
    from gateway.journey.arrange import Clerk
    from gateway.journey.operate import Person
    from gateway.schemas.http import DeedShown
    from gateway.schemas.workdays import day_text
    from gateway.wiring import opened

    said = day_text(
        on=day.date(), state=state, document=document_number, issued=issued.date(), note=because, default=default
    )
    with opened(home) as gateway:
        stood = gateway.calendar.overlay().days.get(said.on)
        working = gateway.calendar.days(said.on, said.on).is_working(said.on)
        before = stood.model_dump(mode="json") if stood else {"state": "worked" if working else "off", "document": None}
        clerk = Clerk(gateway.register, Person(by, because), gateway.doors.clock.now(), said.document)
        after = said.model_dump(mode="json")
        deed = clerk.add(Sheet.DAY, str(said.on), "set", after, before=before)
    if as_json:
        document(DeedShown.of(deed).model_dump(mode="json"))
    say(f"✓ {said.on:%d/%m/%Y}: {STATES[said.counts]} ({said.document})")


def unset_day(day: Day, because: Because, by: By = "cli", home: Home = HERE, as_json: Json = False) -> None:
    """Gỡ một ngày đã ghi; tệp khai báo và lịch chung lại có hiệu lực / take a day back."""
    from gateway.domain.register import Sheet
    from gateway.journey.arrange import Clerk
    from gateway.journey.operate import Person
    from gateway.schemas.http import DeedShown
    from gateway.wiring import opened

    with opened(home) as gateway:
        clerk = Clerk(gateway.register, Person(by, because), gateway.doors.clock.now())
        deed = clerk.take_back(Sheet.DAY, str(day.date()))
    if as_json:
        document(DeedShown.of(deed).model_dump(mode="json"))
    say(f"✓ {day:%d/%m/%Y}: đã gỡ")
