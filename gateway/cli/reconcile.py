"""reconcile: what the other side holds of ours for a period, value for value, against what our journal says it took."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.findings import Findings, sheet, shown, summarised, tabled
from gateway.cli.options import HERE, Home, Json
from gateway.cli.progress import bar
from gateway.cli.speech import advising, document, failed
from gateway.domain.calendar import REGIMES
from gateway.domain.calendar import period as named
from gateway.domain.errors import NotFound, Problem, Rejected, Unavailable, problem
from gateway.domain.exchange import Exchange
from gateway.domain.problems import Owner, Text
from gateway.journey.holdings import Chosen, Held, Undecided, asked, chosen, compared

EXAMPLE = (
    "Ví dụ: gateway reconcile quoc-gia 2025M06 --out doi-soat.csv · "
    "gateway reconcile quoc-gia LICH:2025M06 --statement sao-ke.json --json"
)
_MOST_NAMED = 5
_NOTHING = Text(
    "Xem gateway ls --partner …; mã kỳ như 2025M06, hoặc LICH:2025M06 khi chỉ hỏi một loại lịch.",
    "See gateway ls --partner …; a period is 2025M06, or LICH:2025M06 for one calendar alone.",
)
_ASK_THEM = Text(
    "Đề nghị nơi nhận cấp lại tệp sao kê đúng kỳ, hoặc bỏ --statement để hỏi trực tiếp.",
    "Ask the receiver for the statement of that period again, or leave --statement out and ask them directly.",
)
# Of a report these problems say that it goes by itself once the line is back; nobody reads again by itself.
_AGAIN = Text(
    "Không có gì thay đổi; chạy lại lệnh khi nơi nhận trả lời, hoặc xin tệp sao kê và dùng --statement.",
    "Nothing was changed; run it again once they answer, or ask for a file and use --statement.",
)
_WAITING = ("A-", "F-001", "F-012")
_Statements = Mapping[str, Mapping[str, Any]]  # by the digest of the packet
_Tell = Callable[[str, int, int], None]


def register(app: typer.Typer) -> None:
    app.command(epilog=EXAMPLE)(reconcile)


def reconcile(
    partner: Annotated[str, typer.Argument(metavar="PARTNER", help="Nơi nhận / the receiver.")],
    period: Annotated[str, typer.Argument(metavar="PERIOD", help="Kỳ: 2025M06; chỉ một loại lịch: LICH:2025M06.")],
    statement: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Tệp sao kê nơi nhận cấp, thay cho hỏi trực tiếp / their file."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Ghi mọi giá trị ra tệp CSV / every value, to a CSV file.")
    ] = None,
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Nơi nhận đang giữ gì của kỳ, so từng giá trị; chỉ đọc / what they hold of a period, value for value; reads only.

    Mã thoát: 0 khớp hết · 3 lệch hoặc chưa rõ · 5 không có gì của kỳ · 7 nơi nhận không trả lời.
    """
    from gateway.wiring import opened

    if statement and out and out.resolve() == statement.resolve():
        raise typer.BadParameter("trùng với --statement / the same as --statement", param_hint="--out")
    periods, came = _periods(period), _came(statement)
    with opened(home) as gateway, bar() as tell:
        if partner not in gateway.declarations.partners:
            raise NotFound(problem("F-006", name=partner))
        found = chosen(
            gateway.journal, partner, periods, frozenset(came or ()), lambda looked: tell("exchanges", looked, 0)
        )
        strangers = _strangers(found, partner, periods, came or {})
        with sheet(out) as write:
            told = Findings(partner, period, str(statement or ""), gateway.doors.clock.now(), found, write, strangers)
            if came is None:
                asyncio.run(_ask(gateway, told, tell))
            else:
                _read(gateway, told, came)
    if as_json:
        document(shown(told))
    else:
        tabled(told)
    summarised(told)
    code = failed(told.silent, as_json=False) if told.silent else told.code
    if code:
        raise typer.Exit(code)


def _periods(code: str) -> frozenset[str]:
    """The full names that `code` may mean. Raises `Rejected` (C-005) where there is none."""
    names = [code] if ":" in code else [f"{regime}:{code}" for regime in REGIMES]
    found, slips = set[str](), list[Rejected]()
    for name in names:
        try:
            found.add(named(name).name)
        except Rejected as error:
            slips.append(error)
    if not found:
        raise slips[0]
    return frozenset(found)


def _came(file: Path | None) -> _Statements | None:
    if file is None:
        return None
    from gateway.schemas.statements import read

    with advising(_ASK_THEM, "C-"):
        return read(file)


def _strangers(
    found: Chosen, partner: str, periods: frozenset[str], came: _Statements
) -> Sequence[tuple[str, Exchange | None]]:
    """The statements of what is not compared. Raises `NotFound`, and `Rejected` (C-005) where they all are such."""
    if not (found.comparing or found.undecided or found.aside):
        with advising(_NOTHING, "F-006"):
            raise NotFound(problem("F-006", name=f"{partner} {' | '.join(sorted(periods))}"))
    comparing = {x.parcel.body.digest for x in found.comparing if x.parcel is not None}
    strangers = [(digest, found.named.get(digest)) for digest in came if digest not in comparing]
    if comparing and came and len(strangers) == len(came):
        with advising(_ASK_THEM, "C-"):
            raise Rejected(*(_foreign(digest, x, periods) for digest, x in strangers[:_MOST_NAMED]))
    return strangers


def _foreign(digest: str, x: Exchange | None, periods: frozenset[str]) -> Problem:
    whose = f"{x.id}, {x.head.period}" if x and x.head else "không phải gói tin đã gửi / no packet of ours"
    expected = " | ".join(sorted(periods))
    return problem("C-005", path=f"digest {digest}", line="-", reason=whose, expected=expected)


async def _ask(gateway: Any, told: Findings, tell: _Tell) -> None:
    """Live, over the line that the journey uses and within what was agreed for it."""

    def hear(one: Held | Undecided) -> None:
        told.hear(one)
        tell("exchanges", told.done, len(told.chosen.comparing))

    silent = await asked(gateway.doors, told.chosen.comparing, hear)
    await gateway.hang_up()
    told.silent = Unavailable(*map(_advised, silent.problems)) if silent else None


def _advised(why: Problem) -> Problem:
    return replace(why, advice=_AGAIN, owner=Owner.OPERATOR) if why.code.startswith(_WAITING) else why


def _read(gateway: Any, told: Findings, came: _Statements) -> None:
    """What the file says of each packet; a packet that it does not speak of stays undecided."""
    for x in told.chosen.comparing:
        assert x.parcel is not None
        digest = x.parcel.body.digest
        if digest in came:
            told.hear(compared(gateway.doors, x, came[digest]))
        else:
            told.hear(Undecided(x, problem("F-006", name=f"{told.file}: {digest}")))
