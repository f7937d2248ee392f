"""verify: what can be believed of a file's signatures."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.options import HERE, Home
from gateway.cli.speech import Exit, document, instant, printed, say
from gateway.domain.record import plain
from gateway.domain.verdict import Indication

_EXITS = {Indication.TOTAL_PASSED: Exit.OK, Indication.TOTAL_FAILED: Exit.FAILED}


def register(app: typer.Typer) -> None:
    app.command(
        epilog="Ví dụ: gateway verify bao-cao.xml --policy vn-report-xml --trust trust/"
        " · gateway verify a.p7s --content a.doc --policy vn-cms"
    )(verify)


def verify(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="Tệp cần xét / the files.")],
    policy: Annotated[str, typer.Option(help="Tên chính sách của triển khai, hoặc tệp YAML.")],
    signature: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="Chữ ký rời.")] = None,
    content: Annotated[
        list[Path] | None,
        typer.Option(exists=True, dir_okay=False, help="Nội dung của tệp chữ ký rời CMS, JWS; một cho mỗi tệp."),
    ] = None,
    trust: Annotated[Path | None, typer.Option(exists=True, file_okay=False, help="Thư mục neo tin cậy.")] = None,
    at: Annotated[
        datetime | None, typer.Option(help="Thời điểm xét, giờ Việt Nam; mặc định bây giờ / judged at.")
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Không hỏi CRL, OCSP.")] = False,
    jsonl: Annotated[
        bool,
        typer.Option(
            "--jsonl", help="Mỗi tệp một dòng JSON; nhiều tệp thì luôn như vậy / always so for several files."
        ),
    ] = False,
    home: Home = HERE,
    as_json: Annotated[bool, typer.Option("--json", help="Mặc định.")] = True,
) -> None:
    """Xác thực chữ ký số / verify signatures: 0 đạt, 1 không đạt, 3 chưa kết luận."""
    from gateway.signing.report import as_document
    from gateway.wiring import verifier_of

    judged_at = instant(at).astimezone(UTC) if at else datetime.now(UTC)
    detached = signature.read_bytes() if signature else None
    worst = Exit.OK
    with verifier_of(home, policy, trust, os.environ, offline=offline) as (verifier, name):
        for file, beside in zip(files, _beside(files, content or []), strict=True):
            payload, own = (beside.read_bytes(), file.read_bytes()) if beside else (file.read_bytes(), detached)
            verdict = verifier.verify(payload, own, name, judged_at)
            shown = {"file": str(file), **as_document(verdict)}
            if jsonl or len(files) > 1:
                printed(json.dumps(plain(shown), ensure_ascii=False) + "\n")
            elif as_json:
                document(shown)
            say(f"{verdict.indication} {verdict.sub_indication or ''} {file}")
            worst = _worse(worst, _EXITS.get(verdict.indication, Exit.UNDECIDED))
    raise typer.Exit(worst)


def _beside(files: list[Path], contents: list[Path]) -> list[Path] | list[None]:
    """The content of each file: one for all of them, or as many as there are."""
    if not contents:
        return [None] * len(files)
    if len(contents) not in (1, len(files)):
        raise typer.BadParameter(f"{len(contents)} ≠ {len(files)}", param_hint="--content")
    return contents * len(files) if len(contents) == 1 else contents


def _worse(one: Exit, other: Exit) -> Exit:
    order = (Exit.OK, Exit.UNDECIDED, Exit.FAILED)
    return max(one, other, key=order.index)
