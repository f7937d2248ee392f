"""journal check · rebuild · export · import · doubt: the truth looked at, and carried elsewhere."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.options import HERE, Because, By, ExchangeId, Home, Json
from gateway.cli.speech import Exit, advising, document, say, table
from gateway.domain.problems import Text

HELP = "Nhật ký: kiểm tra, dựng lại, xuất, nhập, lưu giữ / the journal looked after."
EXAMPLE = "Ví dụ: gateway journal check"
# Of a restore F-021 says which copy to take; what is brought in is no copy.
_ELSEWHERE = Text(
    "Nhật ký đang có vẫn nguyên vẹn. Nhập vào triển khai mới (gateway init) với CSDL trống.",
    "The journal that is there is untouched. Import into a new deployment (gateway init) with an empty database.",
)


def register(group: typer.Typer) -> None:
    group.command(epilog="Ví dụ: gateway journal check --json")(check)
    group.command(epilog="Ví dụ: gateway journal rebuild")(rebuild)
    group.command(epilog="Ví dụ: gateway journal export nhat-ky.jsonl.zst")(export)
    group.command("import", epilog="Ví dụ: gateway journal import nhat-ky.jsonl.zst")(bring_in)
    group.command(epilog="Ví dụ: gateway journal doubt")(doubt)
    group.command(epilog='Ví dụ: gateway journal purge; gateway journal purge --yes --because "hết thời hạn lưu trữ"')(
        purge
    )
    group.command(epilog="Ví dụ: gateway journal missing bien-nhan.txt")(missing)
    group.command(epilog='Ví dụ: gateway journal hold gd-01… --because "thanh tra"')(hold)
    group.command(epilog='Ví dụ: gateway journal lift gd-01… --because "thanh tra xong"')(lift)


def check(
    file: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="Một tệp đã xuất / an export.")] = None,
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Kiểm tra mọi chuỗi sự kiện, mọi nội dung / every chain, every state, every byte."""
    from gateway.cli.progress import bar
    from gateway.upkeep import examine, upkeep

    with bar() as tell:
        seen = examine(file, tell) if file else upkeep(home, os.environ).check(tell)
    if as_json:
        document(_counted(seen))
    for fault in seen.faults:
        say(f"✕ {fault.where}: {fault.what}")
    if seen.faults:
        raise typer.Exit(Exit.FAILED)
    say(f"✓ {seen.exchanges} giao dịch, {seen.facts} sự kiện, {seen.blobs} nội dung: nguyên vẹn / whole.")


def rebuild(home: Home = HERE, as_json: Json = False) -> None:
    """Dựng lại trạng thái từ sự kiện; cổng vẫn chạy được / state and work made again from the facts."""
    from gateway.cli.progress import bar
    from gateway.upkeep import upkeep

    with bar() as tell:
        mended = upkeep(home, os.environ).rebuild(tell)
    if as_json:
        document({"mended": mended})
    say(f"✓ {mended} giao dịch được sửa lại theo sự kiện / mended after their facts.")


def export(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="Tệp mới; .zst: nén / a new file.")],
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Xuất toàn bộ thành JSON Lines / everything as JSON Lines."""
    from gateway.cli.progress import bar
    from gateway.upkeep import upkeep

    with bar() as tell:
        seen = upkeep(home, os.environ).export(file, tell)
    if as_json:
        document({**_counted(seen), "file": str(file)})
    say(f"✓ {file}: {seen.exchanges} giao dịch, {seen.facts} sự kiện, {seen.blobs} nội dung.")


def bring_in(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Tệp đã xuất / an export.")],
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Nhập vào nhật ký trống; việc còn dở được hỏi lại trước / into an empty journal."""
    from gateway.cli.progress import bar
    from gateway.upkeep import upkeep

    with bar() as tell, advising(_ELSEWHERE, "F-021"):
        seen = upkeep(home, os.environ).bring_in(file, tell)
    if as_json:
        document(_counted(seen))
    say(f"✓ {seen.exchanges} giao dịch, {seen.facts} sự kiện, {seen.blobs} nội dung đã nhập.")


