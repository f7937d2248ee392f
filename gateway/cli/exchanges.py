"""submit · ls · show: hand in a report, find exchanges, look into one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.options import HERE, ExchangeId, Home, Json
from gateway.cli.speech import document, instant, line, printed, say, table, when
from gateway.domain.agreement import Agreement
from gateway.domain.deadlines import Due
from gateway.domain.errors import NotFound, Rejected, problem
from gateway.domain.exchange import STAGE_WORDS, Exchange, Kind, Stage
from gateway.domain.ids import digest_of
from gateway.domain.obligations import CAUSE_WORDS, Cause
from gateway.ports import Query

MEDIA_TYPES = {
    ".json": "application/json",
    ".xml": "application/xml",
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xls": "application/vnd.ms-excel",
}


def register(app: typer.Typer) -> None:
    app.command(epilog="Ví dụ: gateway submit bao-cao.xml --as ktxh-thang")(submit)
    app.command("ls", epilog="Ví dụ: gateway ls --stage returned --json")(list_exchanges)
    app.command(epilog="Ví dụ: gateway show gd-01… --facts")(show)


def submit(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="JSON, XML, XLSX, XLS, CSV.")],
    agreement: Annotated[str, typer.Option("--as", help="Thoả thuận / agreement.")],
    key: Annotated[str | None, typer.Option(help="Khoá chống lặp; mặc định theo nội dung tệp.")] = None,
    signature: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="Chữ ký rời.")] = None,
    period: Annotated[str, typer.Option(help="Kỳ của biểu bảng tính, ví dụ LICH:2025M06 / of a workbook.")] = "",
    form: Annotated[str, typer.Option(help="Biểu mẫu của bảng tính / form of a workbook.")] = "",
    revision: Annotated[int, typer.Option(min=1, max=9999, help="Lần sửa đổi của biểu / revision of a form.")] = 1,
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Nhận một báo cáo để gửi đi / take a report for delivery."""
    from gateway.journey.accept import Incoming
    from gateway.wiring import opened

    payload = file.read_bytes()
    incoming = Incoming(
        agreement=agreement,
        key=key or f"sha256:{digest_of(payload)}",
        sender="cli",
        media_type=media_type_of(file),
        payload=payload,
        signature=signature.read_bytes() if signature else None,
        period=period,
        form=form,
        revision=revision,
    )
    with opened(home) as gateway:
        x, is_new = gateway.accept(incoming)
    if as_json:
        document({**summary(x), "new": is_new})
    word = "Đã nhận" if is_new else "Đã nhận từ trước"
    say(f"✓ {word}: {x.id} ({STAGE_WORDS[x.stage]})")


def list_exchanges(
    stage: Annotated[
        list[Stage] | None, typer.Option(metavar="STAGE", help="Trạng thái / stage; lặp lại được.")
    ] = None,
    kind: Annotated[Kind | None, typer.Option(help="Loại giao dịch / which timetable.")] = None,
    agreement: Annotated[str, typer.Option(help="Thoả thuận / agreement.")] = "",
    partner: Annotated[str, typer.Option(help="Nơi nhận / destination.")] = "",
    regime: Annotated[str, typer.Option(help="Chế độ báo cáo / regime.")] = "",
    since: Annotated[datetime | None, typer.Option(help="Từ lúc, giờ Việt Nam / Vietnam time.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Nhiều nhất / at most.")] = 50,
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Liệt kê giao dịch, mới nhất trước / list exchanges, newest first."""
    from gateway.wiring import opened

    with opened(home) as gateway:
        query = Query(
            stages=tuple(stage or ()),
            kinds=(kind,) if kind else (),
            agreements=agreements_of(gateway.declarations.agreements, agreement, regime),
            destination=partner,
            since=instant(since) if since else None,
            limit=limit,
        )
        found = gateway.journal.find(query)
    if as_json:
        document([summary(x) for x in found])
    else:
        rows = [(x.id, STAGE_WORDS[x.stage], x.lane or x.kind, x.destination, when(x.changed_at)) for x in found]
        table("Giao dịch", ("Mã", "Trạng thái", "Báo cáo", "Nơi nhận", "Lúc"), rows)


def show(
    exchange: ExchangeId,
    facts: Annotated[bool, typer.Option("--facts", help="Cả dòng sự kiện / with its facts.")] = False,
    blob: Annotated[str | None, typer.Option(help="In nội dung: payload, document, findings, parcel, edxml.")] = None,
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Xem một giao dịch / look into one exchange."""
    if blob and as_json:
        raise typer.BadParameter("nội dung được in nguyên văn / contents are printed as they are", param_hint="--blob")

    from gateway.journey.inventory import lateness
    from gateway.schemas.http import FactsShown
    from gateway.wiring import opened

    with opened(home) as gateway:
        x = gateway.journal.read(exchange)
        if blob:
            printed(gateway.journal.bytes_of(_blob(x, blob)))
            return
        history, now = gateway.journal.history(exchange), gateway.doors.clock.now()
        due, late = gateway.due_of(x), lateness(gateway.doors, x, now)
    shown: dict[str, Any] = summary(x, due, now, late)
    if facts:
        shown |= FactsShown.of(x.id, history).model_dump(mode="json", exclude={"exchange"})
    if as_json:
        document(shown)
        return
    line(f"{x.id}  {STAGE_WORDS[x.stage]}  {x.lane or ''}".rstrip())
    if x.pack:
        line(f"  Gói ánh xạ {x.pack}")
    if due:
        line(f"  Hạn {when(due.deadline)} {due.stage}".rstrip() + (f", trễ do {CAUSE_WORDS[late]}" if late else ""))
    if x.trouble:
        line(f"  {x.trouble.code} {x.trouble.title.vi}")
        line(f"  → {x.trouble.advice.vi}")
    for entry in history:
        line(f"  {when(entry.at)}  {entry.name}")


def summary(
    x: Exchange, due: Due | None = None, now: datetime | None = None, late: Cause | None = None
) -> dict[str, Any]:
    """An exchange as JSON shows it everywhere."""
    from gateway.schemas.http import ExchangeShown

    return ExchangeShown.of(x, due, now, late).model_dump(mode="json")


def media_type_of(file: Path) -> str:
    """By the file's ending. Raises `Rejected` (C-006)."""
    try:
        return MEDIA_TYPES[file.suffix.lower()]
    except KeyError:
        raise Rejected(problem("C-006", media_type=file.suffix or file.name)) from None


def agreements_of(declared: Mapping[str, Agreement], agreement: str, regime: str) -> tuple[str, ...]:
    """Those asked for; none: all of them. A regime nobody declared is a slip of the hand, not an empty list."""
    if not regime:
        return (agreement,) if agreement else ()
    of_regime = [agreed.id for agreed in declared.values() if agreed.regime == regime]
    found = tuple(name for name in of_regime if agreement in ("", name))
    if not found:
        known = ", ".join(sorted({f"{agreed.regime} ({agreed.id})" for agreed in declared.values()}))
        raise typer.BadParameter(f"{regime} {agreement}".rstrip() + f"; có / known: {known}", param_hint="--regime")
    return found


def _blob(x: Exchange, name: str) -> str:
    kept = {
        "payload": x.payload,
        "document": x.document,
        "findings": x.findings,
        "parcel": x.parcel.body if x.parcel else None,
        "edxml": x.ready.edxml if x.ready else None,
    }
    found = kept.get(name)
    if found is None:
        raise NotFound(problem("F-006", name=f"{x.id} {name}"))
    return found.digest
