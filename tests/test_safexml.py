"""Foreign XML: what is refused, under which code, before it costs anything."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import safexml
from gateway.domain.errors import Rejected
from gateway.safexml import Bounds

_BOMB = b'<!DOCTYPE a [<!ENTITY a "xxxxxxxxxx"><!ENTITY b "&a;&a;&a;&a;">]><a b="&b;">&b;</a>'


def _code(payload: bytes, bounds: Bounds = safexml.DEFAULT) -> str:
    with pytest.raises(Rejected) as refused:
        safexml.parse(payload, bounds)
    return refused.value.problem.code


@pytest.mark.parametrize(
    "payload",
    [
        _BOMB,
        b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- x --><!DOCTYPE a><a/>",
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b"<?xml version='1.0'?><?pi <a> ?><!DOCTYPE a><a/>",
    ],
)
def test_a_document_type_is_refused_with_c002(payload: bytes) -> None:
    assert _code(payload) == "C-002"


@pytest.mark.parametrize(
    "payload", [b"", b"   ", b"<a>", b"<a></b>", b"<a/><b/>", b"no xml", b"<a>&lost;</a>", b"<a x='1' x='2'/>"]
)
def test_malformed_xml_is_refused_with_c001(payload: bytes) -> None:
    assert _code(payload) == "C-001"


def test_the_line_of_a_mistake_is_named() -> None:
    with pytest.raises(Rejected) as refused:
        safexml.parse(b"<a>\n<b>\n</c></a>")
    assert "3" in refused.value.problem.title.en


@pytest.mark.parametrize(
    "payload",
    [
        "<a>á</a>".encode("latin-1"),
        "<a>á</a>".encode("utf-16"),
        "<a>x</a>".encode("utf-16-le"),
        "<a>x</a>".encode("utf-16-be"),
        "<a>x</a>".encode("utf-32-le"),
        b"<?xml version='1.0' encoding='ISO-8859-1'?><a/>",
        b"<a>\xc3\x28</a>",
    ],
)
def test_what_is_not_utf8_is_refused_with_c004(payload: bytes) -> None:
    assert _code(payload) == "C-004"


@pytest.mark.parametrize(
    ("payload", "bounds"),
    [
        (b"<a>" + b" " * 100 + b"</a>", Bounds(bytes=100)),
        (b"<a>" * 65 + b"</a>" * 65, Bounds()),
        (b"<a>" + b"<b/>" * 10 + b"</a>", Bounds(nodes=10)),
    ],
)
def test_what_goes_over_a_bound_is_refused_with_c003(payload: bytes, bounds: Bounds) -> None:
    assert _code(payload, bounds) == "C-003"


def test_a_depth_bomb_stops_at_the_bound_not_at_its_end() -> None:
    assert _code(b"<a>" * 5_000_000) == "C-003"


def test_a_byte_order_mark_and_vietnamese_text_are_read() -> None:
    root = safexml.parse("\ufeff<?xml version='1.0' encoding='utf-8'?><a>Đường Lê Duẩn</a>".encode())
    assert root.text == "Đường Lê Duẩn"


def test_a_comment_that_names_a_doctype_is_only_a_comment() -> None:
    assert safexml.parse(b"<!-- <!DOCTYPE a> --><a/>").tag == "a"


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_with_a_code(payload: bytes) -> None:
    try:
        safexml.parse(payload)
    except Rejected as refused:
        assert refused.problem.code in {"C-001", "C-002", "C-003", "C-004"}


def test_a_comment_inside_a_figure_does_not_cut_it() -> None:
    assert safexml.parse(b"<a>1<!-- -->050</a>").text == "1050"
