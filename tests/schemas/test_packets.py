"""The five packets: what is written is read back; every constraint has an example it refuses."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from gateway import safexml
from gateway.domain.account import Tally
from gateway.domain.catalogue import Catalogue, Item
from gateway.domain.errors import Rejected
from gateway.domain.form import FormColumn, FormDefinition
from gateway.domain.parcel import Answer, Backfill
from gateway.domain.report import Columns, Report, ReportHead
from gateway.ports import Header
from gateway.schemas.national import packet, report_data, schema, twin
from gateway.schemas.national.canonical import element
from gateway.schemas.national.model import Content, Packet, Reason, ReportData, Status
from gateway.schemas.national.wire import wire
from gateway.schemas.packets import PacketReader, PacketWriter, read_status

AT = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
HEAD = ReportHead("KTXH-THANG", "01/KTXH", "ND09:2025M06", "H56", 1)


def header(name: str) -> Header:
    return Header("gd-1", name, AT, "H56", "000.00.00.H56", "G22", "000.00.00.G22", correlation_id="gd-1")


def columns(*figures: str) -> Columns:
    n = len(figures)
    return Columns(["0601"] * n, ["38"] * n, ["ty_dong"] * n, list(figures), {"SEX": [str(i) for i in range(n)]})


REPORT = ReportData(Report(HEAD, columns("1050.0005", "-", "…", "x", "-3")))
BACKFILL = Backfill("000.00.00.H56,2026/11/20,128/BC-UBND", "128", "BC-UBND", "2026-11-20", AT)
STATUS = Status(
    "gd-1", "doc-7", Answer.PARTLY, Tally(3, 1, 1, 0, 1, 0), (Reason("E21", "Vượt ngưỡng <lớn>", "0601", "38"),), AT
)
INDICATORS = Catalogue(
    "VPCP-CT",
    "2026.1",
    date(2026, 1, 1),
    (
        Item("0601", "Thu ngân sách & viện trợ", "06", "ty_dong", True, date(2025, 1, 1), date(2025, 12, 31)),
        Item("0601", "Thu ngân sách", "06", "ty_dong", False, date(2026, 1, 1)),
    ),
)
PERIODS = Catalogue(
    "VPCP-KY",
    "2026.1",
    date(2026, 1, 1),
    (Item("2025M06", "Tháng 6", attributes={"regime": "ND09", "start": "2025-05-15", "end": "2025-06-14"}),),
)
FORM = FormDefinition(
    "01/KTXH", "1", date(2026, 1, 1), "Báo cáo kinh tế - xã hội", "QĐ 293/QĐ-TTg", "UBND cấp tỉnh", "trước ngày 20",
    "VPCP", "Chủ tịch UBND tỉnh", "both", (FormColumn("A", "text", "Chỉ tiêu"), FormColumn("1", "decimal", "Giá trị")),
    ("0601", "0602"),
)  # fmt: skip
ALL: dict[str, tuple[str, Content]] = {
    "report data": ("report-data", REPORT),
    "back-filled report data": ("report-data", replace(REPORT, backfill=BACKFILL)),
    "status": ("status", STATUS),
    "indicator catalogue": ("indicator-catalogue", INDICATORS),
    "period catalogue": ("period-catalogue", PERIODS),
    "form": ("form", FORM),
}


def same(one: Packet, other: Packet) -> bool:
    return plain_of(one) == plain_of(other)


def plain_of(p: Packet) -> object:
    """Where a value stood in its file is not part of what it says."""
    if isinstance(p.content, ReportData):
        content = replace(p.content, report=replace(p.content.report, columns=lists(p.content.report.columns)))
        return replace(p, content=content)
    return p


def lists(c: Columns) -> Columns:
    broken = {name: list(column) for name, column in c.breakdown.items()}
    return Columns(list(c.indicator), list(c.organisation), list(c.unit), list(c.value), broken)


@pytest.mark.parametrize(("name", "content"), ALL.values(), ids=ALL)
def test_a_packet_written_as_xml_is_read_back_the_same(name: str, content: Content) -> None:
    before = Packet(header(name), content)
    assert same(packet.read(packet.written(before)), before)


@pytest.mark.parametrize(("name", "content"), ALL.values(), ids=ALL)
def test_the_json_twin_says_the_same_as_the_xml(name: str, content: Content) -> None:
    before = Packet(header(name), content)
    assert same(twin.read(json.loads(json.dumps(twin.twin(before)))), before)


@pytest.mark.parametrize(("name", "content"), ALL.values(), ids=ALL)
def test_the_digest_is_that_of_exclusive_canonical_xml(name: str, content: Content) -> None:
    root = etree.fromstring(packet.written(Packet(header(name), content)))
    body = etree.tostring(root[1], method="c14n", exclusive=True)
    assert root.findtext(".//{*}BodyDigest") == sha256(body).hexdigest()


@given(st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff"), max_size=80))
def test_any_note_survives_the_wire(note: str) -> None:
    before = Packet(header("report-data"), replace(REPORT, report=Report(replace(HEAD, note=note), columns("1"))))
    assert same(packet.read(packet.written(before)), before)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**20), max_value=10**20))
def test_any_figure_survives_the_wire_digit_for_digit(figure: object) -> None:
    text = f"{figure:f}"
    back = packet.read(packet.written(Packet(header("report-data"), ReportData(Report(HEAD, columns(text))))))
    assert isinstance(back.content, ReportData)
    assert list(back.content.report.columns.value) == [text]


def changed(name: str, before: str, after: str) -> bytes:
    """A valid packet with one thing altered, and its digest made right again."""
    kind, content = ALL[name]
    text = packet.written(Packet(header(kind), content)).decode()
    assert before in text
    text = text.replace(before, after, 1)
    try:
        root = etree.fromstring(text.encode())
        digest = sha256(etree.tostring(root[1], method="c14n", exclusive=True)).hexdigest()
        said = root.findtext(".//{*}BodyDigest") or ""
    except (etree.XMLSyntaxError, IndexError):
        return text.encode()
    return text.replace(said, digest, 1).encode() if said and "BodyDigest" not in before else text.encode()


REFUSED = {
    "a packet type that is not known": ("status", 'packet="status"', 'packet="state"'),
    "another version": ("status", 'status" version="1.0"', 'status" version="2.0"'),
    "a body that is not its type's": ("status", 'packet="status"', 'packet="form"'),
    "a message id with a space": ("status", "<MessageId>gd-1", "<MessageId>gd 1"),
    "no message id": ("status", "<MessageId>gd-1</MessageId>", ""),
    "a time without offset": ("status", "07:00:00+00:00</Created>", "07:00:00</Created>"),
    "the hour after the last": ("status", "07:00:00+00:00</Created>", "24:00:00+00:00</Created>"),
    "a year of five digits": ("status", "<Created>2026-11-24", "<Created>12026-11-24"),
    "an impossible day": ("status", "<Created>2026-11-24", "<Created>2026-02-30"),
    "an agency code of no shape": ("status", "<Code>H56", "<Code>h56"),
    "an old agency code of no shape": ("status", "<OldCode>000.00.00.H56", "<OldCode>00.00.00.H56"),
    "a digest of another algorithm": ("status", 'algorithm="SHA-256"', 'algorithm="MD5"'),
    "a digest that is not hex": ("status", '<BodyDigest algorithm="SHA-256">', '<BodyDigest algorithm="SHA-256">z'),
    "a body without Id": ("status", '<Body Id="body">', "<Body>"),
    "an unknown element": ("status", "<State>", "<Colour>red</Colour><State>"),
    "an unknown attribute": ("status", "<State>", '<State colour="red">'),
    "a status that is not one": ("status", "<State>partly", "<State>perhaps"),
    "a tally that does not balance": ("status", 'accepted="1"', 'accepted="2"'),
    "a negative count": ("status", 'accepted="1"', 'accepted="-1"'),
    "a reason without code": ("status", ' code="E21"', ""),
    "a regime with a space": ("report data", "<Regime>KTXH-THANG", "<Regime>KTXH THANG"),
    "a form with a bar": ("report data", "<Form>01/KTXH", "<Form>01|KTXH"),
    "a period of an unknown regime": ("report data", 'regime="ND09"', 'regime="LUNAR"'),
    "a period code of no shape": ("report data", 'code="2025M06"', 'code="2025M13"'),
    "a period that starts on another day": ("report data", 'start="2025-05-15"', 'start="2025-06-01"'),
    "a period that ends on another day": ("report data", 'end="2025-06-14"', 'end="2025-06-15"'),
    "revision nought": ("report data", "<Revision>1", "<Revision>0"),
    "a revision over the highest": ("report data", "<Revision>1", "<Revision>1111"[:-4] + "10000"),
    "no reporter": ("report data", "<Reporter>H56</Reporter>", ""),
    "a count that is not the number of values": ("report data", 'count="5"', 'count="4"'),
    "a figure with a comma": ("report data", "1050.0005", "1050,0005"),
    "a figure with an exponent": ("report data", "1050.0005", "1e3"),
    "a figure and a state": ("report data", ">1050.0005<", ' state="nil">1050.0005<'),
    "neither figure nor state": ("report data", ">1050.0005<", "><"),
    "a state that is not one": ("report data", 'state="nil"', 'state="none"'),
    "a value without unit": ("report data", ' unit="ty_dong"', ""),
    "a value without organisation": ("report data", ' organisation="38"', ""),
    "a breakdown of no shape": ("report data", 'breakdown="SEX=0"', 'breakdown="SEX"'),
    "a processing instruction in a figure": ("report data", "1050.0005", "1050<?x?>.0005"),
    "a backfill without number": ("back-filled report data", ' number="128"', ""),
    "an item without code": ("period catalogue", " code=", " kode="),
    "an item without name": ("period catalogue", "<Name>Tháng 6</Name>", ""),
    "an item valid to before it is valid from": ("indicator catalogue", 'validTo="2025-12-31"', 'validTo="2024-12-31"'),
    "one code valid twice on a day": ("indicator catalogue", 'validTo="2025-12-31"', 'validTo="2026-12-31"'),
    "required that is not yes or no": ("indicator catalogue", 'required="true"', 'required="yes"'),
    "a catalogue of no version": ("period catalogue", ' version="2026.1"', ""),
    "a form of no kind": ("form", "<Kind>both", "<Kind>all"),
    "a form without legal basis": ("form", "<LegalBasis>QĐ 293/QĐ-TTg", "<LegalBasis>"),
    "a column of an unknown type": ("form", 'type="decimal"', 'type="float"'),
    "a column code twice": ("form", 'code="A"', 'code="1"'),
    "a row without indicator": ("form", 'indicator="0602"', ""),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_each_constraint_refuses_its_example(case: tuple[str, str, str]) -> None:
    with pytest.raises(Rejected) as refused:
        packet.read(changed(*case))
    assert {p.code for p in refused.value.problems} == {"C-005"}


def test_a_changed_figure_is_seen_by_the_digest() -> None:
    payload = packet.written(Packet(header("report-data"), REPORT)).replace(b"1050.0005", b"1050.0006")
    with pytest.raises(Rejected, match="C-005"):
        packet.read(payload)


def test_every_fault_is_named_at_once_with_path_line_and_what_is_expected() -> None:
    text = packet.written(Packet(header("report-data"), REPORT)).decode()
    text = text.replace("<Revision>1", "<Revision>x").replace('unit="ty_dong"', "", 1)
    with pytest.raises(Rejected) as refused:
        packet.read(text.encode())
    shown = " ".join(p.title.vi for p in refused.value.problems)
    assert len(refused.value.problems) == 2
    assert "/Packet/Body/ReportData/Revision" in shown
    assert "dòng 2" in shown


def test_a_large_packet_with_a_fault_is_still_told_its_line() -> None:
    text = packet.written(Packet(header("report-data"), ReportData(Report(HEAD, columns(*["1"] * 20_001))))).decode()
    with pytest.raises(Rejected) as refused:
        packet.read(text.replace('unit="ty_dong"', 'size="1"', 1).encode())
    assert "unit" in refused.value.problems[0].title.en + refused.value.problems[-1].title.en


def test_a_long_packet_with_a_fault_in_every_row_is_refused_about_as_soon_as_a_good_one_is_read() -> None:
    good = packet.written(Packet(header("report-data"), ReportData(Report(HEAD, columns(*["1"] * 30_000)))))
    bad = good.replace(b'unit="ty_dong"', b'unit=""')
    began = time.process_time()
    packet.read(good)
    read = time.process_time() - began
    with pytest.raises(Rejected) as refused:
        packet.read(bad)
    assert time.process_time() - began - read < 5 * read
    assert {fault.code for fault in refused.value.problems} == {"C-005"}
    assert "unit" in refused.value.problems[0].title.en


def test_a_long_packet_is_looked_over_without_being_touched() -> None:
    payload = packet.written(Packet(header("report-data"), ReportData(Report(HEAD, columns(*["1"] * 6_000)))))
    root = safexml.parse(payload)
    before = etree.tostring(root)
    schema.check(root)
    assert etree.tostring(root) == before


@given(st.lists(st.tuples(*[st.text(st.characters(codec="utf-8"), max_size=4)] * 5), max_size=4))
def test_the_rows_of_a_report_are_written_as_every_element_is(rows: list[tuple[str, ...]]) -> None:
    indicator, organisation, unit, value, sex = (list(c) for c in zip(*rows, strict=True)) if rows else [[]] * 5
    written = report_data.written(ReportData(Report(HEAD, Columns(indicator, organisation, unit, value, {"SEX": sex}))))
    states = wire().states
    expected = "".join(
        element(
            "Value", "" if figure in states else figure, breakdown=f"SEX={broken}" if broken else "", indicator=code,
            organisation=place, state=states.get(figure), unit=measure,
        )
        for code, place, measure, figure, broken in rows
    )  # fmt: skip
    assert f'<Values count="{len(rows)}">{expected}</Values>' in written


def test_columns_of_unequal_length_are_never_cut_to_the_shortest() -> None:
    short = Columns(["0601"], ["38", "38"], ["ty_dong", "ty_dong"], ["1", "2"])
    with pytest.raises(ValueError, match="shorter"):
        packet.written(Packet(header("report-data"), ReportData(Report(HEAD, short))))


def test_the_wire_profile_says_that_it_is_assumed() -> None:
    assert wire().statement == "assumed, not QCVN 125-conformant"
    assert sorted(wire().numbers.values()) == list(range(1, 14))


def test_a_translated_report_is_kept_and_recalled() -> None:
    writer = PacketWriter()
    report = Report(HEAD, columns("1", "…"))
    assert lists(writer.recall(writer.keep(report)).columns) == lists(report.columns)
    assert writer.recall(writer.keep(report)).head == HEAD


def test_a_status_packet_becomes_an_acknowledgement() -> None:
    said = read_status(packet.written(Packet(header("status"), STATUS)))
    assert said.answer is Answer.PARTLY
    assert said.reasons == ("E21: Vượt ngưỡng <lớn> (0601 38)",)


def test_a_report_is_no_catalogue_and_a_status_is_no_report() -> None:
    with pytest.raises(Rejected, match="C-005"):
        PacketReader().read_catalogue(packet.written(Packet(header("report-data"), REPORT)))
    with pytest.raises(Rejected, match="C-005"):
        PacketReader().read(packet.written(Packet(header("status"), STATUS)), "application/xml")
