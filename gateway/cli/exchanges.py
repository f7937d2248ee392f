"""ls · show: find exchanges, look into one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.options import HERE, ExchangeId, Home, Json
from gateway.cli.speech import document, instant, line, printed, say, sentences, table, when
from gateway.domain.agreement import Agreement
from gateway.domain.deadlines import Due
from gateway.domain.errors import NotFound, Rejected, problem
from gateway.domain.exchange import STAGE_WORDS, Exchange, Kind, Stage
from gateway.domain.facts import Fact
from gateway.domain.ids import digest_of
from gateway.domain.obligations import CAUSE_WORDS, Cause
from gateway.ports import Journal, Query

MEDIA_TYPES = {
    ".json": "application/json",
    ".xml": "application/xml",
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xls": "application/vnd.ms-excel",
}


def register(app: typer.Typer) -> None:
    app.command("ls", epilog="Ví dụ: gateway ls --stage returned --json")(list_exchanges)
    app.command(epilog='Ví dụ: gateway show gd-01… --facts; gateway show gd-01… --blob "Báo cáo tháng.pdf" > a.pdf')(
        show
    )


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
    if len(found) == limit:
        say(f"  Chỉ hiện {limit} giao dịch mới nhất; thêm bộ lọc hoặc --limit / only the newest {limit} are shown.")


def show(
    exchange: ExchangeId,
    facts: Annotated[bool, typer.Option("--facts", help="Cả dòng sự kiện / with its facts.")] = False,
    blob: Annotated[
        str | None,
        typer.Option(
            help="In nội dung: payload, document, findings, parcel, edxml, narrative, words, tên một tệp kèm."
        ),
    ] = None,
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
        parts = [] if as_json else list(_parts(gateway.journal, x))
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
    for told in parts:
        line(told)
    if x.trouble:
        for told in sentences(x.trouble):
            line(f"  {told}")
    for entry in history:
        line(f"  {when(entry.at)}  {entry.name}")
        for told in _told(entry.fact) if facts else ():
            line(f"    {told}")


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


def _parts(journal: Journal, x: Exchange) -> Iterator[str]:
    """What lies beside the figures, each part with its size and SHA-256, and whether its bytes still make it."""
    from gateway.schemas.parts import PartShown

    for one in PartShown.each(x):
        holds = digest_of(journal.bytes_of(one.sha256)) == one.sha256
        name, role = one.name or "phần lời", f" {one.role} {one.form}".rstrip()
        word = "khớp" if holds else "KHÔNG KHỚP"
        yield f"  Kèm {name}:{role} {one.media_type} {one.size} byte, sha256 {one.sha256} {word}"


def _told(fact: Fact) -> Iterator[str]:
    """A fact in the words of the desk, with the problems that it carries."""
    from gateway.console.told import problems_of, told

    yield told(fact, "vi")
    for found in problems_of(fact):
        yield f"{found.code}  {found.title.vi}"


def _blob(x: Exchange, name: str) -> str:
    told = x.submission
    kept = {
        **{one.name: one.content for one in (told.attachments if told else ())},
        "narrative": told.narrative if told else None,
        "words": x.parcel.narrative if x.parcel else None,
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
