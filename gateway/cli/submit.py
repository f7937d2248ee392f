"""submit: hand in a report, alone or as one with its words and its signed files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.exchanges import MEDIA_TYPES, media_type_of, summary
from gateway.cli.options import HERE, Home, Json
from gateway.cli.speech import document, say
from gateway.domain.agreement import Agreement
from gateway.domain.errors import NotFound, Rejected, problem
from gateway.domain.exchange import STAGE_WORDS
from gateway.domain.ids import digest_of
from gateway.domain.record import canonical

_EXAMPLE = (
    "Ví dụ: gateway submit bao-cao.xml --as ktxh-thang · báo cáo liên kết: gateway submit bao-cao.xml --as ktxh-ky-so "
    "--narrative loi.json --attach bao-cao.pdf --attach bieu-01.pdf"
)


def register(app: typer.Typer) -> None:
    app.command(epilog=_EXAMPLE)(submit)


def submit(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="JSON, XML, XLSX, XLS, CSV.")],
    agreement: Annotated[str, typer.Option("--as", help="Thoả thuận / agreement.")],
    key: Annotated[str | None, typer.Option(help="Khoá chống lặp; mặc định theo nội dung các tệp.")] = None,
    signature: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="Chữ ký rời.")] = None,
    narrative: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            metavar="FILE",
            help="Phần lời của báo cáo liên kết: gói 6 (XML, JSON) hoặc dạng ngắn JSON, nêu tên từng tệp kèm / words.",
        ),
    ] = None,
    attach: Annotated[
        list[Path] | None,
        typer.Option(exists=True, dir_okay=False, metavar="FILE", help="Tệp kèm, lặp lại được / a file beside it."),
    ] = None,
    period: Annotated[str, typer.Option(help="Kỳ của biểu bảng tính, ví dụ LICH:2025M06 / of a workbook.")] = "",
    form: Annotated[str, typer.Option(help="Biểu mẫu của bảng tính / form of a workbook.")] = "",
    revision: Annotated[int, typer.Option(min=1, max=9999, help="Lần sửa đổi của biểu / revision of a form.")] = 1,
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Nhận một báo cáo để gửi đi, cả phần lời và tệp kèm nếu có / take a report for delivery, whole or not at all."""
    from gateway.journey.accept import Incoming
    from gateway.journey.enclosing import File
    from gateway.wiring import opened

    media_type, files = media_type_of(file), attach or []
    with opened(home) as gateway:
        agreed = gateway.declarations.agreements.get(agreement)
        if agreed is None:
            raise NotFound(problem("B-005", agreement=agreement))
        _measure(agreed, file, narrative, files)
        payload = file.read_bytes()
        words = File(narrative.name, narrative.read_bytes(), _words_type(narrative)) if narrative else None
        beside = tuple(File(each.name, each.read_bytes()) for each in files)
        incoming = Incoming(
            agreement=agreement,
            key=key or _key(payload, [*([words.content] if words else []), *(each.content for each in beside)]),
            sender="cli",
            media_type=media_type,
            payload=payload,
            signature=signature.read_bytes() if signature else None,
            period=period,
            form=form,
            revision=revision,
            narrative=words,
            attachments=beside,
        )
        x, is_new = gateway.accept(incoming)
    if as_json:
        document({**summary(x), "new": is_new})
    word = "Đã nhận" if is_new else "Đã nhận từ trước"
    whole = f", {len(beside)} tệp kèm" if words or beside else ""
    say(f"✓ {word}: {x.id} ({STAGE_WORDS[x.stage]}{whole})")


def _measure(agreed: Agreement, file: Path, narrative: Path | None, files: Sequence[Path]) -> None:
    """Before a byte is read: what is too much by its size alone. Raises `Rejected` (C-003, C-030) with every fault."""
    from gateway.journey.enclosing import beyond_terms

    for each in (file, *([narrative] if narrative else []), *files):
        if not each.is_file():  # a pipe or a device has no size, and may have no end
            raise typer.BadParameter(f"{each}: không phải tệp thường / no regular file")
    faults = []
    if (size := file.stat().st_size) > agreed.max_bytes:
        faults.append(problem("C-003", what="bytes", found=size, limit=agreed.max_bytes))
    if narrative or files:
        length = narrative.stat().st_size if narrative else None
        faults += beyond_terms(agreed, length, [(each.name, each.stat().st_size) for each in files])
    if faults:
        raise Rejected(*faults)


def _words_type(narrative: Path) -> str:
    """By its ending; one that words never have goes on as it is, and is refused by its name."""
    return MEDIA_TYPES.get(narrative.suffix.lower(), narrative.suffix or narrative.name)


def _key(payload: bytes, beside: Sequence[bytes]) -> str:
    """The same files are the same report; figures alone are called as they always were."""
    digest = digest_of(payload)
    return f"sha256:{digest_of(canonical([digest, *map(digest_of, beside)])) if beside else digest}"
