"""catalogue sync · ls · show · compare · impact · approve: the nation's catalogues as they stand here, and will."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Annotated, Any

import typer

from gateway.cli.exchanges import summary
from gateway.cli.options import HERE, Because, By, Home, Json
from gateway.cli.progress import bar
from gateway.cli.speech import Exit, advising, document, failed, line, said, say, table, warn, when
from gateway.domain.catalogue import Catalogue, Changes
from gateway.domain.errors import GatewayError, NotFound, Unavailable, problem
from gateway.domain.exchange import STAGE_WORDS, Exchange, Stage
from gateway.domain.impact import Impact
from gateway.domain.problems import Text
from gateway.domain.record import plain

HELP = "Danh mục quốc gia: đồng bộ, xem, so sánh, tác động, duyệt / national catalogues."
EXAMPLE = "Ví dụ: gateway catalogue sync --as ktxh-thang"
_Name = Annotated[str, typer.Argument(help="Tên danh mục / its name.")]
_Day = Annotated[str, typer.Option(metavar="NGÀY", help="Hiệu lực ngày nào, mặc định hôm nay / in force on a day.")]
_Came = Annotated[str, typer.Argument(metavar="ID", help="Mã giao dịch đã tải danh mục về / the exchange it came by.")]
# Of a line of reports these problems say that it is tried again; nobody fetches a catalogue again by itself.
_NOBODY = Text(
    "Chưa tải được gì; chạy lại lệnh khi nơi cấp danh mục trả lời. Nếu kéo dài, kiểm tra đường truyền.",
    "Nothing was fetched; run it again once they answer. If it lasts, check the line.",
)
_WORDS = {
    "added": "thêm",
    "changed": "đổi",
    "renamed": "đổi tên",
    "withdrawn": "rút",
    "ended": "hết hiệu lực",
    "merged": "gộp",
    "split": "tách",
    "recoded": "đổi mã",
    "supposed": "có thể là đổi mã",
}


def register(app: typer.Typer) -> None:
    app.command(epilog="Ví dụ: gateway catalogue sync --as ktxh-thang")(sync)
    app.command("ls", epilog="Ví dụ: gateway catalogue ls")(list_catalogues)
    app.command(epilog="Ví dụ: gateway catalogue show VPCP-CT --json")(show)
    app.command(epilog="Ví dụ: gateway catalogue compare dm-01… --json")(compare)
    app.command(epilog="Ví dụ: gateway catalogue impact dm-01…")(impact)
    app.command(epilog='Ví dụ: gateway catalogue approve dm-01… --by "Lê Thị Mẫu" --because "theo CV 12/VPCP"')(approve)


def sync(
    agreement: Annotated[str, typer.Option("--as", help="Thoả thuận / agreement.")],
    name: Annotated[
        str | None,
        typer.Option(help="Một danh mục thôi; mặc định: danh mục của thoả thuận và mọi tên trong announced."),
    ] = None,
    incremental: Annotated[
        bool, typer.Option("--incremental", help="Chỉ tải phần thay đổi từ bản đang có / only what changed.")
    ] = False,
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Tải danh mục về, so sánh, áp dụng; một tên hỏng không giữ các tên khác lại / fetch, compare, put in force."""
    from gateway.wiring import opened
    from gateway.working import synchronised

    with opened(home) as gateway, bar() as tell:
        agreed = gateway.declarations.agreements.get(agreement)
        if agreed is None:
            raise NotFound(problem("B-005", agreement=agreement))

        def fetched(each: str) -> Exchange:
            newest = gateway.doors.catalogues.on(each, date.max) if incremental else None
            with advising(_NOBODY, "A-", "F-001", "F-012", "F-013"):
                return synchronised(gateway, agreement, each, newest.version if newest else "")

        names = (name,) if name else agreed.catalogues
        if len(names) < 2:
            x = fetched(names[0] if names else agreed.catalogue)
        else:
            came = _each(names, fetched, tell)
    if len(names) > 1:
        _tell_all(names, came, as_json=as_json)
        return
    if as_json:
        document(summary(x))
    _say_stage(x)


