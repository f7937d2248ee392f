"""pack check · approve · export · import · diff · coverage: mapping packs as their owners keep them."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.mapping import pack_folder, submission
from gateway.cli.options import HERE, By, Home, Json
from gateway.cli.speech import Exit, document, line, say, when
from gateway.domain.errors import NotFound, Rejected, problem

HELP = "Gói ánh xạ: kiểm tra, duyệt, xuất, nhập, so sánh / mapping packs."
EXAMPLE = "Ví dụ: gateway pack check kt-xh-tinh"
_Pack = Annotated[str, typer.Argument(metavar="PACK", help="Thư mục gói, hoặc tên gói trong triển khai.")]


def register(app: typer.Typer) -> None:
    app.command(epilog="Ví dụ: gateway pack check kt-xh-tinh --json")(check)
    app.command(epilog="Ví dụ: gateway pack approve kt-xh-tinh --by 'Nguyễn Văn A'")(approve)
    app.command(epilog="Ví dụ: gateway pack export kt-xh-tinh goi.xlsx; tra-cuu.json: bảng tra SDMX")(export)
    app.command("import", epilog="Ví dụ: gateway pack import tra-cuu.json packs/kt-xh-moi --onto kt-xh-tinh")(import_)
    app.command(epilog="Ví dụ: gateway pack diff kt-xh-tinh kt-xh-moi --file bao-cao.json")(diff)
    app.command(epilog="Ví dụ: gateway pack coverage kt-xh-tinh --catalogue danh-muc.xml")(coverage)


def check(pack: _Pack, home: Home = HERE, as_json: Json = False) -> None:
    """Kiểm tra gói: lỗi, cảnh báo, ví dụ, đã duyệt chưa / faults, warnings, examples, approval."""
    from gateway.mapping.approval import approvals, approved, authors
    from gateway.mapping.examples import tried
    from gateway.mapping.loading import load

    folder = pack_folder(pack, home)
    loaded = load(folder)
    outcomes, given = tried(loaded), approved(folder, loaded)
    failed = [one for one in outcomes if not one.passed]
    if as_json:
        document(
            {
                "ok": not failed,
                "pack": loaded.name,
                "digest": loaded.digest,
                "rows": {name: len(lines) for name, lines in loaded.lines.items() if lines},
                "warnings": list(loaded.warnings),
                "examples": [{"name": one.name, "passed": one.passed, "fault": one.fault} for one in outcomes],
                "authors": authors(loaded),
                "approved": given,
                "versions": approvals(folder),
            }
        )
    for warning in loaded.warnings:
        say(f"! {warning}", style="yellow")
    for one in failed:
        say(f"✕ {one.place} “{one.name}”: {one.fault}")
    for each in approvals(folder):
        say(f"  {loaded.name}@{each.number} {each.digest[:12]}  {each.by}  {_shown(each.at)}")
    version = f"{loaded.name}@{given.number}" if given else f"{loaded.name} (chưa duyệt / not approved)"
    say(f"{'✕' if failed else '✓'} {version} {loaded.digest[:12]}: ví dụ {len(outcomes) - len(failed)}/{len(outcomes)}")
    if failed:
        raise typer.Exit(Exit.FAILED)


def _shown(at: str) -> str:
    """The moment in a pack's own file, which people may edit: what is none is shown as it stands."""
    try:
        return when(datetime.fromisoformat(at))
    except ValueError:
        return at


