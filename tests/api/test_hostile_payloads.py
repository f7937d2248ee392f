"""Bad files through the whole journey: refused by name in both languages, kept as they came, never sent on."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from gateway.domain.ids import digest_of
from tests.api import hostile
from tests.api.house import VALUE, XLSX, House, as_json, report

JSON, XML, CSV = "application/json", "application/xml", "text/csv"
_GENEROUS = 120.0


def refused(house: House, payload: bytes, media_type: str, **more: Any) -> dict[str, Any]:
    """The exchange of a file nobody can take, once it is over."""
    return over(house, payload, house.taken(payload, media_type, **more))


def over(house: House, payload: bytes, location: str) -> dict[str, Any]:
    """What every one of them must be."""
    x = house.at_rest(location)
    assert x["stage"] == "refused", (x["stage"], x["problem"])
    assert x["reasons"]
    assert x["reasons"][0] == x["problem"]
    for reason in x["reasons"]:
        assert all(reason["title"].values())
        assert reason["title"]["vi"] != reason["title"]["en"]
    assert all(x["problem"]["advice"].values())
    kept = house.gateway.journal.bytes_of(digest_of(payload)) == payload
    assert kept, "the bytes as they came"  # compared beforehand: a difference of megabytes is no message
    assert house.read(f"{location}/facts")["chain_intact"] is True
    assert house.arrived(location) == 0
    return x


def packet_with(before: bytes, after: bytes) -> Callable[[], bytes]:
    def made() -> bytes:
        whole = hostile.packet()
        assert whole.count(before) >= 1
        return whole.replace(before, after, 1)

    return made


XMLS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "cut off": ("C-001", lambda: hostile.packet()[:-20]),
    "two roots": ("C-001", lambda: hostile.packet() + b"<more/>"),
    "not XML": ("C-001", lambda: b"hello"),
    "nothing": ("C-001", lambda: b""),
    "NUL": ("C-004", lambda: b"\0" * 100),
    "a DTD": ("C-002", lambda: hostile.doctype(b"", b"")),
    "an external entity": ("C-002", hostile.external),
    "billion laughs": ("C-002", hostile.billion_laughs),
    "quadratic blow-up": ("C-002", hostile.quadratic),
    "a DTD after a comment": ("C-002", lambda: b"<!-- x -->\n" + hostile.doctype(b"", b"")),
    "a depth bomb": ("C-003", lambda: hostile.deep(100_000)),
    "UTF-16": ("C-004", lambda: '<?xml version="1.0"?><Packet/>'.encode("utf-16")),
    "TCVN3": ("C-004", packet_with(b"<Reporter>", b"<Note>B\xb8o c\xb8o th\xb8ng</Note><Reporter>")),
    "another declared encoding": ("C-004", lambda: b'<?xml version="1.0" encoding="windows-1258"?><Packet/>'),
    "another root": ("C-005", lambda: b"<html/>"),
    "another packet": ("C-005", packet_with(b'packet="report-data"', b'packet="status"')),
    "an unknown element": ("C-005", packet_with(b"<Reporter>", b"<Script>x</Script><Reporter>")),
    "a changed figure": ("C-005", packet_with(b">12.15<", b">12.16<")),
    "a wrong count": ("C-005", packet_with(b'count="1"', b'count="7"')),
}


@pytest.fixture(scope="module")
def handed(house: House) -> dict[str, tuple[bytes, str]]:
    """Every bad file of the three tables, handed in at once; each test waits for its own."""
    made = {name: (build(), XML) for name, (_, build) in XMLS.items()}
    made |= {name: (build(), JSON) for name, (_, build) in JSONS.items()}
    made |= {name: (build(), media_type) for name, (_, media_type, build) in TABLES.items()}
    return {name: (payload, house.taken(payload, media_type)) for name, (payload, media_type) in made.items()}


@pytest.mark.parametrize("name", XMLS)
def test_bad_xml_is_refused_by_name(house: House, handed: dict[str, tuple[bytes, str]], name: str) -> None:
    assert over(house, *handed[name])["problem"]["code"] == XMLS[name][0]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le"])
def test_a_dtd_does_not_hide_in_an_encoding_nobody_named(house: House, encoding: str) -> None:
    text = '<?xml version="1.0"?><!DOCTYPE P [<!ENTITY a "x">]><Packet packet="&a;"/>'
    assert refused(house, text.encode(encoding), XML)["problem"]["code"] in ("C-002", "C-004")


def test_malformed_xml_is_refused_with_its_line(house: House) -> None:
    lines = hostile.packet().replace(b"><", b">\n<").split(b"\n")
    lines[7] = b"<broken"
    found = refused(house, b"\n".join(lines), XML)["problem"]
    assert found["code"] == "C-001"
    assert found["details"]["line"] in ("8", "9")
    assert found["details"]["line"] in found["title"]["vi"]


def test_a_wrong_structure_is_refused_with_its_path_and_what_was_expected(house: House) -> None:
    found = refused(house, packet_with(b"<Reporter>", b"<Script>x</Script><Reporter>")(), XML)["problem"]
    assert "Script" in found["details"]["path"] + found["details"]["reason"]
    assert found["details"]["expected"]
    assert int(found["details"]["line"]) > 0


JSONS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "malformed": ("C-009", lambda: b'{"regime": '),
    "a doubled name": ("C-009", lambda: as_json()[:-1] + b', "regime": "KHAC"}'),
    "a doubled name, escaped": ("C-009", lambda: as_json()[:-1] + b', "re\\u0067ime": "KHAC"}'),
    "NaN": ("C-009", lambda: hostile.with_value("NaN")),
    "Infinity": ("C-009", lambda: hostile.with_value("-Infinity")),
    "not UTF-8": ("C-004", lambda: as_json(note="x").replace(b'"x"', b'"\xb8\xb9"')),
    "JSON in UTF-16": ("C-004", lambda: as_json().decode().encode("utf-16")),
    "a list": ("C-005", lambda: b"[]"),
    "a number": ("C-005", lambda: b"1"),
    "no values": ("C-005", lambda: as_json(values=[])),
    "values that are none": ("C-005", lambda: as_json(values={"a": 1})),
    "a boolean figure": ("C-005", lambda: hostile.with_value("true")),
    "a list for a figure": ("C-005", lambda: hostile.with_value("[1]")),
    "an unknown field": ("C-005", lambda: as_json(khac="x")),
    "a head of lists": ("C-005", lambda: as_json(regime=["KTXH-THANG"])),
    "a revision of nought": ("C-005", lambda: as_json(revision=0)),
    "another regime": ("C-011", lambda: as_json(regime="BC-KHAC")),
    "another form": ("C-011", lambda: as_json(form="99/X")),
    "deeply nested": ("C-003", lambda: hostile.nested_json(200_000)),
    "a figure of a million digits": ("D-001", lambda: hostile.with_value('"' + "9" * 1_000_000 + '"')),
    "a figure that is no number": ("D-001", lambda: hostile.with_value('"=1+1"')),
    "a huge exponent": ("D-001", lambda: hostile.with_value("1e999999999")),
}


@pytest.mark.parametrize("name", JSONS)
def test_bad_json_is_refused_by_name(house: House, handed: dict[str, tuple[bytes, str]], name: str) -> None:
    assert over(house, *handed[name])["problem"]["code"] == JSONS[name][0]


def test_every_fault_of_a_file_is_told_at_once(house: House) -> None:
    x = refused(house, as_json({**VALUE, "value": True}, {**VALUE, "unit": 5}, VALUE), JSON)
    assert [reason["details"]["path"] for reason in x["reasons"]] == ["values[0]", "values[1]"]


def test_ten_thousand_faults_are_told_as_the_first_fifty(house: House) -> None:
    assert len(refused(house, as_json(*[{"x": n} for n in range(10_000)]), JSON)["reasons"]) == 50


TABLES: dict[str, tuple[str, str, Callable[[], bytes]]] = {
    "a CSV of another shape": ("C-005", CSV, lambda: b"a,b\n1,2\n"),
    "a CSV without lines": ("C-005", CSV, hostile.csv),
    "a CSV in TCVN3": ("C-004", CSV, lambda: hostile.csv("T0101,38,%,1") + b"\xb8\xb9,38,%,1\n"),
    "a CSV with an open quote": ("C-005", CSV, lambda: hostile.csv('T0101,38,%,"1')),
    "a CSV with a ragged line": ("C-005", CSV, lambda: hostile.csv("T0101,38")),
    "a CSV with one endless cell": ("C-005", CSV, lambda: hostile.csv("T0101,38,%," + "1" * 200_000)),
    "no workbook": ("C-005", XLSX, lambda: b"PK\x03\x04 no"),
    "a cut workbook": ("C-005", XLSX, lambda: hostile.workbook()[:-100]),
    "a zip bomb": ("C-003", XLSX, hostile.zip_bomb),
    "a zip bomb that lies": ("C-003", XLSX, hostile.lying_zip_bomb),
    "a workbook without its head": ("C-005", XLSX, lambda: hostile.workbook({"don_vi": ""})),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_bad_table_is_refused_by_name(house: House, handed: dict[str, tuple[bytes, str]], name: str) -> None:
    assert over(house, *handed[name])["problem"]["code"] == TABLES[name][0]


@pytest.mark.parametrize("formula", ['=HYPERLINK("http://x")', "@SUM(1)", "+1+cmd|' /C calc'!A0", "-2+3"])
def test_a_formula_is_text_and_text_is_no_figure(house: House, formula: str) -> None:
    quoted = formula.replace('"', '""')
    payload = hostile.csv("T0101,38,%,12.15", f'T0101A,38,%,"{quoted}"')
    location = house.taken(payload, CSV)
    x = house.at_rest(location)
    assert (x["stage"], x["held"]) == ("reconciled", 1)
    held = next(f["body"] for f in house.read(f"{location}/facts")["facts"] if f["fact"] == "Held")
    assert formula in held["groups"][0]["message"]


# ── part of it goes on ───────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("field", "wrong"),
    [("indicator", "KHONG-CO"), ("organisation", "99999"), ("unit", "thùng"), ("indicator", "T0101\u200b")],
)
def test_what_nobody_may_guess_is_held_and_shown_and_the_rest_is_acknowledged(
    house: House, field: str, wrong: str
) -> None:
    location = house.taken(as_json(VALUE, {**VALUE, "indicator": "T0101A", field: wrong}))
    x = house.at_rest(location)
    assert (x["stage"], x["held"]) == ("reconciled", 1)
    assert x["account"] == {"received": 2, "mapped": 1, "held": 1, "excluded": 0}
    assert x["acknowledgement"]["answer"] == "accepted"
    held = next(f["body"] for f in house.read(f"{location}/facts")["facts"] if f["fact"] == "Held")
    assert held["values"] == 1
    assert wrong in held["groups"][0]["message"]
    assert held["groups"][0]["rows"] == [1]
    assert house.arrived(location) == 1


def test_an_older_revision_after_a_newer_one_is_refused(house: House) -> None:
    said = report(revision=2)
    house.at_rest(house.taken(json.dumps(said).encode()))
    x = refused(house, json.dumps({**said, "revision": 1}).encode(), JSON)
    assert x["problem"]["code"] == "C-010"


# ── and meanwhile ────────────────────────────────────────────────────────────────────────────────
SLOW: dict[str, tuple[str, str, Callable[[], bytes]]] = {
    "a million attributes": ("C-005", XML, lambda: b"<a " + b" ".join(b'a%d=""' % n for n in range(300_000)) + b"/>"),
    "wrong values by the thousand": (
        "C-005",
        XML,
        lambda: hostile.packet().replace(b"</Values>", b"<Wrong/>" * 15_000 + b"</Values>"),
    ),
    "names by the thousand that a packet's element does not have": (
        "C-005",
        XML,
        lambda: hostile.packet().replace(b"<Values", b"<Values " + b" ".join(b'a%d=""' % n for n in range(4_000)), 1),
    ),
    "a quarter of a million values that are none": ("C-005", JSON, lambda: as_json(*[0] * 250_000)),  # type: ignore[list-item]
    "many names in one object": ("C-005", JSON, lambda: json.dumps({f"n{n}": n for n in range(200_000)}).encode()),
    "one name doubled among many": (
        "C-009",
        JSON,
        lambda: b"{" + b",".join(b'"n%d":1' % n for n in range(4_000)) + b',"n3999":2}',
    ),
}


@pytest.mark.parametrize("name", SLOW)
def test_a_costly_file_ends_soon_and_others_are_answered_meanwhile(house: House, name: str) -> None:
    code, media_type, made = SLOW[name]
    payload = made()
    began = time.monotonic()
    ended = threading.Event()
    answers: list[float] = []

    def asking() -> None:
        while not answers or not ended.is_set():
            since = time.monotonic()
            assert house.other.get("/v1/exchanges").status_code == 200
            answers.append(time.monotonic() - since)

    asked = threading.Thread(target=asking)
    asked.start()
    try:
        assert refused(house, payload, media_type)["problem"]["code"] == code
    finally:
        ended.set()
        asked.join()
    took = time.monotonic() - began
    assert took < _GENEROUS
    assert answers  # once at least: a file may be refused before they have asked again
    assert max(answers) < max(0.7 * took, 3.0)
