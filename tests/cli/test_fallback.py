"""The document route as people type it: folders a clerk watches, what offices said, recalls, and the record."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from fallback.folder import SIGNED, TO_SIGN
from fallback.slips import SLIP
from gateway.domain.exchange import Stage
from gateway.ports import DocumentStatus
from gateway.signers import signed_papers
from gateway.wiring import Gateway, opened
from tests.cli.house import Office
from tests.cli.test_operating import WHY, diverted
from tests.fallback.across import fill_in


@pytest.fixture
def clerks(tmp_path: Path) -> Path:
    folder = tmp_path / "van-thu"
    folder.mkdir()
    return folder


def sent(office: Office, clerks: Path, number: int) -> str:
    """A document that left, its number given through the folders."""
    document = diverted(office)
    assert office.run("fallback", "collect", str(clerks), *WHY).code == 0
    fill_in(clerks, document, number)
    signed_by_people(office, clerks, document)
    told = office.run("fallback", "collect", str(clerks), *WHY, "--json")
    assert (told.code, [x["id"] for x in told.document["numbered"]]) == (0, [document]), told.err
    office.walked(document, Stage.SENT, Stage.ARRIVED, Stage.DOCUMENT_ACCEPTED)
    return document


def signed_by_people(office: Office, clerks: Path, document: str) -> None:
    papers = [clerks / SIGNED / document / name for name in ("bao-cao.pdf", "phu-luc.pdf")]
    made = signed_papers(office.other_side.issue, "H56", [path.read_bytes() for path in papers])
    for path, content in zip(papers, made, strict=True):
        path.write_bytes(content)


def test_numbers_come_back_through_the_folders_a_clerk_watches(office: Office, clerks: Path) -> None:
    office.other_side.office("silent")
    document = sent(office, clerks, 501)
    told = office.run("fallback", "status", "--json")
    [seen] = [each for each in told.document["documents"] if each["exchange"] == document]

    assert (seen["number"], seen["stage"], seen["offices"]) == ("501/BC-UBND", "sent", {})


def test_a_slip_that_is_wrong_is_a_fault_and_nothing_is_numbered(office: Office, clerks: Path) -> None:
    document = diverted(office)
    office.run("fallback", "collect", str(clerks), *WHY)
    fill_in(clerks, document, 502, issued="mai")
    told = office.run("fallback", "collect", str(clerks), *WHY, "--json")

    [refused] = told.document["refused"]
    assert (told.code, refused["document"], refused["problems"][0]["code"]) == (3, document, "F-111")
    assert "F-111" in (clerks / SIGNED / document / "LOI.txt").read_text("utf-8")
    assert office.stage(document) == "prepared"


def test_a_slip_that_is_wrong_keeps_nobody_from_the_others(office: Office, clerks: Path) -> None:
    documents = sorted([diverted(office), diverted(office)])
    office.run("fallback", "collect", str(clerks), *WHY)
    fill_in(clerks, documents[0], 506, issued="mai")
    fill_in(clerks, documents[1], 507)
    signed_by_people(office, clerks, documents[1])
    told = office.run("fallback", "collect", str(clerks), *WHY, "--json")

    assert told.code == 3
    assert documents[1] in [x["id"] for x in told.document["numbered"]]
    assert [each["document"] for each in told.document["refused"]] == documents[:1]


def test_what_a_clerk_is_at_work_on_is_not_written_over(office: Office, clerks: Path) -> None:
    document = diverted(office)
    told = office.run("fallback", "collect", str(clerks), *WHY, "--json")
    place = clerks / TO_SIGN / document
    assert str(place) in told.document["to_sign"]
    for name in (SLIP, "bao-cao.pdf"):
        (place / name).write_bytes(b"half done")
    told = office.run("fallback", "collect", str(clerks), *WHY, "--json")

    assert str(place) in told.document["to_sign"]
    assert [(place / name).read_bytes() for name in (SLIP, "bao-cao.pdf")] == [b"half done"] * 2


def test_a_document_sent_by_mistake_is_asked_back(office: Office, clerks: Path) -> None:
    office.other_side.office("lets_go")
    document = sent(office, clerks, 503)
    assert office.run("fallback", "recall", document, *WHY).code == 0
    office.walked(document, Stage.RECALLED)

    assert office.run("fallback", "recall", document, *WHY).code == 6


def test_what_an_office_says_late_is_collected(office: Office, clerks: Path) -> None:
    office.other_side.office("accept")
    document = sent(office, clerks, 504)
    office.walked(document, Stage.DOCUMENT_ACCEPTED)
    office.other_side.office_says("H56,2026/11/20,504/BC-UBND", "06")
    told = office.run("fallback", "status", "--collect", "--json")
    [seen] = [each for each in told.document["documents"] if each["exchange"] == document]

    assert seen["offices"] == {"G22": "06"}


def waiting(office: Office) -> list[DocumentStatus]:
    async def read(gateway: Gateway) -> list[DocumentStatus]:
        try:
            return [one for route in gateway.doors.peers.routes.values() for one in await route.statuses()]
        finally:
            await gateway.hang_up()

    with opened(office.home) as gateway:
        return asyncio.run(read(gateway))


def test_a_status_is_assigned_by_hand_and_the_person_is_on_record(office: Office, clerks: Path) -> None:
    office.other_side.office("accept")
    document = sent(office, clerks, 505)
    office.walked(document, Stage.DOCUMENT_ACCEPTED)
    office.other_side.office_says("H56,2026/11/20,505/BC-UBND", "06")
    package = waiting(office)[-1].axis_id
    told = office.run("fallback", "assign", document, package, *WHY, "--json")
    assert (told.code, told.document["stage"]) == (0, "document_accepted"), told.err

    facts = office.run("show", document, "--facts", "--json").document["facts"]
    assert [fact["fact"] for fact in facts][-2:] == ["Attributed", "Progressed"]
    assert office.run("fallback", "assign", document, package, *WHY).code == 5


def test_the_record_of_an_incident_is_printed_for_people_and_for_statistics(office: Office, tmp_path: Path) -> None:
    opened = office.run("outage", "open", "--partner", "quoc-gia", *WHY, "--json")
    assert opened.code == 0, opened.err
    identity = opened.document["id"]
    told = office.run("outage", "report", identity, "--out", str(tmp_path / "bb"), "--json")
    assert office.run("outage", "close", identity, *WHY).code == 0

    assert told.code == 0, told.err
    kinds = {Path(name).suffix: Path(name).read_bytes()[:4] for name in told.document["files"]}
    assert kinds == {".pdf": b"%PDF", ".xlsx": b"PK\x03\x04"}
    assert told.document["at_risk"] >= told.document["sent_as_documents"]
    assert office.run("outage", "report", "sc-khong-co", "--out", str(tmp_path)).code == 5
