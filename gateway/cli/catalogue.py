"""catalogue sync · ls · show: the nation's catalogues as they stand here."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.cli.exchanges import summary
from gateway.cli.options import HERE, Home, Json
from gateway.cli.speech import document, say, table
from gateway.domain.errors import NotFound, problem
from gateway.domain.exchange import STAGE_WORDS
from gateway.domain.record import plain

HELP = "Danh mục quốc gia: đồng bộ, xem / national catalogues."
EXAMPLE = "Ví dụ: gateway catalogue sync --as ktxh-thang"


def register(app: typer.Typer) -> None:
    app.command(epilog="Ví dụ: gateway catalogue sync --as ktxh-thang")(sync)
    app.command("ls", epilog="Ví dụ: gateway catalogue ls")(list_catalogues)
    app.command(epilog="Ví dụ: gateway catalogue show VPCP-CT --json")(show)


def sync(
    agreement: Annotated[str, typer.Option("--as", help="Thoả thuận / agreement.")],
    name: Annotated[str | None, typer.Option(help="Mặc định: danh mục của thoả thuận.")] = None,
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Tải danh mục về, so sánh, áp dụng / fetch, compare, put in force."""
    from gateway.serving import synchronised
    from gateway.wiring import opened

    with opened(home) as gateway:
        agreed = gateway.declarations.agreements.get(agreement)
        if agreed is None:
            raise NotFound(problem("B-005", agreement=agreement))
        x = synchronised(gateway, agreement, name or agreed.catalogue)
    if as_json:
        document(summary(x))
    say(f"✓ {x.catalogue or name}: {STAGE_WORDS[x.stage]} {x.version or ''}")


def list_catalogues(home: Home = HERE, as_json: Json = False) -> None:
    """Các danh mục đang áp dụng / catalogues in force."""
    from gateway.wiring import opened

    with opened(home) as gateway:
        names = sorted({agreed.catalogue for agreed in gateway.declarations.agreements.values()})
        kept = [(name, gateway.doors.catalogues.current(name)) for name in names]
    rows = [(name, c.version if c else "–", str(len(c.items)) if c else "chưa đồng bộ") for name, c in kept]
    if as_json:
        document(
            [{"name": name, "version": c.version if c else None, "items": len(c.items) if c else 0} for name, c in kept]
        )
    else:
        table("Danh mục", ("Tên", "Bản", "Số mục"), rows)


def show(
    name: Annotated[str, typer.Argument(help="Tên danh mục / its name.")], home: Home = HERE, as_json: Json = False
) -> None:
    """Các mục của một danh mục / the items of one."""
    from gateway.wiring import opened

    with opened(home) as gateway:
        catalogue = gateway.doors.catalogues.current(name)
    if catalogue is None:
        raise NotFound(problem("F-006", name=name))
    if as_json:
        document(plain(catalogue))
    else:
        table(name, ("Mã", "Tên", "Đơn vị tính"), [(item.code, item.name, item.unit) for item in catalogue.items])
