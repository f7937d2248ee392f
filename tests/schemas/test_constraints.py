"""What no schema can say: every constraint of the table refuses its example, in bytes and in values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.domain.catalogue import Item
from gateway.domain.errors import Rejected
from gateway.domain.kpi import Kpi
from gateway.domain.outline import Words
from gateway.domain.report import Columns
from gateway.schemas.national import packet
from gateway.schemas.national.constraints import CONSTRAINTS, Breach, refuse
from gateway.schemas.national.references import of_narrative, of_set, of_values
from tests.schemas.packets import DISAGGREGATIONS, GROUPS, HEAD, KPIS, NARRATIVE, OUTLINE, VALUES, of, spoiled

_DOCS = Path(__file__).parents[2] / "docs" / "packets.md"

# constraint → examples: (packet, what stands there, what is put in its place)
REFUSED: dict[str, list[tuple[str, str, str]]] = {
    "validity": [
        ("regime", 'validTo="2027-12-31"', 'validTo="2025-12-31"'),
        ("outline", 'validTo="2027-12-31"', 'validTo="2025-12-31"'),
        ("kpi-set", 'validTo="2026-12-31"', 'validTo="2025-12-31"'),
    ],
    "regime-cycles": [("regime", "<Kind>periodic", "<Kind>ad_hoc")],
    "regime-cycle-calendar": [("regime", 'calendar="ND09"', 'calendar="NAMHOC"')],
    "regime-cycle-once": [("regime", '<Cycle kind="quy">', '<Cycle kind="thang">')],
    "regime-send-time-cycle": [("regime", 'cycle="quy"', 'cycle="nam"')],
    "regime-send-time-present": [("regime", '<Cycle kind="quy">', '<Cycle kind="6t">')],
    "regime-send-time-once": [("regime", 'stage="don-vi"', 'stage="tinh"')],
    "regime-send-time-order": [("regime", 'day="18"', 'day="25"')],
    "regime-form-once": [("regime", 'code="DS-02"', 'code="01/KTXH"')],
    "regime-forms-content": [
        ("regime", "<Content>both", "<Content>data"),
        ("regime", "<Content>both", "<Content>narrative"),
        ("regime", 'shape="narrative"', 'shape="list"'),
    ],
    "outline-section-once": [("outline", 'code="I.2"', 'code="I.1"')],
    "outline-number-once": [("outline", 'number="2"', 'number="1"')],
    "outline-parent-before": [("outline", 'parent="I"', 'parent="II"'), ("outline", 'parent="I"', 'parent="I.1"')],
    "outline-depth": [
        (
            "outline",
            "</Section></Sections>",
            "</Section>"
            + "".join(
                f'<Section code="S{n}" longest="1" number="{n}" parent="{f"S{n - 1}" if n > 1 else "I.2"}">'
                "<Title>Sâu</Title></Section>"
                for n in range(1, 6)
            )
            + "</Sections>",
        )
    ],
    "outline-required-words": [("outline", 'code="I" number="I"', 'code="I" number="I" required="true"')],
    "outline-indicator-once": [("outline", '<Indicator code="0602">', '<Indicator code="0601">')],
    "list-column-once": [("list-report", '<Column code="SO"', '<Column code="VON"')],
    "list-key-required": [("list-report", ' key="true" required="true"', ' key="true"')],
    "list-count": [("list-report", 'count="2"', 'count="3"')],
    "list-nil": [("list-report", 'count="2"', 'count="2" nil="true"')],
    "list-number": [("list-report", '<Row number="2">', '<Row number="3">')],
    "list-cell-column": [("list-report", '<Cell column="NGAY">', '<Cell column="LA">')],
    "list-cell-once": [("list-report", '<Cell column="NGAY">', '<Cell column="SO">')],
    "list-cell-required": [("list-report", '<Cell column="MA">DA-1</Cell>', "")],
    "list-cell-type": [
        ("list-report", "1050.0005", "1.050,0005"),
        ("list-report", ">12<", ">12.5<"),
        ("list-report", "2025-06-01</Cell>", "2025-02-30</Cell>"),
        ("list-report", "2025-06-01</Cell>", "01/06/2025</Cell>"),
    ],
    "list-key-once": [("list-report", "DA-2 &lt;mới&gt;", "DA-1")],
    "narrative-section-once": [("narrative", 'code="I.2"', 'code="I.1"')],
    "narrative-signed-once": [("narrative", 'role="annex"', 'role="narrative"')],
    "narrative-attachment-once": [("narrative", 'name="Biểu 01.PDF"', 'name="BÁO cáo THÁNG 6.pdf"')],
    "narrative-attachment-type": [("narrative", 'name="ảnh.jpg"', 'name="ảnh.pdf"')],
    "narrative-attachment-form": [
        ("narrative", ' form="01/KTXH"', ""),
        ("narrative", 'mediaType="image/jpeg"', 'form="01/KTXH" mediaType="image/jpeg"'),
    ],
    "narrative-size": [("narrative", 'size="10"', 'size="209712129"')],
    "kpi-group-once": [("kpi-set", '<Group code="TT"', '<Group code="TC"')],
    "kpi-once": [("kpi-set", 'code="TT2"', 'code="TT1"')],
    "kpi-group-known": [("kpi-set", 'group="TC"', 'group="TX"')],
    "kpi-group-used": [("kpi-set", 'group="TC"', 'group="TT"')],
    "kpi-weights-all": [("kpi-set", ' weight="40.5"', "")],
    "kpi-group-weights": [("kpi-set", 'weight="40.5"', 'weight="40.500001"')],
    "kpi-weights": [("kpi-set", 'weight="30"', 'weight="29.999999"')],
    "kpi-scale": [("kpi-set", 'lowest="-5.5"', 'lowest="10"')],
    "kpi-target": [("kpi-set", 'target="98.5"', 'target="100.1"'), ("kpi-set", 'target="98.5"', 'target="-0.1"')],
    "kpi-dimension-once": [("kpi-set", '<Dimension code="CAP">', '<Dimension code="CAP"></Dimension><Dimension code="CAP">')],
    "kpi-formula-known": [("kpi-set", "[TT2]", "[TT9]")],
    "kpi-formula-cycle": [
        ("kpi-set", "[TC1] / 2", "[TT1] / 2"),
        ("kpi-set", "<Name>Mức hài lòng</Name>", "<Name>Mức hài lòng</Name><Formula>[TT1]</Formula>"),
    ],
    "catalogue-fields": [
        ("kpi-groups", 'order="1"', 'order="1" unit="ho"'),
        ("kpi-groups", 'order="1"', 'order="1" required="true"'),
        ("kpi-groups", 'order="1"', 'order="1" total="true"'),
        ("kpi-disaggregations", 'total="true"', 'regime="ND09" total="true"'),
    ],
    "catalogue-parent": [
        ("kpi-groups", 'parent="TT"', 'parent="TZ"'),
        ("kpi-groups", 'parent="TT" validFrom="2026-01-01"', 'parent="TT"'),
        ("kpi-groups", 'code="TT" order="2"', 'code="TT" order="2" validTo="2027-12-31"'),
    ],
    "catalogue-cycle": [("kpi-groups", 'code="TT" order="2"', 'code="TT" order="2" parent="TT.1"')],
    "catalogue-order": [("kpi-groups", 'code="TT" order="2"', 'code="TT" order="01" validTo="9999-12-31"')],
    "disaggregation-code": [("kpi-disaggregations", 'code="CAP=X"', 'code="CAP=X=Y"')],
    "disaggregation-parent": [
        ("kpi-disaggregations", 'code="SEX=F" parent="SEX=_T"', 'code="SEX=F" parent="CAP"'),
        ("kpi-disaggregations", 'code="SEX=F" parent="SEX=_T"', 'code="SEX=F"'),
        ("kpi-disaggregations", 'code="CAP"', 'code="CAP" parent="SEX"'),
    ],
    "disaggregation-values": [("kpi-disaggregations", 'code="CAP=X" parent="CAP"', 'code="SEX=X" parent="SEX"')],
    "disaggregation-total": [
        ("kpi-disaggregations", 'code="SEX=F" parent="SEX=_T"', 'code="SEX=F" parent="SEX=_T" total="true"'),
        ("kpi-disaggregations", 'code="CAP"', 'code="CAP" total="true"'),
    ],
    "values-count": [("kpi-report", 'count="5"', 'count="6"')],
    "value-or-state": [("kpi-report", ">-3<", ' state="nil">-3<'), ("kpi-report", ">-3<", "><")],
    "value-once": [("kpi-report", 'organisation="H57"', 'organisation="H56"')],
    "breakdown-order": [
        ("kpi-report", "CAP=X;SEX=F", "SEX=F;CAP=X"),
        ("kpi-report", "CAP=X;SEX=F", "CAP=X;CAP=Y"),
    ],
    "points-figure": [("kpi-report", 'organisation="H57"', 'organisation="H57" points="0"')],
    "points-total": [("kpi-report", 'organisation="H56">99<', 'organisation="H56" points="0">99<')],
    "score-once": [("kpi-report", "</Score></Scores>", '</Score><Score organisation="H56" points="49.75"></Score></Scores>')],
    "score-sum": [
        ("kpi-report", 'points="49.75"', 'points="49.750001"'),
        ("kpi-report", "</Score></Scores>", '</Score><Score organisation="H99" points="1"></Score></Scores>'),
    ],
}  # fmt: skip


SET_HEAD, LATE = replace(HEAD, form="PAR", period="LICH:2026M06"), replace(HEAD, period="LICH:2028M06")
SCORED = replace(VALUES, head=SET_HEAD, values=(*VALUES.values[:1], *VALUES.values[2:]))
WORDS = replace(NARRATIVE, head=replace(HEAD, period="LICH:2026M06"))
LONG = replace(WORDS, words=(Words("I.1", "x" * 2001), Words("I", "đề mục")))


def quoted(code: str, value: str) -> Columns:
    return Columns([code], ["38"], ["ty_dong"], [value])


ANSWERS: dict[str, list[Iterable[Breach]]] = {
    "answers-what": [of_narrative(replace(WORDS, outline_version="2025"), OUTLINE), of_values(VALUES, KPIS)],
    "answers-validity": [of_narrative(NARRATIVE, OUTLINE), of_narrative(replace(WORDS, head=LATE), OUTLINE)],
    "answers-section": [of_narrative(LONG, OUTLINE)],
    "answers-quoted": [
        of_narrative(WORDS, OUTLINE, quoted("0601", "1060")),
        of_narrative(WORDS, OUTLINE, quoted("0602", "17")),
    ],
    "answers-required": [
        of_narrative(replace(WORDS, words=WORDS.words[1:], attachments=()), OUTLINE),
        of_values(replace(SCORED, values=SCORED.values[1:]), KPIS),
    ],
    "answers-attachments": [of_narrative(WORDS, replace(OUTLINE, attachments=2))],
    "answers-kpi": [of_values(SCORED, replace(KPIS, kpis=KPIS.kpis[:1]))],
    "answers-dimension": [
        of_values(replace(SCORED, values=VALUES.values), KPIS),
        of_set(KPIS, GROUPS, replace(DISAGGREGATIONS, items=DISAGGREGATIONS.items[:4])),
    ],
    "answers-points": [of_values(SCORED, replace(KPIS, groups=(replace(KPIS.groups[0], weight="40.24"), KPIS.groups[1])))],
    "answers-group": [of_set(KPIS, replace(GROUPS, items=GROUPS.items[1:]), DISAGGREGATIONS)],
}  # fmt: skip


@pytest.mark.parametrize("constraint", ANSWERS)
def test_each_reference_between_packets_refuses_its_examples(constraint: str) -> None:
    for told in ANSWERS[constraint]:
        breaches = list(told)
        assert constraint in {one.constraint for one in breaches}
        with pytest.raises(Rejected, match="C-022"):
            refuse(breaches, "x")


def test_packets_that_answer_one_another_are_not_refused() -> None:
    assert not [*of_narrative(WORDS, OUTLINE), *of_values(SCORED, KPIS), *of_set(KPIS, GROUPS, DISAGGREGATIONS)]
    for figures in (quoted("0601", "1050.0005"), quoted("0601", "-"), quoted("0999", "1060")):
        assert not list(of_narrative(WORDS, OUTLINE, figures))
    signed = replace(WORDS, words=(), attachments=WORDS.attachments[:1])
    assert not list(of_narrative(signed, OUTLINE, quoted("0601", "1060")))
    assert not list(of_narrative(signed, OUTLINE))


def problems(payload: bytes) -> list[tuple[str, str]]:
    with pytest.raises(Rejected) as refused:
        packet.read(payload)
    return [(p.code, p.details.get("constraint", p.title.en)) for p in refused.value.problems]


@pytest.mark.parametrize(
    ("constraint", "case"),
    [(name, case) for name, cases in REFUSED.items() for case in cases],
    ids=[f"{name} {n}" for name, cases in REFUSED.items() for n, _ in enumerate(cases, start=1)],
)
def test_each_constraint_refuses_its_example_by_name(constraint: str, case: tuple[str, str, str]) -> None:
    assert ("C-022", constraint) in problems(spoiled(*case))


def test_a_narrative_without_words_and_without_a_signed_report_says_nothing() -> None:
    with pytest.raises(Rejected, match="narrative-something"):
        packet.written(of("narrative", replace(NARRATIVE, words=(), attachments=())))
    signed = replace(NARRATIVE, words=(), attachments=NARRATIVE.attachments[:1])
    assert packet.read(packet.written(of("narrative", signed))).content == signed


def test_an_outline_of_headings_alone_is_none() -> None:
    headings = tuple(replace(section, longest=0, required=False) for section in OUTLINE.sections)
    with pytest.raises(Rejected, match="outline-words"):
        packet.written(of("outline", replace(OUTLINE, sections=headings)))


def test_no_constraint_is_without_an_example_and_none_without_a_line_in_the_guide() -> None:
    assert {*REFUSED, *ANSWERS, "narrative-something", "outline-words"} == set(CONSTRAINTS)
    printed = dict(re.findall(r"(?m)^\| `([a-z-]+)` \| ([^|]+) \| [^|]+ \|$", _DOCS.read_text("utf-8")))
    assert {name: text.vi for name, text in CONSTRAINTS.items()} == {n: t.strip() for n, t in printed.items()}


def test_what_may_not_be_read_may_not_be_written_either() -> None:
    with pytest.raises(Rejected, match="kpi-weights"):
        packet.written(of("kpi-set", replace(KPIS, kpis=KPIS.kpis[:2])))


def test_a_breach_tells_where_it_stands_in_both_languages() -> None:
    with pytest.raises(Rejected) as refused:
        packet.read(spoiled("kpi-set", 'lowest="-5.5"', 'lowest="10"').replace(b"<Kpi ", b"\n<Kpi "))
    # the digest no longer fits: nothing else is even looked at
    assert refused.value.problem.code == "C-005"
    with pytest.raises(Rejected) as refused:
        packet.read(spoiled("kpi-set", 'lowest="-5.5"', 'lowest="10"'))
    said = refused.value.problem
    assert "/Packet/Body/KpiSet/Kpis/Kpi[2] (dòng 2): mức thấp nhất nhỏ hơn mức cao nhất" in said.title.vi
    assert "/Packet/Body/KpiSet/Kpis/Kpi[2] (line 2): the lowest is below the highest" in said.title.en


def test_long_chains_of_references_cost_no_more_than_their_length() -> None:
    chain = [Kpi(f"K{n}", "x", "G", "d", "higher", formula=f"[K{n + 1}]") for n in range(4_000)]
    end = Kpi("K4000", "x", "G", "d", "higher")
    groups = tuple(replace(g, weight="", group="G") for g in KPIS.groups[:1])
    whole = replace(KPIS, groups=groups, kpis=(*chain, end))
    assert packet.read(packet.written(of("kpi-set", whole))).content == whole
    with pytest.raises(Rejected, match="kpi-formula-cycle"):
        packet.written(of("kpi-set", replace(whole, kpis=(*chain, replace(end, formula="[K0]")))))


def test_a_parent_may_be_there_by_two_validities_one_after_the_other() -> None:
    top = GROUPS.items[1]
    first = replace(top, valid_to=top.valid_from.replace(month=6, day=30))  # type: ignore[union-attr]
    second = replace(top, name="Đổi tên", valid_from=top.valid_from.replace(month=7))  # type: ignore[union-attr]
    child: Item = GROUPS.items[2]
    whole = replace(GROUPS, items=(first, second, child))
    assert packet.read(packet.written(of("kpi-groups", whole))).content == whole
    with pytest.raises(Rejected, match="catalogue-parent"):
        packet.written(of("kpi-groups", replace(whole, items=(first, child))))
