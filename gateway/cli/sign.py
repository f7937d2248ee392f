"""sign: a file signed by a key of this deployment, verified before it is written."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.options import HERE, Home, Json
from gateway.cli.speech import document, say


def register(app: typer.Typer) -> None:
    app.command(epilog="Ví dụ: gateway sign bao-cao.pdf --profile con-dau --out bao-cao-da-ky.pdf")(sign)


def sign(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Tệp cần ký / the file.")],
    profile: Annotated[str, typer.Option(help="Tên khoá ký khai trong [signers.…] của gateway.toml.")],
    out: Annotated[Path | None, typer.Option(help="Nơi ghi; mặc định cạnh tệp, thêm “-signed”.")] = None,
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Ký số một tệp, tự xác thực chữ ký rồi mới ghi / sign a file; it is written only if it verifies."""
    from gateway.signers import signer_of

    made = signer_of(home, profile, os.environ).sign(file.read_bytes(), datetime.now(UTC))
    target = out or file.with_name(f"{file.stem}-signed{_ending(made, file)}")
    target.write_bytes(made)
    if as_json:
        document({"file": str(target), "sha256": hashlib.sha256(made).hexdigest(), "bytes": len(made)})
    say(f"Đã ký / signed: {target}")


def _ending(made: bytes, file: Path) -> str:
    """What is made of an XML or a PDF is one; a JWS is neither."""
    return ".jws" if made[:3] == b"eyJ" else file.suffix