def _each(
    names: Sequence[str], fetched: Callable[[str], Exchange], tell: Callable[[str, int, int], None]
) -> dict[str, Exchange | GatewayError]:
    """What became of each; a line that is down or shut to us is not tried again for every name."""
    came: dict[str, Exchange | GatewayError] = {}
    for number, each in enumerate(names):
        tell("catalogues", number, len(names))
        try:
            came[each] = fetched(each)
        except Unavailable as error:
            came[each] = error
            break
        except GatewayError as error:
            came[each] = error
    return came


def _tell_all(names: Sequence[str], came: Mapping[str, Exchange | GatewayError], *, as_json: bool) -> None:
    """The agreement's own catalogue as one alone is told, those announced beside it under ``announced``."""
    wrong = {name: one for name, one in came.items() if isinstance(one, GatewayError)}
    if as_json:
        first, *rest = (_as_json(name, one) for name, one in came.items())
        document({**first, "announced": rest, "not_asked": [name for name in names if name not in came]})
    code = 0
    for name, one in came.items():
        if isinstance(one, GatewayError):
            say(f"✕ {name}")
            told = failed(one, as_json=False)
            code = code or told
        else:
            _say_stage(one)
    stages = [one.stage for one in came.values() if not isinstance(one, GatewayError)]
    published, same = stages.count(Stage.PUBLISHED), stages.count(Stage.UNCHANGED)
    say(
        f"{'⚠' if wrong or published + same < len(names) else '✓'} {len(names)} danh mục: {published} áp dụng, "
        f"{same} không đổi, {len(stages) - published - same} chờ hoặc bị từ chối, {len(wrong)} lỗi, "
        f"{len(names) - len(came)} chưa hỏi"
    )
    if code:
        raise typer.Exit(code)


def _as_json(name: str, one: Exchange | GatewayError) -> dict[str, Any]:
    if isinstance(one, GatewayError):
        return {"ok": False, "catalogue": name, "problems": [said(found) for found in one.problems]}
    return summary(one)


def list_catalogues(home: Home = HERE, as_json: Json = False) -> None:
    """Các danh mục đang áp dụng và sắp áp dụng / in force, and what will be."""
    from gateway.wiring import opened

    with opened(home) as gateway:
        names = sorted({name for agreed in gateway.declarations.agreements.values() for name in agreed.catalogues})
        kept = [(name, gateway.doors.catalogues.current(name)) for name in names]
        coming = {name: gateway.doors.catalogues.on(name, date.max) for name in names}
    if as_json:
        document([_listed(name, now, coming[name]) for name, now in kept])
        return
    rows = [(name, now.version if now else "–", str(len(now.items)) if now else "chưa đồng bộ") for name, now in kept]
    table("Danh mục", ("Tên", "Bản", "Số mục"), rows)
    for name, now in kept:
        later = coming[name]
        if later is not None and later != now:
            say(f"→ {name}: bản {later.version} áp dụng từ {later.valid_from:%d/%m/%Y}")


def show(name: _Name, as_of: _Day = "", home: Home = HERE, as_json: Json = False) -> None:
    """Các mục của một danh mục / the items of one."""
    from gateway.wiring import opened

    day = _day(as_of)
    with opened(home) as gateway:
        kept = gateway.doors.catalogues
        catalogue = kept.on(name, day) if day else kept.current(name)
    if catalogue is None:
        raise NotFound(problem("F-006", name=name))
    items = [item for item in catalogue.items if day is None or item.valid_on(day)]
    if as_json:
        document({**plain(catalogue), "items": plain(items)})
    else:
        table(name, ("Mã", "Tên", "Đơn vị tính"), [(item.code, item.name, item.unit) for item in items])


def compare(exchange: _Came, home: Home = HERE, as_json: Json = False) -> None:
    """Thêm, đổi, rút, gộp, tách, đổi mã, đổi tên / what a catalogue that came down changes."""
    from gateway.domain.catalogue import compare as compared
    from gateway.journey.impact import turn_of
    from gateway.wiring import opened

    with opened(home) as gateway:
        turn = turn_of(gateway.doors, exchange)
    changes = compared(turn.before, turn.now)
    if as_json:
        document({**_turned(turn.before, turn.now), "lost": changes.lost, **plain(changes)})
    else:
        for told in _lines(changes):
            line(told)
    before = turn.before.version if turn.before else "–"
    now = turn.now
    say(f"{now.name} {before} → {now.version}: mất {changes.lost} mã, áp dụng từ {now.valid_from:%d/%m/%Y}")


