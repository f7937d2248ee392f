"""A composite report through the front door to the other side: figures, words and signed files as one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from lxml import etree

from gateway.domain.ids import digest_of
from gateway.sandbox.store import Store
from gateway.signing.evidence_zip import judged
from gateway.signing.xml.sign import XmlSigner
from tests.api import hostile
from tests.api.house import SIGNED, House, as_json, new_key
from tests.api.signed_files import by_both, holding, words
from tests.signing.pdf_files import report as pdf

XML, PDF = "application/xml", "application/pdf"
LETTER, FORM = "Báo cáo tháng.pdf", "Biểu 01.pdf"


def sent(house: House, report: bytes, *files: tuple[str, str, bytes], key: str = "", **more: Any) -> httpx.Response:
    """POST a composite: (name, role, bytes) of each file."""
    parts: list[tuple[str, Any]] = [
        ("report", ("bao-cao", report, more.get("kind", XML))),
        ("narrative", ("loi.json", words(*((name, role) for name, role, _ in files)), "application/json")),
        *(("attachment", (name, content, "application/octet-stream")) for name, _, content in files),
    ]
    headers = {"Idempotency-Key": key or new_key(), "Agreement": more.get("agreement", SIGNED)}
    return house.desk.post("/v1/reports", files=parts, headers=headers)


def came(house: House, exchange: str) -> list[tuple[str, str, bytes]]:
    """What the other side keeps beside the figures of an exchange: (name, role, bytes)."""
    store = Store(house.other_side_folder)
    try:
        [arrival] = store.arrivals("message_id = ?", exchange)
        return [(one.name, one.role, one.content) for one in store.enclosed(arrival.number)]
    finally:
        store.close()


@pytest.fixture(scope="module")
def letter(house: House) -> bytes:
    return by_both(house.other_side, pdf())


def test_files_signed_elsewhere_that_hold_the_figures_stand_for_the_reports_signature(
    house: House, letter: bytes
) -> None:
    """Thanh Hóa art. 11; the whole is at the other side to the byte, and proves itself offline."""
    report = hostile.packet()
    form = by_both(house.other_side, holding(pdf(), report))
    answer = sent(house, report, (LETTER, "narrative", letter), (FORM, "form", form))
    assert answer.status_code == 202, answer.text
    x = house.at_rest(answer.headers["Location"])
    assert x["stage"] == "reconciled", x["reasons"]

    packet, *files = came(house, x["id"])
    assert files == [(LETTER, "narrative", letter), (FORM, "form", form)]
    assert [a.get("digest") for a in etree.fromstring(packet[2]).iter("{*}Attachment")] == [
        digest_of(letter),
        digest_of(form),
    ]

    bundle = house.desk.get(f"{answer.headers['Location']}/evidence", headers={"Accept": "application/zip"})
    found = judged(bundle.content, None)
    assert found.holds, found.faults
    assert {name: one.again.indication for name, one in found.parts.items() if one.again} == {
        LETTER: "TOTAL-PASSED", FORM: "TOTAL-PASSED",
    }  # fmt: skip
    strangers = judged(bundle.content, house.home / "policies")  # a folder that trusts nobody
    assert not strangers.holds
    assert not any(one.same for one in strangers.parts.values())


def test_a_signed_report_takes_words_and_a_signed_form_in_xml_along(house: House, letter: bytes) -> None:
    report = hostile.packet()
    signers = {role: house.other_side.issue(role, "H56") for role in ("leader", "agency")}
    for role, (key, certificate) in signers.items():
        report = XmlSigner(key, certificate, role).sign(report, datetime.now(UTC))
    x = house.at_rest(sent(house, report, (LETTER, "narrative", letter), ("a.xml", "form", report)).headers["Location"])
    assert x["stage"] == "reconciled", x["reasons"]


def test_one_unsigned_or_changed_file_refuses_all_and_nothing_of_it_arrives(house: House, letter: bytes) -> None:
    report = hostile.packet()
    form = by_both(house.other_side, holding(pdf(), report))
    place = letter.index(b"/ByteRange")
    bent = letter[: place - 200] + bytes([letter[place - 200] ^ 1]) + letter[place - 199 :]
    for wrong, code in ((pdf(), "B-020"), (bent, "B-021")):
        x = house.at_rest(sent(house, report, (LETTER, "narrative", wrong), (FORM, "form", form)).headers["Location"])
        assert (x["stage"], [r["code"] for r in x["reasons"]]) == ("refused", [code])
        assert x["reasons"][0]["details"]["name"] == LETTER
        assert house.other_side.count(x["id"]) == 0


def test_a_signed_form_with_other_figures_refuses_all(house: House, letter: bytes) -> None:
    form = by_both(house.other_side, holding(pdf(), hostile.packet()))
    answer = sent(house, hostile.packet(), (LETTER, "narrative", letter), (FORM, "form", form))
    x = house.at_rest(answer.headers["Location"])
    assert (x["stage"], [r["code"] for r in x["reasons"]]) == ("refused", ["C-036"])


def test_signed_words_alone_do_not_sign_the_figures(house: House, letter: bytes) -> None:
    x = house.at_rest(sent(house, hostile.packet(), (LETTER, "narrative", letter)).headers["Location"])
    assert (x["stage"], [r["code"] for r in x["reasons"]]) == ("refused", ["B-004"])


def test_the_same_key_with_another_file_is_409(house: House, letter: bytes) -> None:
    report, key = hostile.packet(), new_key()
    first = sent(house, report, (LETTER, "narrative", letter), key=key)
    again = sent(house, report, (LETTER, "narrative", letter), key=key)
    other = sent(house, report, (LETTER, "narrative", pdf()), key=key)
    assert (again.headers["Location"], again.headers["Idempotent-Replayed"]) == (first.headers["Location"], "true")
    assert (other.status_code, other.json()["code"]) == (409, "C-008")


def test_an_agreement_for_figures_alone_refuses_the_parts_by_name(house: House) -> None:
    answer = sent(house, as_json(), ("a.pdf", "annex", pdf()), agreement="ktxh-thang", kind="application/json")
    assert (answer.status_code, answer.json()["code"]) == (422, "C-030")


@pytest.mark.parametrize("name", ["a.exe", "..", "a\u202efdp.exe"])
def test_a_file_of_an_unsafe_name_or_kind_is_refused_at_the_door(house: House, name: str) -> None:
    answer = sent(house, hostile.packet(), (name, "annex", b"MZ"))
    assert (answer.status_code, answer.json()["code"]) == (422, "C-031")


def test_more_files_than_agreed_are_refused(house: House) -> None:
    files = [(f"{n}.pdf", "annex", b"%PDF-") for n in range(11)]
    answer = sent(house, hostile.packet(), *files)
    assert (answer.status_code, answer.json()["code"]) == (413, "C-003")


def test_parts_told_twice_or_by_another_name_are_refused(house: House) -> None:
    report = ("report", ("r", hostile.packet(), XML))
    narrative = ("narrative", ("n", words(), "application/json"))
    for parts in ([report, narrative, narrative], [report, report], [narrative], [report, ("annex", ("a", b"x", XML))]):
        headers = {"Idempotency-Key": new_key(), "Agreement": SIGNED}
        answer = house.desk.post("/v1/reports", files=parts, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "C-012")


def test_what_lies_beside_the_figures_is_shown(house: House, letter: bytes) -> None:
    report = hostile.packet()
    form = by_both(house.other_side, holding(pdf(), report))
    x = house.at_rest(sent(house, report, (LETTER, "narrative", letter), (FORM, "form", form)).headers["Location"])
    assert x["outline"] == "DC-01@1"
    assert [(p["part"], p["name"], p["role"], p["form"], p["media_type"], p["sha256"]) for p in x["parts"]] == [
        ("narrative", "", "", "", "application/json", digest_of(words((LETTER, "narrative"), (FORM, "form")))),
        ("attachment", LETTER, "narrative", "", PDF, digest_of(letter)),
        ("attachment", FORM, "form", "01/KTXH", PDF, digest_of(form)),
    ]
    evidence = house.read(f"/v1/exchanges/{x['id']}/evidence")
    assert evidence["verdict"] is None
    assert {p["part"]: p["verdict"]["indication"] for p in evidence["parts"]} == {
        LETTER: "TOTAL-PASSED", FORM: "TOTAL-PASSED",
    }  # fmt: skip
