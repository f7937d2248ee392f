"""The pages: the list, one exchange, and what is shown when there is no page.

Plain functions: Starlette runs them in threads, since the journal is asked synchronously.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from math import ceil
from typing import Any, cast

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gateway.console.calendar import CAUSES
from gateway.console.causes import causes
from gateway.console.filters import Filters, exchange_id, matches
from gateway.console.findings import findings
from gateway.console.relations import relations
from gateway.console.rendering import Renderer
from gateway.console.stages import GROUPS, Group
from gateway.console.track import track
from gateway.domain import facts as f
from gateway.domain.agreement import Classification, SignatureDuty
from gateway.domain.errors import GatewayError, NotFound, Rejected, Unavailable, problem
from gateway.domain.exchange import Exchange, Stage
from gateway.domain.verdict import SignatureVerdict
from gateway.journey.inventory import lateness
from gateway.schemas.parts import PartShown
from gateway.wiring import Gateway

_PAGE = 50
_SEARCHED = 500  # the journal has no index of words: a search reads this many and says so
_AGAIN_AFTER = 5.0


class Pages:
    """The desk's pages over one gateway."""

    def __init__(self, gateway: Gateway, renderer: Renderer) -> None:
        self._gateway = gateway
        self._journal = gateway.journal
        self._renderer = renderer

    def exchanges(self, request: Request) -> Response:
        """Every exchange, newest first; an exact id in the search box opens its page."""
        filters = Filters.asked(request.query_params)
        if filters.q and self._known(filters.q):
            return self._renderer.see(request, f"/exchanges/{filters.q}")
        limit = _SEARCHED if filters.q else _PAGE
        found = self._journal.find(filters.query(limit + 1))
        rows = [x for x in found[:limit] if not filters.q or matches(x, filters.q)]
        older = filters.but(before=str(found[limit - 1].ordinal)) if len(found) > limit else None
        counts = {Stage(name): number for name, number in self._journal.count().items()}
        return self._renderer.page(
            request,
            "exchanges.html",
            filters=filters,
            rows=[(x, next(iter(causes(x)), None), self._sender(x)) for x in rows],
            older=older,
            searched=min(limit, len(found)) if filters.q else 0,
            counts=counts,
            bands=_bands(counts),
            lines=[(partner, self._journal.line(name)) for name, partner in self._partners.items()],
            names=self._names,
            agreements=sorted(self._gateway.declarations.agreements),
            example=self._example(),
            as_of=self._now(),
        )

    def exchange(self, request: Request) -> Response:
        """One exchange, its journey, its facts and what proves it."""
        name: str = request.path_params["exchange"]
        if not exchange_id(name):
            raise NotFound(problem("F-006", name=name))
        x, waits = self._gateway.read(name)
        if waits:
            raise self._gateway.waits(name)
        history = self._journal.history(name)
        due = self._gateway.due_of(x)
        return self._renderer.page(
            request,
            "exchange.html",
            x=x,
            history=history,
            intact=f.intact(history),
            causes=causes(x, history),
            stops=track(x, history),
            held=_held(history),
            findings=findings(history, self._journal.bytes_of),
            signatures=_signatures(history),
            parts=PartShown.each(x),
            relations=relations(self._journal, x, history),
            sender=self._sender(x),
            names=self._names,
            due=due,
            left=due.left(self._now()) if due else None,
            late_causes=CAUSES,
            late=lateness(self._gateway.doors, x, self._now()),
            rest=self._gateway.calendar.rest(x.destination, self._now()),
            as_of=self._now(),
        )

    # ── when there is no page ────────────────────────────────────────────────────────────────────
    def of_ours(self, request: Request, error: Exception) -> Response:
        """A page for each kind of error of the house."""
        found = cast(GatewayError, error)
        if isinstance(found, NotFound):
            return self._missing(request, request.path_params.get("exchange", request.url.path))
        if isinstance(found, Unavailable):
            seconds = ceil(found.retry_after or _AGAIN_AFTER)
            headers = {"Retry-After": str(seconds)}
            what = "not_yet" if found.problem.code == "F-031" else "away"
            return self._trouble(request, what, HTTPStatus.SERVICE_UNAVAILABLE, headers, found, seconds=seconds)
        if isinstance(found, Rejected):
            return self._trouble(request, "not_asked", HTTPStatus.UNPROCESSABLE_ENTITY, {}, found)
        return self._trouble(request, "fault", HTTPStatus.INTERNAL_SERVER_ERROR, {}, found)

    def of_a_route(self, request: Request, error: Exception) -> Response:
        found = cast(HTTPException, error)
        if found.status_code == HTTPStatus.NOT_FOUND:
            return self._missing(request, request.url.path)
        return self._trouble(request, "not_asked", HTTPStatus(found.status_code), found.headers or {})

    def of_a_bug(self, request: Request, _: Exception) -> Response:
        """The trace goes to the log, not to the reader."""
        return self._trouble(request, "fault", HTTPStatus.INTERNAL_SERVER_ERROR, {})

    def _missing(self, request: Request, name: str) -> Response:
        return self._trouble(request, "not_found", HTTPStatus.NOT_FOUND, {}, name=name)

    def _trouble(
        self,
        request: Request,
        what: str,
        status: HTTPStatus,
        headers: Mapping[str, str],
        error: GatewayError | None = None,
        **shown: Any,
    ) -> Response:
        problems = error.problems if error else ()
        values = {"seconds": 0, "name": "", **shown}
        return self._renderer.page(
            request, "trouble.html", status, headers, what=what, problems=problems, as_of=self._now(), **values
        )

    # ── names ────────────────────────────────────────────────────────────────────────────────────
    @property
    def _partners(self) -> Mapping[str, Any]:
        return self._gateway.declarations.partners

    @property
    def _names(self) -> dict[str, str]:
        """What partners are called, by id."""
        return {name: partner.name for name, partner in self._partners.items()}

    def _sender(self, x: Exchange) -> str:
        """The reporting unit by name where the agreement knows it, else by code, else who handed it in."""
        agreed = self._gateway.declarations.agreements.get(x.agreement)
        reporter = x.head.reporter if x.head else ""
        if agreed and reporter == agreed.sender.code:
            return agreed.sender.name
        return reporter or (x.submission.sender if x.submission else "")

    def _example(self) -> str:
        """An agreement that a first report can be handed in under."""
        agreed = self._gateway.declarations.agreements.values()
        easy = (a.id for a in agreed if a.classification is Classification.OPEN and a.signature is SignatureDuty.NONE)
        return min(easy, default="…")

    def _known(self, name: str) -> bool:
        if not exchange_id(name):
            return False
        try:
            self._journal.read(name)
        except NotFound:
            return False
        return True

    def _now(self) -> Any:
        return self._gateway.doors.clock.now()


def _bands(counts: Mapping[Stage, int]) -> list[tuple[Group, int]]:
    return [(group, sum(counts.get(stage, 0) for stage in group.stages)) for group in GROUPS]


def _held(history: list[f.Recorded]) -> tuple[f.HeldGroup, ...]:
    """The last word on what is held."""
    told = [link.fact.groups for link in history if isinstance(link.fact, f.Held)]
    return told[-1] if told else ()


def _signatures(history: list[f.Recorded]) -> tuple[SignatureVerdict, ...]:
    """Of the report, and of every file that was judged with it."""
    verdicts = [link.fact.verdict for link in history if isinstance(link.fact, f.Verified)]
    return tuple(signature for verdict in verdicts if verdict for signature in verdict.signatures)
