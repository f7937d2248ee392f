"""init · check · doctor · serve · work: a deployment from its first file to its daily run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.options import HERE, Home, Json
from gateway.cli.speech import Exit, document, people, said
from gateway.domain.errors import Misconfigured


def register(app: typer.Typer) -> None:
    app.command(epilog="Ví dụ: gateway init /srv/truc-bao-cao")(init)
    app.command(epilog="Ví dụ: gateway check --home /srv/truc-bao-cao")(check)
    app.command(epilog="Ví dụ: gateway doctor --json")(doctor)
    app.command(epilog="Ví dụ: gateway serve --home /srv/truc-bao-cao")(serve)
    app.command(epilog="Ví dụ: GATEWAY_REDIS_URL_FILE=/run/redis.url gateway work")(work)


def init(
    folder: Annotated[Path, typer.Argument(help="Thư mục mới / a new folder.")],
    province: Annotated[str, typer.Option(help="Tỉnh / profile.")] = "thanh-hoa",
    as_json: Json = False,
) -> None:
    """Tạo triển khai mẫu với khoá dùng thử / copy the example deployment with throwaway keys."""
    from gateway.deploy import create

    made = create(folder, province)
    if as_json:
        document({"folder": str(folder), "client": made.client, "key_file": str(made.key_file)})
    people().print(
        f"✓ {folder}: đã tạo. Khoá truy cập dùng thử: {made.key_file}\n"
        f"  Tiếp theo: gateway sandbox --for {folder}  rồi  gateway serve --home {folder}",
        markup=False,
    )


def check(home: Home = HERE, as_json: Json = False) -> None:
    """Đọc toàn bộ khai báo, nêu mọi lỗi với tệp và mục / list every fault with file and key."""
    from gateway.deploy import faults

    found = faults(home, os.environ)
    if as_json:
        document({"ok": not found, "problems": [said(fault) for fault in found]})
    if found:
        raise Misconfigured(*found)
    people().print("✓ Khai báo hợp lệ.", markup=False)


def doctor(home: Home = HERE, as_json: Json = False) -> None:
    """Khám máy và triển khai, mỗi mục một cách khắc phục / examine the machine and the deployment."""
    from gateway.deploy import examine

    findings = examine(home, os.environ)
    if as_json:
        document([{"what": f.what, "state": f.state, "advice": f.advice} for f in findings])
    for finding in findings:
        mark = {"ok": "✓", "warning": "⚠", "fault": "✕"}[finding.state]
        advice = f"\n  → {finding.advice}" if finding.advice else ""
        people().print(f"{mark} {finding.what}{advice}", markup=False)
    if any(finding.state == "fault" for finding in findings):
        raise typer.Exit(Exit.FAILED)


def serve(
    home: Home = HERE,
    host: Annotated[str | None, typer.Option()] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535)] = None,
) -> None:
    """Chạy cổng: nhận báo cáo, gửi đi, trang theo dõi / take, deliver, show."""
    from gateway.serving import serve as run
    from gateway.wiring import build

    with build(home, os.environ) as gateway:
        server = gateway.settings.server
        run(gateway, host or server.host, server.port if port is None else port, announce)


def work(home: Home = HERE) -> None:
    """Chạy tiến trình gửi, không có trang web / deliver only; any number, on any hosts."""
    from gateway.serving import work as run
    from gateway.wiring import build

    with build(home, os.environ) as gateway:
        people().print("✓ Đang chạy; Ctrl-C để dừng.", markup=False)
        run(gateway)


def announce(url: str) -> None:
    people().print(f"✓ Trang theo dõi: {url}/   API: {url}/openapi.json   (Ctrl-C để dừng)", markup=False)
