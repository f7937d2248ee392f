"""outage ls · open · promise · close: incidents of a line, with evidence, people, times and the reports at risk."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.options import HERE, Because, By, Home, Json
from gateway.cli.speech import document, instant, say, table, when
from gateway.domain.obligations import CAUSE_WORDS, Cause

HELP = "Sự cố kỹ thuật / incidents of a line."
EXAMPLE = 'Ví dụ: gateway outage open --partner quoc-gia --because "cáp quang đứt, VNPT ghi nhận phiếu 4711"'
IncidentId = Annotated[str, typer.Argument(metavar="MÃ", help="Mã sự cố / incident id.")]
CLOCKS = {"support": "xử lý", "recovery": "khôi phục"}


def register(app: typer.Typer) -> None:
    app.command("ls", epilog="Ví dụ: gateway outage ls --all")(list_incidents)
    app.command("open", epilog=EXAMPLE)(open_)
    app.command(epilog='Ví dụ: gateway outage promise sc-01… --until 2026-11-20T17:00 --because "chờ linh kiện"')(
        promise
    )
    app.command(epilog="Ví dụ: gateway outage report sc-01… --out ./bien-ban")(report)
    app.command(epilog='Ví dụ: gateway outage close sc-01… --because "đã hàn nối cáp"')(close)


def list_incidents(
    every: Annotated[bool, typer.Option("--all", help="Cả sự cố đã đóng / closed ones too.")] = False,
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Sự cố, đồng hồ theo quy chế và đường đang lỗi chưa mở sự cố / incidents, their clocks, and lines in trouble."""
    from gateway.schemas.incidents import IncidentShown
    from gateway.wiring import opened

    with opened(home) as gateway:
        now, calendar = gateway.doors.clock.now(), gateway.calendar
        found = [one for one in calendar.incidents() if every or one.is_open]
        shown = [IncidentShown.of(one, calendar, now) for one in found]
        lines = {name: gateway.journal.line(name) for name in gateway.declarations.partners}
    unrecorded = [name for name, line in lines.items() if line.failures and not any(_is_of(one, name) for one in shown)]
    if as_json:
        document([one.model_dump(mode="json") for one in shown])
    else:
        rows = [(x.id, x.destination or "–", x.what, when(x.began), _clocks(x), x.cause_vi, _state(x)) for x in shown]
        table("Sự cố", ("Mã", "Nơi nhận", "Nội dung", "Từ", "Đồng hồ", "Nguyên nhân", "Tình trạng"), rows)
    for name in unrecorded:
        say(f"⚠ {name}: lỗi {lines[name].failures} lần từ {when(lines[name].since)}, chưa mở sự cố")


def open_(
    because: Because,
    partner: Annotated[str, typer.Option(help="Nơi nhận bị sự cố; bỏ trống: hệ thống này.")] = "",
    cause: Annotated[Cause, typer.Option(help="link: đường truyền, kỹ thuật · authority: cơ quan nhận.")] = Cause.LINK,
    began: Annotated[datetime | None, typer.Option(help="Từ lúc; mặc định: lần lỗi đầu tiên.")] = None,
    evidence: Annotated[str, typer.Option(help="Bằng chứng: số phiếu, đã gọi ai.")] = "",
    by: By = "cli",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Ghi nhận một sự cố, kèm bằng chứng và báo cáo có nguy cơ trễ / write an incident down."""
    from gateway.journey.outage import open_incident

    def act(doors: Any, clerk: Any) -> Any:
        since = instant(began) if began else None
        return open_incident(doors, clerk, partner, because, cause=cause, began=since, words=evidence)

    _do(home, by, because, act, as_json=as_json)


def promise(
    incident: IncidentId,
    until: Annotated[datetime, typer.Option(help="Thời điểm hoàn thành đã thông báo.")],
    because: Because,
    by: By = "cli",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Thông báo thời gian hoàn thành của sự cố phức tạp / tell until when it will be mended."""
    from gateway.journey.outage import promise as told

    _do(home, by, because, lambda doors, clerk: told(doors, clerk, incident, instant(until)), as_json=as_json)


def close(
    incident: IncidentId,
    because: Because,
    ended: Annotated[datetime | None, typer.Option(help="Sự cố dứt lúc; mặc định bây giờ.")] = None,
    by: By = "cli",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Đóng sự cố; báo cáo còn trễ được ghi vào hồ sơ / close it; what is still late is named in the record."""
    from gateway.journey.outage import close_incident

    def act(doors: Any, clerk: Any) -> Any:
        return close_incident(doors, clerk, incident, instant(ended) if ended else None)

    _do(home, by, because, act, as_json=as_json)


def report(
    incident: IncidentId,
    out: Annotated[Path, typer.Option(file_okay=False, help="Thư mục ghi biên bản / where to write.")],
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Biên bản gián đoạn và gửi dự phòng, PDF và XLSX / the record of an incident."""
    from gateway.recording import as_pdf, as_xlsx, minutes_of, totals
    from gateway.wiring import opened

    with opened(home) as gateway:
        told = minutes_of(gateway, incident)
    out.mkdir(parents=True, exist_ok=True)
    written = {out / f"bien-ban-{incident}.pdf": as_pdf(told), out / f"bien-ban-{incident}.xlsx": as_xlsx(told)}
    for path, content in written.items():
        path.write_bytes(content)
        say(f"✓ {path}")
    if as_json:
        document({"files": [str(path) for path in written], **totals(told.went)})


def _do(home: Any, by: str, because: str, act: Any, *, as_json: bool) -> None:
    from gateway.journey.arrange import Clerk
    from gateway.journey.operate import Person
    from gateway.schemas.incidents import IncidentShown
    from gateway.wiring import opened

    with opened(home) as gateway:
        now = gateway.doors.clock.now()
        incident = act(gateway.doors, Clerk(gateway.register, Person(by, because), now))
        shown = IncidentShown.of(incident, gateway.calendar, now)
    if as_json:
        document(shown.model_dump(mode="json"))
    say(f"✓ {shown.id}: {_state(shown)}; {_clocks(shown) or CAUSE_WORDS[shown.cause]}")
    for risk in shown.at_risk:
        say(f"  {risk.exchange} {risk.report}: hạn {when(risk.deadline)}")


def _is_of(shown: Any, name: str) -> bool:
    return shown.closed is None and shown.destination in ("", name)


def _state(shown: Any) -> str:
    return f"đã đóng {when(shown.closed)}" if shown.closed else f"đang mở từ {when(shown.opened)}"


def _clocks(shown: Any) -> str:
    return "; ".join(f"{CLOCKS[clock.name]}: {_told(clock)}" for clock in shown.clocks)


def _told(clock: Any) -> str:
    if clock.overdue:
        return f"QUÁ HẠN {when(clock.until)}"
    left = timedelta(seconds=clock.seconds_left)
    return f"đến {when(clock.until)} (còn {left})"
