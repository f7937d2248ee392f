"""Lookups as SDMX: out and in without loss, validity kept; what our packs may not hold is refused by name."""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.domain.errors import Rejected
from gateway.safexml import Bounds
from gateway.schemas.sdmx import message, structure
from gateway.schemas.sdmx.lookup import SHEETS, Lookup, Row, lines_of, of_sheet

AT = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
MERGER = [
    {"nguon": "74", "dich": "74", "ty_trong": "1", "den_ngay": "2025-06-30"},
    {"nguon": "74", "dich": "79", "ty_trong": "1", "tu_ngay": "2025-07-01", "can_cu": "202/2025/QH15"},
    {"nguon": "00007", "dich": "00008", "tu_ngay": "2025-07-01"},
]
BREADTH = settings(max_examples=60, deadline=None)
TEXT = st.text(st.characters(blacklist_categories=("Cs",)), max_size=12)
DAYS = st.one_of(st.none(), st.dates())


@st.composite
def lookups(draw: st.DrawFn) -> Lookup:
    width, depth = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    rows = []
    for _ in range(draw(st.integers(0, 6))):
        first, last = draw(DAYS), draw(DAYS)
        if first and last and last < first:
            first, last = last, first
        source, target = (tuple(draw(st.lists(TEXT, min_size=n, max_size=n))) for n in (width, depth))
        rows.append(Row(source, target, first, last, draw(st.dictionaries(TEXT, TEXT, max_size=2))))
    columns = tuple(f"c{n}" for n in range(width)), tuple(f"d{n}" for n in range(depth))
    return Lookup("to_chuc", "H56", "1.0.0", draw(TEXT), *columns, tuple(rows))


def sent(*kept: Lookup) -> bytes:
    return message.written(kept, "m-1", "H56", AT)


@BREADTH
@given(st.lists(lookups(), max_size=3))
def test_any_lookup_comes_back_with_every_day_and_every_note(kept: list[Lookup]) -> None:
    assert message.read(sent(*kept)) == tuple(kept)


@pytest.mark.parametrize("sheet", SHEETS)
def test_the_sheets_of_a_shipped_pack_go_out_and_come_home_unchanged(sheet: str) -> None:
    pack = files("gateway.profiles") / "thanh-hoa" / "packs" / "kt-xh-thang"
    with (pack / f"{sheet}.csv").open(encoding="utf-8", newline="") as file:
        lines = [{column: text for column, text in line.items() if text} for line in csv.DictReader(file)]
    assert lines
    [back] = message.read(sent(of_sheet(sheet, lines, "H56", "1.0.0")))
    assert lines_of(back) == lines


def test_two_validities_of_one_code_stay_two_rows_with_their_days() -> None:
    [back] = message.read(sent(of_sheet("to_chuc", MERGER, "H56", "1.0.0")))
    assert [(row.source, row.target, row.valid_from, row.valid_to) for row in back.rows[:2]] == [
        (("74",), ("74",), None, date(2025, 6, 30)),
        (("74",), ("79",), date(2025, 7, 1), None),
    ]
    assert lines_of(back) == MERGER


def test_a_message_says_which_standard_it_follows_who_sends_it_and_when() -> None:
    said = json.loads(sent(of_sheet("to_chuc", MERGER, "H56", "1.0.0")))
    assert said["meta"]["schema"].endswith("2.0.0/sdmx-json-structure-schema.json")
    assert (said["meta"]["sender"], said["meta"]["prepared"]) == ({"id": "H56"}, "2026-11-24T07:00:00+00:00")
    [kept] = said["data"]["representationMaps"]
    assert (kept["source"], kept["target"]) == ([{"dataType": "String"}], [{"dataType": "String"}])
    assert kept["representationMappings"][1]["validFrom"] == "2025-07-01T00:00:00Z"
    assert kept["representationMappings"][0]["validTo"] == "2025-06-30T23:59:59Z"


def test_an_empty_lookup_is_told_without_an_empty_list() -> None:
    empty = of_sheet("to_chuc", [], "H56", "1.0.0")
    assert "representationMappings" not in json.loads(sent(empty))["data"]["representationMaps"][0]
    assert message.read(sent(empty)) == (empty,)
    assert message.read(sent()) == ()


SPOILED = {
    "a regular expression": ('"value": "74"', '"value": "74", "isRegEx": true'),
    "a part of a value": ('"value": "74"', '"value": "74", "startIndex": 1'),
    "a figure for a text": ('"value": "74"', '"value": 74'),
    "a day that does not exist": ("2025-07-01", "2025-02-30"),
    "a beginning at the end of a day": ("2025-07-01T00:00:00Z", "2025-07-01T23:59:59Z"),
    "an hour of the day": ("2025-07-01T00:00:00Z", "2025-07-01T12:30:00Z"),
    "validity the wrong way round": ('"validTo": "2025', '"validFrom": "2025-07-01", "validTo": "2025'),
    "no target": ('"targetValues": [', '"others": ['),
    "a second target": ('"targetValues": [', '"targetValues": ["x",'),
    "no agency": ('"agencyID"', '"agency"'),
    "maps that are no list": ('"representationMaps": [', '"representationMaps": "x", "old": ['),
    "no data": ('"data"', '"date"'),
}


