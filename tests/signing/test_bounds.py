"""No file takes more than five seconds of the processor, 500 MB, or leaves a traceback: the kernel sees to it here."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from gateway.sandbox.ca_der import revocation_list
from gateway.signing.findings import Unsound
from gateway.signing.limits import Limits
from gateway.signing.xml.c14n import METHODS, C14n, canonical
from gateway.signing.xml.parse import parse, reparse
from gateway.signing.xml.weight import Sink, declared, may_instruct, writes_little
from tests.signing.authority import DAY, NOW, Authority
from tests.signing.conftest import POLICIES, packet
from tests.signing.hostile import FILES, PDFS, Hand
from tests.signing.xades import Xades

ROOT = Path(__file__).parents[2]


class Judge:
    """A process that judges what it is told to, bounded."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.authority = folder, Authority()
        self.hand = Hand.of(Authority())  # whom nobody trusts
        trust = self.authority.write_trust(folder / "trust")
        command = [sys.executable, "-m", "tests.signing.hostile", str(POLICIES), str(trust)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)

    def told(self, data: bytes, policy: str = "integrity-only") -> Any:
        file = self.folder / "file"
        file.write_bytes(data)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        asked = {"file": str(file), "policy": policy, "at": NOW.isoformat()}
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    made = Judge(tmp_path_factory.mktemp("hostile"))
    with made.process:
        yield made
        made.process.kill()


@pytest.mark.parametrize("name", FILES)
def test_xml_that_asks_for_too_much_is_refused_in_time(judge: Judge, name: str) -> None:
    told = judge.told(FILES[name](judge.hand).encode())
    assert told.get("passed") is False, told  # or it would tell by which signal it ended


@pytest.mark.parametrize("name", PDFS)
def test_a_pdf_that_asks_for_too_much_is_refused_in_time(judge: Judge, name: str) -> None:
    told = judge.told(PDFS[name](), "vn-report-pdf")
    assert told.get("passed") is False, told


@pytest.mark.parametrize("proven", [True, False])
def test_lists_as_large_as_a_message_may_bring_are_judged_in_time(judge: Judge, proven: bool) -> None:
    sub = judge.authority.sub
    others = [(number * 7919 + 1, NOW - DAY) for number in range(50_000)]
    by = sub.key if proven else judge.hand.key
    lists = [revocation_list(sub.name, by, others, NOW - DAY, NOW + (one + 1) * DAY) for one in range(3)]
    signed = Xades(packet(), *judge.authority.issue("Uỷ ban", "H56"), at=NOW)
    told = judge.told(signed.with_values([sub.certificate], lists).written(), "vn-report-xml")
    assert told.get("passed") is False, told  # the leader has not signed


@pytest.mark.parametrize("uri", sorted(METHODS))
def test_what_is_canonicalised_piece_by_piece_is_the_same(uri: str) -> None:
    inside = "<p:a p:b='1' c='&lt;'>x<d/></p:a>" * 3_000
    root = reparse(f"<r xmlns='u:r' xmlns:p='u:p' xml:lang='vi'><s><t>{inside}</t></s><u/></r>".encode())
    for element in (root, root[0], root[0][0]):
        for whole, without in ((False, ()), (False, (element[0],)), (True, (root[1],))):
            pieces: list[bytes] = []
            canonical(element, C14n(uri), whole=whole, without=without, sink=Sink(pieces.append))
            assert len(pieces) > 1
            assert b"".join(pieces) == canonical(element, C14n(uri), whole=whole, without=without)


@pytest.mark.parametrize("before", ["", "=" * 5_000, "<a b='>>>>'/>" * 3_000, f"<a>{'x' * 1_277}</a>"])
@pytest.mark.parametrize("after", ["", "=" * 5_000, "<a/>" * 3_000])
def test_attributes_of_one_element_are_counted_wherever_it_stands(before: str, after: str) -> None:
    for count, refused in ((256, False), (257, True)):
        attributes = " ".join(f"{chr(97 + number // 26)}{chr(97 + number % 26)}=''" for number in range(count))
        data = f"<r>{before}<b {attributes}/>{after}{'<c/>' * 10_000}</r>".encode()
        with pytest.raises(Unsound) if refused else nullcontext():
            parse(data, Limits())


