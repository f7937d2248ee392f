"""What the national system makes of a report: value by value, in a tally that balances."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from gateway.sandbox.catalogue import Catalogues
from gateway.sandbox.packets import Envelope, Value, bare, leaf, packet, values_of
from gateway.sandbox.store import Arrival, Store

_VIETNAM = timezone(timedelta(hours=7))
_MOST_REASONS = 1000
_COUNTS = ("received", "accepted", "updated", "unchanged", "rejected", "ignored")
RULINGS = ("accepted", "partly", "returned")


@dataclass(frozen=True, slots=True)
class Reason:
    code: str
    text: str
    value: Value | None = None


class Judge:
    """Judges when it is asked, once; what it said is stored and said again."""

    def __init__(self, store: Store, catalogues: Catalogues) -> None:
        self._store = store
        self._catalogues = catalogues

    def status(self, arrival: Arrival, after: float) -> bytes:
        """The status packet, dated `after` seconds from receipt."""
        said = self._store.status(arrival.number)
        if said is None:
            said = self._written(arrival, arrival.received_at + after)
            self._store.judge(arrival.number, said)
        return said

    def held(self, arrival: Arrival) -> list[Value]:
        """The values of an arrival that were taken, for the statement."""
        values = self._values(arrival)
        rejected = {reason.value for reason in self._wrong(arrival, values)}
        return [] if None in rejected else [value for value in values if value not in rejected]

    def _written(self, arrival: Arrival, at: float) -> bytes:
        values = self._values(arrival)
        reasons = self._wrong(arrival, values)
        tally = self._tally(arrival, values, reasons)
        body = bare("Status")
        leaf(body, "About", "", messageId=arrival.message_id, reference=arrival.reference)
        leaf(body, "State", _state(arrival, tally))
        leaf(body, "Tally", "", **{name: str(tally[name]) for name in _COUNTS})
        _list(leaf(body, "Reasons", ""), reasons[:_MOST_REASONS])
        when = datetime.fromtimestamp(at, UTC).astimezone(_VIETNAM).isoformat(timespec="milliseconds")
        leaf(body, "At", when)
        to = (arrival.sender, arrival.old_code)
        return packet(Envelope("status", f"ST-{arrival.reference}", when, to, arrival.message_id), body)

    def _wrong(self, arrival: Arrival, values: list[Value]) -> list[Reason]:
        """A reason without a value is against the whole report."""
        if arrival.ruling == "accepted":
            return []
        if arrival.ruling == "returned":
            return [Reason("E30", "Đề nghị rà soát lại toàn bộ số liệu")]
        strange = self._strange_period(arrival)
        if strange:
            return [Reason("E12", strange)]
        wrong = [reason for reason in map(self._reason, values) if reason is not None]
        if arrival.ruling == "partly" and values and not wrong:
            wrong = [Reason("E23", "Số liệu chênh lệch lớn so với kỳ trước, đề nghị giải trình", values[0])]
        if wrong and self._store.enclosed(arrival.number):
            wrong.insert(0, Reason("E24", "Báo cáo liên kết: một giá trị không được nhận thì trả lại toàn bộ"))
        return wrong

    def _reason(self, value: Value) -> Reason | None:
        known = self._catalogues.indicators.get(value.indicator)
        if known is None:
            return Reason("E21", f"Chỉ tiêu {value.indicator} không có trong danh mục", value)
        if known[1] != value.unit:
            return Reason("E22", f"Đơn vị tính {value.unit}, danh mục ghi {known[1]}", value)
        return None

    def _strange_period(self, arrival: Arrival) -> str:
        listed = self._catalogues.periods.get(arrival.period)
        if listed in (None, (arrival.start, arrival.end)):
            return ""
        return f"Kỳ {arrival.period}: {arrival.start}–{arrival.end}, danh mục ghi khác"

    def _tally(self, arrival: Arrival, values: list[Value], reasons: list[Reason]) -> Counter[str]:
        whole = any(reason.value is None for reason in reasons)
        rejected = set(values) if whole else {reason.value for reason in reasons}
        before = self._before(arrival)
        tally = Counter("rejected" if value in rejected else _compared(value, before) for value in values)
        tally["received"] = len(values)
        return tally

    def _before(self, arrival: Arrival) -> dict[tuple[str, str, str], str]:
        """What the last smaller revision of the same report said."""
        where = "form = ? AND period = ? AND reporter = ? AND revision < ? AND ruling != 'returned'"
        lane = (arrival.form, arrival.period, arrival.reporter, arrival.revision)
        earlier = self._store.arrivals(where, *lane)
        last = max(earlier, key=lambda one: (one.revision, one.number), default=None)
        return {} if last is None else {value.key: value.text for value in self._values(last)}

    def _values(self, arrival: Arrival) -> list[Value]:
        return list(values_of(self._store.body("arrivals", arrival.number)))


def _compared(value: Value, before: dict[tuple[str, str, str], str]) -> str:
    said = before.get(value.key)
    if said is None:
        return "accepted"
    return "unchanged" if said == value.text else "updated"


def _state(arrival: Arrival, tally: Counter[str]) -> str:
    if arrival.ruling and not (arrival.ruling == "partly" and tally["rejected"] == tally["received"] > 1):
        return arrival.ruling
    if not tally["rejected"]:
        return "accepted"
    return "returned" if tally["rejected"] == tally["received"] else "partly"


def _list(parent: object, reasons: Iterable[Reason]) -> None:
    for one in reasons:
        about = {} if one.value is None else _about(one.value)
        leaf(parent, "Reason", one.text, code=one.code, **about)  # type: ignore[arg-type]


def _about(value: Value) -> dict[str, str]:
    return {"indicator": value.indicator, "organisation": value.organisation, "breakdown": value.breakdown}
