"""demo: the whole job on real figures, with the other side beside it."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.options import Json
from gateway.cli.speech import Exit, document, people, say


def register(app: typer.Typer) -> None:
    app.command(epilog="Ví dụ: gateway demo   ·   gateway demo --province lao-cai --once --json")(demo)


def demo(
    once: Annotated[bool, typer.Option("--once", help="Chạy trọn câu chuyện rồi kết thúc.")] = False,
    province: Annotated[
        str, typer.Option(help="Tỉnh: thanh-hoa · lao-cai · dong-thap · bac-kan · soc-trang.")
    ] = "thanh-hoa",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Cổng của trang theo dõi.")] = 8080,
    keep: Annotated[Path | None, typer.Option(help="Giữ triển khai ở thư mục này / keep it here.")] = None,
    as_json: Json = False,
) -> None:
    """Dùng thử: nhận, ánh xạ, gửi, sự cố, dự phòng, bổ sung / try the whole journey."""
    from gateway.deploy import discard
    from gateway.story import Scene, tell

    home = keep or Path(tempfile.mkdtemp(prefix="gateway-demo-"))
    try:
        with Scene.set(home, port=0 if once else port, province=province) as scene:
            told = tell(scene, people())
            if as_json or once:
                document(told)
            if not once:
                say(f"✓ Trang theo dõi: {scene.url}/   (Ctrl-C để dừng)")
                scene.wait()
    finally:
        if keep is None:
            discard(home / "deployment")
            shutil.rmtree(home, ignore_errors=True)
    if told["lost"] or told["duplicates_at_receiver"]:
        raise typer.Exit(Exit.FAILED)
