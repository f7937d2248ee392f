"""The national system over real sockets, when nothing is wrong."""

from __future__ import annotations

from contextlib import closing
from hashlib import sha256

import httpx
import pytest
from lxml import etree

from gateway.sandbox import Sandbox
from tests.sandbox.partner import LINES, NS, Partner, packet


def tally(status: bytes) -> dict[str, int]:
    found = etree.fromstring(status).find(f".//{{{NS}}}Tally")
    assert found is not None
    counts = {str(name): int(value) for name, value in found.items()}
    assert counts["received"] == sum(value for name, value in counts.items() if name != "received")
    return counts


def state(status: bytes) -> str | None:
    return etree.fromstring(status).findtext(f".//{{{NS}}}State")


def test_a_packet_is_taken_found_judged_and_stated(other_side: Sandbox, partner: Partner) -> None:
    payload = packet("gt-1")
    reference = partner.sent(payload)
    found = partner.find("gt-1").json()["data"]
    assert found["docId"] == reference
    assert found["digest"] == sha256(payload).hexdigest()
    status = partner.status(reference).content
    assert state(status) == "accepted"
    assert tally(status)["accepted"] == 2
    assert [(v["indicator"], v["value"]) for v in partner.statement(reference)] == [
        ("T601", "1050.0005"),
        ("T602", "7"),
    ]
    assert other_side.count("gt-1") == 1


def test_the_digest_of_a_status_fits_its_body_as_written_by_hand(partner: Partner) -> None:
    status = etree.fromstring(partner.status(partner.sent(packet("gt-1"))).content)
    body = status.find(f"{{{NS}}}Body")
    assert body is not None
    canonical = etree.tostring(body, method="c14n", exclusive=True)
    assert canonical.startswith(f'<Body xmlns="{NS}" Id="body"><Status><About messageId="gt-1"'.encode())
    assert status.findtext(f"{{{NS}}}Header/{{{NS}}}BodyDigest") == sha256(canonical).hexdigest()


def test_the_same_message_twice_is_stored_twice(other_side: Sandbox, partner: Partner) -> None:
    references = [partner.sent(packet("gt-1")) for _ in range(2)]
    assert len(set(references)) == 2
    assert other_side.count("gt-1") == 2
    assert partner.find("gt-1").json()["data"]["docId"] == references[0]


def test_deduplicating_answers_the_second_with_24(other_side: Sandbox, partner: Partner) -> None:
    other_side.mode(deduplicate=True)
    partner.sent(packet("gt-1"))
    assert partner.send(packet("gt-1")).json()["code"] == 24
    assert other_side.count("gt-1") == 1


def test_a_message_never_seen_is_404_in_json_and_an_unaskable_system_405(other_side: Sandbox, partner: Partner) -> None:
    never = partner.find("gt-0")
    assert (never.status_code, never.headers["content-type"]) == (404, "application/json")
    other_side.mode(unaskable=True)
    assert partner.find("gt-0").status_code == 405


def test_a_value_of_an_unknown_indicator_or_unit_is_rejected_and_the_rest_taken(partner: Partner) -> None:
    lines = [*LINES, ("T9999", "38", "ho", "1"), ("T301", "38", "tan", "2")]
    reference = partner.sent(packet("gt-1", lines))
    status = partner.status(reference).content
    assert state(status) == "partly"
    assert tally(status)["rejected"] == 2
    reasons = etree.fromstring(status).findall(f".//{{{NS}}}Reason")
    assert [(r.get("code"), r.get("indicator")) for r in reasons] == [("E21", "T9999"), ("E22", "T301")]
    assert len(partner.statement(reference)) == 2


@pytest.mark.parametrize("answer", ["accepted", "partly", "returned"])
def test_a_judgement_set_beforehand_is_given_and_its_tally_balances(
    other_side: Sandbox, partner: Partner, answer: str
) -> None:
    other_side.judge("01/KTXH", "ND09:2025M06", answer)
    status = partner.status(partner.sent(packet("gt-1"))).content
    assert state(status) == answer
    assert tally(status)["rejected"] == {"accepted": 0, "partly": 1, "returned": 2}[answer]
    other_side.judge_normally()
    assert state(partner.status(partner.sent(packet("gt-2"))).content) == "accepted"


def test_a_later_revision_is_counted_as_updated_and_unchanged(partner: Partner) -> None:
    partner.sent(packet("gt-1"))
    changed = [LINES[0], ("T602", "38", "ty_dong", "8"), ("T301", "38", "ho", "3")]
    counts = tally(partner.status(partner.sent(packet("gt-2", changed, revision=2))).content)
    assert (counts["unchanged"], counts["updated"], counts["accepted"]) == (1, 1, 1)


def test_a_period_with_other_days_than_the_catalogue_is_returned(partner: Partner) -> None:
    june = '<Period code="2025M06" end="2025-06-30" regime="ND09" start="2025-06-01"></Period>'
    status = partner.status(partner.sent(packet("gt-1", period=june))).content
    assert state(status) == "returned"
    assert b'code="E12"' in status


