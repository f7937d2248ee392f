"""Facts as spans: of the caller's trace, from the fact before to their own, and nothing where nobody listens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, SpanKind, TracerProvider

from gateway.domain import facts as f
from gateway.domain.exchange import Exchange, after, begin
from gateway.ports import Birth, Entry
from gateway.tracing import Spans, listeners
from tests.contracts.telling import CLOCK, TROUBLE, birth

GIVEN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@dataclass
class Heard(NonRecordingSpan):
    """A span as it was told."""

    name: str
    kind: SpanKind
    attributes: dict[str, Any]
    start: int
    parent: trace.SpanContext
    failed: bool = False
    ended: int = 0

    def set_attribute(self, key: str, value: Any) -> None:
        self.attributes[key] = value

    def set_status(self, status: Any, description: Any = None) -> None:
        self.failed = not status.is_ok

    def end(self, end_time: int | None = None) -> None:
        self.ended = end_time or 0


@dataclass
class Collector(TracerProvider, trace.Tracer):
    """A provider of OpenTelemetry's interface that keeps what it is told."""

    spans: list[Heard] = field(default_factory=list)

    def get_tracer(self, *_: Any, **__: Any) -> trace.Tracer:
        return self

    def start_span(self, name: str, context: Any = None, kind: Any = None, **told: Any) -> Heard:
        parent = trace.get_current_span(context).get_span_context()
        self.spans.append(Heard(name, kind, dict(told["attributes"]), told["start_time"], parent))
        return self.spans[-1]

    def start_as_current_span(self, *_: Any, **__: Any) -> Iterator[Any]:
        raise AssertionError("spans are told when they are over")


def opened(trace_parent: str) -> tuple[Birth, Exchange]:
    first = birth()
    accepted = first.entries[0].fact
    assert isinstance(accepted, f.Accepted)
    fact = replace(accepted, submission=replace(accepted.submission, trace=trace_parent))
    entry = replace(first.entries[0], fact=fact)
    x = begin(first.opening)
    return replace(first, entries=(entry,)), after(x, f.link(x.id, 1, entry.at, fact, x.head_digest))


def test_a_fact_is_a_span_of_the_callers_trace_and_reaches_from_the_one_before() -> None:
    collector = Collector()
    first, x = opened(GIVEN)
    Spans(collector).hear(None, x, first.entries)
    at = CLOCK.now() + timedelta(seconds=5)
    Spans(collector).hear(x, x, [Entry(f.Attempted("quoc-gia", 1), at), Entry(f.Undelivered(TROUBLE), at)])

    accepted, attempted, undelivered = collector.spans
    assert [span.name for span in collector.spans] == ["Accepted", "Attempted", "Undelivered"]
    assert {f"{span.parent.trace_id:032x}-{span.parent.span_id:016x}" for span in collector.spans} == {GIVEN[3:52]}
    assert (accepted.start, attempted.start) == (accepted.ended, accepted.ended)
    assert attempted.ended - attempted.start > 4_000_000_000
    assert (undelivered.kind, undelivered.failed, undelivered.attributes["gateway.code"]) == (
        SpanKind.CLIENT,
        True,
        "A-001",
    )
    assert attempted.attributes == {
        "gateway.exchange": x.id,
        "gateway.agreement": "ktxh",
        "gateway.partner": "quoc-gia",
    }


def test_without_a_trace_a_span_has_no_parent() -> None:
    collector = Collector()
    first, x = opened("")
    Spans(collector).hear(None, x, first.entries)
    assert not collector.spans[0].parent.is_valid


def test_only_where_a_provider_was_set_up_does_anybody_listen() -> None:
    assert listeners() == listeners(trace.NoOpTracerProvider()) == []

    first, x = opened(GIVEN)
    collector = Collector()
    for hear in listeners(collector):
        hear(None, x, first.entries)
    assert [span.name for span in collector.spans] == ["Accepted"]
