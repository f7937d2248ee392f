"""fallback prepare · files · number · collect · send · recall · status · assign · backfill; and across the street:
standby · note · absorb.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.exchanges import summary
from gateway.cli.options import HERE, Because, By, ExchangeId, Home, Json
from gateway.cli.speech import Exit, document, said, say, warn
from gateway.domain.errors import Conflict, Problem, problem
from gateway.domain.exchange import STAGE_WORDS, Exchange

HELP = "Gửi dự phòng qua văn bản / the document route."
EXAMPLE = "Ví dụ: gateway fallback files vb-01… --out ./ky-so"


def register(app: typer.Typer) -> None:
    app.command(epilog="Ví dụ: gateway fallback files vb-01… --out ./ky-so")(files)
    app.command(
        epilog="Ví dụ: gateway fallback number vb-01… --number 128 --notation BC-UBND --issued 2026-11-20 "
        '--signer "Nguyễn Văn A" --position "Chủ tịch" --file bao-cao.pdf --because "văn thư cấp số"'
    )(number)
    act = 'Ví dụ: gateway fallback {} vb-01… --because "văn thư nơi nhận báo chưa có"'
    app.command(epilog=act.format("prepare").replace("vb-", "gd-"))(prepare)
    app.command(epilog=act.format("send"))(send)
    app.command(epilog=act.format("recall"))(recall)
    app.command(epilog="Ví dụ: gateway fallback status --collect --json")(status)
    app.command(epilog='Ví dụ: gateway fallback assign vb-01… tt-77 --because "G22 trả lời qua điện thoại"')(assign)
    app.command(epilog='Ví dụ: gateway fallback collect ./van-thu --because "văn thư cấp số"')(collect)
    app.command(epilog="Ví dụ: gateway fallback backfill --json")(backfill)
    app.command(epilog="Ví dụ: gateway fallback standby /srv/ban-du-phong/standby")(standby)
    app.command(epilog="Ví dụ: gateway fallback note ban-giao/3f….json")(note)
    app.command(epilog="Ví dụ: gateway fallback absorb ban-giao/3f….zip --json")(absorb)


def files(
    exchange: ExchangeId,
    out: Annotated[Path, typer.Option(file_okay=False, help="Thư mục ghi tệp / where to write.")],
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Lấy tệp đã lập để trình ký, cấp số / the prepared files, for signing and numbering."""
    from gateway.wiring import opened

    with opened(home) as gateway:
        x = gateway.journal.read(exchange)
        if x.prepared is None:
            told = {"stage": x.stage, "stage_vi": STAGE_WORDS[x.stage], "verb": "fallback files"}
            raise Conflict(problem("F-007", exchange=x.id, **told))
        out.mkdir(parents=True, exist_ok=True)
        written = [out / attachment.name for attachment in x.prepared.files]
        for path, attachment in zip(written, x.prepared.files, strict=True):
            path.write_bytes(gateway.journal.bytes_of(attachment.content.digest))
    if as_json:
        document([str(path) for path in written])
    for path in written:
        say(f"✓ {path}")


