"""Rooms that whoever first goes in opens: loading them is half of a start, and many processes never go in.

A front door, an errand, and a worker with a full queue before it map nothing and sign nothing. What is first used, is
first used off the loop: reports are prepared in threads. Only `wiring` and its neighbours come in.

These imports and those of `cli` are the only ones of our own rooms that stand inside functions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from gateway.domain.catalogue import Catalogue
from gateway.domain.errors import GatewayError, Misconfigured
from gateway.domain.report import Cover, Report
from gateway.journey.case import Doors
from gateway.journey.impact import Sources
from gateway.ports import Bulletin, Doorbell, FormRead, Forms, Notice, Previous, Signer, Translation, Translator
from gateway.queue import LocalDoorbell


class _Opened(NamedTuple):
    translator: Translator
    forms: Forms
    pack: Callable[[str], object]


class Packs:
    """`ports.Translator` and `ports.Forms` on the packs of `folder`; arguments and errors as of `PackTranslator`."""

    def __init__(self, folder: Path, kept: Callable[[str], bytes], previous: Previous) -> None:
        self._given = (folder, kept, previous)

    def translate(self, report: Report, pack: str, catalogue: Catalogue | None) -> Translation:
        return self._opened.translator.translate(report, pack, catalogue)

    def translate_many(
        self, reports: Sequence[Report], pack: str, catalogue: Catalogue | None
    ) -> Sequence[Translation | GatewayError]:
        return self._opened.translator.translate_many(reports, pack, catalogue)

    def read(self, payload: bytes, media_type: str, cover: Cover) -> FormRead | None:
        return self._opened.forms.read(payload, media_type, cover)

    def must_know(self, pack: str) -> None:
        """Raises as `PackTranslator.pack` where there is no such pack, or version of it."""
        self._opened.pack(pack)

    @cached_property
    def _opened(self) -> _Opened:
        from gateway.mapping import PackTranslator
        from gateway.mapping.forms import PackForms

        packs = PackTranslator(*self._given)
        return _Opened(packs, PackForms(packs.pack), packs.pack)


def sources_of(pack: Path) -> Sources | None:
    """Which rows of the pack in that folder read what; None where it is broken, as `gateway check` says."""
    from gateway.mapping.coverage import rows_of
    from gateway.mapping.loading import load

    try:
        read = load(pack)
    except Misconfigured:
        return None
    return Sources(rows_of(read), by_first_day=read.settings["as_of"] == "period_start")


def signer_of(home: Path, profile: str, environment: Mapping[str, str]) -> Signer:
    """As `signers.signer_of`."""
    from gateway import signers

    return signers.signer_of(home, profile, environment)


def told_as(doors: Doors, news: Sequence[Notice | Bulletin]) -> list[tuple[str, bytes]]:
    """The id of each and the body that a webhook is told, in the same order."""
    from gateway.schemas.events import shown

    return [(one.id, one.model_dump_json().encode()) for one in shown(doors, news)]


def redis_bell(url: str, local: LocalDoorbell) -> Doorbell:
    """The bell that rings every process at the Redis of `url`."""
    from gateway.queue.redis import RedisDoorbell

    return RedisDoorbell(url, local)
