"""text: Vietnamese of before Unicode, looked at before anything relies on it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.options import Json
from gateway.cli.speech import document, say, table
from gateway.domain.errors import NotFound, problem

HELP = "Chữ Việt kiểu cũ sang Unicode / legacy Vietnamese text."
EXAMPLE = "Ví dụ: gateway text decode bieu.xls --json"


class Encoding(StrEnum):
    """What an officer may say of a file whose fonts do not."""

    TCVN3 = "tcvn3"
    TCVN3_CAPITALS = "tcvn3H"
    VNI = "vni"
    VISCII = "viscii"
    VPS = "vps"
    CP1258 = "cp1258"


def register(app: typer.Typer) -> None:
    app.callback()(_text)  # keeps `decode` a verb of its own while it is the only one
    app.command(epilog=EXAMPLE)(decode)


def decode(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="XLS, XLSX, CSV.")],
    sheet: Annotated[str | None, typer.Option(help="Chỉ trang này / this sheet only.")] = None,
    encoding: Annotated[Encoding | None, typer.Option(help="Bảng mã của CSV, nếu đã biết / if it is known.")] = None,
    as_json: Json = False,
) -> None:
    """Mỗi ô chữ: như trong tệp, và sau khi chuyển sang Unicode NFC / every text cell, before and after."""
    from gateway.schemas.workbooks import texts, texts_of_csv

    payload = file.read_bytes()
    is_table = file.suffix.lower() in (".csv", ".txt")
    found = texts_of_csv(payload, encoding.value if encoding else "") if is_table else texts(payload)
    if sheet is not None and sheet not in {cell.sheet for cell in found.cells}:
        known = ", ".join(dict.fromkeys(cell.sheet for cell in found.cells))
        raise NotFound(problem("F-006", name=f"{sheet} ({known})"))
    cells = [cell for cell in found.cells if sheet in (None, cell.sheet)]
    if as_json:
        names = ("sheet", "row", "column", "raw", "text", "kind")
        document([{name.replace("column", "col"): getattr(cell, name) for name in names} for cell in cells])
    else:
        changed = [cell for cell in cells if cell.kind != "unicode"]
        rows = [(c.sheet, str(c.row), str(c.column), c.kind, c.raw, c.text) for c in changed]
        table("Ô chữ kiểu cũ", ("Trang", "Dòng", "Cột", "Bảng mã", "Trong tệp", "Unicode"), rows)
        say(f"{len(changed)} / {len(cells)} ô chữ được chuyển mã")
    for name in found.ambiguous:
        say(f"M904  Trang “{name}”: không rõ bảng mã, giữ nguyên / its encoding cannot be told, left as it is")


def _text() -> None:
    """What stands before a verb."""