def number(
    exchange: ExchangeId,
    because: Because,
    number: Annotated[str, typer.Option(help="Số văn bản.")],
    notation: Annotated[str, typer.Option(help="Ký hiệu, ví dụ BC-UBND.")],
    issued: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Ngày ban hành.")],
    signer: Annotated[str, typer.Option(help="Người ký.")],
    position: Annotated[str, typer.Option(help="Chức vụ.")],
    file: Annotated[
        list[Path] | None,
        typer.Option(exists=True, dir_okay=False, help="Tệp đã ký; lặp lại được. Không nêu: ký tại đây / signed here."),
    ] = None,
    by: By = "cli",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Ghi số, ngày và tệp đã ký của văn bản / record number, date and signed files."""
    from gateway.journey.operate import Person, Registration
    from gateway.wiring import opened

    registration = Registration(number, notation, issued.date().isoformat(), signer, position)
    kinds = {".pdf": "application/pdf", ".zip": "application/zip"}
    signed = [
        (path.name, "Văn bản đã ký", kinds.get(path.suffix.lower(), "application/octet-stream"), path.read_bytes())
        for path in file or ()
    ]
    with opened(home) as gateway:
        x = gateway.number(exchange, registration, signed, Person(by, because))
    if as_json:
        document(summary(x))
    say(f"✓ {x.id}: {number}/{notation}")


def prepare(exchange: ExchangeId, because: Because, by: By = "cli", home: Home = HERE, as_json: Json = False) -> None:
    """Lập văn bản cho báo cáo đang chờ gửi / make the document of a waiting report (as `divert`)."""
    _act(home, as_json, lambda g, p: g.divert(exchange, p), by, because)


def send(exchange: ExchangeId, because: Because, by: By = "cli", home: Home = HERE, as_json: Json = False) -> None:
    """Gửi lại nguyên văn bản khi nơi nhận chắc chắn chưa có / the same bytes once more."""
    from gateway.journey.recall import send_again

    _act(home, as_json, lambda g, p: send_again(g.doors, exchange, p), by, because)


def recall(exchange: ExchangeId, because: Because, by: By = "cli", home: Home = HERE, as_json: Json = False) -> None:
    """Đề nghị lấy lại văn bản gửi nhầm (13) / ask the office to give a document back."""
    from gateway.journey.recall import recall as asked_back

    _act(home, as_json, lambda g, p: asked_back(g.doors, exchange, p), by, because)


def status(
    collect: Annotated[bool, typer.Option(help="Đọc trạng thái đang chờ trên trục / read what waits.")] = False,
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Văn bản dự phòng và phản hồi của từng nơi nhận / documents, and what each office said."""
    from gateway.domain.exchange import Kind
    from gateway.ports import Query
    from gateway.wiring import opened

    with opened(home) as gateway:
        unclaimed = _sorted_out(gateway) if collect else []
        documents = [_seen(x) for x in gateway.journal.find(Query(kinds=(Kind.DOCUMENT,), limit=1000))]
    if as_json:
        document({"documents": documents, "unclaimed": [said(why) for why in unclaimed]})
    for each in documents:
        say(f"{each['exchange']}  {each['number'] or '…'}  {each['stage_vi']}")
    for why in unclaimed:
        warn(why, "✕")
    if unclaimed:
        raise typer.Exit(Exit.UNDECIDED)


def assign(
    exchange: ExchangeId,
    package: Annotated[str, typer.Argument(help="Mã gói trạng thái trên trục / the package's id on the route.")],
    because: Because,
    status: Annotated[str, typer.Option(help="Mã trạng thái, khi gói không đọc được / 01 … 16.")] = "",
    recipient: Annotated[str, typer.Option(help="Mã cơ quan, khi gói không ghi rõ / the office's code.")] = "",
    at: Annotated[str, typer.Option(help="Thời điểm nơi nhận trả lời / when it said so.")] = "",
    by: By = "cli",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Xác định gói trạng thái là của văn bản nào / say to which document a status belongs."""
    import asyncio

    from gateway.journey.attribute import Told, attribute

    async def given(gateway: Any, person: Any) -> Exchange:
        try:
            return await attribute(gateway.doors, exchange, package, Told(recipient, status, at), person)
        finally:
            await gateway.hang_up()

    _act(home, as_json, lambda g, p: asyncio.run(given(g, p)), by, because)


def collect(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Thư mục có trinh-ky, cap-so.")],
    because: Because,
    by: By = "cli",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Nhận số từ thư mục cap-so, đưa văn bản mới vào trinh-ky / through folders that a clerk watches."""
    from gateway.handover import collected, laid_out
    from gateway.journey.operate import Person
    from gateway.wiring import opened

    with opened(home) as gateway:
        done, refused = collected(gateway, folder, Person(by, because))
        waiting = [str(path) for path in laid_out(gateway, folder)]
    if as_json:
        wrong = [{"document": each.what, "problems": [said(why) for why in each.problems]} for each in refused]
        document({"numbered": [summary(x) for x in done], "to_sign": waiting, "refused": wrong})
    for each in refused:
        for why in each.problems:
            warn(why, f"✕ {each.what} ")
    say(f"✓ {len(done)} văn bản đã có số; {len(waiting)} chờ ký / numbered, waiting")
    if refused:
        raise typer.Exit(Exit.UNDECIDED)


def backfill(home: Home = HERE, as_json: Json = False) -> None:
    """Báo cáo chờ và đã cập nhật bổ sung sau sự cố / what waits to be entered afterwards, and what was."""
    from gateway.domain.exchange import Kind, Stage
    from gateway.ports import Query
    from gateway.wiring import opened

    with opened(home) as gateway:
        found = gateway.journal.find(Query(kinds=(Kind.OUTBOUND,), limit=1000))
        told = [summary(x) for x in found if x.paper or x.stage is Stage.DIVERTED]
    if as_json:
        document(told)
    for each in told:
        say(f"{each['id']}  {each['stage_vi']}")


def standby(
    folder: Annotated[Path, typer.Argument(file_okay=False, help="Nơi ghi bản sao / where the copy goes.")],
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Ghi bản sao cho bàn dự phòng; chạy mỗi đêm / the nightly copy for the fallback desk."""
    from gateway.handover import standby as written
    from gateway.wiring import opened

    with opened(home) as gateway:
        path = written(gateway, folder)
    if as_json:
        document({"standby": str(path)})
    say(f"✓ {path}")


def note(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Danh sách hoặc sổ của bàn dự phòng.")],
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Giữ lại những báo cáo bàn dự phòng đã nhận / hold what stands in a desk's list or ledger."""
    from gateway.handover import noted
    from gateway.wiring import opened

    with opened(home) as gateway:
        path = noted(gateway, file)
    if as_json:
        document({"noted": str(path)})
    say(f"✓ {path}")


def absorb(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Gói bàn giao hoặc sổ / bundle or ledger.")],
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Nhập sổ của bàn dự phòng / take over a desk's ledger."""
    from gateway.domain.record import plain
    from gateway.handover import absorbed
    from gateway.wiring import opened

    with opened(home) as gateway:
        lines = absorbed(gateway, file)
    if as_json:
        document({"lines": [{**plain(line), "why": said(line.why) if line.why else None} for line in lines]})
    for line in lines:
        say(f"{line.line:>5}  {line.key}  {line.became}")
        if line.why:
            warn(line.why, "  ✕")
    if any(line.became in ("waits", "twice", "conflict") for line in lines):
        raise typer.Exit(Exit.UNDECIDED)


def _sorted_out(gateway: Any) -> list[Problem]:
    import asyncio

    from gateway.journey.statuses import sort_out

    async def every_route() -> list[Problem]:
        found = [await sort_out(gateway.doors, route) for route in gateway.doors.peers.routes]
        await gateway.hang_up()
        return [why for each in found for _, why in each.unclaimed]

    return asyncio.run(every_route())


def _seen(x: Exchange) -> dict[str, Any]:
    number = f"{x.numbered.number}/{x.numbered.notation}" if x.numbered else None
    said = {"offices": dict(x.offices), "asked_back": dict(x.asked_back)}
    return {**summary(x), "exchange": x.id, "report": x.parent, "number": number, **said}


def _act(home: Path, as_json: bool, act: Callable[[Any, Any], Exchange], by: str, because: str) -> None:
    from gateway.journey.operate import Person
    from gateway.wiring import opened

    with opened(home) as gateway:
        x = act(gateway, Person(by, because))
        gateway.bell.ring(x.destination)
    if as_json:
        document(summary(x))
    say(f"✓ {x.id}: {STAGE_WORDS[x.stage]}")
