"""partner ls · show · check · add · rotate: the other sides as they are declared, and whether one can be reached."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from gateway.cli.options import HERE, Home, Json
from gateway.cli.speech import document, line, said, say, table, warn
from gateway.domain.errors import Misconfigured, NotFound, Problem, Unavailable, problem

HELP = "Đối tác đã khai báo: địa chỉ, thoả thuận, hạn mức, đường truyền / the other sides as declared."
EXAMPLE = "Ví dụ: gateway partner check quoc-gia"

_LONGEST = 65536  # bytes; no secret is longer

PartnerId = Annotated[str, typer.Argument(metavar="ID", help="Mã đối tác, như trong partners/*.toml / the partner.")]


def register(app: typer.Typer) -> None:
    app.command("ls", epilog="Ví dụ: gateway partner ls --json")(listed)
    app.command(epilog="Ví dụ: gateway partner show quoc-gia --json")(show)
    app.command(epilog="Ví dụ: gateway partner check quoc-gia")(check)
    app.command(epilog="Ví dụ: gateway partner add bo-tai-chinh.toml")(add)
    app.command(epilog="Ví dụ: gateway partner rotate quoc-gia password --from mat-khau-moi.txt")(rotate)


def listed(home: Home = HERE, as_json: Json = False) -> None:
    """Mọi đối tác: loại, máy chủ, thoả thuận, hạn mức gọi / every partner with host, agreements and limits."""
    _, declared = _declared(home)
    found = [_brief(partner, declared) for partner in declared.partners.values()]
    if as_json:
        document(found)
        return
    rows = [(p["id"], p["name"], p["kind"], p["host"], ", ".join(p["agreements"]) or "–", _limit(p)) for p in found]
    table("Đối tác", ("Mã", "Tên", "Loại", "Máy chủ", "Thoả thuận", "Hạn mức"), rows)


def show(partner: PartnerId, home: Home = HERE, as_json: Json = False) -> None:
    """Mọi điều đã khai báo; bí mật chỉ nêu tệp và tình trạng / all that is declared, of secrets the file alone."""
    read, declared = _declared(home)
    found = _partner(declared, partner)
    shown = _plain(found.model_dump(exclude={"secrets"})) | {
        "secrets": [_secret(home, name, file) for name, file in sorted(found.secrets.items())],
        "keys": [
            {"id": client.id, "digest": client.key_sha256[:8]} for client in read.clients if client.partner == partner
        ],
        "agreements": [_plain(agreed) for agreed in declared.agreements.values() if agreed.partner == partner],
    }
    if as_json:
        document(shown)
        return
    for told in _lines(shown):
        line(told)


def check(partner: PartnerId, home: Home = HERE, as_json: Json = False) -> None:
    """Hỏi thử đường truyền và xem tệp bí mật: 0 thông, 7 không tới được / try the line, look at its secrets."""
    from gateway.doctor import line_of

    _, declared = _declared(home)
    found = _partner(declared, partner)
    wrong, doubtful = _of_secrets(home, found)
    lines = list(line_of(home, found))
    down = [one.problem for one in lines if one.problem and one.state == "fault"]
    warned = [one.problem for one in lines if one.problem and one.state == "warning"] + doubtful
    if down:
        raise Unavailable(*down, *wrong)
    if wrong:
        raise Misconfigured(*wrong)
    well = [one.what for one in lines if one.state == "ok"]
    if as_json:
        warnings = [said(one) for one in warned]
        document({"ok": True, "id": partner, "line": well, "problems": [], "warnings": warnings})
    for what in well:
        say(f"✓ {what.vi}" if what.vi == what.en else f"✓ {what.vi} / {what.en}")
    for one in warned:
        warn(one, "⚠")


def add(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Khai báo TOML của đối tác / its file.")],
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Thêm đối tác: xét khai báo cùng mọi khai báo đang có rồi mới ghi / a partner, looked at with all that is here."""
    from gateway.joining import join

    joined = join(home, os.environ, file)
    name = joined.partner.id
    if as_json:
        missing = [{"name": key, "file": path} for key, path in joined.missing]
        document({"id": name, "file": str(joined.file), "missing": missing})
    say(f"✓ {name}: đã thêm {joined.file}")
    for key, path in joined.missing:
        say(f"  Còn thiếu / missing {path}: gateway partner rotate {name} {key} --from …")
    say(f"  Rồi: gateway partner check {name}, khởi động lại gateway serve và work / then restart serve and work.")


