"""The document axis and the receiving office: there, and back as status packages."""

from __future__ import annotations

import base64
import json
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from lxml import etree

from gateway.sandbox import Sandbox
from gateway.sandbox.store import Store
from tests.sandbox.partner import axis, axis_headers, document, send_document, until

NS = "{http://www.mic.gov.vn/TBT/QCVN_102_2016}"
LIST = {"servicetype": "eDoc", "messagetype": "status"}


def received(other_side: Sandbox, number: int) -> list[dict[str, str]]:
    """The waiting statuses, once there are `number` of them."""
    answer = until(lambda: axis(other_side, "getReceivedEdocList", **LIST), lambda r: len(r.json()["data"]) >= number)
    rows: list[dict[str, str]] = answer.json()["data"]
    return rows


def status_of(other_side: Sandbox, row: dict[str, str]) -> etree._Element:
    data = axis(other_side, "getEdoc", docId=row["docId"]).json()["data"]
    return etree.fromstring(base64.b64decode(data))


@pytest.mark.parametrize(
    ("manner", "codes"), [("accept", ["01", "03"]), ("reject", ["01", "02"]), ("recall", ["01", "15"])]
)
def test_a_document_goes_out_and_the_office_answers(other_side: Sandbox, manner: str, codes: list[str]) -> None:
    other_side.office(manner)
    sent = send_document(other_side, document()).json()
    assert (sent["status"], sent["ErrorCode"]) == ("OK", "0")
    rows = received(other_side, 2)
    statuses = [status_of(other_side, row) for row in rows]
    assert [s.findtext(f".//{NS}StatusCode") for s in statuses] == codes
    about = statuses[0].find(f".//{NS}ResponseFor")
    assert about is not None
    assert [e.text for e in about] == ["H56", "128/BC-UBND", "2026/11/20", "H56,2026/11/20,128/BC-UBND"]
    assert statuses[0].findtext(f".//{NS}From/{NS}OrganId") == "G22"
    assert other_side.count("H56,2026/11/20,128/BC-UBND") == 1


def test_the_prefix_stands_in_the_bytes_of_a_status(other_side: Sandbox) -> None:
    send_document(other_side, document())
    row = received(other_side, 1)[0]
    raw = base64.b64decode(axis(other_side, "getEdoc", docId=row["docId"]).json()["data"])
    assert b"<edXML:MessageHeader><edXML:From><edXML:OrganId>G22" in raw


def test_what_is_settled_is_not_delivered_again(other_side: Sandbox) -> None:
    send_document(other_side, document())
    first, second = received(other_side, 2)
    assert axis(other_side, "updateStatus", docId=first["docId"], status="processing").json()["ErrorCode"] == "0"
    assert len(received(other_side, 2)) == 2
    axis(other_side, "updateStatus", docId=first["docId"], status="done")
    assert [row["docId"] for row in received(other_side, 1)] == [second["docId"]]
    assert axis(other_side, "updateStatus", docId=first["docId"], status="03").json()["status"] == "FAIL"


def test_a_silent_office_says_nothing_but_the_document_is_in_the_sent_list(other_side: Sandbox) -> None:
    other_side.office("silent")
    axis_id = send_document(other_side, document()).json()["DocId"]
    rows = axis(other_side, "getSentEdocList", messagetype="edoc").json()["data"]
    assert [(row["senderDocId"], row["notation"], row["fromCode"], row["toCode"]) for row in rows] == [
        (axis_id, "128/BC-UBND", "H56", "G22")
    ]
    days = {"fromDate": "2000/01/01", "toDate": "31/12/2000"}
    assert axis(other_side, "getSentEdocList", messagetype="edoc", **days).json()["data"] == []
    assert axis(other_side, "getReceivedEdocList", **LIST).json()["data"] == []


def test_the_same_document_twice_is_kept_twice(other_side: Sandbox) -> None:
    assert (
        send_document(other_side, document()).json()["DocId"] != send_document(other_side, document()).json()["DocId"]
    )
    assert other_side.count("H56,2026/11/20,128/BC-UBND") == 2
    assert len(other_side.documents()) == 2


