"""The command line put together. Verbs import what they need when they run, so that ``-h`` is quick."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from gateway.cli import (
    allocation,
    audit,
    backup,
    bench,
    calendar,
    catalogue,
    days,
    demo,
    deployment,
    evidence,
    exchanges,
    fallback,
    form,
    journal,
    maintenance,
    mapping,
    operating,
    outage,
    packs,
    replays,
    sandbox,
    sign,
    signatures,
    submit,
    text,
    trust,
    windows,
)
from gateway.cli.speech import Exit, failed, line, say
from gateway.domain.errors import GatewayError, Misconfigured, Rejected, problem

_EXAMPLE = "Ví dụ / example: gateway demo"
_HELP = {"help_option_names": ["-h", "--help"]}
_TRACEBACK = "GATEWAY_TRACEBACK"
# Groups whose verbs write into the register of operations, or read it.
_REGISTERED = {
    "day": days,
    "window": windows,
    "maintenance": maintenance,
    "outage": outage,
    "form": form,
    "allocation": allocation,
    "audit": audit,
}


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
        context_settings=_HELP,
    )
    app.callback()(_gateway)
    for module in (demo, deployment, sandbox, submit, exchanges, operating, mapping, signatures, sign, bench):
        module.register(app)
    calendar.register_period(app)
    app.add_typer(_group(calendar), name="deadline")
    app.add_typer(_group(catalogue), name="catalogue")
    app.add_typer(_group(replays, replays.OneOrMany), name="replay")
    app.add_typer(_group(evidence), name="evidence")
    app.add_typer(_group(fallback), name="fallback")
    app.add_typer(_group(packs), name="pack")
    app.add_typer(_group(text), name="text")
    app.add_typer(_group(trust), name="trust")
    app.add_typer(_group(backup), name="backup")
    app.add_typer(_group(journal), name="journal")
    backup.register_restore(app)
    for name, module in _REGISTERED.items():
        app.add_typer(_group(module), name=name)
    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point. Exit codes: contract of the command line (0 ok … 7 remote down, 130 Ctrl-C)."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    as_json = "--json" in words
    try:
        with _ending_alike():
            application()(args=words, prog_name="gateway")
    except GatewayError as error:
        sys.exit(_told(error, as_json))
    except Exception as error:
        if _TRACEBACK in os.environ:
            raise
        sys.exit(_told(_unforeseen(error, words), as_json))


def _version(asked: bool) -> None:
    if asked:
        line(f"gateway {version('report-gateway')}")
        raise typer.Exit


def _gateway(
    shown: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Phiên bản / version.")
    ] = False,
) -> None:
    """What stands before a verb."""


def _group(module: Any, kind: type[TyperGroup] = TyperGroup) -> typer.Typer:
    group = typer.Typer(cls=kind, no_args_is_help=True, help=module.HELP, epilog=module.EXAMPLE, rich_markup_mode=None)
    module.register(group)
    return group


@contextmanager
def _ending_alike() -> Iterator[None]:
    """SIGTERM ends a verb as Ctrl-C does: what is open is closed, what was made for the moment goes."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _unforeseen(error: Exception, words: Sequence[str]) -> GatewayError:
    """What the system refused is named with its file; anything else is a fault of ours, and said to be."""
    verb = next((word for word in words if not word.startswith("-")), "gateway")
    if isinstance(error, OSError) and error.strerror:
        file = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else verb
        return Misconfigured(problem("F-005", file=file, key="-", reason=error.strerror))
    return Rejected(problem("F-004", step=verb, reason=f"{type(error).__name__}: {error}"))


def _told(error: GatewayError, as_json: bool) -> int:
    try:
        code = failed(error, as_json=as_json)
        if error.problem.code == "F-004":
            say(f"  {_TRACEBACK}=1: dấu vết đầy đủ / the full trace", style="dim")
    except BrokenPipeError:  # whoever read stdout has gone; stderr may have gone with it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.FAILED
    return code
