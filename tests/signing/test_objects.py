"""An enveloping signature over what its Object holds in base 64: the bytes are signed, and nothing else may be so read."""

from __future__ import annotations

import base64
import hashlib

import pytest

from gateway.domain.verdict import Integrity
from tests.signing.conftest import Room, outcome
from tests.signing.hostile import BASE64, Hand

CONTENT = "Số liệu tháng 11".encode()


def enveloping(room: Room, held: str, *, content: bytes = CONTENT, uri: str = "#o", more: str = "") -> bytes:
    hand = Hand.of(room.authority)
    inside = f'<ds:Object Id="o">{held}</ds:Object>{more}'
    return hand.signature(BASE64, first="", uri=uri, more=inside, digest=hashlib.sha256(content).digest()).encode()


@pytest.mark.parametrize("broken", ["", "\n", "\r\n  "])
def test_the_bytes_are_signed_however_they_are_broken_into_lines(room: Room, broken: str) -> None:
    text = base64.b64encode(CONTENT).decode()
    verdict = room.verify(enveloping(room, broken.join((text[:8], text[8:]))), "integrity-only")
    assert (verdict.integrity, verdict.signatures[0].scope) == (Integrity.PASSED, ("/Signature/Object",))
    changed = room.verify(enveloping(room, "A" + text[1:]), "integrity-only")
    assert outcome(changed) == "TOTAL-FAILED HASH_FAILURE"


@pytest.mark.parametrize(
    "held",
    [
        base64.b64encode(CONTENT).decode() + "<x/>",
        "<x>" + base64.b64encode(CONTENT).decode() + "</x>",
        base64.b64encode(CONTENT).decode() + "<?x?>",
        base64.b64encode(CONTENT).decode() + "!",
    ],
)
def test_an_object_that_holds_anything_else_is_refused(room: Room, held: str) -> None:
    assert outcome(room.verify(enveloping(room, held), "integrity-only")) == "TOTAL-FAILED FORMAT_FAILURE"


def test_nothing_but_an_own_object_is_read_so(room: Room) -> None:
    text = base64.b64encode(CONTENT).decode()
    inner = f'<ds:Object><a Id="inner">{text}</a></ds:Object>'
    assert outcome(room.verify(enveloping(room, text, uri="#inner", more=inner), "integrity-only")) == (
        "TOTAL-FAILED FORMAT_FAILURE"
    )
    outside = f'<r><a Id="outer">{text}</a>{enveloping(room, text, uri="#outer").decode()}</r>'
    assert outcome(room.verify(outside.encode(), "integrity-only")) == "TOTAL-FAILED FORMAT_FAILURE"


def test_a_policy_that_names_what_is_signed_is_not_served_by_an_object(room: Room) -> None:
    verdict = room.verify(enveloping(room, base64.b64encode(CONTENT).decode()))
    assert not verdict.passed
