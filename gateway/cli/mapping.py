"""map · explain: a file through a mapping pack without journalling it; a sent value back to where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.exchanges import media_type_of
from gateway.cli.options import HERE, ExchangeId, Home, Json
from gateway.cli.speech import Exit, document, line, printed, say
from gateway.domain.errors import NotFound, problem
from gateway.domain.report import Columns, Cover, Report


class Out(StrEnum):
    JSON = "json"
    CSV = "csv"
    PACKETS = "packets"


def register(app: typer.Typer) -> None:
    app.command("map", epilog="Ví dụ: gateway map bao-cao.json --pack packs/kt-xh-tinh --out csv")(map_file)
    app.command(epilog="Ví dụ: gateway explain gd-01… 0601")(explain)


def map_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="JSON, XML, XLSX, XLS, CSV.")],
    pack: Annotated[str, typer.Option(help="Thư mục gói, hoặc tên gói trong triển khai / folder or name.")],
    period: Annotated[str | None, typer.Option(help="Thay kỳ ghi trong tệp.")] = None,
    org: Annotated[str | None, typer.Option(help="Thay đơn vị ghi trong tệp.")] = None,
    form: Annotated[str, typer.Option(help="Biểu mẫu, khi tệp là biểu / the form, of a workbook.")] = "",
    out: Annotated[Out, typer.Option(help="Dạng kết quả / form of the result.")] = Out.JSON,
    stored: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Kết quả đang giữ, để so / what is stored.")
    ] = None,
    commit: Annotated[str | None, typer.Option(help="Mã kế hoạch đã xem / the plan id looked at.")] = None,
    reverse: Annotated[bool, typer.Option("--reverse", help="Từ chỉ tiêu quốc gia về tỉnh.")] = False,
    home: Home = HERE,
    as_json: Annotated[bool, typer.Option("--json", help="Như --out json.")] = False,
) -> None:
    """Ánh xạ thử một tệp, không gửi đi / map a file, send nothing."""
    from gateway.domain.record import plain
    from gateway.mapping.differing import committed, dry_run
    from gateway.mapping.loading import load
    from gateway.mapping.reverse import unmap
    from gateway.mapping.translator import asked, looked

    loaded = load(pack_folder(pack, home))
    report = asked(submission(file, loaded, (period or "", org or "", form)), period, org)
    if reverse:
        back = unmap(loaded, report)
        conflicts = [one.as_json() for one in back.conflicts]
        document({"account": back.account, "conflicts": conflicts, "result": plain(back.columns), "rows": back.rows})
        _account(back.account.received, back.account.mapped, back.account.held, back.account.excluded)
        return
    tried = dry_run(loaded, report, None, submission(stored, loaded).columns if stored else None)
    done = looked(loaded, report, committed(commit, tried) if commit else tried.mapped)
    if out is Out.JSON or as_json:
        document({**done.as_json(), "plan": tried.as_json()})
    else:
        printed(done.as_csv() if out is Out.CSV else _packet(done.report, done.mapped.columns, loaded.settings))
    if stored:
        say(f"kế hoạch / plan: {tried.plan}")
    _account(done.account.received, done.account.mapped, done.account.held, done.account.excluded)


def explain(
    exchange: ExchangeId,
    indicator: Annotated[str, typer.Argument(metavar="INDICATOR", help="Chỉ tiêu đã gửi / the indicator as sent.")],
    org: Annotated[str, typer.Option(help="Chỉ đơn vị này / this organisation only.")] = "",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Giải thích một giá trị đã gửi: từ ô nào, theo dòng nào, căn cứ nào / where a sent value came from."""
    from gateway.mapping.explaining import explained, sentence
    from gateway.mapping.tracing import traced
    from gateway.wiring import opened

    with opened(home) as gateway:
        run = traced(gateway.doors, home / "packs", gateway.journal.read(exchange))
    values = explained(run.pack, run.report, run.catalogue, indicator, org, previous=run.previous)
    if as_json:
        told = {"pack": run.pack.name, "version": run.version, "pack_digest": run.pack.digest}
        document({"exchange": exchange, **told, "values": values})
        return
    say(f"{run.version} {run.pack.digest[:12]}")
    for value in values:
        line(sentence(value))


def pack_folder(pack: str, home: Path) -> Path:
    """Raises `NotFound` (F-006) with the place where it was looked for last."""
    named = home / "packs" / pack
    found = next((folder for folder in (Path(pack), named) if (folder / "pack.yaml").is_file()), None)
    if found is None:
        raise NotFound(problem("F-006", name=named))
    return found


def submission(file: Path, pack: Any, told: tuple[str, str, str] = ("", "", "")) -> Report:
    """A report out of a file; a form's workbook by the layouts of the pack. `told`: its period, reporter and form."""
    from gateway.mapping.forms import PackForms
    from gateway.schemas.packets import PacketReader

    payload, media_type = file.read_bytes(), media_type_of(file)
    period, reporter, form = told
    cover = Cover(pack.name, "", (form,) if form else (), reporter, period, form)
    found = PackForms(lambda _: pack).read(payload, media_type, cover)
    return found.report if found else PacketReader().read(payload, media_type)[1]


def _packet(report: Report, columns: Columns, settings: Mapping[str, str]) -> bytes:
    """The report-data packet of the result, unsigned. Agency codes of before 2020 are written out of those of today."""
    from gateway.clock import SystemClock
    from gateway.ports import Header
    from gateway.schemas.packets import PacketWriter

    clock = SystemClock()
    codes = [report.head.reporter, settings.get("target.code", report.head.reporter)]
    old = [f"000.00.00.{code[:3]}" for code in codes]
    header = Header(clock.new_id("map"), "report-data", clock.now(), codes[0], old[0], codes[1], old[1])
    return PacketWriter().write(header, Report(report.head, columns), None)


def _account(received: int, mapped: int, held: int, excluded: int) -> None:
    say(f"nhận {received} = ánh xạ {mapped} + giữ lại {held} + loại trừ {excluded}")
    if held:
        raise typer.Exit(Exit.UNDECIDED)
