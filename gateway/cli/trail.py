"""audit acts · verify · anchor · export: who did what, and proof that it was not changed since."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.options import HERE, Home, Json
from gateway.cli.speech import Exit, document, instant, say, table, when

Since = Annotated[datetime | None, typer.Option(help="Từ lúc, giờ Việt Nam / Vietnam time.")]
Until = Annotated[datetime | None, typer.Option(help="Trước lúc, giờ Việt Nam / before.")]
_EVER = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
_HEADS = ("at", "who", "act", "subject", "why", "digest")


def register(group: typer.Typer) -> None:
    group.command(epilog="Ví dụ: gateway audit acts --since 2026-11-01")(acts)
    group.command(epilog="Ví dụ: gateway audit verify --json")(verify)
    group.command(epilog="Ví dụ: gateway audit anchor --json")(anchor)
    group.command(epilog="Ví dụ: gateway audit export viec-da-lam.csv --since 2026-01-01")(export)


def acts(since: Since = None, until: Until = None, home: Home = HERE, as_json: Json = False) -> None:
    """Mọi việc do người làm: cho đi, gửi lại, huỷ, giữ, cấp số, khôi phục / everything people did."""
    from gateway.domain.record import plain

    found = _acts(home, since, until)
    if as_json:
        document([plain(act) for act in found])
    else:
        rows = [(when(act.at), act.who, act.act, act.subject, act.why) for act in found]
        table("Việc đã làm", ("Lúc", "Người", "Việc", "Đối tượng", "Lý do"), rows)


def verify(home: Home = HERE, as_json: Json = False) -> None:
    """Kiểm tra mọi chuỗi sự kiện và mọi ngày đã khoá sổ / every chain, every closed day."""
    from gateway.cli.progress import bar
    from gateway.upkeep import upkeep

    with bar() as tell:
        seen, days = upkeep(home, os.environ).audit(tell)
    if as_json:
        faults = [{"where": fault.where, "what": fault.what} for fault in seen.faults]
        document({"exchanges": seen.exchanges, "facts": seen.facts, "days": days, "faults": faults})
    for fault in seen.faults:
        say(f"✕ {fault.where}: {fault.what}")
    if seen.faults:
        raise typer.Exit(Exit.FAILED)
    say(f"✓ {seen.exchanges} giao dịch, {seen.facts} sự kiện, {days} ngày đã khoá sổ: không có gì bị sửa / unchanged.")


def anchor(home: Home = HERE, as_json: Json = False) -> None:
    """Khoá sổ các ngày đã qua; in ra, ký hoặc gửi nơi khác giữ / close the days that are over."""
    from gateway.domain.record import plain
    from gateway.upkeep import upkeep

    days = upkeep(home, os.environ).anchor()
    if as_json:
        document([plain(day) for day in days])
    else:
        rows = [(day.day.isoformat(), str(day.exchanges), day.root) for day in days]
        table("Ngày đã khoá sổ", ("Ngày", "Số giao dịch", "Gốc Merkle (SHA-256)"), rows)
    if not days:
        say("✓ Chưa có ngày nào đã qua để khoá sổ / no day is over yet.")


def export(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="Tệp mới: .csv hoặc .json / a new file.")],
    since: Since = None,
    until: Until = None,
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Xuất việc đã làm, kèm mã băm trên chuỗi sự kiện / what people did, with the digests that prove it."""
    import json

    from gateway.domain.record import plain

    if file.suffix not in (".csv", ".json"):
        raise typer.BadParameter(f"{file.name}; .csv · .json", param_hint="FILE")
    rows = [plain(act) for act in _acts(home, since, until)]
    if file.suffix == ".json":
        file.write_text(json.dumps(rows, ensure_ascii=False, indent=2) + "\n", "utf-8")
    else:
        file.write_text(_sheet(rows), "utf-8-sig")  # with its mark, so that a spreadsheet reads Vietnamese
    if as_json:
        document({"file": str(file), "acts": len(rows)})
    say(f"✓ {file}: {len(rows)} việc.")


def _acts(home: Path, since: datetime | None, until: datetime | None) -> Sequence[Any]:
    from gateway.upkeep import upkeep

    first, last = _EVER
    return upkeep(home, os.environ).acts(instant(since) if since else first, instant(until) if until else last)


def _sheet(rows: list[dict[str, Any]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(_HEADS)
    writer.writerows([_harmless(str(row[head])) for head in _HEADS] for row in rows)
    return out.getvalue()


def _harmless(cell: str) -> str:
    """What a spreadsheet would take for a formula is text."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
