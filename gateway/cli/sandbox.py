"""sandbox · mischief: the other side, for trying and testing, and the switches of what goes wrong there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.options import Json
from gateway.cli.speech import document, say
from gateway.domain.errors import Unavailable, problem
from gateway.domain.problems import Owner, Text

_PORT = 8910
_CONTROL = f"http://127.0.0.1:{_PORT + 2}"
# Of a line of reports A-001 says that it is tried again; nobody tries a switch again.
_NOBODY = Text(
    "Chạy gateway sandbox, hoặc nêu cổng điều khiển của nó bằng --at.",
    "Run gateway sandbox, or name its control port with --at.",
)


def register(app: typer.Typer) -> None:
    app.command(epilog="Ví dụ: gateway sandbox --for /srv/truc-bao-cao")(sandbox)
    app.command(epilog="Ví dụ: gateway mischief fail_after_storing --times 1   ·   gateway mischief --clear")(mischief)


def sandbox(
    deployment: Annotated[Path | None, typer.Option("--for", help="Ghi địa chỉ, khoá thử vào triển khai này.")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Ba cổng liền nhau; 0: bất kỳ / any.")] = _PORT,
    folder: Annotated[Path | None, typer.Option("--dir", help="Giữ lại mọi gói đã nhận / keep arrivals here.")] = None,
    as_json: Json = False,
) -> None:
    """Chạy hệ thống quốc gia, trục văn bản và CA giả lập / run the simulated other side."""
    from gateway.deploy import connect
    from gateway.sandbox import Sandbox

    with Sandbox.thread(folder, port=port) as other_side:
        if deployment is not None:
            connect(deployment, other_side)
        addresses = (other_side.national_url, other_side.axis_url, other_side.control_url)
        if as_json:
            document(dict(zip(("national_url", "axis_url", "control_url"), addresses, strict=True)))
        for address in addresses[:2]:
            say(f"✓ {address}")
        say("  Bật lỗi: gateway mischief -h   ·   Ctrl-C để dừng.")
        other_side.wait()


def mischief(
    fault: Annotated[
        str | None,
        typer.Argument(help="refuse, hang, drip, slow, reset, too_many, wrong_token, duplicate, fail_after_storing, …"),
    ] = None,
    times: Annotated[int | None, typer.Option(min=1, help="Số gói tin bị ảnh hưởng / how many packets.")] = None,
    seconds: Annotated[float | None, typer.Option(min=0, help="Kéo dài hoặc chờ / how long.")] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Hết mọi lỗi / end every fault.")] = False,
    at: Annotated[str, typer.Option(help="Cổng điều khiển của bên giả lập / its control port.")] = _CONTROL,
    as_json: Json = False,
) -> None:
    """Bật, tắt lỗi của bên đối tác giả lập đang chạy / fault switches of a running sandbox."""
    import httpx

    from gateway.sandbox import Client

    if (fault is None) is not clear:
        raise typer.BadParameter("một lỗi, hoặc --clear / one fault, or --clear", param_hint="FAULT")
    try:
        with Client(at) as hand:
            if fault is None:
                hand.clear()
            else:
                hand.fault(fault, times=times, seconds=seconds)
    except httpx.HTTPStatusError as error:
        raise typer.BadParameter(str(error), param_hint="FAULT") from None
    except httpx.HTTPError as error:
        down = problem("A-001", destination=at, reason=error)
        raise Unavailable(replace(down, advice=_NOBODY, owner=Owner.OPERATOR)) from None
    if as_json:
        document({"fault": fault, "times": times, "seconds": seconds})
    say(f"✓ {fault or 'hết lỗi / clear'}")
