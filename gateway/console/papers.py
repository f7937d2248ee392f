"""The registry's page (văn thư): documents that wait for number and signature, and the form that takes both down.

The one page of the desk that changes something, by the journey's own verb; whoever fills it in writes his name. A form
on another site cannot be made to send it: the browser says where it comes from, and a stranger's is turned away.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gateway.console.filters import exchange_id
from gateway.console.rendering import Renderer
from gateway.domain.agreement import FallbackTerms
from gateway.domain.calendar import VIETNAM
from gateway.domain.errors import Conflict, NotFound, Problem, Rejected, Unavailable, problem
from gateway.domain.exchange import Exchange, Kind, Stage
from gateway.domain.problems import Text
from gateway.journey.operate import Person, Registration
from gateway.journey.returned import File
from gateway.ports import Query
from gateway.schemas.edxml.elements import iso_date
from gateway.wiring import Gateway

_MOST = 200  # documents on the page; they are numbered one by one
_MOST_FILES = 20
_MOST_BYTES = 52 * 1024 * 1024  # of a form: the files of a document, and its fields
_PDF = "application/pdf"
_KINDS = {".pdf": _PDF, ".zip": "application/zip"}
_FIELDS = ("number", "notation", "issued", "signer", "position", "by", "because")
_SUFFIX = re.compile(r"\.\w+$")
Upload = tuple[str, str, bytes]  # name, media type, content
_SAME = ("same-origin", "none", "")

WORDS: Mapping[str, Text] = {
    "title": Text("Văn bản chờ số và chữ ký", "Documents that wait for number and signature"),
    "none": Text("Không có văn bản nào chờ cấp số.", "No document waits for its number."),
    "more": Text("Mới hiện {count} văn bản đầu.", "Only the first {count} are shown."),
    "files": Text("Tệp trình ký", "Files to be signed"),
    "to": Text("Nơi nhận", "To"),
    "deadline": Text("Hạn báo cáo", "Deadline"),
    "number": Text("Số", "Number"),
    "notation": Text("Ký hiệu", "Symbol"),
    "issued": Text("Ngày ban hành", "Date of issue"),
    "signer": Text("Người ký", "Signed by"),
    "position": Text("Chức vụ", "Position"),
    "letter": Text("Báo cáo đã ký số (PDF)", "The signed report (PDF)"),
    "annex": Text("Phụ lục đã ký số (PDF)", "The signed annexes (PDF)"),
    "by": Text("Người ghi số", "Recorded by"),
    "because": Text("Căn cứ", "On what ground"),
    "ground": Text("văn thư cấp số", "numbered by the registry"),
    "take": Text("Ghi số và gửi", "Record and send"),
    "signed_here": Text(
        "Cơ quan cho phép ký tại đây: chỉ cần số, ký hiệu, ngày; không phải nộp tệp.",
        "The agency lets this gateway sign: number, symbol and date are enough, without files.",
    ),
    "data_goes_along": Text("Gói dữ liệu được gửi kèm tự động.", "The data package goes along by itself."),
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A document on the page; `given` is what was typed in already, `faults` why it could not be taken."""

    paper: Exchange
    terms: FallbackTerms | None
    deadline: datetime | None
    given: Mapping[str, str]
    faults: Sequence[Problem] = ()


