"""Templates become pages: one language a page, one set of headers for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from http import HTTPStatus
from importlib.resources import files
from typing import Any, cast
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from gateway.console import stages, times, told
from gateway.console.causes import mood_of_cause
from gateway.console.details import DETAILS
from gateway.console.words import KINDS, OWNERS, SENTENCES, STEPS, Tongue
from gateway.domain.problems import Text

# Nothing but our own style sheet and forms: a page cannot be made to run, load or send anything.
_PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Accept-Language",
}


class Renderer:
    """The templates and the style sheet, read once."""

    def __init__(self, name: str) -> None:
        self._css = files("gateway.console").joinpath("static/console.css").read_bytes()
        self._sheet = f"/static/console.css?v={sha256(self._css).hexdigest()[:12]}"
        self._templates = Environment(
            loader=PackageLoader("gateway.console"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(house=name, sheet=self._sheet)
        self._templates.globals.update(owners=OWNERS, kinds=KINDS, looks=stages.LOOKS, mood_of=told.mood_of)
        self._templates.globals.update(problems_of=told.problems_of, answers=told.ANSWERS, groups=stages.GROUPS)
        self._templates.globals.update(indications=told.INDICATIONS, mood_of_cause=mood_of_cause)
        self._templates.filters.update(when=times.when, period_days=times.period_days)

    def page(
        self,
        request: Request,
        template: str,
        status: HTTPStatus = HTTPStatus.OK,
        headers: Mapping[str, str] | None = None,
        **shown: Any,
    ) -> Response:
        """One page, in the reader's language."""
        page = Tongued(request)
        body = self._templates.get_template(template).render(shown | page.globals())
        return HTMLResponse(body, status, {**_PAGE_HEADERS, **(headers or {}), "Content-Language": page.tongue})

    def see(self, request: Request, path: str) -> Response:
        """On to another page, in the same language."""
        return RedirectResponse(Tongued(request).href(path), HTTPStatus.SEE_OTHER, _PAGE_HEADERS)

    def style(self, _: Request) -> Response:
        """The style sheet; its address changes with its content, so it may be kept for ever."""
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
        return Response(self._css, media_type="text/css", headers=headers)


class Tongued:
    """What a template needs to speak: the language, and links that keep it."""

    def __init__(self, request: Request) -> None:
        self._request = request
        chosen = request.query_params.get("lang", "")
        self._chosen = chosen if chosen in ("vi", "en") else ""
        # Not the browser's: many an office has a Windows in English, and reads Vietnamese.
        self.tongue: Tongue = cast(Tongue, self._chosen or "vi")

    def globals(self) -> dict[str, Any]:
        return {
            "tongue": self.tongue,
            "t": self.sentence,
            "say": self.say,
            "href": self.href,
            "other": self._in_the_other_language(),
            "number": self.number,
            "told": lambda fact: told.told(fact, self.tongue),
            "period": lambda name: times.period_words(name, self.tongue),
            "detail": lambda name: self.say(DETAILS[name]) if name in DETAILS else name,
            "step": lambda code: self.say(STEPS[code]) if code in STEPS else code,
            "time": _time,
            "chosen_language": self._chosen,
        }

    def sentence(self, name: str, /, **values: Any) -> str:
        text = self.say(SENTENCES[name])
        return text.format(**values) if values else text

    def say(self, text: Text) -> str:
        return cast(str, getattr(text, self.tongue))

    def number(self, value: int) -> str:
        """1.234 in Vietnamese, 1,234 in English."""
        return f"{value:,}" if self.tongue == "en" else f"{value:,}".replace(",", ".")

    def href(self, path: str, params: Mapping[str, str] | None = None) -> str:
        """An address of the desk; a language that was chosen is kept."""
        asked = {**(params or {}), **({"lang": self._chosen} if self._chosen else {})}
        return f"{path}?{urlencode(asked)}" if asked else path

    def _in_the_other_language(self) -> str:
        kept = {name: value for name, value in self._request.query_params.items() if name != "lang"}
        asked = {**kept, "lang": "en" if self.tongue == "vi" else "vi"}
        return f"{self._request.url.path}?{urlencode(asked)}"


def _time(at: datetime | None) -> Markup:
    """An instant in Vietnam time; in UTC on hover."""
    if at is None:
        return Markup("–")
    utc = times.in_utc(at)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(utc, utc, times.when(at))
