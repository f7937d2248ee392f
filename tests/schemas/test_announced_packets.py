"""The eight packets of regimes, outlines, lists and KPIs: written and read back, refused where they are unsound."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from gateway.domain.announced import as_catalogue
from gateway.domain.calendar import DeadlineRule
from gateway.domain.errors import Rejected
from gateway.domain.kpi import KpiValue, Score
from gateway.domain.listing import ListColumn
from gateway.domain.outline import Section, Words
from gateway.schemas.national import packet, twin
from gateway.schemas.national.model import Content
from gateway.schemas.packets import PacketReader
from tests.schemas.packets import ALL, DISAGGREGATIONS, KPIS, LIST, NARRATIVE, OUTLINE, REGIME, VALUES, of, spoiled

EMPTY = replace(LIST, rows=())
CASES: list[tuple[str, Content]] = [*ALL.items(), ("list-report", EMPTY)]
TEXT = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff"), min_size=1, max_size=40
)
CODE = st.from_regex(r"[A-Za-z0-9._/-]{1,12}", fullmatch=True)
FIGURE = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12).map(
    "{:f}".format
)
BREADTH = settings(max_examples=40, deadline=None)


@pytest.mark.parametrize(("name", "content"), CASES, ids=[f"{name} {n}" for n, (name, _) in enumerate(CASES)])
def test_a_packet_is_read_back_the_same_from_xml_and_from_its_twin(name: str, content: Content) -> None:
    before = of(name, content)
    assert packet.read(packet.written(before)) == before
    assert twin.read(json.loads(json.dumps(twin.twin(before)))) == before


@pytest.mark.parametrize(("name", "content"), CASES, ids=[f"{name} {n}" for n, (name, _) in enumerate(CASES)])
def test_a_packet_is_written_in_canonical_form(name: str, content: Content) -> None:
    root = etree.fromstring(packet.written(of(name, content)))
    body = etree.tostring(root[1], method="c14n", exclusive=True)
    assert root.findtext(".//{*}BodyDigest") == sha256(body).hexdigest()


REFUSED = {
    "a regime of no code": ("regime", ' code="KTXH"', ""),
    "a regime without legal basis": ("regime", "<LegalBasis>QĐ 293/QĐ-TTg", "<LegalBasis>"),
    "a regime of no kind": ("regime", "<Kind>periodic", "<Kind>weekly"),
    "a cycle nobody knows": ("regime", '<Cycle kind="quy">', '<Cycle kind="tuan">'),
    "the 32nd of a month": ("regime", 'day="18"', 'day="32"'),
    "an hour after the last": ("regime", 'before="16:30"', 'before="24:00"'),
    "a form of no shape": ("regime", 'shape="list"', 'shape="table"'),
    "a regime valid from no day": ("regime", ' validFrom="2026-01-01"', ""),
    "a regime in an unknown calendar": ("regime", 'calendar="ND09"', 'calendar="LUNAR"'),
    "an outline of no version": ("outline", ' version="2026"', ""),
    "an outline of too many files": ("outline", 'attachments="3"', 'attachments="101"'),
    "a section without title": ("outline", "<Title>Thu ngân sách</Title>", ""),
    "a section number with a slash": ("outline", 'number="2"', 'number="1/2"'),
    "a section of no length": ("outline", 'longest="500"', 'longest="0"'),
    "a list whose period starts on another day": ("list-report", 'start="2025-05-15"', 'start="2025-06-01"'),
    "a list column of an unknown type": ("list-report", 'type="integer"', 'type="float"'),
    "a list column without a name": ("list-report", "<Name>Vốn</Name>", ""),
    "a list cell without a column": ("list-report", ' column="NGAY"', ""),
    "an empty cell": ("list-report", ">12</Cell>", "></Cell>"),
    "a row without a number": ("list-report", ' number="2"', ""),
    "a narrative of no outline version": ("narrative", ' outlineVersion="2026"', ""),
    "a narrative whose period ends on another day": ("narrative", 'end="2025-06-14"', 'end="2025-06-15"'),
    "a section without words": ("narrative", "Chi đạt dự toán", ""),
    "a file with a path": ("narrative", 'name="ảnh.jpg"', 'name="../ảnh.jpg"'),
    "a file with a backslash": ("narrative", 'name="ảnh.jpg"', 'name="a\\ảnh.jpg"'),
    "a hidden file": ("narrative", 'name="ảnh.jpg"', 'name=".ảnh.jpg"'),
    "a file with a control character": ("narrative", 'name="ảnh.jpg"', 'name="ảnh&#10;.jpg"'),
    "a file of no bytes": ("narrative", 'size="10"', 'size="0"'),
    "a file of a type nobody takes": ("narrative", 'mediaType="image/jpeg"', 'mediaType="application/zip"'),
    "a file whose digest is not one": ("narrative", "c" * 64, "c" * 63),
    "a file of no role": ("narrative", 'role="annex"', 'role="other"'),
    "a KPI set of no legal basis": ("kpi-set", "<LegalBasis>QĐ 1149/QĐ-BNV</LegalBasis>", ""),
    "a weight of nought": ("kpi-set", 'weight="30"', 'weight="0"'),
    "a weight over a hundred": ("kpi-set", 'weight="30"', 'weight="100.5"'),
    "a weight with a comma": ("kpi-set", 'weight="40.5"', 'weight="40,5"'),
    "a target with an exponent": ("kpi-set", 'target="98.5"', 'target="1e2"'),
    "a target that is no number": ("kpi-set", 'target="98.5"', 'target="NaN"'),
    "a KPI without unit": ("kpi-set", ' unit="diem"', ""),
    "a direction that is none": ("kpi-set", 'direction="neutral"', 'direction="sideways"'),
    "a group without name": ("kpi-groups", "<Name>Thể chế</Name>", ""),
    "an order below nought": ("kpi-groups", 'order="2"', 'order="-1"'),
    "a total that is not yes or no": ("kpi-disaggregations", 'total="true"', 'total="yes"'),
    "a disaggregation valid to before from": ("kpi-groups", 'validTo="2026-12-31"', 'validTo="2025-12-31"'),
    "KPI values of no set version": ("kpi-report", ' setVersion="2026"', ""),
    "a KPI value with a comma": ("kpi-report", ">98.75<", ">98,75<"),
    "a KPI value of no KPI": ("kpi-report", ' kpi="TC1"', ""),
    "a KPI value of no organisation": ("kpi-report", ' organisation="H57"', ""),
    "points below nought": ("kpi-report", 'points="9.5"', 'points="-9.5"'),
    "a state that is none": ("kpi-report", 'state="confidential"', 'state="secret"'),
    "a breakdown without value": ("kpi-report", "CAP=X;SEX=F", "CAP=X;SEX"),
    "KPI values of a period nobody knows": ("kpi-report", 'code="2025M06"', 'code="2025M13"'),
    "one packet's body in another": ("kpi-set", 'packet="kpi-set"', 'packet="regime"'),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_each_constraint_of_structure_refuses_its_example(case: tuple[str, str, str]) -> None:
    with pytest.raises(Rejected) as refused:
        packet.read(spoiled(*case))
    assert {p.code for p in refused.value.problems} == {"C-005"}


@BREADTH
@given(st.lists(st.tuples(TEXT, st.one_of(FIGURE, st.just("")), st.dates(date(1, 1, 1)).map(str)), max_size=8))
def test_any_list_survives_both_wires(rows: list[tuple[str, str, str]]) -> None:
    columns = (ListColumn("T", "text", "x"), ListColumn("D", "decimal", "x"), ListColumn("N", "date", "x"))
    before = of("list-report", replace(LIST, columns=columns, rows=tuple(rows)))
    assert packet.read(packet.written(before)) == before
    assert twin.read(json.loads(json.dumps(twin.twin(before)))) == before


@BREADTH
@given(st.lists(st.tuples(CODE, TEXT, st.booleans()), min_size=1, max_size=12, unique_by=lambda one: one[0]), st.data())
def test_any_tree_of_sections_survives_both_wires(drawn: list[tuple[str, str, bool]], data: st.DataObject) -> None:
    sections: list[Section] = []
    depth = {"": 0}
    for number, (code, title, required) in enumerate(drawn):
        parent = data.draw(st.sampled_from([known for known, deep in depth.items() if deep < 6]))
        depth[code] = depth[parent] + 1
        sections.append(Section(code, str(number), title, parent, required=required, longest=number + 1))
    before = of("outline", replace(OUTLINE, sections=tuple(sections)))
    assert packet.read(packet.written(before)) == before
    assert twin.read(json.loads(json.dumps(twin.twin(before)))) == before


@BREADTH
@given(st.lists(st.tuples(CODE, TEXT), min_size=1, max_size=8, unique_by=lambda one: one[0]))
def test_any_words_survive_both_wires(words: list[tuple[str, str]]) -> None:
    before = of("narrative", replace(NARRATIVE, words=tuple(Words(*one) for one in words)))
    assert packet.read(packet.written(before)) == before
    assert twin.read(json.loads(json.dumps(twin.twin(before)))) == before


@BREADTH
@given(
    st.lists(
        st.tuples(CODE, st.one_of(FIGURE, st.sampled_from("-…x")), st.decimals(0, 1000, places=3).map("{:f}".format)),
        min_size=1, max_size=8, unique_by=lambda one: one[0],
    )
)  # fmt: skip
def test_any_values_and_their_exact_score_survive_both_wires(drawn: list[tuple[str, str, str]]) -> None:
    values = tuple(KpiValue(code, "H56", v, points="" if v in "-…x" else p) for code, v, p in drawn)
    total = sum((Decimal(v.points) for v in values if v.points), Decimal())
    before = of("kpi-report", replace(VALUES, values=values, scores=(Score("H56", f"{total:f}"),)))
    assert packet.read(packet.written(before)) == before
    assert twin.read(json.loads(json.dumps(twin.twin(before)))) == before


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(ALL)), st.integers(0, 10_000), st.binary(min_size=1, max_size=4))
def test_damage_anywhere_is_refused_and_never_an_accident(name: str, at: int, dirt: bytes) -> None:
    good = packet.written(of(name, ALL[name]))
    at %= len(good)
    try:
        packet.read(good[:at] + dirt + good[at + len(dirt) :])
    except Rejected as refused:
        assert {p.code for p in refused.problems} <= {"C-001", "C-002", "C-003", "C-004", "C-005", "C-022"}


def digest(body: object) -> str:
    said = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(ALL)), st.data())
def test_a_twin_of_odd_values_is_refused_and_never_an_accident(name: str, data: st.DataObject) -> None:
    said = json.loads(json.dumps(twin.twin(of(name, ALL[name]))))
    [content] = said["body"].values()
    content[data.draw(st.sampled_from(sorted(content)))] = data.draw(JSON)
    said["header"]["bodyDigest"] = digest(said["body"])
    try:
        twin.read(said)
    except Rejected as refused:
        assert {p.code for p in refused.problems} <= {"C-001", "C-004", "C-005", "C-022"}


NOTHING: list[tuple[str, Content]] = [
    ("regime", replace(REGIME, forms=())),
    ("outline", replace(OUTLINE, sections=())),
    ("list-report", replace(LIST, columns=(), rows=())),
    ("kpi-set", replace(KPIS, groups=())),
    ("kpi-set", replace(KPIS, kpis=())),
    ("kpi-groups", replace(DISAGGREGATIONS, items=())),
    ("kpi-report", replace(VALUES, values=(), scores=())),
]


@pytest.mark.parametrize(("name", "content"), NOTHING, ids=[f"{name} {n}" for n, (name, _) in enumerate(NOTHING)])
def test_a_packet_of_nothing_is_refused(name: str, content: Content) -> None:
    with pytest.raises(Rejected, match="C-005"):
        packet.written(of(name, content))


def test_markup_where_a_text_should_stand_is_no_way_around_the_fields() -> None:
    said = json.loads(json.dumps(twin.twin(of("regime", REGIME))))
    said["body"]["regime"]["legalBasis"] = ["QĐ 1</LegalBasis><LegalBasis>QĐ 2"]
    said["header"]["bodyDigest"] = digest(said["body"])
    with pytest.raises(Rejected, match="C-005"):
        twin.read(said)
    said["body"]["regime"]["legalBasis"] = ["QĐ 1"]
    said["header"]["bodyDigest"] = digest(said["body"])
    with pytest.raises(Rejected, match="C-005"):
        twin.read(said)


def test_a_row_of_too_few_cells_is_refused_in_the_twin() -> None:
    said = json.loads(json.dumps(twin.twin(of("list-report", LIST))))
    said["body"]["listReport"]["rows"][0].pop()
    said["header"]["bodyDigest"] = digest(said["body"])
    with pytest.raises(Rejected, match="C-005"):
        twin.read(said)


def test_groups_and_disaggregations_come_down_the_road_of_all_catalogues() -> None:
    assert PacketReader().read_catalogue(packet.written(of("kpi-disaggregations", DISAGGREGATIONS))) == DISAGGREGATIONS
    assert PacketReader().read_catalogue(packet.written(of("kpi-set", KPIS))) == as_catalogue(KPIS)
    with pytest.raises(Rejected, match="C-005"):
        PacketReader().read_catalogue(packet.written(of("narrative", NARRATIVE)))


def test_a_send_time_is_a_rule_of_the_calendar() -> None:
    before = REGIME.send_times[1]
    assert before.rule("QĐ 1") == DeadlineRule(20, 0, False, before.rule().before, "QĐ 1")
    assert str(before.rule().before) == "16:30:00"
    assert REGIME.send_times[0].rule().before is None
