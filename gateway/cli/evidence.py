"""evidence: everything that proves an exchange as one ZIP, and a ZIP judged without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.options import HERE, ExchangeId, Home, Json
from gateway.cli.speech import Exit, document, say, when

HELP = "Hồ sơ chứng cứ của một giao dịch / the evidence of an exchange."
EXAMPLE = "Ví dụ: gateway evidence export gd-01… --out chung-cu.zip"


def register(app: typer.Typer) -> None:
    app.command(epilog=EXAMPLE)(export)
    app.command(epilog="Ví dụ: gateway evidence verify chung-cu.zip --trust trust/")(verify)


def export(
    exchange: ExchangeId,
    out: Annotated[Path | None, typer.Option(help="Nơi ghi; mặc định <ID>.zip / where to write.")] = None,
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Xuất hồ sơ chứng cứ: nội dung, chữ ký, chuỗi sự kiện, dữ liệu thu hồi, biên nhận / export as one ZIP."""
    from gateway.journey.evidence import bundled, dossier
    from gateway.wiring import opened

    with opened(home) as gateway:
        bundle = bundled(dossier(gateway.journal, gateway.journal.read(exchange), gateway.anchored(exchange)))
    target = out or Path(f"{exchange}.zip")
    target.write_bytes(bundle)
    if as_json:
        document({"file": str(target), "bytes": len(bundle)})
    say(f"Đã ghi / written: {target}")


def verify(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Hồ sơ ZIP / the bundle.")],
    trust: Annotated[
        Path | None,
        typer.Option(
            exists=True, file_okay=False, help="Neo tin cậy của người xem; không có thì dùng neo trong hồ sơ."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Xét lại hồ sơ, không cần mạng: 0 khớp, 1 không khớp / judge a bundle offline: 0 it holds, 1 it does not."""
    from gateway.domain.record import plain
    from gateway.signing.evidence_zip import judged

    found = judged(file.read_bytes(), trust)
    replayed = found.replayed
    shown: dict[str, Any] = {
        "file": str(file),
        "exchange": found.exchange,
        "holds": found.holds,
        "chain_intact": found.chain,
        "facts": found.facts,
        "head": found.head,
        "indication": replayed.again.indication if replayed and replayed.again else None,
        "recorded_indication": replayed.kept.indication if replayed and replayed.kept else None,
        "same_verdict": replayed.same if replayed else None,
        "anchors": dict(replayed.pins) if replayed else {},
        "anchors_are_ours": replayed.trusted if replayed else None,
        "days": [plain(day) for day in found.days],
        "parts": {
            name: {
                "indication": one.again.indication if one.again else None,
                "recorded_indication": one.kept.indication if one.kept else None,
                "same_verdict": one.same,
            }
            for name, one in found.parts.items()
        },
        "faults": list(found.faults),
    }
    if as_json:
        document(shown)
    say(f"{'Khớp / it holds' if found.holds else 'Không khớp / it does not hold'}: {file}")
    for fault in found.faults:
        say(f"  {fault}")
    for name, one in found.parts.items():
        said = one.again.indication if one.again else "–"
        same = "như đã ghi / as recorded" if one.same else "KHÁC bản ghi / NOT as recorded"
        say(f"  Tệp kèm theo / attached {name}: {said}, {same}")
    for day in found.days:
        stamped = (
            f"{when(day.stamped_at)}, {day.authority}" if day.stamped_at else "chưa có dấu thời gian / no time-stamp"
        )
        say(f"  Có trong sổ ngày {day.day:%d/%m/%Y} / in the closed day ({stamped})")
        if day.trusted is None and day.pin:
            say(f"  Cơ quan cấp dấu thời gian, hãy tự đối chiếu / compare by hand: sha256 {day.pin}")
    if replayed and not replayed.trusted:
        for name, pin in replayed.pins.items():
            say(f"  Neo trong hồ sơ, hãy tự đối chiếu / compare by hand: {name} sha256 {pin}")
    raise typer.Exit(Exit.OK if found.holds else Exit.FAILED)
