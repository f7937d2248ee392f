"""GET /v1/catalogues/{name}: the nation's catalogues as they stand here, or stood, or will."""

# Without postponed annotations: FastAPI could not read the local `Caller` out of a string, and would ask
# the query for the client instead of the key.
import re
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from gateway.api.access import Access
from gateway.api.problems import RESPONSES
from gateway.domain.errors import NotFound, problem
from gateway.domain.record import plain
from gateway.schemas.settings import Client
from gateway.wiring import Gateway

_NAME = re.compile(r"[0-9A-Za-z._/-]{1,80}")  # the store is not asked for the rest


def router(gateway: Gateway, access: Access) -> APIRouter:
    """Catalogues in force, for any client."""
    routes = APIRouter(prefix="/v1/catalogues", tags=["catalogues"], responses=RESPONSES)
    Caller = Annotated[Client, Depends(access)]  # noqa: N806  it is a type

    @routes.get("/{name:path}")  # a form's code may hold a slash: form.01/KTXH
    def read(name: str, _: Caller, as_of: date | None = None) -> dict[str, Any]:
        """Danh mục đang áp dụng; `as_of`: bản áp dụng ngày đó, chỉ giữ mục còn hiệu lực / in force on that day.

        Before the first that is known here was in force: what today's says of that day.
        """
        kept, known = gateway.doors.catalogues, _NAME.fullmatch(name)
        catalogue = (kept.on(name, as_of) if as_of else None) or kept.current(name) if known else None
        if catalogue is None:
            raise NotFound(problem("F-006", name=name[:80]))
        shown: dict[str, Any] = plain(catalogue)
        if as_of is not None:
            shown["items"] = [plain(item) for item in catalogue.items if item.valid_on(as_of)]
        return shown

    return routes
