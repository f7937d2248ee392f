"""map: a file through a mapping pack, without journalling it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.exchanges import media_type_of
from gateway.cli.options import HERE, Home
from gateway.cli.speech import Exit, document, printed, say
from gateway.domain.errors import NotFound, problem


class Out(StrEnum):
    JSON = "json"
    CSV = "csv"


def register(app: typer.Typer) -> None:
    app.command("map", epilog="Ví dụ: gateway map bao-cao.json --pack packs/kt-xh-tinh --out csv")(map_file)


def map_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="JSON, XML, XLSX, CSV.")],
    pack: Annotated[str, typer.Option(help="Thư mục gói, hoặc tên gói trong triển khai / folder or name.")],
    period: Annotated[str | None, typer.Option(help="Thay kỳ ghi trong tệp.")] = None,
    org: Annotated[str | None, typer.Option(help="Thay đơn vị ghi trong tệp.")] = None,
    out: Annotated[Out, typer.Option(help="Dạng kết quả / form of the result.")] = Out.JSON,
    home: Home = HERE,
    as_json: Annotated[bool, typer.Option("--json", help="Như --out json.")] = False,
) -> None:
    """Ánh xạ thử một tệp, không gửi đi / map a file, send nothing."""
    from gateway.mapping import map_report
    from gateway.schemas.packets import PacketReader

    folder = _folder(pack, home)
    _, report = PacketReader().read(file.read_bytes(), media_type_of(file))
    done = map_report(report, folder, period=period, organisation=org)
    if out is Out.CSV and not as_json:
        printed(done.as_csv())
    else:
        document(done.as_json())
    account = done.account
    say(f"nhận {account.received} = ánh xạ {account.mapped} + giữ lại {account.held} + loại trừ {account.excluded}")
    if account.held:
        raise typer.Exit(Exit.UNDECIDED)


def _folder(pack: str, home: Path) -> Path:
    """Raises `NotFound` (F-006) with the place where it was looked for last."""
    named = home / "packs" / pack
    found = next((folder for folder in (Path(pack), named) if (folder / "pack.yaml").is_file()), None)
    if found is None:
        raise NotFound(problem("F-006", name=named))
    return found
