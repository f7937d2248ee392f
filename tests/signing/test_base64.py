"""Bytes in base 64 have one way to be written, in XML and in JWS: what is written in any other is refused."""

from __future__ import annotations

import base64
import itertools

import pytest
from lxml import etree

from gateway.signing.findings import Unsound
from gateway.signing.jose.text import decodable, decoded
from gateway.signing.xml.shape import base64_of

WRITTEN = ["".join(one) for size in range(7) for one in itertools.product("AQg/=-", repeat=size)]


def in_xml(written: str) -> bytes | None:
    element = etree.Element("DigestValue")
    element.text = written
    try:
        return base64_of(element)
    except Unsound:
        return None


def in_jws(written: bytes) -> bytes | None:
    try:
        return decoded(written, "payload")
    except Unsound:
        return None


def test_in_xml_only_what_would_be_written_again_is_read() -> None:
    for written in WRITTEN:
        found = in_xml(written)
        assert found is None or (found and base64.b64encode(found).decode() == written), written
    for data in (b"a", b"ab", b"abc", b"abcd", bytes(256)):
        assert in_xml(base64.b64encode(data).decode()) == data
        assert in_xml(base64.encodebytes(data).decode().replace("\n", "\r\n ")) == data


def test_in_a_jws_only_what_would_be_written_again_is_read() -> None:
    for written in map(str.encode, WRITTEN):
        found = in_jws(written)
        assert found is None or base64.urlsafe_b64encode(found).rstrip(b"=") == written, written
    for data in (b"", b"a", b"ab", b"abc", bytes(range(256))):
        assert in_jws(base64.urlsafe_b64encode(data).rstrip(b"=")) == data


def test_a_payload_that_is_not_decoded_is_held_to_the_same() -> None:
    for written in (*map(str.encode, WRITTEN), b"A+==", b"\xc3\xa9AA", b"AA A", b"A*AA"):
        if in_jws(written) is None:
            with pytest.raises(Unsound):
                decodable(written, "payload")
        else:
            decodable(written, "payload")
