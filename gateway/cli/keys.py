"""key new · ls · revoke: who may hand in, and until when; of a key itself the deployment keeps the digest alone."""

from __future__ import annotations

import os
import sys
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.options import HERE, Home, Json
from gateway.cli.speech import document, line, printed, say, table

HELP = "Khoá truy cập của hệ thống nộp báo cáo / keys of those who hand in."
EXAMPLE = "Ví dụ: gateway key new he-thong-nganh --agreement ktxh-thang"

_STDOUT = Path("-")
_SHOWN = 8  # digits of a digest that a person reads and types
_DAY = ["%Y-%m-%d"]


class Kind(StrEnum):
    PROVINCE = "province"
    SECTOR = "sector"
    PARTNER = "partner"


def register(app: typer.Typer) -> None:
    app.command(
        "new",
        epilog="Ví dụ: gateway key new bhxh --agreement ktxh-thang --kind sector "
        "--permission 12/UBND-VX --issued 2026-01-05; gateway key new quoc-gia-bao --partner quoc-gia",
    )(new)
    app.command("ls", epilog="Ví dụ: gateway key ls --json")(listed)
    app.command("revoke", epilog="Ví dụ: gateway key revoke he-thong-nganh --digest 3f9a01c2")(revoke)


def new(
    client: Annotated[str, typer.Argument(metavar="ID", help="Mã hệ thống; đã có thì thêm khoá / the system.")],
    agreement: Annotated[
        list[str] | None, typer.Option(help="Thoả thuận được dùng; lặp lại được / an agreement it may use.")
    ] = None,
    kind: Annotated[
        Kind | None, typer.Option(help="province: của tỉnh · sector: ngành dọc · partner: nơi nhận.")
    ] = None,
    partner: Annotated[str, typer.Option(help="Nơi nhận tự báo kết quả / the receiver that has the key.")] = "",
    permission: Annotated[str, typer.Option(help="Số văn bản UBND tỉnh cho phép, ví dụ 12/UBND-VX.")] = "",
    issued: Annotated[datetime | None, typer.Option(formats=_DAY, help="Ngày văn bản / its day.")] = None,
    valid_to: Annotated[datetime | None, typer.Option(formats=_DAY, help="Cho phép đến hết ngày / its last.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Tệp mới cho khoá; mặc định secrets/ID.key; “-”: ra ống dẫn / into a pipe.")
    ] = None,
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Cấp khoá mới; hệ thống đã có thì thêm khoá thứ hai cùng quyền / a new key, or a second one of the same rights."""
    from gateway.keys import make

    if out == _STDOUT and sys.stdout.isatty():
        raise typer.BadParameter("khoá không hiện trên màn hình / a key is not for a screen", param_hint="--out")
    asked: dict[str, Any] = {"id": client}
    if agreement:
        asked["agreements"] = list(dict.fromkeys(agreement))
    if kind or partner:
        asked["kind"] = (kind or Kind.PARTNER).value
    if partner:
        asked["partner"] = partner
    if permission or issued or valid_to:
        asked["permission"] = _permission(permission, issued, valid_to)
    made = make(home, os.environ, asked, out, kept=out != _STDOUT)
    if as_json:
        shown = {**_shown(made.client), "further": made.further, "file": str(made.file) if made.file else None}
        document(shown | ({"key": made.key} if made.key else {}))
    elif made.key:
        printed(made.key + "\n")
    what = "đã thêm một khoá nữa" if made.further else "đã cấp khoá"
    say(f"✓ {client}: {what}, mã băm {made.client.key_sha256[:_SHOWN]}" + (f": {made.file}" if made.file else ""))
    say("  Khởi động lại gateway serve để khoá có hiệu lực / restart gateway serve, then the key opens.")
    if made.file:
        say(
            "  Giao tệp theo đường khác với địa chỉ, rồi xoá ở đây / give it away by another road, then delete it here."
        )
    if made.further:
        say(f"  Khi hệ thống đã đổi khoá: gateway key revoke {client} --digest …  (khoá cũ: gateway key ls)")


def listed(home: Home = HERE, as_json: Json = False) -> None:
    """Khoá nào mở được gì, theo phép nào, đến khi nào / what each key opens, by which permission, until when."""
    from gateway.schemas.settings import settings

    found = [_shown(client) for client in settings(home, os.environ).clients]
    if as_json:
        document(found)
        return
    rows = [
        (one["id"], one["kind"], one["partner"] or ", ".join(one["agreements"]), one["digest"], _until(one))
        for one in found
    ]
    table("Khoá truy cập", ("Hệ thống", "Loại", "Được dùng", "Mã băm", "Cho phép"), rows)


def revoke(
    client: Annotated[str, typer.Argument(metavar="ID", help="Mã hệ thống / the system.")],
    digest: Annotated[str, typer.Option(help="Những chữ số đầu của mã băm, khi có nhiều khoá / of which one.")] = "",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Huỷ một khoá: bỏ mục của nó, xoá tệp khoá nếu còn ở đây / take a key's entry out, and the key itself."""
    from gateway.keys import revoke as revoked

    gone = revoked(home, client, digest.strip().lower())
    if as_json:
        shown = {"id": gone.id, "digest": gone.digest, "removed": gone.removed, "opens_still": gone.opens_still}
        document(shown | {"files": [str(file) for file in gone.files]})
    else:
        for told in gone.removed.splitlines():
            line(told)
    say(f"✓ {client}: đã bỏ mục trên của khoá {gone.digest[:_SHOWN]} / its entry is taken out.")
    for file in gone.files:
        say(f"  Đã xoá {file}")
    if gone.opens_still:
        others = ", ".join(gone.opens_still)
        say(f"  ⚠ Khoá đó còn mở được cổng qua mục khác / the same key still opens as: {others}")
    say("  Khoá còn mở được cổng tới khi khởi động lại gateway serve / it opens until gateway serve is restarted.")


def _permission(number: str, issued: datetime | None, valid_to: datetime | None) -> dict[str, Any]:
    if not number or issued is None:
        raise typer.BadParameter("số và ngày văn bản đi cùng nhau / number and day go together", param_hint="--issued")
    told: dict[str, Any] = {"document": number, "issued": issued.date()}
    return told | ({"valid_to": valid_to.date()} if valid_to else {})


def _shown(client: Any) -> dict[str, Any]:
    """A client as JSON shows it: of its key the first digits of the digest, which `revoke` takes."""
    given = client.permission
    return {
        "id": client.id,
        "kind": client.kind,
        "partner": client.partner or None,
        "agreements": client.agreements,
        "digest": client.key_sha256[:_SHOWN],
        "permission": given.model_dump(mode="json") if given else None,
        "webhook": client.webhook.url if client.webhook else None,
    }


def _until(one: dict[str, Any]) -> str:
    given = one["permission"]
    if given is None:
        return "–"
    issued, last = (date.fromisoformat(day) if day else None for day in (given["issued"], given["valid_to"]))
    until = f" đến {last:%d/%m/%Y}" if last else ""
    return f"{given['document']} từ {issued:%d/%m/%Y}{until}"
