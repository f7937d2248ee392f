"""What the answers to a sent packet mean: a receipt, a clear refusal, certainly nothing taken, or doubt."""

from dataclasses import replace

import pytest

from gateway.domain.errors import InDoubt, Rejected, Unavailable
from tests.adapters.national.scene import BODY, PARCEL, SEND, TAKEN, documented, observed, scene, send
from tests.adapters.peer import breaks_off, drips, garbles, hangs, patience, says


def _refused(answer, **more):
    with pytest.raises((InDoubt, Rejected, Unavailable)) as caught:
        scene(send, {SEND: [answer]}, **more)
    return caught.value


RECEIPTS = [TAKEN, observed({"docId": "d-1"}, code=0), documented(docId="d-1"), documented(data={"docId": "d-1"})]


@pytest.mark.parametrize("answer", RECEIPTS)
def test_a_receipt_is_read_from_both_envelopes(answer):
    receipt, _ = scene(send, {SEND: [answer]})
    assert receipt.reference == "d-1"


def test_a_receipt_for_another_packet_is_doubt_and_nothing_is_sent_again_before_it_is_asked():
    error = _refused(observed({"docId": "d-1", "messageId": "gt-02"}))
    assert (type(error), error.problem.code) == (InDoubt, "G-005")


def test_a_receipt_with_parts_nobody_can_read_is_still_a_receipt():
    receipt, _ = scene(send, {SEND: [observed({"docId": "d-1", "parts": {"a": 1}})]})
    assert receipt.parts is not None


def test_the_packet_goes_as_a_buffered_form_with_three_credentials():
    _, peer = scene(send, {SEND: [TAKEN]})
    [heard] = peer.to("/v1/packets")
    assert (heard.headers["authorization"], heard.headers["x-systemid"], heard.headers["x-secretkey"]) == (
        "Bearer t-1",
        "sys",
        "sys-s3cret",
    )
    assert int(heard.headers["content-length"]) == len(heard.body)
    assert b'name="packetFile"; filename="x.xml"\r\nContent-Type: application/xml\r\n\r\n' + BODY in heard.body
    assert b'name="messageType"\r\n\r\nreport-data\r\n' in heard.body


CODES = [
    ("10", Rejected, "C-013"),
    ("15", Unavailable, "B-001"),
    ("18", Rejected, "B-008"),
    ("19", Rejected, "B-008"),
    ("20", InDoubt, "G-001"),
    ("21", InDoubt, "G-001"),
    ("22", Rejected, "C-013"),
    ("23", Unavailable, "A-005"),
    ("24", InDoubt, "G-001"),
    ("77", InDoubt, "G-001"),
]


@pytest.mark.parametrize(("code", "shape", "name"), CODES)
def test_each_error_code_has_its_meaning_in_the_documented_envelope(code, shape, name):
    body = {"success": False, "data": {"errorCode": code, "errorDesc": "lý do"}}
    error = _refused(says(200, body))
    assert (type(error), error.problem.code) == (shape, name)
    assert "lý do" in error.problem.title.vi


@pytest.mark.parametrize(("code", "shape", "name"), CODES)
def test_each_error_code_has_its_meaning_in_the_observed_envelope(code, shape, name):
    body = {"code": int(code), "message": "hỏng", "data": None, "errorDetail": ["lý do", {"errorDesc": "khác"}]}
    error = _refused(says(200, body))
    assert (type(error), error.problem.code) == (shape, name)
    assert "lý do" in error.problem.title.vi


@pytest.mark.parametrize(
    ("answer", "shape", "name"),
    [
        (says(401, "Unauthorized"), Unavailable, "B-001"),
        (says(403, "no"), Unavailable, "B-001"),
        (says(404, "<html>"), Unavailable, "A-002"),
        (says(405, ""), Unavailable, "A-002"),
        (says(400, "bad"), Rejected, "C-013"),
        (says(413, "too long"), Rejected, "C-013"),
        (says(400, {"code": 400, "message": "m"}), Rejected, "C-013"),
        (says(429, {"code": 429, "message": "m"}), Unavailable, "F-001"),
        (says(409, {"code": 24, "message": "m"}), InDoubt, "G-001"),
        (says(400, {"code": 20, "message": "m"}), InDoubt, "G-001"),
        (says(409, "conflict"), InDoubt, "G-001"),
        (says(408, ""), InDoubt, "G-001"),
        (says(500, "oops"), InDoubt, "G-001"),
        (says(500, {"code": 22, "message": "m"}), InDoubt, "G-001"),
        (says(502, "<html>"), InDoubt, "G-001"),
        (says(503, "busy"), InDoubt, "G-001"),
        (says(302, "", Location="/"), InDoubt, "G-001"),
        (says(200, "<html>proxy</html>"), InDoubt, "G-001"),
        (says(200, "[]"), InDoubt, "G-001"),
        (says(200, {"success": True}), InDoubt, "G-001"),
        (says(200, {"code": True, "data": {"docId": "x"}}), InDoubt, "G-001"),
        (says(200, b"\xff\xfe{"), InDoubt, "G-001"),
    ],
)
def test_every_other_answer_is_a_clear_refusal_or_doubt(answer, shape, name):
    error = _refused(answer)
    assert (type(error), error.problem.code) == (shape, name)


def test_429_says_how_long_to_wait():
    assert _refused(says(429, "", Retry_After="17")).retry_after == 17


@pytest.mark.parametrize(
    "answer",
    [breaks_off(), hangs(), drips(), garbles(), garbles(b"")],
    ids=["reset", "hang", "drip", "garbled", "closed"],
)
def test_an_accident_on_the_wire_is_in_doubt_within_the_total_deadline(answer):
    assert type(_refused(answer, deadline=patience(answer))) is InDoubt


def test_no_error_shows_a_credential():
    error = _refused(says(403, "no"))
    assert "s3cret" not in f"{error} {error.problem} {error!r}"


def test_the_trace_of_a_report_goes_with_it():
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    _, peer = scene(lambda channel: channel.send(replace(PARCEL, trace=trace), BODY), {SEND: [TAKEN]})
    assert peer.to("/v1/packets")[0].headers["traceparent"] == trace
    _, peer = scene(send, {SEND: [TAKEN]})
    assert "traceparent" not in peer.to("/v1/packets")[0].headers
