"""maintenance ls · announce · withdraw: told ahead as the regulation wants it, kept to by the deliveries."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from gateway.cli.options import HERE, Because, By, Home, Json
from gateway.cli.speech import document, instant, say, table, when

HELP = "Bảo trì có báo trước / announced maintenance."
EXAMPLE = (
    "Ví dụ: gateway maintenance announce --partner quoc-gia --starts 2026-11-28T22:00 --ends 2026-11-29T02:00 "
    '--because "nâng cấp theo thông báo của VPCP"'
)


def register(app: typer.Typer) -> None:
    app.command("ls", epilog="Ví dụ: gateway maintenance ls")(list_maintenance)
    app.command(epilog=EXAMPLE)(announce)
    app.command(epilog='Ví dụ: gateway maintenance withdraw bt-01… --because "hoãn"')(withdraw)


def list_maintenance(home: Home = HERE, as_json: Json = False) -> None:
    """Các đợt bảo trì đã báo và báo cáo đến hạn trong đó / what was announced, and what falls due within it."""
    from gateway.domain.record import plain
    from gateway.journey.arrange import due_within
    from gateway.wiring import opened

    with opened(home) as gateway:
        found = sorted(gateway.calendar.maintenance(), key=lambda one: one.starts)
        within = [due_within(gateway.doors, one) for one in found]
    if as_json:
        told = zip(found, within, strict=True)
        document(
            [{**plain(one), "deadlines": [_told(agreement, due) for agreement, due in dues]} for one, dues in told]
        )
        return
    rows = [
        (one.id, one.destination or "toàn hệ thống", when(one.starts), when(one.ends), one.what, str(len(dues)))
        for one, dues in zip(found, within, strict=True)
    ]
    table("Bảo trì", ("Mã", "Nơi nhận", "Từ", "Đến", "Nội dung", "Đến hạn trong đó"), rows)
    for dues in within:
        for agreement, due in dues:
            say(f"⚠ {agreement} {due.period.name}: hạn {when(due.deadline)} nằm trong thời gian bảo trì")


def announce(
    starts: Annotated[datetime, typer.Option(help="Bắt đầu, giờ Việt Nam.")],
    ends: Annotated[datetime, typer.Option(help="Kết thúc.")],
    because: Because,
    partner: Annotated[str, typer.Option(help="Nơi nhận; bỏ trống: toàn hệ thống / everywhere.")] = "",
    document_number: Annotated[str, typer.Option("--document", help="Số thông báo, nếu có.")] = "",
    by: By = "cli",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Báo trước một đợt bảo trì; không gửi gì trong thời gian đó / nothing is sent meanwhile."""
    from gateway.domain.maintenance import Maintenance
    from gateway.journey.arrange import Clerk, Notice, due_within
    from gateway.journey.arrange import announce as told
    from gateway.journey.operate import Person
    from gateway.schemas.http import DeedShown
    from gateway.wiring import opened

    with opened(home) as gateway:
        now = gateway.doors.clock.now()
        m = Maintenance(gateway.doors.clock.new_id("bt"), partner, instant(starts), instant(ends), because)
        notice = Notice(gateway.calendar.earliest(now), gateway.calendar.notice())
        clerk = Clerk(gateway.register, Person(by, because), now, document_number)
        deed = told(gateway.doors, clerk, m, gateway.calendar.maintenance(), notice)
        dues = due_within(gateway.doors, m)
    if as_json:
        shown = DeedShown.of(deed).model_dump(mode="json")
        document({**shown, "deadlines": [_told(agreement, due) for agreement, due in dues]})
    say(f"✓ {m.id}: {when(m.starts)} – {when(m.ends)}")
    for agreement, due in dues:
        say(f"⚠ {agreement} {due.period.name}: hạn {when(due.deadline)} nằm trong thời gian bảo trì")


def withdraw(
    maintenance: Annotated[str, typer.Argument(metavar="MÃ", help="Mã đợt bảo trì.")],
    because: Because,
    by: By = "cli",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Huỷ hoặc kết thúc sớm; bên đã được báo được báo lại / called off, or over before its time."""
    from gateway.domain.errors import NotFound, problem
    from gateway.journey.arrange import Clerk, call_off
    from gateway.journey.operate import Person
    from gateway.schemas.http import DeedShown
    from gateway.wiring import opened

    with opened(home) as gateway:
        found = next((one for one in gateway.calendar.maintenance() if one.id == maintenance), None)
        if found is None:
            raise NotFound(problem("F-006", name=maintenance))
        clerk = Clerk(gateway.register, Person(by, because), gateway.doors.clock.now())
        deed = call_off(gateway.doors, clerk, found)
    if as_json:
        document(DeedShown.of(deed).model_dump(mode="json"))
    say(f"✓ {maintenance}: đã huỷ")


def _told(agreement: str, due: object) -> dict[str, str]:
    from gateway.schemas.obligations import row

    return {"agreement": agreement, **row(due).model_dump(include={"regime", "period", "stage", "deadline"})}  # type: ignore[arg-type]