@pytest.mark.parametrize("case", SPOILED.values(), ids=SPOILED)
def test_a_message_we_could_not_keep_whole_is_refused(case: tuple[str, str]) -> None:
    text = sent(of_sheet("to_chuc", MERGER, "H56", "1.0.0")).decode()
    assert case[0] in text
    with pytest.raises(Rejected, match="C-005"):
        message.read(text.replace(*case, 1).encode())


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b'{"data": {"a": 1, "a": 2}}', "C-009"),
        (b"{", "C-009"),
        (b"\xff", "C-004"),
        (b"[" * 100_000, "C-003"),
        (b"[]", "C-005"),
        (b'{"data": {"representationMaps": [[]]}}', "C-005"),
    ],
)
def test_what_is_no_message_is_refused_by_its_fault(payload: bytes, code: str) -> None:
    with pytest.raises(Rejected, match=code):
        message.read(payload)


def test_a_message_over_the_bound_is_not_even_read() -> None:
    with pytest.raises(Rejected, match="C-003"):
        message.read(sent(), Bounds(bytes=10))


V30 = """<?xml version="1.0" encoding="UTF-8"?>
<mes:Structure xmlns:mes="http://www.sdmx.org/resources/sdmxml/schemas/v3_0/message"
 xmlns:str="http://www.sdmx.org/resources/sdmxml/schemas/v3_0/structure"
 xmlns:com="http://www.sdmx.org/resources/sdmxml/schemas/v3_0/common"><mes:Structures><str:RepresentationMaps>
<str:RepresentationMap id="TO_CHUC" agencyID="H56" version="1.0.0"><com:Name xml:lang="vi">Tổ chức</com:Name>
<str:SourceDataType>String</str:SourceDataType><str:TargetDataType>String</str:TargetDataType>
<str:RepresentationMapping validTo="2025-06-30"><str:SourceValue>74</str:SourceValue><str:TargetValue>74</str:TargetValue></str:RepresentationMapping>
<str:RepresentationMapping validFrom="2025-07-01"><str:SourceValue isRegEx="false">74</str:SourceValue><str:TargetValue>79</str:TargetValue></str:RepresentationMapping>
</str:RepresentationMap></str:RepresentationMaps></mes:Structures></mes:Structure>
"""
V21 = """<?xml version="1.0" encoding="UTF-8"?>
<mes:Structure xmlns:mes="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"
 xmlns:str="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure"
 xmlns:com="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common"><mes:Structures><str:StructureSets>
<str:StructureSet id="GOP" agencyID="H56" version="1.0" validFrom="2025-07-01T00:00:00" validTo="2026-12-31"><com:Name>x</com:Name>
<str:CodelistMap id="TO_CHUC"><com:Name>Tổ chức</com:Name>
<str:CodeMap><str:Source><Ref id="74"/></str:Source><str:Target><Ref id="79"/></str:Target></str:CodeMap>
</str:CodelistMap></str:StructureSet></str:StructureSets></mes:Structures></mes:Structure>
"""


def test_representation_maps_of_xml_3_keep_their_days_and_go_on_as_json() -> None:
    [kept] = structure.read(V30.encode())
    assert (kept.id, kept.agency, kept.version, kept.name) == ("TO_CHUC", "H56", "1.0.0", "Tổ chức")
    assert kept.rows == (Row(("74",), ("74",), None, date(2025, 6, 30)), Row(("74",), ("79",), date(2025, 7, 1), None))
    assert message.read(sent(kept)) == (kept,)


def test_codelist_maps_of_xml_2_take_the_days_of_their_set() -> None:
    [kept] = structure.read(V21.encode())
    assert kept.rows == (Row(("74",), ("79",), date(2025, 7, 1), date(2026, 12, 31)),)
    assert (kept.id, kept.agency, kept.name) == ("TO_CHUC", "H56", "Tổ chức")


@pytest.mark.parametrize(
    ("text", "before", "after", "code"),
    [
        (V30, 'isRegEx="false"', 'isRegEx="true"', "C-005"),
        (V30, 'isRegEx="false"', 'endIndex="1"', "C-005"),
        (V30, 'validFrom="2025-07-01"', 'validFrom="2025-13-01"', "C-005"),
        (V30, 'validFrom="2025-07-01"', 'validFrom="2025-07-01" validTo="2025-06-30"', "C-005"),
        (V30, "<str:TargetValue>79</str:TargetValue>", "", "C-005"),
        (V30, "v3_0/message", "v3_1/message", "C-005"),
        (V30, "<mes:Structures>", "<mes:Structures><", "C-001"),
        (V30, "?>\n", '?>\n<!DOCTYPE x [<!ENTITY a "b">]>', "C-002"),
        (V30, "UTF-8", "UTF-16", "C-004"),
        (V21, '<Ref id="79"/>', "", "C-005"),
        (V21, 'validTo="2026-12-31"', 'validTo="2025-01-01"', "C-005"),
    ],
)
def test_a_structure_we_could_not_keep_whole_is_refused(text: str, before: str, after: str, code: str) -> None:
    assert before in text
    with pytest.raises(Rejected, match=code):
        structure.read(text.replace(before, after, 1).encode())


@BREADTH
@given(st.sampled_from((V21, V30)), st.integers(0, 2_000), st.binary(min_size=1, max_size=4))
def test_damage_anywhere_is_refused_and_never_an_accident(text: str, at: int, dirt: bytes) -> None:
    good = text.encode()
    at %= len(good)
    try:
        structure.read(good[:at] + dirt + good[at + len(dirt) :])
    except Rejected as refused:
        assert refused.problem.code in ("C-001", "C-002", "C-003", "C-004", "C-005")