def approve(
    pack: _Pack,
    by: By,
    because: Annotated[str, typer.Option(help="Căn cứ duyệt / on what ground.")] = "",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Duyệt đúng bản này của gói; người duyệt khác người lập / approve this version, as a second person."""
    from gateway.clock import SystemClock
    from gateway.mapping.approval import approve as approved_by

    folder = pack_folder(pack, home)
    given = approved_by(folder, by, SystemClock().now(), because)
    if as_json:
        document(given)
    say(f"✓ {folder.name}@{given.number} {given.digest[:12]}: {given.by}")


def export(
    pack: _Pack,
    file: Annotated[Path, typer.Argument(help="Tệp .xlsx, thư mục CSV mới; .json: bảng tra SDMX / SDMX lookups.")],
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Xuất gói ra một bảng tính, hoặc ra thư mục CSV; bảng tra ra SDMX-JSON / as a workbook, CSVs or SDMX lookups."""
    from gateway.mapping.book import read_folder, workbook, write_folder

    faults: list[str] = []
    folder = pack_folder(pack, home)
    settings, tables = read_folder(folder, faults)
    _refuse(pack, faults)
    if file.suffix.lower() == ".xlsx":
        file.write_bytes(workbook(settings, tables))
    elif file.suffix.lower() == ".json":
        file.write_bytes(_lookups(folder, tables))
    else:
        write_folder(file, settings, tables)
    if as_json:
        document({"file": str(file), "sheets": sorted(tables)})
    say(f"✓ {file}")


def import_(
    file: Annotated[
        Path, typer.Argument(exists=True, help="Tệp .xlsx, thư mục CSV, hoặc bảng tra SDMX (.json, .xml).")
    ],
    pack: Annotated[Path, typer.Argument(metavar="PACK", help="Thư mục gói mới / the new pack's folder.")],
    onto: Annotated[str, typer.Option(help="Gói mà bảng tra SDMX thay vào / the pack that SDMX lookups go into.")] = "",
    sheet: Annotated[str, typer.Option(help="Trang nhận bảng tra mang tên khác, ví dụ to_chuc.")] = "",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Nhập gói từ bảng tính, CSV, SDMX; gói có lỗi không được nhận / take a pack in; a faulty one is refused."""
    from gateway.mapping import sdmx
    from gateway.mapping.book import read_folder, read_workbook, write_folder
    from gateway.mapping.loading import build

    faults: list[str] = []
    is_sdmx = file.suffix.lower() in (".json", ".xml")
    if is_sdmx != bool(onto):
        raise typer.BadParameter("SDMX (.json, .xml) ⇔ --onto", param_hint="--onto")
    if is_sdmx:
        settings, tables = read_folder(pack_folder(onto, home), faults)
        tables = sdmx.taken(file.read_bytes(), tables, sheet)
    else:
        settings, tables = read_folder(file, faults) if file.is_dir() else read_workbook(file.read_bytes())
    built = build(pack.name, settings, tables, faults)
    write_folder(pack, settings, tables)
    if as_json:
        document({"pack": built.name, "digest": built.digest, "warnings": list(built.warnings)})
    say(f"✓ {built.name} {built.digest[:12]} → {pack}")


def diff(
    old: _Pack,
    new: Annotated[str, typer.Argument(metavar="NEW", help="Gói mới / the new one.")],
    file: Annotated[
        list[Path] | None, typer.Option(exists=True, dir_okay=False, help="Báo cáo; lặp lại được. Không có: nhật ký.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Số báo cáo gần nhất / how many of the journal.")] = 200,
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Kết quả nào sẽ đổi dưới gói mới / which results would change under the new pack."""
    from gateway.mapping.differing import pack_diff
    from gateway.mapping.loading import load

    before, after = load(pack_folder(old, home)), load(pack_folder(new, home))
    reports = [submission(one, before) for one in file] if file else _journalled(home, before.name, limit)
    found = pack_diff(before, after, reports)
    if as_json:
        document(found)
    for change in found["changes"]:
        place = " ".join(
            filter(None, (change["period"], change["indicator"], change["organisation"], change["breakdown"]))
        )
        (say if as_json else line)(f"{change['kind']:<8} {place}: {change['before'] or '–'} → {change['after'] or '–'}")
    say(f"{found['reports']} báo cáo, {len(found['changes'])} giá trị đổi, {found['unchanged']} giữ nguyên")


def coverage(
    pack: _Pack,
    catalogue: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Gói tin danh mục; không có: danh mục đang áp dụng."),
    ] = None,
    day: Annotated[str, typer.Option(help="Ngày, mặc định hôm nay / a day.")] = "",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Chỉ tiêu, biểu mẫu quốc gia chưa có nguồn, dòng gói không dùng được / what has no source, and dead rows."""
    from gateway.clock import SystemClock
    from gateway.domain.calendar import VIETNAM
    from gateway.mapping.coverage import coverage as covered
    from gateway.mapping.loading import load

    loaded = load(pack_folder(pack, home))
    wanted = _catalogue(catalogue, loaded.settings.get("target.catalogue", ""), home)
    try:
        on = date.fromisoformat(day) if day else SystemClock().now().astimezone(VIETNAM).date()
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--day") from None
    sources, forms = ([], {}) if catalogue else _in_use(home, loaded.name, on)
    found = covered(loaded, wanted, on, sources, forms)
    if as_json:
        document(found)
    tell = say if as_json else line
    for form in found["forms"]:
        if form["without_source"]:
            tell(f"{'form':<18} {form['form']}: {' '.join(form['without_source'])}")
    for key in ("without_source", "on_no_form", "not_in_catalogue", "other_unit", "dead_rows", "expired_rows"):
        for row in found[key]:
            tell(f"{key:<18} {' '.join(str(value) for value in row.values())}")
    say(f"{found['catalogue']}: {found['covered']}/{found['indicators']} chỉ tiêu có nguồn / have a source")


def _lookups(folder: Path, tables: Any) -> bytes:
    from gateway.clock import SystemClock
    from gateway.mapping import sdmx
    from gateway.mapping.approval import approved
    from gateway.mapping.loading import load

    loaded = load(folder)
    given = approved(folder, loaded)
    return sdmx.written(loaded.settings, given.number if given else 0, tables, SystemClock().now())


def _refuse(pack: str, faults: list[str]) -> None:
    if faults:
        raise Rejected(*(problem("D-002", pack=pack, reason=fault) for fault in faults))


def _catalogue(file: Path | None, named: str, home: Path) -> Any:
    """Raises `NotFound` (F-006) where none is in force under the name that the pack gives."""
    if file:
        from gateway.schemas.packets import PacketReader

        return PacketReader().read_catalogue(file.read_bytes())
    from gateway.wiring import opened

    name = named.partition("@")[0]
    with opened(home) as gateway:
        found = gateway.doors.catalogues.current(name)
    if found is None:
        raise NotFound(problem("F-006", name=name or "catalogue"))
    return found


def _in_use(home: Path, pack: str, day: date) -> tuple[list[str], dict[str, tuple[str, ...]]]:
    """The codes that the newest reports really carried, and the indicators of each form in use."""
    from gateway.domain.forms import in_use
    from gateway.journey.forms import forms_of
    from gateway.wiring import opened

    reports = _journalled(home, pack, 200)
    with opened(home) as gateway:
        forms = in_use(forms_of(gateway.register), day)
    sources = sorted({code for report in reports for code in report.columns.indicator})
    return sources, {name: one.indicators for name, one in forms.items()}


def _journalled(home: Path, pack: str, limit: int) -> list[Any]:
    """The newest reports that were mapped with the pack, as they were handed in."""
    from gateway.domain.exchange import Kind
    from gateway.journey.case import Case
    from gateway.ports import Query
    from gateway.wiring import opened

    with opened(home) as gateway:
        agreed = tuple(name for name, one in gateway.declarations.agreements.items() if one.pack == pack)
        if not agreed:
            return []
        found = gateway.journal.find(Query(kinds=(Kind.OUTBOUND,), agreements=agreed, limit=limit))
        return [Case(x, gateway.doors).submitted() for x in found if x.document is not None]
