"""audit ls: the register of operations, deed after deed; the other audit verbs stand in `trail`."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.cli import trail
from gateway.cli.options import HERE, Home, Json
from gateway.cli.speech import document, table, when
from gateway.domain.register import Sheet

HELP = "Sổ vận hành: ai làm gì, khi nào, theo văn bản nào / the register of operations."
EXAMPLE = "Ví dụ: gateway audit ls --sheet day"


def register(app: typer.Typer) -> None:
    app.command("ls", epilog="Ví dụ: gateway audit ls --sheet day --subject 2026-01-02 --json")(list_deeds)
    trail.register(app)


def list_deeds(
    sheet: Annotated[Sheet | None, typer.Option(help="day · window · maintenance · incident")] = None,
    subject: Annotated[str, typer.Option(help="Một mục, ví dụ 2026-01-02 / one subject.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Nhiều nhất / at most.")] = 100,
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Mọi việc đã ghi, mới nhất trước, kèm trước và sau / every deed, newest first, with before and after."""
    from gateway.schemas.http import DeedShown
    from gateway.wiring import opened

    with opened(home) as gateway:
        found = gateway.register.told(sheet, subject, limit)
    if as_json:
        document([DeedShown.of(deed).model_dump(mode="json") for deed in found])
        return
    rows = [(when(d.at), d.sheet, d.subject, d.act, d.by, d.document or "–", d.because) for d in found]
    table("Sổ vận hành", ("Lúc", "Trang", "Mục", "Việc", "Người", "Văn bản", "Lý do"), rows)
