"""The command line put together: the room of the verb that is asked for, which imports the rest when it runs."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperGroup

from gateway.cli.speech import Exit, failed, line, say
from gateway.domain.errors import GatewayError, Misconfigured, Rejected, problem
from gateway.domain.problems import Owner, Text

_EXAMPLE = "Ví dụ / example: gateway demo"
_HELP = {"help_option_names": ["-h", "--help"]}
_TRACEBACK = "GATEWAY_TRACEBACK"
# Where an address that cannot be had is chosen; what the system says of it names no option.
_PLACES = {errno.EADDRINUSE: "--port", errno.EADDRNOTAVAIL: "--host"}
_AGAIN = Text("Sửa điều nêu trên rồi chạy lại lệnh.", "Mend what is named, then run the command again.")


class _Room(NamedTuple):
    """A module of `cli`, the verbs it brings, and its function that does."""

    module: str
    verbs: tuple[str, ...]
    register: str = "register"


# In the order of the help.
_ROOMS = (
    _Room("demo", ("demo",)),
    _Room("deployment", ("init", "check", "doctor", "serve", "work")),
    _Room("sandbox", ("sandbox", "mischief")),
    _Room("submit", ("submit",)),
    _Room("exchanges", ("ls", "show")),
    _Room("operating", ("resend", "divert", "park", "release", "cancel")),
    _Room("reconcile", ("reconcile",)),
    _Room("mapping", ("map", "explain")),
    _Room("signatures", ("verify",)),
    _Room("sign", ("sign",)),
    _Room("bench", ("bench",)),
    _Room("calendar", ("period",), "register_period"),
    _Room("backup", ("restore",), "register_restore"),
)
# Groups of verbs by the module they stand in; the last seven write into the register of operations, or read it.
_GROUPS: Mapping[str, str] = {
    "deadline": "calendar",
    "catalogue": "catalogue",
    "replay": "replays",
    "evidence": "evidence",
    "fallback": "fallback",
    "pack": "packs",
    "text": "text",
    "trust": "trust",
    "key": "keys",
    "partner": "partners",
    "backup": "backup",
    "journal": "journal",
    "day": "days",
    "window": "windows",
    "maintenance": "maintenance",
    "outage": "outage",
    "form": "form",
    "allocation": "allocation",
    "audit": "audit",
}


def application(asked: str = "") -> typer.Typer:
    """A fresh application: the room of the verb or group `asked`; of any other word, and of none, every verb."""
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
    rooms = [room for room in _ROOMS if asked in room.verbs]
    groups = [asked] if asked in _GROUPS else []
    if not rooms and not groups:
        rooms, groups = list(_ROOMS), list(_GROUPS)
    for room in rooms:
        getattr(_module(room.module), room.register)(app)
    for name in groups:
        app.add_typer(_group(_module(_GROUPS[name])), name=name)
    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point. Exit codes: contract of the command line (0 ok … 7 remote down, 130 Ctrl-C)."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    as_json = "--json" in words
    verb = next((word for word in words if not word.startswith("-")), "")
    try:
        with _ending_alike():
            ended = application(verb)(args=words, prog_name="gateway", standalone_mode=False)
        sys.exit(ended if isinstance(ended, int) else Exit.OK)
    except typer.TyperException as error:
        sys.exit(_mistyped(error, as_json))
    except GatewayError as error:
        sys.exit(_told(error, as_json))
    except Exception as error:
        if _TRACEBACK in os.environ:
            raise
        sys.exit(_told(_unforeseen(error, verb or "gateway"), as_json))


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        line(f"gateway {version('report-gateway')}")
        raise typer.Exit


def _gateway(
    shown: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Phiên bản / version.")
    ] = False,
) -> None:
    """What stands before a verb."""


def _module(name: str) -> Any:
    return import_module(f"gateway.cli.{name}")


def _group(module: Any) -> typer.Typer:
    kind: type[TyperGroup] = getattr(module, "KIND", TyperGroup)
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


def _mistyped(slip: Any, as_json: bool) -> int:
    """A slip of the hand, told as every other error is, and where to look; a group asked nothing explains itself.

    Refused: Typer's own way, which is English, without a code, and without a document for who asked for JSON.
    """
    if slip.ctx is not None and slip.format_message() == slip.ctx.get_help():
        slip.show()
        return int(slip.exit_code)
    look = f"{slip.ctx.command_path if slip.ctx is not None else 'gateway'} -h"
    found = problem("C-012", reason=slip.format_message().rstrip("."))
    failed(
        Rejected(replace(found, advice=Text(f"Xem cách gõ: {look}", f"See {look}"), owner=Owner.OPERATOR)),
        as_json=as_json,
    )
    return int(slip.exit_code)


def _unforeseen(error: Exception, verb: str) -> GatewayError:
    """What the system refused is named with its file; anything else is a fault of ours, and said to be."""
    if isinstance(error, OSError) and error.strerror:
        file = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else verb
        key = _PLACES.get(error.errno or 0, "-")
        return Misconfigured(replace(problem("F-005", file=file, key=key, reason=error.strerror), advice=_AGAIN))
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
