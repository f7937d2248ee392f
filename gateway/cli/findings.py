"""What `reconcile` found: gathered while it asks, then told as JSON, as a sheet and in sentences."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from gateway.cli.speech import Exit, said, say, sentences, table, when
from gateway.domain.errors import Unavailable
from gateway.domain.exchange import STAGE_WORDS, Exchange
from gateway.domain.part import Figure
from gateway.domain.record import plain
from gateway.journey.comparing import Balance, Match, Pair, balance
from gateway.journey.holdings import Chosen, Held, Undecided

_WORDS: Mapping[Match, str] = {
    Match.SAME: "khớp",
    Match.DIFFERS: "lệch",
    Match.ONLY_OURS: "nơi nhận không có",
    Match.ONLY_THEIRS: "chỉ nơi nhận có",
}
_HEADS = ("Kết quả", "Giao dịch", "Biểu", "Chỉ tiêu", "Địa bàn", "Phân tổ", "Bên gửi", "Nơi nhận")
_COLUMNS = (
    "match", "exchange", "form", "period", "reporter", "revision", "indicator", "organisation", "breakdown",
    "ours", "our_unit", "theirs", "their_unit",
)  # fmt: skip
_FIRST = 20
_FIGURE = re.compile(r"[+-]?\d+(\.\d+)?")
Write = Callable[[Exchange, Pair], object]


@dataclass
class Findings:
    """Of the values only those that are not the same are kept: a period may have a million of them.

    file      the statement they were compared with; empty: asked live
    write     where every value goes as it comes
    strangers statements of the file whose packets are not compared, and whose they are where we know them
    silent    why the rest was not asked
    """

    partner: str
    period: str
    file: str
    at: datetime
    chosen: Chosen
    write: Write
    strangers: Sequence[tuple[str, Exchange | None]] = ()
    held: list[tuple[Held, Balance]] = field(default_factory=list)
    undecided: list[Undecided] = field(default_factory=list)
    other: list[tuple[Exchange, Pair]] = field(default_factory=list)
    groups: dict[tuple[str, str], Balance] = field(default_factory=dict)  # by form and indicator
    silent: Unavailable | None = None

    def __post_init__(self) -> None:
        self.undecided += [Undecided(x) for x in self.chosen.undecided]

    def hear(self, one: Held | Undecided) -> None:
        if isinstance(one, Undecided):
            self.undecided.append(one)
            return
        x, by_indicator = one.exchange, dict[str, list[Pair]]()
        self.held.append((Held(x, (), one.parts, one.known), balance(one.pairs)))
        for pair in one.pairs:
            self.write(x, pair)
            by_indicator.setdefault(pair.place.indicator, []).append(pair)
        self.other += [(x, pair) for pair in one.pairs if pair.match is not Match.SAME]
        for indicator, pairs in by_indicator.items():
            group = (_form(x), indicator)
            self.groups[group] = self.groups.get(group, Balance()) + balance(pairs)

    @property
    def account(self) -> Balance:
        return sum((each for _, each in self.held), Balance())

    @property
    def done(self) -> int:
        return len(self.held) + len(self.undecided) - len(self.chosen.undecided)

    @property
    def not_asked(self) -> int:
        return len(self.chosen.comparing) - self.done

    @property
    def unknown(self) -> list[str]:
        """Packets that they say are ours, and that we never sent them."""
        return [digest for digest, x in self.strangers if x is None]

    @property
    def code(self) -> Exit:
        """Of what was answered; whether they answered at all is the caller's."""
        parts = any(one.parts for one, _ in self.held)
        if not self.account.agrees or parts or self.undecided or self.unknown:
            return Exit.UNDECIDED
        return Exit.OK if self.held else Exit.NOT_FOUND


# ── as JSON ──────────────────────────────────────────────────────────────────────────────────────────
def shown(found: Findings) -> dict[str, Any]:
    """Every value that is not the same, and every count."""
    chosen = found.chosen
    return {
        "ok": found.silent is None and found.code is Exit.OK,
        "partner": found.partner,
        "period": found.period,
        "source": "statement" if found.file else "live",
        "statement": found.file or None,
        "at": plain(found.at),
        "recorded": False,
        "account": _counts(found.account),
        "exchanges": {
            "compared": len(found.held),
            "undecided": len(found.undecided),
            "not_asked": found.not_asked,
            "left_aside": {stage.value: number for stage, number in chosen.aside.items()},
            "unread": chosen.unread,
        },
        "groups": [{"form": f, "indicator": i, **_counts(one)} for (f, i), one in sorted(found.groups.items())],
        "reports": [_report(one, counted) for one, counted in found.held],
        "values": [_value(x, pair) for x, pair in _sorted(found.other)],
        "undecided": [_undecided(one) for one in found.undecided],
        "other_statements": [_stranger(digest, x) for digest, x in found.strangers],
        "problems": [said(one) for one in found.silent.problems] if found.silent else [],
    }


def _counts(one: Balance) -> dict[str, int]:
    return {"compared": one.compared, **plain(one)}


def _of(x: Exchange) -> dict[str, Any]:
    head = x.head
    assert head is not None
    told = {"form": head.form, "period": head.period, "reporter": head.reporter, "revision": head.revision}
    return {"exchange": x.id, **told}


def _report(one: Held, counted: Balance) -> dict[str, Any]:
    x = one.exchange
    reference = x.receipt.reference if x.receipt else None
    rejected = len(x.acknowledgement.rejected) if x.acknowledgement else 0
    stands = {"stage": x.stage.value, "reference": reference, "known": one.known, "rejected": rejected}
    return {**_of(x), **stands, **_counts(counted), "parts": list(one.parts)}