def doubt(home: Home = HERE, as_json: Json = False) -> None:
    """Sau khi chép tay tệp dữ liệu trở lại: hỏi lại mọi việc còn dở / ask after what is owed before sending."""
    from gateway.upkeep import upkeep

    doubted = upkeep(home, os.environ).doubt()
    if as_json:
        document({"doubted": doubted})
    say(f"✓ {doubted} giao dịch sẽ được hỏi lại nơi nhận trước khi gửi.")


def purge(
    because: Because = "",
    go: Annotated[
        bool, typer.Option("--yes", help="Huỷ thật; không có: chỉ liệt kê / really; else only list.")
    ] = False,
    by: By = "cli",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Huỷ hồ sơ đã hết thời hạn lưu trữ; để lại bằng chứng / let go what has been kept long enough."""
    from gateway.cli.progress import bar
    from gateway.schemas.declarations import declarations
    from gateway.schemas.settings import settings
    from gateway.upkeep import upkeep

    if go and not because:
        raise typer.BadParameter("cần cùng với --yes / needed with --yes", param_hint="--because")
    keeping = upkeep(home, os.environ)
    declared = declarations(home / "partners", settings(home, os.environ).local).agreements
    going = keeping.over(declared)
    with bar() as tell:
        done = keeping.purge(going, (by, because), tell) if go and going else None
    if as_json:
        listed = [{"exchange": one.exchange, "kept_until": one.kept_until} for one in going]
        document({"over": listed, "purged": done.exchanges if done else 0, "blobs": done.blobs if done else 0})
    if not going:
        say("✓ Không có hồ sơ nào hết thời hạn lưu trữ / nothing is over.")
    elif done is None:
        _list(going)
    else:
        say(f"✓ {done.exchanges} giao dịch, {done.blobs} nội dung đã huỷ; mã băm được giữ lại.")


def _list(going: Sequence[Any]) -> None:
    rows = [(one.exchange, f"{one.kept_until:%d/%m/%Y}") for one in going]
    table("Hết thời hạn lưu trữ", ("Mã", "Giữ đến hết"), rows)
    say(f"  {len(going)} giao dịch đã hết thời hạn lưu trữ; thêm --yes để huỷ / over, nothing purged.")


def missing(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Mỗi dòng một mã giao dịch đã được cấp.")],
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Sau khôi phục: mã nào bên gửi giữ mà nhật ký không còn / which promised ids are not here."""
    from gateway.domain.errors import NotFound
    from gateway.wiring import opened

    gone: list[str] = []
    with opened(home) as gateway:
        for name in dict.fromkeys(file.read_text("utf-8").split()):
            try:
                gateway.journal.read(name)
            except NotFound:
                gone.append(name)
    if as_json:
        document({"missing": gone})
    for name in gone:
        say(f"✕ {name}")
    if gone:
        say("  → Hỏi nơi nhận về từng mã trước khi bên gửi nộp lại / ask the receiver before they are handed in again.")
        raise typer.Exit(Exit.UNDECIDED)
    say("✓ Không thiếu mã nào / none is missing.")


def hold(exchange: ExchangeId, because: Because, by: By = "cli", home: Home = HERE, as_json: Json = False) -> None:
    """Giữ hồ sơ quá thời hạn, tới khi bỏ / a legal hold."""
    _retained(exchange, (by, because), home, held=True, as_json=as_json)


def lift(exchange: ExchangeId, because: Because, by: By = "cli", home: Home = HERE, as_json: Json = False) -> None:
    """Bỏ yêu cầu giữ hồ sơ / lift a legal hold."""
    _retained(exchange, (by, because), home, held=False, as_json=as_json)


def _retained(exchange: str, who: tuple[str, str], home: Path, *, held: bool, as_json: bool) -> None:
    from gateway.cli.exchanges import summary
    from gateway.journey.operate import Person
    from gateway.wiring import opened

    with opened(home) as gateway:
        x = gateway.retain(exchange, Person(*who), held=held)
    if as_json:
        document(summary(x))
    say(f"✓ {x.id}: {'giữ hồ sơ' if held else 'bỏ giữ hồ sơ'}")


def _counted(seen: Any) -> dict[str, Any]:
    return {
        "exchanges": seen.exchanges, "facts": seen.facts, "blobs": seen.blobs, "bytes": seen.bytes,
        "faults": [{"where": fault.where, "what": fault.what} for fault in seen.faults],
    }  # fmt: skip
