"""backup · backup ls · backup follow · backup verify: copies of the journal's server, and whether they live."""

from __future__ import annotations

import os
import signal
import threading
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.options import HERE, Because, By, Home, Json
from gateway.cli.speech import document, instant, say, table, when

HELP = "Sao lưu: tạo bản, xem, theo liên tục, kiểm chứng / backups of the journal."
EXAMPLE = "Ví dụ: gateway backup --verify"

Name = Annotated[str, typer.Option("--from", metavar="BASE", help="Bản sao lưu; mặc định: bản mới nhất phù hợp.")]


def register(group: typer.Typer) -> None:
    group.callback(invoke_without_command=True, no_args_is_help=False, help=HELP, epilog=EXAMPLE)(backup)
    group.command("ls", epilog="Ví dụ: gateway backup ls --json")(list_backups)
    group.command(epilog="Ví dụ: gateway backup follow --home /srv/truc-bao-cao")(follow)
    group.command(epilog="Ví dụ: gateway backup verify --json")(verify)


def register_restore(app: typer.Typer) -> None:
    app.command(epilog='Ví dụ: gateway restore --to "2026-11-24 08:00" --because "hỏng đĩa"')(restore)


def backup(
    context: typer.Context,
    checked: Annotated[bool, typer.Option("--verify", help="Dựng thử bản vừa tạo và kiểm tra trọn nhật ký.")] = False,
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Sao lưu máy chủ dữ liệu đang chạy / copy the running server."""
    if context.invoked_subcommand is not None:
        return
    from gateway.cli.progress import bar
    from gateway.domain.record import plain
    from gateway.upkeep import upkeep

    keeping = upkeep(home, os.environ)
    with bar() as tell:
        base = keeping.take(tell)
        verified = keeping.verify(base.name, tell) if checked else None
    if as_json:
        document({"backup": plain(base), "verified": _verified(verified)})
    say(f"✓ {base.name}: {base.files} tệp, {base.bytes >> 20} MiB, tại {keeping.store}")
    if verified is not None:
        _say_verified(verified)


def list_backups(home: Home = HERE, as_json: Json = False) -> None:
    """Liệt kê bản sao lưu, mới nhất trước / the copies there are, newest first."""
    from gateway.domain.record import plain
    from gateway.upkeep import upkeep

    found = upkeep(home, os.environ).backups()
    if as_json:
        document([plain(base) for base in found])
    else:
        rows = [(base.name, when(base.ended), f"{base.bytes >> 20} MiB", base.identity) for base in found]
        table("Bản sao lưu", ("Tên", "Xong lúc", "Dung lượng", "Cơ sở dữ liệu"), rows)


def follow(home: Home = HERE, as_json: Json = False) -> None:
    """Chép liên tục mọi thay đổi, tới khi dừng / stream every change until it is stopped."""
    from gateway.upkeep import upkeep

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    keeping = upkeep(home, os.environ)
    if as_json:
        document({"folder": str(keeping.store)})
    say(f"✓ Đang chép liên tục vào {keeping.store}; Ctrl-C để dừng.")
    keeping.follow(stop, say)


def verify(name: Name = "", home: Home = HERE, as_json: Json = False) -> None:
    """Dựng thử một bản, kiểm tra trọn nhật ký / bring a copy to life, check the whole journal in it."""
    from gateway.cli.progress import bar
    from gateway.upkeep import upkeep

    with bar() as tell:
        verified = upkeep(home, os.environ).verify(name, tell)
    if as_json:
        document(_verified(verified))
    _say_verified(verified)


def restore(
    because: Because,
    to: Annotated[datetime | None, typer.Option(help="Thời điểm, giờ Việt Nam; mặc định: mới nhất có thể.")] = None,
    name: Name = "",
    into: Annotated[Path | None, typer.Option(help="Chuẩn bị thư mục dữ liệu cho máy chủ PostgreSQL khác.")] = None,
    by: By = "cli",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Khôi phục; báo cáo có thể đã gửi sẽ được hỏi lại trước / what may have been sent is asked after first."""
    from gateway.cli.progress import bar
    from gateway.domain.record import plain
    from gateway.upkeep import upkeep

    until = instant(to) if to else None
    keeping = upkeep(home, os.environ)
    with bar() as tell:
        if into is not None:
            base = keeping.lay_out(into, until, name, tell)
        else:
            restored, before = keeping.restore(until, name, (by, because), tell)
    if into is not None:
        if as_json:
            document({"backup": plain(base), "data": str(into / "data")})
        say(f"✓ {into / 'data'}: chuẩn bị từ {base.name}, cho PostgreSQL {base.major}.")
        say(f"  → Quản trị CSDL: trao quyền sở hữu {into} cho postgres, khởi động máy chủ trên {into / 'data'},")
        say("    chờ khôi phục xong rồi trỏ GATEWAY_DATABASE_URL tới đó. Cổng tự hỏi lại mọi báo cáo còn dở.")
        return
    if as_json:
        document({**plain(restored), "before": str(before)})
    say(f"✓ Đã khôi phục từ {restored.base}, {_reached(restored)} / restored.")
    if restored.short:
        say("⚠ Nhật ký thay đổi kết thúc trước thời điểm yêu cầu: đã khôi phục tới hết / the log ends sooner.")
    say(f"  {restored.doubted} giao dịch sẽ được hỏi lại nơi nhận trước khi gửi / asked after before anything is sent.")
    say(f"  Dữ liệu trước đó còn ở {before}. Tiếp theo: gateway journal check  rồi  gateway backup")


def _verified(found: Any) -> dict[str, Any] | None:
    from gateway.domain.record import plain

    if found is None:
        return None
    seen = found.checked
    return {
        **plain(found.restored), "seconds": round(found.seconds, 2), "exchanges": seen.exchanges,
        "facts": _facts(found), "blobs": seen.blobs,
    }  # fmt: skip


def _facts(found: Any) -> int:
    """Of the backup itself: brought to life, what was owed in it was doubted, which is a fact each."""
    return int(found.checked.facts - found.restored.doubted)


def _reached(restored: Any) -> str:
    """The last change in it; none behind the copy: it is as the copy was."""
    return f"tới {when(restored.reached)}" if restored.reached else "tới lúc sao lưu, sau đó không có thay đổi"


def _say_verified(found: Any) -> None:
    seen = found.checked
    say(f"✓ {found.restored.base}: dựng lại sau {found.seconds:.1f} giây, {_reached(found.restored)};")
    say(f"  {seen.exchanges} giao dịch, {_facts(found)} sự kiện, {seen.blobs} nội dung: nguyên vẹn / whole.")
