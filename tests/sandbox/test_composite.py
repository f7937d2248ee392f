"""The other side takes a composite whole or not at all: every part by its SHA-256, none more, none less, none cut."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.sandbox import Sandbox
from gateway.sandbox.composite import MOST, whole
from gateway.sandbox.packets import Head, Unfit
from gateway.sandbox.store import Store
from tests.sandbox.partner import PERIOD, Partner, packet, words

ONE, TWO, OTHER = b"%PDF-1.7 m\xe1\xbb\x99t", b"%PDF-1.7 hai", b"%PDF-1.7 kh\xc3\xa1c"
NAMED = (("một.pdf", ONE), ("hai.pdf", TWO))
WORDS = words(NAMED)
FIGURES = packet("gt-1", beside=WORDS)


def refused(other_side: Sandbox, answer: httpx.Response, about: str) -> None:
    """With its code and what is to blame, and nothing of it kept."""
    said = answer.json()
    assert said["data"]["errorCode"] == "22" if "success" in said else str(said["code"]) == "22", said
    assert about in answer.text
    assert other_side.count("gt-1") == 0
    assert other_side.arrivals() == []


def kept(folder: Path) -> list[tuple[str, bytes]]:
    store = Store(folder)
    try:
        [arrival] = store.arrivals()
        return [(one.name, one.content) for one in store.enclosed(arrival.number)]
    finally:
        store.close()


def test_every_part_is_kept_to_the_byte_in_the_order_in_which_the_words_name_them(
    partner: Partner, other_side: Sandbox, tmp_path: Path
) -> None:
    answer = partner.send_whole(FIGURES, WORDS, [TWO, ONE])  # in another order on the wire: names are digests
    assert answer.status_code == 200, answer.text
    assert other_side.count("gt-1") == 1
    assert kept(tmp_path / "other-side") == [("narrative.xml", WORDS), *NAMED]


def test_the_same_bytes_under_two_names_are_two_files(partner: Partner, tmp_path: Path) -> None:
    told = words([("một.pdf", ONE), ("bản sao.pdf", ONE)])
    assert partner.send_whole(packet("gt-1", beside=told), told, [ONE, ONE]).status_code == 200
    assert [content for _, content in kept(tmp_path / "other-side")] == [told, ONE, ONE]


def _attachment(content: bytes, **said: Any) -> str:
    told = {
        "digest": sha256(content).hexdigest(),
        "mediaType": "application/pdf",
        "name": "một.pdf",
        "role": "annex",
        "size": len(content),
    }
    return "<Attachment " + " ".join(f'{name}="{value}"' for name, value in {**told, **said}.items()) + "></Attachment>"


ANOTHER_PERIOD = PERIOD.replace("2025M06", "2025M05")
WRONG: dict[str, tuple[bytes, bytes, Sequence[bytes], str]] = {
    "a file less": (FIGURES, WORDS, [ONE], "Attachments"),
    "a file more": (FIGURES, WORDS, [ONE, TWO, OTHER], "Attachments"),
    "a file twice": (FIGURES, WORDS, [ONE, TWO, TWO], "Attachments"),
    "one file twice in place of two": (FIGURES, WORDS, [ONE, ONE], "Attachments"),
    "other bytes": (FIGURES, WORDS, [ONE, OTHER], "Attachments"),
    "a file cut short": (FIGURES, WORDS, [ONE, TWO[:-1]], "Attachments"),
    "an empty file": (FIGURES, WORDS, [ONE, b""], "Attachments"),
    "no files": (FIGURES, WORDS, [], "Attachments"),
    "no words": (FIGURES, b"", [ONE, TWO], "Narrative"),
    "other words": (FIGURES, words(NAMED, revision=2), [ONE, TWO], "Narrative"),
    "words with a blank more": (FIGURES, WORDS + b"\n", [ONE, TWO], "Narrative"),
    "figures that name no words": (packet("gt-1"), WORDS, [ONE, TWO], "does not name"),
    "files beside figures alone": (packet("gt-1"), b"", [ONE], "does not name"),
    "figures again in place of words": (packet("gt-1", beside=packet("gt-2")), packet("gt-2"), [], "another packet"),
}
# What the figures' packet names to the byte, and is wrong all the same.
ANOTHER: dict[str, tuple[bytes, str]] = {
    "another reporter": (words(NAMED, reporter="H57"), "another report"),
    "another revision": (words(NAMED, revision=2), "another report"),
    "another period": (words(NAMED, period=ANOTHER_PERIOD), "another report"),
    "another size": (words(listed=_attachment(ONE, size=len(ONE) + 1) + _attachment(TWO)), "size"),
    "a size that is no number": (words(listed=_attachment(ONE, size="-") + _attachment(TWO)), "size"),
    "another digest": (words(listed=_attachment(ONE, digest="0" * 64) + _attachment(TWO)), "Attachments"),
    "a digest in capitals": (
        words(listed=_attachment(ONE, digest=sha256(ONE).hexdigest().upper()) + _attachment(TWO)), "Attachments",
    ),
    "no digest": (words(listed=_attachment(ONE, digest="") + _attachment(TWO)), "Attachments"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_part_that_does_not_fit_refuses_the_whole(other_side: Sandbox, partner: Partner, name: str) -> None:
    figures, narrative, files, about = WRONG[name]
    refused(other_side, partner.send_whole(figures, narrative, files), about)


@pytest.mark.parametrize("name", ANOTHER)
def test_words_of_another_report_or_of_other_files_refuse_the_whole(
    other_side: Sandbox, partner: Partner, name: str
) -> None:
    told, about = ANOTHER[name]
    refused(other_side, partner.send_whole(packet("gt-1", beside=told), told, [ONE, TWO]), about)


def test_words_that_are_no_xml_are_refused_and_never_a_traceback(other_side: Sandbox, partner: Partner) -> None:
    for told in (b"\x00", b"<a", b"%PDF-", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'):
        answer = partner.send_whole(packet("gt-1", beside=told), told, [])
        assert answer.status_code < 500, answer.text
        assert "10" in answer.text
        assert other_side.count("gt-1") == 0


def test_what_is_cut_off_on_the_way_is_not_taken(other_side: Sandbox, partner: Partner) -> None:
    """A hub that closes the request properly and has lost its tail: at every boundary, and within a part."""
    request = partner.http.build_request(
        "POST", "/v1/packets", data={"messageType": "report-data"},
        files=[("packetFile", ("x.xml", FIGURES)), ("narrativeFile", ("w", WORDS)), *(("attachmentFile", ("f", one)) for one in (ONE, TWO))],
    )  # fmt: skip
    body = request.read()
    boundary = request.headers["Content-Type"].partition("boundary=")[2].encode()
    places = [place for place in range(len(body)) if body.startswith(b"--" + boundary, place)]
    for cut in (*places, *(place + len(boundary) for place in places), body.index(ONE) + 3, len(body) - 3):
        headers = {"Content-Type": request.headers["Content-Type"]}
        answer = partner.http.post("/v1/packets", content=body[:cut], headers=headers)
        assert "multipart" in answer.text, (cut, answer.text)
    assert other_side.arrivals() == []


def test_words_that_come_as_a_field_and_not_as_a_file_are_not_taken(other_side: Sandbox, partner: Partner) -> None:
    parts = [("packetFile", ("x.xml", FIGURES)), *(("attachmentFile", ("f", one)) for one in (ONE, TWO))]
    said = {"messageType": "report-data", "narrativeFile": WORDS.decode()}
    refused(other_side, partner.http.post("/v1/packets", files=parts, data=said), "Narrative")


def test_more_than_the_wire_carries_is_refused() -> None:
    """Judged by size first: nothing is hashed that is too long. Asked of the room itself: no test sends 200 MiB."""
    head = Head("gt-1", "report-data", ("H56", ""), ("G22", ""), narrative=sha256(WORDS).hexdigest())
    with pytest.raises(Unfit, match="at most"):
        whole(head, WORDS, [bytes(MOST + 1)])


def test_a_large_composite_is_taken_whole(partner: Partner, other_side: Sandbox, tmp_path: Path) -> None:
    film = b"%PDF-1.7" + bytes(1 << 21)
    told = words([("phim.pdf", film)])
    assert partner.send_whole(packet("gt-1", beside=told), told, [film]).status_code == 200
    assert kept(tmp_path / "other-side")[1] == ("phim.pdf", film)