def rotate(
    partner: PartnerId,
    secret: Annotated[str, typer.Argument(metavar="BÍ-MẬT", help="Tên trong [partner.secrets] / its name there.")],
    source: Annotated[str, typer.Option("--from", help="Tệp chứa bí mật mới; “-”: từ ống dẫn / a file or a pipe.")],
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Thay một bí mật đối tác đã cấp; bản cũ giữ cạnh bên / a secret the partner gave anew; the old is kept."""
    from gateway.joining import rotate as rotated

    if source == "-" and sys.stdin.isatty():
        raise typer.BadParameter("bí mật không gõ trên màn hình / a secret is not typed", param_hint="--from")
    content = sys.stdin.buffer.read(_LONGEST) if source == "-" else Path(source).read_bytes()
    place, kept = rotated(home, os.environ, partner, secret, content)
    if as_json:
        document({"id": partner, "secret": secret, "file": str(place), "kept": str(kept) if kept else None})
    say(f"✓ {partner}: đã thay {secret}: {place}")
    if kept:
        say(f"  Quay lại bản cũ / back again: gateway partner rotate {partner} {secret} --from {kept}")
    say("  Khởi động lại gateway serve và work để dùng bí mật mới / restart serve and work, then it is used.")


def _declared(home: Path) -> tuple[Any, Any]:
    from gateway.schemas.declarations import declarations
    from gateway.schemas.settings import settings

    read = settings(home, os.environ)
    return read, declarations(home / "partners", read.local)


def _partner(declared: Any, name: str) -> Any:
    if name not in declared.partners:
        raise NotFound(problem("F-006", name=name))
    return declared.partners[name]


def _brief(partner: Any, declared: Any) -> dict[str, Any]:
    return {
        "id": partner.id,
        "name": partner.name,
        "kind": partner.kind,
        "url": partner.url,
        "host": urlsplit(partner.url).hostname,
        "agreements": [agreed.id for agreed in declared.agreements.values() if agreed.partner == partner.id],
        "deadline_seconds": partner.deadline_seconds,
        "limit_requests": partner.limit_requests,
        "limit_seconds": partner.limit_seconds,
        "limit_concurrent": partner.limit_concurrent,
    }


def _limit(partner: dict[str, Any]) -> str:
    told = []
    if partner["limit_requests"]:
        told.append(f"{partner['limit_requests']} lần / {partner['limit_seconds']:g} giây")
    if partner["limit_concurrent"]:
        told.append(f"{partner['limit_concurrent']} cùng lúc")
    return ", ".join(told) or "–"


def _secret(home: Path, name: str, file: str) -> dict[str, Any]:
    """Where it lies and who can read it; never what it says."""
    path = home / file
    there = path.is_file()
    return {
        "name": name,
        "file": file,
        "there": there,
        "readable": there and os.access(path, os.R_OK),
        "private": there and not path.stat().st_mode & stat.S_IRWXO,
    }


def _of_secrets(home: Path, partner: Any) -> tuple[list[Problem], list[Problem]]:
    """What is wrong with the files, and what may be."""
    wrong: list[Problem] = []
    doubtful: list[Problem] = []
    for name, file in sorted(partner.secrets.items()):
        found, key = _secret(home, name, file), f"{partner.id}.{name}"
        if not found["there"]:
            wrong.append(problem("F-005", file=file, key=key, reason="not found"))
        elif not found["readable"]:
            wrong.append(problem("F-005", file=file, key=key, reason="unreadable"))
        elif not found["private"]:
            doubtful.append(
                problem("F-005", file=file, key=key, reason="open to every user of this machine; chmod 600")
            )
    return wrong, doubtful


def _plain(value: Any) -> Any:
    """As JSON shows it: spans in seconds, times of day as a clock's."""
    from gateway.domain.record import plain

    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, time):
        return value.isoformat("minutes")
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(inner) for inner in value]
    made = plain(value)
    return made if made is value or isinstance(made, str) else _plain(made)


def _lines(shown: dict[str, Any]) -> Iterator[str]:
    yield f"{shown['id']}  {shown['name']}"
    for key, value in shown.items():
        if key not in ("id", "name", "secrets", "keys", "agreements") and value is not None:
            yield f"  {key} = {value}"
    for one in shown["secrets"]:
        state = (
            "thiếu / missing" if not one["there"] else "không đọc được / unreadable" if not one["readable"] else "có"
        )
        yield f"  bí mật {one['name']}: {one['file']} – {state}" + (
            ", ai cũng đọc được / open to all" if one["there"] and not one["private"] else ""
        )
    for one in shown["keys"]:
        yield f"  khoá báo kết quả {one['id']}: mã băm {one['digest']}"
    for agreed in shown["agreements"]:
        yield f"  thoả thuận {agreed['id']}"
        yield from (f"    {key} = {_short(value)}" for key, value in agreed.items() if value and key != "id")


def _short(value: Any) -> str:
    """On one line: what is within is put in brackets, a pair by a colon."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {_within(inner)}" for key, inner in value.items() if inner not in (None, "", [], {}))
    if isinstance(value, list):
        return ", ".join(":".join(map(str, one)) if isinstance(one, list) else _within(one) for one in value)
    return str(value)


def _within(value: Any) -> str:
    return f"({_short(value)})" if isinstance(value, dict | list) else str(value)
