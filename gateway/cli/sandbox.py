"""sandbox: the other side, for trying and testing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.speech import people


def register(app: typer.Typer) -> None:
    app.command(epilog="Ví dụ: gateway sandbox --for /srv/truc-bao-cao")(sandbox)


def sandbox(
    deployment: Annotated[Path | None, typer.Option("--for", help="Ghi địa chỉ, khoá thử vào triển khai này.")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8910,
    folder: Annotated[Path | None, typer.Option("--dir", help="Giữ lại mọi gói đã nhận / keep arrivals here.")] = None,
) -> None:
    """Chạy hệ thống quốc gia, trục văn bản và CA giả lập / run the simulated other side."""
    from gateway.deploy import connect
    from gateway.sandbox import Sandbox

    with Sandbox.thread(folder, port=port) as other_side:
        if deployment is not None:
            connect(deployment, other_side)
        people().print(f"✓ {other_side.national_url}\n✓ {other_side.axis_url}\n  Ctrl-C để dừng.", markup=False)
        other_side.wait()
