"""What the document route has done with it does not hold: counted in objects and in bytes that Python has in hand.

The first half fills fonts, caches and tables; what the second half leaves behind on top of it is compared with what
went through meanwhile.
"""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fallback.document import DocumentScribe
from gateway.domain.facts import Attachment
from gateway.domain.ids import digest_of
from gateway.domain.parcel import Blob
from gateway.schemas.edxml.reader import read_document
from tests.fallback.across import desk, incoming, stocked, submission
from tests.fallback.scene import AGREEMENT, AT, NUMBERED, PACKET, PARENT, Names, report

_EACH = 200_000  # bytes; large beside what is remembered of a report, a few thousand


@pytest.fixture
def traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


def left_behind(work: Callable[[int], None], times: int) -> int:
    """Bytes that the second half of `times` left behind on top of the first."""
    held = []
    for half in (range(times // 2), range(times // 2, times)):
        for number in half:
            work(number)
        gc.collect()
        held.append(tracemalloc.get_traced_memory()[0])
    return held[1] - held[0]


def test_a_desk_has_the_bytes_of_what_it_took_in_on_disk_and_not_in_hand(tmp_path: Path, traced: None) -> None:
    home = stocked(tmp_path / "ban", datetime(2026, 11, 19, 14, tzinfo=UTC))
    with desk(home) as opened:

        def take_in(number: int) -> None:
            payload = submission(reporter=f"H56.{number:02}")
            opened.accept(incoming(f"k{number}", payload[:-1] + b" " * _EACH + b"}"))

        assert left_behind(take_in, 20) < 10 * _EACH / 4
        assert len(opened.reports()) == 20


def test_one_document_after_another_leaves_nothing_behind(traced: None) -> None:
    scribe, made = DocumentScribe(Names()), []

    def make(number: int) -> None:
        prepared, contents = scribe.prepare(PARENT, AGREEMENT, report(), PACKET, AT)
        files = {each.name: content for each, content in zip(prepared.files, contents, strict=True)}
        kept = tuple(Attachment(name, name, Blob(digest_of(body), len(body), "")) for name, body in files.items())
        told = replace(NUMBERED, number=str(number), files=kept)
        _, edxml = scribe.edxml(AGREEMENT, prepared, told, files, AT)
        made.append(len(edxml))
        assert len(read_document(edxml).files) == len(files)

    assert left_behind(make, 8) < sum(made[4:]) / 4