def test_pending_is_202(other_side: Sandbox, partner: Partner) -> None:
    other_side.mode(judge_after=30.0)
    reference = partner.sent(packet("gt-1"))
    assert partner.http.get(f"/v1/packets/{reference}/status").status_code == 202


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"<Packet", 10),
        (b"<Packet/>", 22),
        (packet("gt-1").replace(b"1050.0005", b"1050.0006"), 22),
        (packet("gt-1").replace(b"<MessageId>gt-1</MessageId>", b""), 22),
        (packet("gt-1").replace(b"+07:00</Created>", b"</Created>"), 22),
        (packet("gt-1", [("T601", "38", "", "1")]), 22),
        (packet("gt-1", [("T601", "38", "ty_dong", "")]), 22),
        (packet("gt-1", receiver="G99"), 18),
    ],
)
def test_a_packet_not_to_the_standard_is_refused_and_not_stored(
    other_side: Sandbox, partner: Partner, payload: bytes, code: int
) -> None:
    assert partner.send(payload).json()["code"] == code
    assert other_side.arrivals() == []


def test_the_documented_envelope_is_spoken_on_wish(other_side: Sandbox) -> None:
    documented = Partner(other_side, **{"X-Envelope": "documented"})
    with closing(documented.http):
        taken = documented.send(packet("gt-1")).json()
        assert taken["success"] is True
        assert taken["docId"]
        refused = documented.send(b"<Packet/>").json()
        assert (refused["success"], refused["data"]["errorCode"]) == (False, "22")


def test_wrong_credentials_are_told_apart(other_side: Sandbox, partner: Partner) -> None:
    partner.http.headers["X-SecretKey"] = "wrong"
    assert partner.find("gt-1").json()["code"] == 15
    partner.http.headers["Authorization"] = "Bearer wrong"
    assert (partner.find("gt-1").status_code, partner.find("gt-1").text) == (401, "Unauthorized")
    login = httpx.post(f"{other_side.national_url}/v1/auth/login?allow_anonymous=true", json={"username": "a"})
    assert (login.status_code, login.text) == (401, "Unauthorized")


def test_an_altered_statement_differs_from_what_was_sent(other_side: Sandbox, partner: Partner) -> None:
    reference = partner.sent(packet("gt-1"))
    other_side.mode(alter_statements=True)
    assert partner.statement(reference)[0]["value"] == "1050.00051"


def test_a_backfilled_arrival_is_marked(other_side: Sandbox, partner: Partner) -> None:
    mark = (
        '<Backfill documentId="H56,2026/11/20,128/BC-UBND" issued="2026-11-20" notation="BC-UBND" number="128" '
        'sentAt="2026-11-20T16:05:00+07:00"></Backfill>'
    )
    partner.sent(packet("gt-1"))
    partner.sent(packet("gt-2", backfill=mark))
    assert [one["backfill"] for one in other_side.arrivals()] == [False, True]
    assert other_side.arrivals()[0]["period"] == "ND09:2025M06"


def test_catalogues_are_served_and_a_new_indicator_makes_a_new_version(other_side: Sandbox, partner: Partner) -> None:
    before = partner.http.get("/v1/catalogues/VPCP-CT").content
    assert partner.http.get("/v1/catalogues/VPCP-CT").content == before
    other_side.add_indicator("T999", "Chỉ tiêu mới", "diem")
    after = etree.fromstring(partner.http.get("/v1/catalogues/VPCP-CT").content)
    catalogue = after.find(f".//{{{NS}}}Catalogue")
    assert catalogue is not None
    assert f'version="{catalogue.get("version")}"'.encode() not in before
    assert "T999" in [item.get("code") for item in catalogue]
    assert state(partner.status(partner.sent(packet("gt-1", [("T999", "38", "diem", "1")]))).content) == "accepted"
    assert partner.http.get("/v1/catalogues/NONE").status_code == 404


def test_the_period_catalogue_counts_from_the_15th_to_the_14th(partner: Partner) -> None:
    periods = etree.fromstring(partner.http.get("/v1/catalogues/VPCP-KY").content)
    days = {i.get("code"): (i.get("start"), i.get("end")) for i in periods.iter(f"{{{NS}}}Item")}
    assert days["ND09:2025M06"] == ("2025-05-15", "2025-06-14")
    assert days["ND09:2026"] == ("2025-12-15", "2026-12-14")
    assert days["LICH:2025Q1"] == ("2025-01-01", "2025-03-31")


def test_the_period_catalogue_has_days_half_months_and_school_years(partner: Partner) -> None:
    periods = etree.fromstring(partner.http.get("/v1/catalogues/VPCP-KY").content)
    days = {i.get("code"): (i.get("start"), i.get("end")) for i in periods.iter(f"{{{NS}}}Item")}

    assert days["ND09:2028-02-29"] == ("2028-02-29", "2028-02-29")
    assert days["LICH:2025M02B"] == ("2025-02-15", "2025-02-28")
    assert days["ND09:2025M02A"] == ("2025-02-01", "2025-02-14")
    assert days["NAMHOC:2024-2025"] == ("2024-09-01", "2025-06-15")
    assert "ND09:2025-02-29" not in days


def test_a_catalogue_is_addressed_to_whoever_is_on_the_other_end(other_side: Sandbox, partner: Partner) -> None:
    other_side.mode(partner="H38")
    packet_of = etree.fromstring(partner.http.get("/v1/catalogues/VPCP-CT").content)
    receiver = packet_of.find(f"{{{NS}}}Header/{{{NS}}}Receiver")

    assert receiver is not None
    assert (receiver.findtext(f"{{{NS}}}Code"), receiver.findtext(f"{{{NS}}}OldCode")) == ("H38", "000.00.00.H38")
