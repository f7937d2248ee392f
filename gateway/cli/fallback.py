"""fallback files · number: prepared files go out to be signed; number, date and signed files come back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.exchanges import summary
from gateway.cli.options import HERE, Because, By, ExchangeId, Home, Json
from gateway.cli.speech import document, say
from gateway.domain.errors import Conflict, problem
from gateway.domain.exchange import STAGE_WORDS

HELP = "Gửi dự phòng qua văn bản / the document route."
EXAMPLE = "Ví dụ: gateway fallback files vb-01… --out ./ky-so"


def register(app: typer.Typer) -> None:
    app.command(epilog="Ví dụ: gateway fallback files vb-01… --out ./ky-so")(files)
    app.command(
        epilog="Ví dụ: gateway fallback number vb-01… --number 128 --notation BC-UBND --issued 2026-11-20 "
        '--signer "Nguyễn Văn A" --position "Chủ tịch" --file bao-cao.pdf --because "văn thư cấp số"'
    )(number)


def files(
    exchange: ExchangeId,
    out: Annotated[Path, typer.Option(file_okay=False, help="Thư mục ghi tệp / where to write.")],
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Lấy tệp đã lập để trình ký, cấp số / the prepared files, for signing and numbering."""
    from gateway.wiring import opened

    with opened(home) as gateway:
        x = gateway.journal.read(exchange)
        if x.prepared is None:
            told = {"stage": x.stage, "stage_vi": STAGE_WORDS[x.stage], "verb": "fallback files"}
            raise Conflict(problem("F-007", exchange=x.id, **told))
        out.mkdir(parents=True, exist_ok=True)
        written = [out / attachment.name for attachment in x.prepared.files]
        for path, attachment in zip(written, x.prepared.files, strict=True):
            path.write_bytes(gateway.journal.bytes_of(attachment.content.digest))
    if as_json:
        document([str(path) for path in written])
    for path in written:
        say(f"✓ {path}")


def number(
    exchange: ExchangeId,
    because: Because,
    number: Annotated[str, typer.Option(help="Số văn bản.")],
    notation: Annotated[str, typer.Option(help="Ký hiệu, ví dụ BC-UBND.")],
    issued: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Ngày ban hành.")],
    signer: Annotated[str, typer.Option(help="Người ký.")],
    position: Annotated[str, typer.Option(help="Chức vụ.")],
    file: Annotated[
        list[Path], typer.Option(exists=True, dir_okay=False, help="Tệp đã ký; lặp lại được / the signed files.")
    ],
    by: By = "cli",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Ghi số, ngày và tệp đã ký của văn bản / record number, date and signed files."""
    from gateway.journey.operate import Person, Registration
    from gateway.wiring import opened

    registration = Registration(number, notation, issued.date().isoformat(), signer, position)
    kinds = {".pdf": "application/pdf", ".zip": "application/zip"}
    signed = [
        (path.name, "Văn bản đã ký", kinds.get(path.suffix.lower(), "application/octet-stream"), path.read_bytes())
        for path in file
    ]
    with opened(home) as gateway:
        x = gateway.number(exchange, registration, signed, Person(by, because))
    if as_json:
        document(summary(x))
    say(f"✓ {x.id}: {number}/{notation}")