def test_instructions_are_seen_wherever_they_stand_and_the_declaration_is_none() -> None:
    for head in (
        b"",
        b"\xef\xbb\xbf",
        b'<?xml version="1.0" encoding="UTF-8"?>',
        b"\xef\xbb\xbf<?xml version='1.0'?>\n",
    ):
        assert not may_instruct(head + b"<r/>")
        assert may_instruct(head + b"<r><a>1<?x?>00</a></r>")
    assert may_instruct(b"<?xmlx?><r/>")


@pytest.mark.parametrize("filler", ["", "z" * 40_000, "I" * 100, "I" * 40_000])
@pytest.mark.parametrize("name", ["Id", "ID", "id", "xml:id"])
def test_identifiers_are_known_however_they_are_written(name: str, filler: str) -> None:
    for attribute in (f"{name}='a'", f'{name}\n = "a"'):
        document = parse(
            f"<r><a {attribute}>{filler}</a>{filler}<b {attribute.replace('a', 'b')}/></r>".encode(), Limits()
        )
        assert document.ids is not None
        assert sorted(document.ids) == ["a", "b"]
        with pytest.raises(Unsound):
            parse(f"<r><a {attribute}>{filler}</a>{filler}<b {attribute}/></r>".encode(), Limits())


def test_declarations_are_looked_at_while_they_are_few_and_each_tag_may_write_all_of_them() -> None:
    few, many = (b'<a xmlns="urn:a">' * count for count in (64, 65))
    assert declared(few) == tuple(range(3, 64 * 17, 17))
    assert declared(many) is None
    assert not writes_little(many, declared(many))
    for text, little in (
        (b"<a/>" * 100_000, True),
        (b'<a xmlns:b="urn:b"/>' + b"<b:c/>" * 100_000, True),
        (b'<a xmlns:b="urn:' + b"b" * 100_000 + b'"/>' + b"<b:c/>" * 100, False),
        (b"<a xmlns:b = 'urn:b'/>", False),  # not written as expected, so it is not reckoned with
    ):
        assert writes_little(text, declared(text)) is little


@pytest.mark.parametrize("depth", [16, 17, 100, 101])
def test_depth_is_counted_to_the_very_bound(depth: int) -> None:
    data = (b"<a>" * depth) + (b"</a>" * depth)
    with pytest.raises(Unsound) if depth > Limits().depth else nullcontext():
        parse(data, Limits())


def test_a_json_signature_whose_header_is_large_or_deep_is_refused_in_time(judge: Judge) -> None:
    for header in ("A" * 8_000_000, "W1tb" * 4_000_000):
        told = judge.told(f"eyJ{header}.e30.AAAA".encode(), "jws")
        assert told.get("passed") is False, told


def test_a_cms_signature_of_millions_of_tiny_parts_is_refused_in_time(judge: Judge) -> None:
    for part in (b"\x05\x00", b"\x31\x80\x00\x00"):
        parts = part * (16_000_000 // len(part))
        told = judge.told(_signed_data(_element(0x31, parts)), "vn-cms")
        assert told.get("passed") is False, told


def _signed_data(algorithms: bytes) -> bytes:
    """SignedData that begins as it should and goes on with `algorithms`."""
    inner = _element(0x30, b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01")
    body = _element(0x30, b"\x02\x01\x01" + algorithms + inner + algorithms)
    return _element(0x30, b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02" + _element(0xA0, body))


def _element(tag: int, content: bytes) -> bytes:
    length = len(content).to_bytes(4, "big")
    return bytes((tag, 0x84)) + length + content