def _value(x: Exchange, pair: Pair) -> dict[str, Any]:
    return {
        "match": pair.match.value,
        **_of(x),
        **plain(pair.place),
        "ours": _side(pair.ours),
        "theirs": _side(pair.theirs),
    }


def _side(figure: Figure | None) -> dict[str, str] | None:
    return {"value": figure[0], "unit": figure[1]} if figure else None


def _undecided(one: Undecided) -> dict[str, Any]:
    x = one.exchange
    stands = {"stage": x.stage.value, "stage_vi": STAGE_WORDS[x.stage]}
    return {**_of(x), **stands, "problem": said(one.why) if one.why else None}


def _stranger(digest: str, x: Exchange | None) -> dict[str, Any]:
    return {"digest": digest, "of": _of(x) if x and x.head else None}


# ── as a sheet ───────────────────────────────────────────────────────────────────────────────────────
@contextmanager
def sheet(file: Path | None) -> Iterator[Write]:
    """Where every value is written as it comes: a CSV that a spreadsheet reads; nowhere without a file."""
    if file is None:
        yield lambda _x, _pair: None
        return
    with file.open("w", encoding="utf-8-sig", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(_COLUMNS)

        def write(x: Exchange, pair: Pair) -> None:
            ours, theirs = pair.ours or ("", ""), pair.theirs or ("", "")
            cells = [pair.match.value, *_of(x).values(), *plain(pair.place).values(), *ours, *theirs]
            writer.writerow([_harmless(str(cell)) for cell in cells])

        yield write


def _harmless(cell: str) -> str:
    """What a spreadsheet would take for a formula is text; a figure below nought is none."""
    is_formula = cell.startswith(("=", "+", "-", "@", "\t", "\r")) and not _FIGURE.fullmatch(cell)
    return f"'{cell}" if is_formula else cell


# ── for people ───────────────────────────────────────────────────────────────────────────────────────
def tabled(found: Findings) -> None:
    """The first values that are not the same."""
    rows = [
        (_WORDS[pair.match], x.id, _form(x), *plain(pair.place).values(), _told(pair.ours), _told(pair.theirs))
        for x, pair in _sorted(found.other)[:_FIRST]
    ]
    if rows:
        table(f"{found.partner} {found.period}", _HEADS, rows)


def summarised(found: Findings) -> None:
    """The account, and what it does not count."""
    one, chosen = found.account, found.chosen
    if len(found.other) > _FIRST:
        say(f"  Chỉ hiện {_FIRST} trên {len(found.other)} giá trị; đủ: --json, --out / only the first {_FIRST} shown.")
    uneven = [(group, counted) for group, counted in sorted(found.groups.items()) if not counted.agrees]
    for (form, indicator), counted in uneven[:_FIRST]:
        say(f"  {form} {indicator}: {_counted(counted)}")
    for told in _beside_the_values(found)[:_FIRST]:
        say(f"  ✕ {told}")
    for undecided in found.undecided[:_FIRST]:
        x, why = undecided.exchange, undecided.why
        say(f"  ? {x.id} {_form(x)}: {sentences(why)[0] if why else STAGE_WORDS[x.stage]}")
    for digest, of in found.strangers[:_FIRST]:
        whose = f"{of.id} {of.lane}, {STAGE_WORDS[of.stage]}" if of else "bên này không gửi / never sent from here"
        say(f"  Sao kê ngoài phần so {digest[:12]}…: {whose}")
    fine = found.silent is None and found.code is Exit.OK
    say(f"{'✓' if fine else '⚠'} {found.partner} {found.period}: {_counted(one)}")
    aside = ", ".join(f"{STAGE_WORDS[stage]} {number}" for stage, number in chosen.aside.items())
    say(
        f"  {len(found.held)} giao dịch đã so, {len(found.undecided)} chưa rõ, {found.not_asked} chưa hỏi"
        f"; để ngoài: {aside or '0'}"
    )
    if chosen.unread:
        say(f"  {chosen.unread} báo cáo chưa đọc, chưa biết thuộc kỳ nào / not read yet, their period is not known.")
    source = f"Theo tệp {found.file}" if found.file else "Hỏi trực tiếp"
    say(f"  {source} lúc {when(found.at)}; chỉ đọc, không ghi vào nhật ký / a reading, recorded nowhere.")


def _beside_the_values(found: Findings) -> list[str]:
    """What differs and is no value: packets they do not know, parts of composites."""
    told = []
    for one, _ in found.held:
        said_of_it = [] if one.known else ["nơi nhận không biết gói tin này / the receiver does not know this packet"]
        told += [f"{one.exchange.id} {_form(one.exchange)}: {each}" for each in [*said_of_it, *one.parts]]
    return told


def _counted(one: Balance) -> str:
    return (
        f"so {one.compared} = khớp {one.same} + lệch {one.differs} + nơi nhận không có {one.only_ours}"
        f"; chỉ nơi nhận có {one.only_theirs}"
    )


def _told(figure: Figure | None) -> str:
    return " ".join(figure) if figure else "–"


def _form(x: Exchange) -> str:
    return x.head.form if x.head else "–"


def _sorted(values: Sequence[tuple[Exchange, Pair]]) -> list[tuple[Exchange, Pair]]:
    """By form and indicator; those that differ keep the order of the reports."""
    return sorted(values, key=lambda one: (_form(one[0]), one[1].place.indicator))
