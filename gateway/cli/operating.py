"""resend · divert · park · release · cancel: what people do with one exchange."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from gateway.cli.exchanges import summary
from gateway.cli.options import HERE, Because, By, ExchangeId, Home, Json
from gateway.cli.speech import document, say
from gateway.domain.exchange import STAGE_WORDS, Exchange


def register(app: typer.Typer) -> None:
    for verb in (resend, divert, park, release, cancel):
        app.command(epilog=f'Ví dụ: gateway {verb.__name__} gd-01… --because "đã hỏi nơi nhận"')(verb)


def resend(exchange: ExchangeId, because: Because, by: By = "cli", home: Home = HERE, as_json: Json = False) -> None:
    """Cho phép gửi lại nguyên gói khi chưa rõ kết quả / the same parcel once more."""
    did(home, as_json, lambda g, p: g.resend(exchange, p), by, because)


def divert(exchange: ExchangeId, because: Because, by: By = "cli", home: Home = HERE, as_json: Json = False) -> None:
    """Gửi dự phòng qua văn bản / send as a formal document."""
    did(home, as_json, lambda g, p: g.divert(exchange, p), by, because)


def park(exchange: ExchangeId, because: Because, by: By = "cli", home: Home = HERE, as_json: Json = False) -> None:
    """Tạm giữ / hold until released."""
    did(home, as_json, lambda g, p: g.park(exchange, p), by, because)


def release(exchange: ExchangeId, because: Because, by: By = "cli", home: Home = HERE, as_json: Json = False) -> None:
    """Cho đi tiếp / let a parked exchange go on."""
    did(home, as_json, lambda g, p: g.release(exchange, p), by, because)


def cancel(exchange: ExchangeId, because: Because, by: By = "cli", home: Home = HERE, as_json: Json = False) -> None:
    """Huỷ báo cáo chưa gửi / withdraw what was never sent."""
    did(home, as_json, lambda g, p: g.cancel(exchange, p), by, because)


def did(home: Path, as_json: bool, act: Callable[[Any, Any], Exchange], by: str, because: str) -> None:
    """Let `act(gateway, person)` do it, and tell what became of the exchange."""
    from gateway.journey.operate import Person
    from gateway.wiring import opened

    with opened(home) as gateway:
        x = act(gateway, Person(by, because))
    if as_json:
        document(summary(x))
    say(f"✓ {x.id}: {STAGE_WORDS[x.stage]}")