def impact(exchange: _Came, home: Home = HERE, as_json: Json = False) -> None:
    """Gói, dòng, báo cáo, thời hạn nào hỏng / which packs, rows, reports and deadlines it breaks. Exit 3: some."""
    from gateway.weighing import weighed
    from gateway.wiring import opened

    with opened(home) as gateway:
        told = weighed(gateway, exchange)
    turn, found = told.turn, told.impact
    for name in told.unread:
        say(f"⚠ {name}: gói hỏng, chưa xét / broken, not looked at: gateway check")
    if as_json:
        said = {**_turned(turn.before, turn.now), "breaks": bool(found), "packs": found.packs, "unread": told.unread}
        document({**said, **plain(found)})
    else:
        _say_impact(found)
    say(
        f"{'⚠' if found else '✓'} {turn.now.name} {turn.now.version}, từ {found.takes_effect:%d/%m/%Y}: "
        f"{len(found.packs)} gói, {len(found.rows)} dòng, {len(found.reports)} báo cáo, {len(found.deadlines)} kỳ hạn"
    )
    if found:
        raise typer.Exit(Exit.UNDECIDED)


def approve(exchange: _Came, by: By, because: Because, home: Home = HERE, as_json: Json = False) -> None:
    """Cho áp dụng danh mục rút quá mức thoả thuận / let one go on that loses more than was agreed."""
    from gateway.journey.impact import approve as approved
    from gateway.journey.operate import Person
    from gateway.wiring import opened
    from gateway.working import walked

    with opened(home) as gateway:
        x = walked(gateway, approved(gateway.doors, exchange, Person(by, because)))
    if as_json:
        document(summary(x))
    _say_stage(x)


def _say_stage(x: Exchange) -> None:
    fine = x.stage in (Stage.PUBLISHED, Stage.UNCHANGED)
    say(f"{'✓' if fine else '⚠'} {x.catalogue} {x.id}: {STAGE_WORDS[x.stage]} {x.version or ''}")
    if x.trouble:
        warn(x.trouble, " ")
    if x.stage in (Stage.PARKED, Stage.PUBLISHED):
        say(f"  → gateway catalogue impact {x.id}")


def _listed(name: str, now: Catalogue | None, later: Catalogue | None) -> dict[str, Any]:
    coming = later if later != now else None
    return {
        "name": name,
        "version": now.version if now else None,
        "items": len(now.items) if now else 0,
        "valid_from": now.valid_from.isoformat() if now else None,
        "next": {"version": coming.version, "valid_from": coming.valid_from.isoformat()} if coming else None,
    }


def _turned(before: Catalogue | None, now: Catalogue) -> dict[str, Any]:
    return {
        "catalogue": now.name,
        "before": before.version if before else None,
        "now": now.version,
        "valid_from": now.valid_from.isoformat(),
    }


def _lines(changes: Changes) -> list[str]:
    told = plain(changes)
    return [f"{word:<18} {_said(each)}" for name, word in _WORDS.items() for each in told[name]]


def _said(change: Any) -> str:
    if isinstance(change, str):
        return change
    if isinstance(change, list):
        return " ".join(change)
    if "code" in change:
        fields = (f"{name}: {old or '–'} → {change['after'][name] or '–'}" for name, old in change["before"].items())
        return f"{change['code']} {'; '.join(fields)}"
    return f"{' '.join(change['before'])} → {' '.join(change['after'])}"


def _say_impact(found: Impact) -> None:
    for broken in found.rows:
        row, followers = broken.row, f"; nay là {' '.join(broken.now)}" if broken.now else ""
        why = f"{broken.why.vi}, từ {broken.since:%d/%m/%Y}{followers}"
        line(f"dòng      {row.pack} {row.place} {row.source} → {row.target}: {why}")
    for code in found.unsourced:
        line(f"thiếu     {code}: chỉ tiêu bắt buộc chưa có nguồn")
    for hit in found.reports:
        line(f"báo cáo   {hit.report.exchange} {hit.report.form} {hit.report.period}: {' '.join(hit.codes)}")
    for ahead in found.deadlines:
        line(f"kỳ hạn    {ahead.due.agreement} {ahead.due.period} {when(ahead.due.deadline)}: {' '.join(ahead.codes)}")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--as-of") from None
