"""/livez, /readyz, /metrics: for whoever watches the house."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter, Response
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from gateway.api.problems import RESPONSES
from gateway.wiring import Gateway


def router(gateway: Gateway) -> APIRouter:
    """Alive: this process answers. Ready: its journal answers too."""
    routes = APIRouter(tags=["health"], responses=RESPONSES)
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(_Numbers(gateway))

    @routes.get("/livez")
    async def alive() -> dict[str, bool]:
        """Tiến trình còn sống / the process is alive."""
        return {"alive": True}

    @routes.get("/readyz")
    def ready() -> dict[str, bool]:
        """Sẵn sàng nhận báo cáo / ready to take reports."""
        gateway.journal.count()
        return {"ready": True}

    @routes.get("/metrics", response_class=Response)
    def metrics() -> Response:
        """Số liệu vận hành / figures for Prometheus."""
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return routes


class _Numbers(Collector):
    """Read from the journal's roll-ups when asked: no page ever counts raw rows."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def describe(self) -> Iterator[Metric]:
        return iter(())  # so that registering asks the journal nothing

    def collect(self) -> Iterator[Metric]:
        journal = self._gateway.journal
        exchanges = GaugeMetricFamily("gateway_exchanges", "Exchanges by stage.", labels=["stage"])
        for stage, number in sorted(journal.count().items()):
            exchanges.add_metric([stage], number)
        yield exchanges
        failures = GaugeMetricFamily(
            "gateway_line_failures", "Failures since the last success.", labels=["destination"]
        )
        for partner in sorted(self._gateway.declarations.partners):
            failures.add_metric([partner], journal.line(partner).failures)
        yield failures
