"""OpenTelemetry: each fact of a report as a span of its caller's trace.

The API alone is imported, which costs nothing by itself. Whoever wants traces installs the extra ``otel`` and starts
with ``opentelemetry-instrument gateway serve``; where they go is told by the usual ``OTEL_…`` variables.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import SpanKind, Status, StatusCode, TracerProvider
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from gateway.domain.exchange import Exchange
from gateway.domain.facts import Attempted, Backfilled, Delivered, Sent, Undelivered
from gateway.logs import Heard, problem_of
from gateway.ports import Entry

_ON_THE_WIRE = (Attempted, Backfilled, Delivered, Sent, Undelivered)
_W3C = TraceContextTextMapPropagator()


def listeners(provider: TracerProvider | None = None) -> list[Heard]:
    """Who makes spans of what is recorded; nobody where none was set up before the process began its work.

    provider   where spans go; None is the one of the process
    """
    found = provider or trace.get_tracer_provider()
    return [] if isinstance(found, trace.ProxyTracerProvider | trace.NoOpTracerProvider) else [Spans(found).hear]


class Spans:
    """`provider`: where spans go."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider

    def hear(self, before: Exchange | None, after: Exchange, entries: Sequence[Entry]) -> None:
        """What was just recorded: a span reaches from the fact before to its own."""
        tracer, context = self._provider.get_tracer("gateway"), _context(after)
        told = {
            "gateway.exchange": after.id,
            "gateway.agreement": after.agreement,
            "gateway.partner": after.destination,
        }
        since = before.changed_at if before else None
        for entry in entries:
            kind = SpanKind.CLIENT if isinstance(entry.fact, _ON_THE_WIRE) else SpanKind.INTERNAL
            name, start = type(entry.fact).__name__, min(since or entry.at, entry.at)
            span = tracer.start_span(name, context, kind, attributes=told, start_time=_nanoseconds(start))
            why = problem_of(entry.fact)
            if why is not None:
                span.set_attribute("gateway.code", why.code)
                span.set_status(Status(StatusCode.ERROR, why.code))
            span.end(_nanoseconds(entry.at))
            since = entry.at


def _context(x: Exchange) -> Context:
    parent = x.submission.trace if x.submission else ""
    return _W3C.extract({"traceparent": parent}, Context()) if parent else Context()


def _nanoseconds(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000) * 1000
