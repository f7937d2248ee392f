"""Catalogues, forms and allocations on one page; and what a catalogue that came down changes and breaks, on its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from starlette.requests import Request
from starlette.responses import Response

from gateway.console.filters import exchange_id
from gateway.console.rendering import Renderer
from gateway.console.stages import Mood
from gateway.domain.allocation import Assigned, assigned
from gateway.domain.calendar import VIETNAM
from gateway.domain.catalogue import Catalogue, Change, Changes, Succession, compare
from gateway.domain.errors import NotFound, problem
from gateway.domain.exchange import Exchange, Kind
from gateway.domain.forms import STATE_WORDS, FormVersion, State
from gateway.domain.problems import Text
from gateway.journey.forms import Given, forms_of, given
from gateway.journey.impact import Turn
from gateway.ports import Query
from gateway.weighing import weighed
from gateway.wiring import Gateway

MOST = 100  # lines of one list on a page
_FEW, _SOME = 12, 24  # lines, and codes in a row, that stand open; the rest is folded
_LOOKED_AT = 200  # reports that wait; the verb looks at them all
_TURNS = 5

STATES: Mapping[State, tuple[Mood, Text]] = {
    State.DRAFT: (Mood.QUIET, Text(STATE_WORDS[State.DRAFT], "Draft")),
    State.TEST: (Mood.HOLD, Text(STATE_WORDS[State.TEST], "Under test")),
    State.ACTIVE: (Mood.GOOD, Text(STATE_WORDS[State.ACTIVE], "In official use")),
    State.ENDED: (Mood.QUIET, Text(STATE_WORDS[State.ENDED], "Ended")),
}

WORDS: Mapping[str, Text] = {
    "title": Text("Danh mục, biểu mẫu, phân bổ", "Catalogues, forms, allocations"),
    "none": Text("Không có thoả thuận nào theo danh mục.", "No agreement follows a catalogue."),
    "in_force": Text("Đang áp dụng", "In force"),
    "coming": Text("Sắp áp dụng", "Coming"),
    "never": Text("Chưa đồng bộ: gateway catalogue sync.", "Never fetched: gateway catalogue sync."),
    "since": Text("từ", "since"),
    "items": Text("mục", "entries"),
    "turns": Text("Các lần tải về gần nhất", "Fetched last"),
    "nobody": Text("Chỉ tiêu chưa giao đơn vị nào", "Indicators that no unit was given"),
    "several": Text("Chỉ tiêu giao nhiều đơn vị", "Indicators that several units were given"),
    "forms": Text("Biểu mẫu", "Forms"),
    "no_forms": Text(
        "Sổ chưa ghi biểu mẫu nào: gateway form record, draft.", "No form is recorded: gateway form record."
    ),
    "form": Text("Biểu, bản", "Form, version"),
    "state": Text("Trạng thái", "State"),
    "promised": Text("Hạn hứa", "Promised by"),
    "build": Text("lập xong", "drafted"),
    "test": Text("kiểm thử xong", "tested"),
    "late": Text("quá hạn", "late"),
    "used": Text("Thời gian dùng", "In use"),
    "notice": Text("Văn bản", "Document"),
    "allocations": Text("Phân bổ", "Allocations"),
    "no_allocations": Text("Chưa giao chỉ tiêu cho đơn vị nào.", "Nothing has been allocated."),
    "unit": Text("Đơn vị", "Unit"),
    "given": Text("Được giao", "Given"),
    "taken_note": Text("Hệ thống đã ghi nhận", "Acknowledged by its system"),
    "not_yet": Text("chưa ghi nhận", "not yet"),
    "nobody_told": Text("không hệ thống nào được báo", "no system was told"),
    "more": Text("… và {count} dòng nữa", "… and {count} more"),
    "rest": Text("Xem thêm {count}", "{count} more"),
    "turn": Text("Danh mục tải về", "A catalogue that came down"),
    "exchange": Text("Giao dịch", "Exchange"),
    "approve": Text("Chờ người duyệt:", "Waits for a person:"),
    "changes": Text("Thay đổi", "What changes"),
    "no_changes": Text("Không đổi gì.", "Nothing."),
    "impact": Text("Tác động", "What it breaks here"),
    "no_impact": Text("Không gói, báo cáo, kỳ hạn nào hỏng.", "No pack, report or deadline breaks."),
    "looked_at": Text(
        "Chỉ xét {count} báo cáo đang chờ mới nhất; xét đủ: gateway catalogue impact {exchange}",
        "Of the reports that wait only the {count} youngest; all of them: gateway catalogue impact {exchange}",
    ),
    "unread": Text("Gói hỏng, chưa xét (gateway check)", "Broken packs, not looked at (gateway check)"),
    "rows": Text("Dòng của gói ánh xạ", "Rows of packs"),
    "now": Text("nay là", "now"),
    "unsourced": Text("Chỉ tiêu bắt buộc chưa có nguồn", "Required indicators without a source"),
    "reports": Text("Báo cáo đang chờ", "Reports that wait"),
    "deadlines": Text("Kỳ hạn sắp tới", "Deadlines ahead"),
    "added": Text("Thêm", "Added"),
    "changed": Text("Đổi", "Changed"),
    "renamed": Text("Đổi tên", "Renamed"),
    "withdrawn": Text("Rút", "Withdrawn"),
    "ended": Text("Hết hiệu lực", "Ended"),
    "merged": Text("Gộp", "Merged"),
    "split": Text("Tách", "Split"),
    "recoded": Text("Đổi mã", "Recoded"),
    "supposed": Text("Có thể là đổi mã", "Perhaps recoded"),
}

FIELDS: Mapping[str, Text] = {
    "name": Text("tên", "name"),
    "parent": Text("mục cha", "parent"),
    "unit": Text("đơn vị tính", "unit"),
    "required": Text("bắt buộc", "required"),
    "valid_from": Text("từ ngày", "valid from"),
    "valid_to": Text("đến ngày", "valid to"),
    "attributes": Text("thuộc tính", "attributes"),
}

# What takes most away first.
_MOODS: Mapping[str, Mood] = {
    "withdrawn": Mood.BAD,
    "ended": Mood.BAD,
    "changed": Mood.HOLD,
    "merged": Mood.WAY,
    "split": Mood.WAY,
    "recoded": Mood.WAY,
    "supposed": Mood.DOUBT,
    "renamed": Mood.QUIET,
    "added": Mood.GOOD,
}


@dataclass(frozen=True, slots=True)
class Kept:
    """One catalogue: in force, coming, how it came, and whether every indicator has its unit today."""

    name: str
    now: Catalogue | None
    coming: Catalogue | None
    turns: Sequence[Exchange]
    assigned: Assigned | None


class CataloguesPage:
    """What stands, and one catalogue that came down."""

    def __init__(self, gateway: Gateway, renderer: Renderer) -> None:
        self._gateway = gateway
        self._renderer = renderer

    def standing(self, request: Request) -> Response:
        """Catalogues in force and coming, forms with their promised days, allocations with who took note."""
        now = self._now()
        allocations = sorted(given(self._gateway.register), key=lambda one: one.allocation.subject)
        return self._renderer.page(
            request,
            "catalogues.html",
            catalogues=list(self._catalogues(allocations, now.astimezone(VIETNAM).date())),
            forms=[(one, _promise(one, now)) for one in forms_of(self._gateway.register)],
            allocations=allocations,
            states=STATES,
            most=MOST,
            some=_SOME,
            words=WORDS,
            as_of=now,
        )

    def turn(self, request: Request) -> Response:
        """What one catalogue changes and breaks. Raises `NotFound` (F-006), `Rejected` as `turn_of`."""
        name: str = request.path_params["exchange"]
        if not exchange_id(name):
            raise NotFound(problem("F-006", name=name))
        found = weighed(self._gateway, name, _LOOKED_AT)
        changes = compare(found.turn.before, found.turn.now)
        x = self._gateway.journal.read(name)
        return self._renderer.page(
            request,
            "catalogue.html",
            x=x,
            waits=x.trouble is not None and x.trouble.code == "D-004",
            turn=found.turn,
            changes=list(_told(changes, found.turn)),
            impact=found.impact,
            unread=found.unread,
            looked_at=_LOOKED_AT,
            most=MOST,
            few=_FEW,
            words=WORDS,
            as_of=self._now(),
        )

    def _catalogues(self, allocations: Sequence[Given], today: date) -> Iterator[Kept]:
        kept, came = self._gateway.doors.catalogues, self._came()
        given_out = [one.allocation for one in allocations]
        names = {name for agreed in self._gateway.declarations.agreements.values() for name in agreed.catalogues}
        for name in sorted(names):
            now, last = kept.current(name), kept.on(name, date.max)
            coming = last if last != now else None
            theirs = [one for one in given_out if one.catalogue == name]
            found = assigned(now, theirs, today) if now and theirs else None
            yield Kept(name, now, coming, came.get(name, [])[:_TURNS], found)

    def _came(self) -> dict[str, list[Exchange]]:
        """By catalogue, the exchanges by which it came, newest first."""
        found: dict[str, list[Exchange]] = {}
        for x in self._gateway.journal.find(Query(kinds=(Kind.INBOUND,), limit=_LOOKED_AT)):
            found.setdefault(x.catalogue or "", []).append(x)
        return found

    def _now(self) -> datetime:
        return self._gateway.doors.clock.now()


def _promise(one: FormVersion, now: datetime) -> Sequence[tuple[str, datetime, bool]]:
    """The word of a step, until when it was promised, and whether that was not kept."""
    build = [("build", one.build_until, one.built_late)] if one.build_until else []
    test = [("test", one.test_until, one.tested_late(now))] if one.test_until else []
    return [*build, *test]


def _told(changes: Changes, turn: Turn) -> Iterator[tuple[str, Mood, Sequence[str | Text]]]:
    """The word of a kind of change, its mood, and a line for each; a code alone says little, so its name stands by."""
    names = {one.code: one.name for kept in (turn.before, turn.now) if kept for one in kept.items}
    for kind, mood in _MOODS.items():
        lines = [f"{one} {names[one]}" if isinstance(one, str) else _line(one) for one in getattr(changes, kind)]
        if lines:
            yield kind, mood, lines


def _line(one: tuple[str, ...] | Change | Succession) -> str | Text:
    if isinstance(one, Succession):
        return f"{' '.join(one.before)} → {' '.join(one.after)}"
    if isinstance(one, Change):
        told = [(FIELDS.get(name, Text(name, name)), old, one.after[name]) for name, old in one.before.items()]
        said = (
            [f"{getattr(word, as_)}: {old or '–'} → {new or '–'}" for word, old, new in told] for as_ in ("vi", "en")
        )
        return Text(*(f"{one.code} {'; '.join(each)}" for each in said))
    return " ".join(one)
