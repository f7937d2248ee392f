"""init · check · doctor · serve · work: a deployment from its first file to its daily run."""

from __future__ import annotations

import os
import sys
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.options import HERE, Home, Json
from gateway.cli.speech import Exit, advising, document, line, said, say, sentences, warn
from gateway.domain.errors import Misconfigured
from gateway.domain.problems import Text

# There is no declaration yet that gateway check could look at.
_ANOTHER = Text(
    "Chọn thư mục mới hoặc trống, và tỉnh có sẵn (--province), rồi chạy lại gateway init.",
    "Choose a new or an empty folder, and a province that is known (--province), then run gateway init again.",
)


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

    with advising(_ANOTHER, "F-005"):
        made = create(folder, province)
    if as_json:
        document({"folder": str(folder), "client": made.client, "key_file": str(made.key_file)})
    say(f"✓ {folder}: đã tạo. Khoá truy cập dùng thử: {made.key_file}")
    say(f"  Tiếp theo: gateway sandbox --for {folder}  rồi  gateway serve --home {folder}")


def check(home: Home = HERE, as_json: Json = False) -> None:
    """Đọc toàn bộ khai báo, nêu mọi lỗi với tệp và mục / list every fault with file and key."""
    from gateway.soundness import doubts, faults

    found = faults(home, os.environ)
    if found:
        raise Misconfigured(*found)
    warned = doubts(home, os.environ)
    if as_json:
        document({"ok": True, "problems": [], "warnings": [said(one) for one in warned]})
    say("✓ Khai báo hợp lệ.")
    for one in warned:
        warn(one, "⚠")


def doctor(home: Home = HERE, as_json: Json = False) -> None:
    """Khám máy và triển khai, mỗi mục một cách khắc phục / examine the machine and the deployment."""
    from gateway.doctor import examine

    findings = examine(home, os.environ)
    if as_json:
        document([_examined(one) for one in findings])
    tell = say if as_json else line
    for finding in findings:
        mark = {"ok": "✓", "warning": "⚠", "fault": "✕"}[finding.state]
        if finding.problem is None:
            vi, en = finding.what.vi, finding.what.en
            tell(f"{mark} {vi}" if vi == en else f"{mark} {vi} / {en}")
            continue
        what, how, english = sentences(finding.problem)
        for told in (f"{mark} {what}", f"  {how}", f"  {english}"):
            tell(told)
    if any(finding.state == "fault" for finding in findings):
        raise typer.Exit(Exit.FAILED)


def _examined(one: Any) -> dict[str, Any]:
    """A finding as JSON shows it; what is wrong as every other verb says it."""
    trouble = one.problem
    return {
        "what": one.what.vi,
        "what_en": one.what.en,
        "state": one.state,
        "advice": trouble.advice.vi if trouble else "",
        "problem": said(trouble) if trouble else None,
    }


def serve(
    home: Home = HERE,
    host: Annotated[str | None, typer.Option(help="Mặc định: [server] host của gateway.toml.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="0: cổng bất kỳ / any.")] = None,
    front_only: Annotated[bool, typer.Option("--front-only", help="Chỉ nhận; `gateway work` gửi / take only.")] = False,
    as_json: Json = False,
) -> None:
    """Chạy cổng: nhận báo cáo, gửi đi, trang theo dõi / take, deliver, show."""
    from gateway.serving import serve as run
    from gateway.wiring import build

    def announce(url: str) -> None:
        if as_json:
            document({"url": url, "openapi": f"{url}/openapi.json"})
        say(f"✓ Trang theo dõi: {url}/   API: {url}/openapi.json   (Ctrl-C để dừng)")

    with _told_by_lines(), build(home, os.environ) as gateway, suppress(KeyboardInterrupt):
        server = gateway.settings.server
        run(gateway, host or server.host, server.port if port is None else port, announce, drains=not front_only)


def work(home: Home = HERE, as_json: Json = False) -> None:
    """Chạy tiến trình gửi, không có trang web / deliver only; any number, on any hosts."""
    from gateway.wiring import build
    from gateway.working import work as run

    with _told_by_lines(), build(home, os.environ) as gateway:
        if as_json:
            document({"destinations": sorted(gateway.declarations.partners)})
        say("✓ Đang chạy; Ctrl-C để dừng.")
        run(gateway)


def _told_by_lines() -> AbstractContextManager[None]:
    """One JSON line per fact on stderr, where no person but a collector reads it."""
    from gateway.logs import lines_to

    return nullcontext() if sys.stderr.isatty() else lines_to(sys.stderr)
