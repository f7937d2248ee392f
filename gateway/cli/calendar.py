"""period · deadline ls · forecast: what a period covers, when reports are due, and whether they will be in time."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.options import HERE, Home, Json
from gateway.cli.speech import document, line, say, table, when
from gateway.domain.calendar import VIETNAM
from gateway.domain.forecast import Outlook, foreseen_words
from gateway.domain.obligations import STANDING_WORDS
from gateway.domain.record import plain

HELP = "Thời hạn báo cáo của tỉnh / a province's deadlines."
EXAMPLE = "Ví dụ: gateway deadline ls --province lao-cai --from 2026-02-01 --to 2026-02-28"


def register(app: typer.Typer) -> None:
    """Verbs of the group `deadline`."""
    app.command("ls", epilog=EXAMPLE)(list_deadlines)
    app.command(epilog="Ví dụ: gateway deadline forecast --json")(forecast)


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
    from gateway.schemas.obligations import rows
    from gateway.schemas.province import of_home

    start, end = first.date(), last.date()
    regulation = of_home(home, province)
    asked = _of_the_deployment if _is_own(home, regulation.id) else _of_the_file
    found, owing, days, now = asked(home, regulation, start, end)
    if as_json:
        left_out = None if asked is _of_the_deployment else {"owed"}
        document([row.model_dump(mode="json", exclude=left_out) for row in rows(found, owing, now)])
    else:
        shown = [(due.period.name, due.stage, when(due.deadline), _states(owing, due), due.rule) for due in found]
        table(regulation.name, ("Kỳ", "Chặng", "Hạn cuối", "Nghĩa vụ", "Quy định"), shown)
    closed = regulation.regulation.closed_from
    if closed and end >= closed:
        say(f"⚠ Từ {closed:%d/%m/%Y}: {regulation.regulation.note}")
    for text in regulation.regime:
        if text.undated:
            say(f"⚠ {text.name}: {text.undated}")
    for day, note in days.undecided.items():
        if start <= day <= end:
            say(f"⚠ {day:%d/%m/%Y}: {note}")


def forecast(home: Home = HERE, as_json: Json = False) -> None:
    """Có kịp hạn không, theo số đang chờ và tốc độ đo được hôm nay / will it be in time at today's rate."""
    from gateway.domain.forecast import outlooks
    from gateway.wiring import opened

    with opened(home) as gateway:
        regimes = {name: agreed.regime for name, agreed in gateway.declarations.agreements.items()}
        standing, now = gateway.outlook.look(), gateway.doors.clock.now()
        found = outlooks(standing.queue, standing.rates, regimes, now)
    if as_json:
        document([{**plain(one), "slack_seconds": one.slack} for one in found])
        return
    rows = [
        (one.regime, one.destination, str(one.waiting), _rate(one), when(one.deadline), foreseen_words(one, when)[0])
        for one in found
    ]
    table("Dự báo", ("Chế độ", "Nơi nhận", "Đang chờ", "Tốc độ", "Hạn", "Dự báo"), rows)


def _rate(one: Outlook) -> str:
    return "chưa đo được" if one.rate is None else f"{one.rate * 60:.0f}/phút"


def _is_own(home: Path, province: str) -> bool:
    """Whether `home` is the deployment of that province: then its register and its journal have a say."""
    from gateway.schemas.province import FILE, of_home

    return all((home / name).is_file() for name in ("gateway.toml", FILE)) and of_home(home, None).id == province


def _of_the_file(home: Path, regulation: Any, start: date, end: date) -> tuple[list[Any], list[Any], Any, datetime]:
    from gateway.schemas.deadlines import days_of, deadlines

    days = days_of(home, regulation, start, end)
    return deadlines(regulation, start, end, days), [], days, datetime.now(VIETNAM)


def _of_the_deployment(home: Path, _: Any, start: date, end: date) -> tuple[list[Any], list[Any], Any, datetime]:
    from gateway.journey.inventory import owed
    from gateway.wiring import opened

    with opened(home) as gateway:
        now, agreed = gateway.doors.clock.now(), gateway.declarations.agreements.values()
        owing = list(owed(gateway.doors, agreed, start, end, now))
        listed = gateway.calendar.listed(start, end)
        of_agreements = {one.due for one in owing} - set(listed)
        found = sorted([*listed, *of_agreements], key=lambda due: due.deadline)
        return found, owing, gateway.calendar.days(start, end), now


def _states(owing: list[Any], due: Any) -> str:
    counted = Counter(STANDING_WORDS[one.standing] for one in owing if one.due == due)
    return ", ".join(f"{word} {number}" for word, number in counted.items())