class PapersPage:
    """The list, a file of it, and the form."""

    def __init__(self, gateway: Gateway, renderer: Renderer) -> None:
        self._gateway = gateway
        self._renderer = renderer

    def waiting(self, request: Request) -> Response:
        """Every document that waits, the nearest deadline first."""
        return self._page(request, self._listed())

    def file(self, request: Request) -> Response:
        """One prepared file, to be signed. Raises `NotFound` (F-006)."""
        x, name = self._paper(request), request.path_params["name"]
        files = x.prepared.files if x.prepared else ()
        found = next((each for each in files if each.name == name), None)
        if found is None:
            raise NotFound(problem("F-006", name=name))
        headers = {
            "Content-Disposition": f'attachment; filename="{x.id}-{found.name}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        }
        return Response(self._gateway.journal.bytes_of(found.content.digest), 200, headers, found.content.media_type)

    async def take(self, request: Request) -> Response:
        """Record a number with its files; back to the page with the reasons where that cannot be."""
        _from_here(request)
        async with request.form(max_files=_MOST_FILES, max_fields=len(_FIELDS) + 1) as form:
            files = await _uploads(form)
            given = {name: str(form.get(name, "")).strip() for name in _FIELDS}
        return await run_in_threadpool(self._taken, request, given, files)

    def _taken(self, request: Request, given: Mapping[str, str], files: Sequence[Upload]) -> Response:
        x = self._paper(request)
        try:
            told = _registration(x.id, given)
            self._gateway.number(x.id, told, self._files(x, files), Person(given["by"], given["because"]))
        except (Rejected, Conflict, Unavailable) as error:
            return self._page(request, self._listed(x.id, given, error.problems), HTTPStatus.UNPROCESSABLE_ENTITY)
        return self._renderer.see(request, f"/exchanges/{x.id}")

    def _files(self, x: Exchange, uploaded: Sequence[Upload]) -> list[File]:
        """The report, the annexes, and the data as they were prepared; none where none was handed in."""
        prepared = x.prepared.files if x.prepared else ()
        described = {each.name: each.description for each in prepared}
        files = [(name, described.get(name, "Văn bản đã ký"), kind, body) for name, kind, body in uploaded]
        names = {name for name, *_ in uploaded}
        data = [each for each in prepared if each.content.media_type != _PDF and each.name not in names]
        kept = [(a.name, a.description, a.content.media_type, self._gateway.journal.bytes_of(a.content.digest))
                for a in data]  # fmt: skip
        return [*files, *kept] if files else []

    def _listed(
        self, asked: str = "", given: Mapping[str, str] | None = None, faults: Sequence[Problem] = ()
    ) -> list[Waiting]:
        found = self._gateway.journal.find(Query(kinds=(Kind.DOCUMENT,), stages=(Stage.PREPARED,), limit=_MOST))
        blank = dict.fromkeys(_FIELDS, "") | {"issued": f"{self._now().astimezone(VIETNAM):%d/%m/%Y}"}
        agreements = self._gateway.declarations.agreements
        shown = []
        for x in found:
            agreed, due, mine = agreements.get(x.agreement), self._gateway.due_of(x), x.id == asked
            terms = agreed.fallback if agreed else None
            typed = given if mine and given else blank
            shown.append(Waiting(x, terms, due.deadline if due else None, typed, faults if mine else ()))
        return sorted(shown, key=lambda one: (one.deadline is None, one.deadline or self._now(), one.paper.ordinal))

    def _page(self, request: Request, shown: Sequence[Waiting], status: HTTPStatus = HTTPStatus.OK) -> Response:
        full = len(shown) == _MOST
        return self._renderer.page(
            request, "papers.html", status, waiting=shown, full=full, words=WORDS, as_of=self._now()
        )

    def _paper(self, request: Request) -> Exchange:
        name: str = request.path_params["document"]
        x = self._gateway.journal.read(name) if exchange_id(name) else None
        if x is None or x.kind is not Kind.DOCUMENT:
            raise NotFound(problem("F-006", name=name))
        return x

    def _now(self) -> datetime:
        return self._gateway.doors.clock.now()


def _from_here(request: Request) -> None:
    """Raises `HTTPException`: 403 for a form of another site, 411 and 413 for what cannot be bounded."""
    origin = request.headers.get("origin")
    stranger = origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    if stranger or request.headers.get("sec-fetch-site", "") not in _SAME:
        raise HTTPException(HTTPStatus.FORBIDDEN)
    length = request.headers.get("content-length", "")
    if not length.isascii() or not length.isdigit():
        raise HTTPException(HTTPStatus.LENGTH_REQUIRED)
    if int(length) > _MOST_BYTES:
        raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


async def _uploads(form: FormData) -> list[Upload]:
    """Every file handed in, the report first."""
    found = []
    for each in [*form.getlist("letter"), *form.getlist("annex")]:
        if isinstance(each, UploadFile) and each.filename:
            name = each.filename.replace("\\", "/").rpartition("/")[2]
            suffix = _SUFFIX.search(name.lower())
            kind = _KINDS.get(suffix[0] if suffix else "", "application/octet-stream")
            found.append((name, kind, await each.read()))
    return found


def _registration(document: str, given: Mapping[str, str]) -> Registration:
    """Raises `Rejected`: F-115 for a date nobody can read, F-111 for what is not filled in."""
    missing = [name for name in _FIELDS if not given[name]]
    if missing:
        raise Rejected(_incomplete(document, missing))
    issued, _ = iso_date(given["issued"])
    if not issued:
        vi, en = (f"{getattr(WORDS['issued'], tongue)}: {given['issued']}" for tongue in ("vi", "en"))
        raise Rejected(_labelled("F-115", document, Text(vi, en)))
    return Registration(given["number"], given["notation"], issued, given["signer"], given["position"])


def _incomplete(document: str, missing: Sequence[str]) -> Problem:
    """F-111 as the form says it: there is no folder of slips for its reader."""
    vi, en = (", ".join(getattr(WORDS[name], tongue) for name in missing) for tongue in ("vi", "en"))
    advice = Text("Điền các ô còn trống dưới đây rồi ghi lại.", "Fill in the empty fields below and record it again.")
    return replace(_labelled("F-111", document, Text(f"thiếu {vi}", f"{en} not filled in")), advice=advice)


def _labelled(code: str, document: str, reason: Text) -> Problem:
    """The problem with each language's own labels; a detail would show those of one to readers of the other."""
    vi, en = (problem(code, document=document, reason=each) for each in (reason.vi, reason.en))
    return replace(vi, title=Text(vi.title.vi, en.title.en), details={})