@pytest.mark.parametrize("changed", ["XroadVnpt-docId", "XroadVnpt-hash-header", "XroadVnpt-sign-header-key"])
def test_a_header_changed_on_the_way_is_refused(other_side: Sandbox, changed: str) -> None:
    headers = {**axis_headers(other_side, b"", {"docId": "x"}), changed: "other"}
    answer = httpx.post(f"{other_side.axis_url}/getEdoc", headers=headers, trust_env=False).json()
    assert (answer["status"], answer["ErrorCode"]) == ("FAIL", "15")


def test_both_spellings_of_the_file_hash_are_taken_and_a_wrong_one_is_not(other_side: Sandbox) -> None:
    payload = document()
    keys = {"from": "H56", "to": '["G22"]', "servicetype": "eDoc", "messagetype": "edoc"}
    unpadded = "".join(f"{byte:x}" for byte in sha256(payload).digest())
    answers = [
        axis(other_side, "sendEdoc", payload + b"\r\n", **keys, **{"hash-file": said}).json()["ErrorCode"]
        for said in (sha256(payload).hexdigest(), unpadded, "00")
    ]
    assert answers == ["0", "0", "10"]


@pytest.mark.parametrize(
    ("payload", "to", "sender", "code"),
    [
        (b"no xml", "G22", "H56", "22"),
        (document().replace(b"<edXML:Content></edXML:Content>", b""), "G22", "H56", "22"),
        (document(), "G99", "H56", "18"),
        (document(), "G22", "H01", "19"),
    ],
)
def test_a_package_the_bus_refuses(other_side: Sandbox, payload: bytes, to: str, sender: str, code: str) -> None:
    assert send_document(other_side, payload, to, sender).json()["ErrorCode"] == code
    assert other_side.documents() == []


def test_agencies_are_listed(other_side: Sandbox) -> None:
    agencies = axis(other_side, "getAgenciesList").json()["data"]
    assert {"H56", "G22"} <= {agency["code"] for agency in agencies}


def test_a_recall_asked_for_by_the_sender_is_answered(other_side: Sandbox) -> None:
    other_side.office("recall")
    asked = document().decode()
    start, end = asked.index("<edXML:To>"), asked.index("</edXML:MessageHeader>")
    about = (
        "<edXML:ResponseFor><edXML:OrganId>G22</edXML:OrganId><edXML:Code>128/BC-UBND</edXML:Code>"
        "<edXML:PromulgationDate>2026/11/20</edXML:PromulgationDate>"
        "<edXML:DocumentId>H56,2026/11/20,128/BC-UBND</edXML:DocumentId></edXML:ResponseFor>"
        "<edXML:StatusCode>13</edXML:StatusCode>"
    )
    payload = (asked[:start] + about + asked[end:]).encode()
    keys = {"from": "H56", "to": json.dumps(["G22"]), "servicetype": "eDoc", "messagetype": "status"}
    assert axis(other_side, "sendEdoc", payload + b"\r\n", **keys).json()["status"] == "OK"
    assert status_of(other_side, received(other_side, 1)[0]).findtext(f".//{NS}StatusCode") == "15"


@pytest.mark.parametrize(
    "asked",
    [
        "UPDATE parcels SET state = 'done' WHERE axis_id = 'EST-1'",
        "SELECT * FROM parcels WHERE axis_id = 'EST-1'",
        "SELECT * FROM parcels WHERE direction = 'out' AND kind = 'edoc' AND document_id = 'H56,2026/11/20,1/BC'",
        "SELECT * FROM parcels WHERE direction = 'in' AND kind = 'status' AND state != 'done' AND at <= 1",
    ],
)
def test_what_the_axis_looks_for_it_finds_without_reading_all_it_ever_had(tmp_path: Path, asked: str) -> None:
    with closing(Store(tmp_path)) as store:
        steps = [row[-1] for row in store.rows(f"EXPLAIN QUERY PLAN {asked}")]

    assert any("USING INDEX parcels_" in step for step in steps), steps
