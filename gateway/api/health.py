"""/livez, /readyz, /metrics: for whoever watches the house."""

from __future__ import annotations

from fastapi import APIRouter, Response
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from gateway.api.metrics import registry_of
from gateway.api.problems import RESPONSES
from gateway.wiring import Gateway


def router(gateway: Gateway) -> APIRouter:
    """Alive: this process answers. Ready: its journal answers too."""
    routes = APIRouter(tags=["health"], responses=RESPONSES)
    registry = registry_of(gateway)

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
