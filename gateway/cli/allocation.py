"""allocation ls · assign · withdraw: which unit reports what, and whether its system took note."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from gateway.cli.options import HERE, Because, By, Home, Json
from gateway.cli.speech import document, say, table, when
from gateway.domain.allocation import Allocation, assigned
from gateway.domain.calendar import VIETNAM
from gateway.domain.errors import NotFound, problem
from gateway.domain.record import plain

HELP = "Phân bổ chỉ tiêu, biểu mẫu cho đơn vị / allocation of indicators and forms to units."
EXAMPLE = "Ví dụ: gateway allocation assign VPCP-CT H56.09 --indicator 0601 --form 01/KTXH --because 'giao đầu năm'"
_TAKEN = "Ví dụ: gateway allocation withdraw VPCP-CT H56.09 --because 'sắp xếp đơn vị'"
Name = Annotated[str, typer.Argument(metavar="DANH-MỤC", help="Ví dụ VPCP-CT.")]
Unit = Annotated[str, typer.Argument(metavar="ĐƠN-VỊ", help="Mã đơn vị, ví dụ H56.09.")]
_DAYS = ["%Y-%m-%d"]


def register(app: typer.Typer) -> None:
    app.command("ls", epilog="Ví dụ: gateway allocation ls VPCP-CT --json")(list_allocations)
    app.command(epilog=EXAMPLE)(assign)
    app.command(epilog=_TAKEN)(withdraw)


def list_allocations(
    name: Name,
    day: Annotated[datetime | None, typer.Option(formats=_DAYS, help="Mặc định hôm nay / today.")] = None,
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Đã giao gì cho ai, đã ghi nhận chưa; chỉ tiêu chưa giao / who has what, who took note, what nobody has."""
    from gateway.journey.forms import given
    from gateway.wiring import opened

    with opened(home) as gateway:
        on = day.date() if day else gateway.doors.clock.now().astimezone(VIETNAM).date()
        catalogue = gateway.doors.catalogues.on(name, on)
        found = given(gateway.register, name, on)
    if catalogue is None:
        raise NotFound(problem("F-006", name=name))
    lacking = assigned(catalogue, [one.allocation for one in found], on)
    if as_json:
        told = [
            {
                **plain(one.allocation),
                "acknowledged": one.is_acknowledged,
                "taken_note": {
                    agreement: {"at": note[0].isoformat(), "by": note[1]} if note else None
                    for agreement, note in one.taken_note.items()
                },
            }
            for one in found
        ]
        document({"catalogue": name, "day": on.isoformat(), "allocations": told, **plain(lacking)})
        return
    rows = []
    for one in found:
        a = one.allocation
        noted = ", ".join(f"{by} {when(at)}" for at, by in filter(None, one.taken_note.values()))
        rows.append((a.unit, a.name, str(len(a.indicators)), ", ".join(a.forms), noted or "chưa ghi nhận"))
    table(f"Phân bổ {name}", ("Đơn vị", "Tên", "Chỉ tiêu", "Biểu mẫu", "Ghi nhận"), rows)
    say(f"{len(lacking.nobody)} chỉ tiêu chưa giao, {len(lacking.several)} chỉ tiêu giao cho nhiều đơn vị")


def assign(
    name: Name,
    unit: Unit,
    because: Because,
    indicator: Annotated[list[str] | None, typer.Option(help="Mã chỉ tiêu; lặp lại được.")] = None,
    form: Annotated[list[str] | None, typer.Option(help="Mã biểu mẫu; lặp lại được.")] = None,
    unit_name: Annotated[str, typer.Option("--name", help="Tên đơn vị.")] = "",
    since: Annotated[datetime | None, typer.Option(formats=_DAYS, help="Từ ngày, mặc định hôm nay.")] = None,
    last: Annotated[datetime | None, typer.Option(formats=_DAYS, help="Đến hết ngày.")] = None,
    notice: Annotated[str, typer.Option("--document", help="Số văn bản giao.")] = "",
    by: By = "cli",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Giao chỉ tiêu, biểu mẫu thay cho lần giao trước; hệ thống của tỉnh được báo / in place of what was given."""
    from gateway.journey.arrange import Clerk
    from gateway.journey.forms import allocate, forms_of
    from gateway.journey.operate import Person
    from gateway.schemas.http import DeedShown
    from gateway.wiring import opened

    with opened(home) as gateway:
        now = gateway.doors.clock.now()
        first = since.date() if since else now.astimezone(VIETNAM).date()
        codes, forms = tuple(indicator or ()), tuple(form or ())
        allocation = Allocation(name, unit, unit_name, codes, forms, first, last.date() if last else None)
        clerk = Clerk(gateway.register, Person(by, because), now, notice)
        deed = allocate(gateway.doors, clerk, allocation, forms_of(gateway.register))
    if as_json:
        document(DeedShown.of(deed).model_dump(mode="json"))
    say(f"✓ {unit}: {len(codes)} chỉ tiêu, {len(forms)} biểu mẫu của {name}, từ {first:%d/%m/%Y}")


def withdraw(
    name: Name, unit: Unit, because: Because, by: By = "cli", home: Home = HERE, as_json: Json = False
) -> None:
    """Thôi giao / taken back."""
    from gateway.journey.arrange import Clerk
    from gateway.journey.forms import take_back
    from gateway.journey.operate import Person
    from gateway.schemas.http import DeedShown
    from gateway.wiring import opened

    with opened(home) as gateway:
        clerk = Clerk(gateway.register, Person(by, because), gateway.doors.clock.now())
        deed = take_back(gateway.doors, clerk, name, unit)
    if as_json:
        document(DeedShown.of(deed).model_dump(mode="json"))
    say(f"✓ {unit}: thôi giao {name}")
