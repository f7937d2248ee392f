"""The command line put together. Verbs import what they need when they run, so that ``-h`` is quick."""

from __future__ import annotations

import sys
from typing import Any

import typer

from gateway.cli import bench, catalogue, demo, deployment, exchanges, fallback, mapping, operating, sandbox, signatures
from gateway.cli.speech import failed
from gateway.domain.errors import GatewayError

_EXAMPLE = "Ví dụ / example: gateway demo"


def application() -> typer.Typer:
    """A fresh application with every verb."""
    app = typer.Typer(
        name="gateway",
        help="Trục liên thông báo cáo: nhận, ánh xạ, ký, gửi, đối soát báo cáo của tỉnh.",
        epilog=_EXAMPLE,
        no_args_is_help=True,
        add_completion=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for module in (demo, deployment, sandbox, exchanges, operating, mapping, signatures, bench):
        module.register(app)
    app.add_typer(_group(catalogue), name="catalogue")
    app.add_typer(_group(fallback), name="fallback")
    return app


def main() -> None:
    """Entry point. Exit codes: contract of the command line (0 ok … 7 remote down)."""
    try:
        application()()
    except GatewayError as error:
        sys.exit(failed(error))


def _group(module: Any) -> typer.Typer:
    group = typer.Typer(no_args_is_help=True, help=module.HELP, rich_markup_mode=None)
    module.register(group)
    return group
