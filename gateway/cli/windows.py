"""window ls · open · withdraw: the intake opened and closed at another time, by a notice."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from gateway.cli.options import HERE, Because, By, Home, Json
from gateway.cli.speech import document, instant, say, table, when

HELP = "Mở, đóng nhận báo cáo ngoài thời gian quy định / the intake opened and closed by notice."
EXAMPLE = (
    "Ví dụ: gateway window open KTXH ND09:2026M11 tong-hop --opens 2026-11-15T08:00 --closes 2026-11-25T17:00 "
    '--document 12/TB-SKHDT --because "gia hạn do bão"'
)
Regime = Annotated[str, typer.Argument(metavar="CHẾ-ĐỘ", help="Chế độ trong province.toml.")]
PeriodName = Annotated[str, typer.Argument(metavar="KỲ", help="Ví dụ ND09:2026M11.")]
Stage = Annotated[str, typer.Argument(metavar="CHẶNG", help="Ví dụ tong-hop.")]


def register(app: typer.Typer) -> None:
    app.command("ls", epilog="Ví dụ: gateway window ls --json")(list_windows)
    app.command("open", epilog=EXAMPLE)(open_window)
    app.command(epilog='Ví dụ: gateway window withdraw KTXH ND09:2026M11 tong-hop --because "thông báo sai"')(withdraw)


def list_windows(home: Home = HERE, as_json: Json = False) -> None:
    """Các thông báo mở, đóng đang có hiệu lực / the notices that stand."""
    from gateway.domain.record import plain
    from gateway.wiring import opened

    with opened(home) as gateway:
        found = gateway.calendar.windows()
    if as_json:
        document([plain(window) for window in found])
        return
    rows = [(w.regime, w.period, w.stage, when(w.opens), when(w.closes), w.notice) for w in found]
    table("Mở, đóng nhận báo cáo", ("Chế độ", "Kỳ", "Chặng", "Mở", "Đóng", "Thông báo"), rows)


def open_window(
    regime: Regime,
    period: PeriodName,
    stage: Stage,
    opens: Annotated[datetime, typer.Option(help="Mở từ, giờ Việt Nam.")],
    closes: Annotated[datetime, typer.Option(help="Đóng lúc, giây đó còn kịp.")],
    notice: Annotated[str, typer.Option("--document", help="Số thông báo, ví dụ 12/TB-SKHDT.")],
    because: Because,
    by: By = "cli",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Ghi thông báo mở, đóng; đơn vị liên quan được báo / record a notice; whom it concerns is told."""
    from gateway.journey.arrange import Clerk
    from gateway.journey.arrange import open_window as opened_by
    from gateway.journey.operate import Person
    from gateway.schemas.http import DeedShown
    from gateway.schemas.province import window_of
    from gateway.wiring import opened

    with opened(home) as gateway:
        window = window_of(
            gateway.regulation, (regime, period, stage), opens=instant(opens), closes=instant(closes), notice=notice
        )
        clerk = Clerk(gateway.register, Person(by, because), gateway.doors.clock.now(), notice)
        deed = opened_by(gateway.doors, clerk, window, gateway.calendar.windows())
    if as_json:
        document(DeedShown.of(deed).model_dump(mode="json"))
    say(f"✓ {regime} {period} {stage}: {when(window.opens)} – {when(window.closes)}")


def withdraw(
    regime: Regime,
    period: PeriodName,
    stage: Stage,
    because: Because,
    by: By = "cli",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Gỡ thông báo; thời hạn quy định lại có hiệu lực / the ordinary deadline counts again."""
    from gateway.domain.register import Sheet
    from gateway.journey.arrange import Clerk, following
    from gateway.journey.operate import Person
    from gateway.schemas.http import DeedShown
    from gateway.wiring import opened

    with opened(home) as gateway:
        clerk = Clerk(gateway.register, Person(by, because), gateway.doors.clock.now())
        tell = following(gateway.doors, regime, stage)
        deed = clerk.take_back(Sheet.WINDOW, f"{regime}/{period}/{stage}", tell)
    if as_json:
        document(DeedShown.of(deed).model_dump(mode="json"))
    say(f"✓ {regime} {period} {stage}: đã gỡ")
