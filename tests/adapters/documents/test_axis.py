"""The document axis on real sockets: signed headers, raw bytes, statuses, and what is certain."""

import base64
import re
from hashlib import sha256

import pytest

from gateway.domain.errors import InDoubt, Rejected, Unavailable
from tests.adapters.documents.scene import CREDENTIALS, DOCUMENT_ID, EDXML, failing, keys, okay, scene, status
from tests.adapters.peer import breaks_off, drips, garbles, hangs, patience, says


def _send(route):
    return route.send(EDXML, "H56", ("G22.01", "G09"))


def test_a_status_of_our_own_goes_out_as_a_status():
    package = status("13")
    axis_id, axis = scene(lambda route: route.tell(package, "H56", "G22.01"), {"POST /sendEdoc": [okay(DocId="ax-2")]})
    named = keys(axis.heard[0])
    assert (axis_id, axis.heard[0].body) == ("ax-2", package + b"\r\n")
    assert (named["messagetype"], named["to"]) == ("status", '["G22.01"]')


def _refused(answer, **more):
    with pytest.raises((InDoubt, Rejected, Unavailable)) as caught:
        scene(_send, {"POST /sendEdoc": [answer]}, **more)
    return caught.value


def test_the_raw_bytes_and_a_line_end_go_out_with_signed_headers():
    axis_id, axis = scene(_send, {"POST /sendEdoc": [okay(DocId="ax-1")]})
    [heard] = axis.heard
    named = keys(heard)
    assert axis_id == "ax-1"
    assert heard.body == EDXML + b"\r\n"
    assert (named["from"], named["to"], named["servicetype"], named["messagetype"]) == (
        "H56",
        '["G22.01","G09"]',
        "eDoc",
        "edoc",
    )
    assert named["timestamp"] == "24112026T140001+0042"
    assert named["hash-file"] == sha256(EDXML).hexdigest()
    assert heard.headers["user-agent"] == "JAVASDKAgent/1.0.0 XRoad/VPCP"
    assert heard.headers["xroadvnpt-version"] == "3.0.201608"


def test_the_hash_can_be_written_as_the_sdk_does():
    _, axis = scene(_send, {"POST /sendEdoc": [okay(DocId="ax-1")]}, unpadded_hash=True)
    assert keys(axis.heard[0])["hash-file"] == "".join(f"{byte:x}" for byte in sha256(EDXML).digest())


@pytest.mark.parametrize(
    ("answer", "shape", "name"),
    [
        (failing("22"), Rejected, "C-013"),
        (failing("99", "Don vi gui X khong dung voi ma da dang ky: Y"), Rejected, "C-013"),
        (failing("18"), Rejected, "B-008"),
        (failing("19"), Rejected, "B-008"),
        (failing("15"), Unavailable, "B-001"),
        (failing("23"), Unavailable, "A-005"),
        (failing("20"), InDoubt, "G-001"),
        (failing("21"), InDoubt, "G-001"),
        (failing("24"), InDoubt, "G-001"),
        (okay(), InDoubt, "G-001"),
        (says(200, {"status": "OK", "ErrorCode": "7"}), InDoubt, "G-001"),
        (says(200, "<html>"), InDoubt, "G-001"),
        (says(200, "[]"), InDoubt, "G-001"),
        (says(500, {"status": "FAIL", "ErrorCode": "22"}), InDoubt, "G-001"),
        (says(401, "Unauthorized"), Unavailable, "B-001"),
        (says(429, "", Retry_After="9"), Unavailable, "F-001"),
        (says(413, ""), Rejected, "C-013"),
        (breaks_off(), InDoubt, "G-001"),
        (hangs(), InDoubt, "G-001"),
        (drips(), InDoubt, "G-001"),
        (garbles(), InDoubt, "G-001"),
    ],
)
def test_each_answer_to_a_sent_document_has_its_meaning(answer, shape, name):
    error = _refused(answer, deadline=patience(answer))
    assert (type(error), error.problem.code) == (shape, name)


def test_a_parameter_that_cannot_be_signed_as_text_is_refused_before_the_wire():
    async def refused(route):
        with pytest.raises(Rejected) as caught:
            await route.send(EDXML, "H56\r\nX-Evil: 1", ("Đ",))
        return caught.value

    error, axis = scene(refused)
    assert error.problem.code == "C-005"
    assert not axis.heard


def _statuses(route):
    return route.statuses()


def test_statuses_are_fetched_and_read():
    waiting = {"s-1": status("01"), "s-2": status("02", description="Thiếu phụ lục")}
    found, _ = scene(_statuses, waiting=waiting)
    assert [(s.axis_id, s.document_id, s.recipient, s.code, s.description, s.at, s.raw) for s in found] == [
        ("s-1", DOCUMENT_ID, "G22.01", "01", "", "2026-11-24 14:05:00", waiting["s-1"]),
        ("s-2", DOCUMENT_ID, "G22.01", "02", "Thiếu phụ lục", "2026-11-24 14:05:00", waiting["s-2"]),
    ]


def test_a_settled_status_is_not_listed_again_and_no_package_is_fetched_twice():
    async def follow(route):
        first = await route.statuses()
        await route.settle(first[0].axis_id)
        return [s.axis_id for s in first], [s.axis_id for s in await route.statuses()]

    seen, axis = scene(follow, waiting={"s-1": status("01"), "s-2": status("03")})
    assert seen == (["s-1", "s-2"], ["s-2"])
    assert axis.fetched == ["s-1", "s-2"]


def test_what_came_before_the_line_broke_off_is_not_fetched_again():
    async def read_twice(route):
        with pytest.raises(Unavailable):
            await route.statuses()
        return [s.axis_id for s in await route.statuses()]

    waiting = {"s-1": status("01"), "s-2": status("03")}
    first, second = (okay(base64.b64encode(package).decode()) for package in waiting.values())
    seen, axis = scene(read_twice, {"POST /getEdoc": [first, breaks_off(), second]}, waiting=waiting)
    asked = [keys(heard)["docId"] for heard in axis.heard if heard.path == "/getEdoc"]
    assert seen == ["s-1", "s-2"]
    assert asked.count("s-1") == 1


def test_a_status_that_cannot_be_read_does_not_hide_the_others():
    found, axis = scene(_statuses, waiting={"s-1": b"<a/>", "s-2": b"not xml", "s-3": EDXML, "s-4": status("03")})
    assert [(s.axis_id, s.unread and s.unread.code) for s in found] == [
        ("s-1", "C-005"), ("s-2", "C-001"), ("s-3", "C-005"), ("s-4", None)
    ]  # fmt: skip
    assert "s-1" in axis.waiting


def test_a_status_that_the_axis_does_not_hand_out_does_not_hide_the_others():
    async def twice(route):
        return [await route.statuses(), await route.statuses()]

    waiting = {"s-1": status("01"), "s-2": status("03")}
    late, whole = (okay(base64.b64encode(package).decode()) for package in waiting.values())
    refused = failing("10", "không tìm thấy gói")
    (first, second), axis = scene(twice, {"POST /getEdoc": [refused, whole, late]}, waiting=waiting)
    assert {s.axis_id: s.unread and s.unread.code for s in first} == {"s-1": "C-013", "s-2": None}
    assert [s.code for s in second] == ["03", "01"]  # asked for again, and there by now
    assert [keys(heard)["docId"] for heard in axis.heard if heard.path == "/getEdoc"] == ["s-1", "s-2", "s-1"]


@pytest.mark.parametrize("code", ["15", "23", "20"])
def test_a_refusal_of_the_whole_line_is_no_word_about_one_package(code):
    with pytest.raises(Unavailable):
        scene(_statuses, {"POST /getEdoc": [failing(code)]}, waiting={"s-1": status("01")})


def test_what_is_not_even_base64_is_told_as_unread():
    replies = {"POST /getReceivedEdocList": [okay([{"docId": "s-1"}])], "POST /getEdoc": [okay("%%%")]}
    [found], _ = scene(_statuses, replies)
    assert (found.axis_id, found.unread.details["reason"]) == ("s-1", "base64")


def test_a_status_without_document_id_is_known_by_agency_day_and_number():
    [found], _ = scene(_statuses, waiting={"s-1": status("03", document_id="")})
    assert (found.document_id, found.about, found.issued) == ("", "128/BC-UBND", "2026-11-20")


def test_documents_in_the_received_list_are_left_alone():
    rows = [{"docId": "d-1", "messageType": "edoc"}, {"messageType": "status"}]
    found, axis = scene(_statuses, {"POST /getReceivedEdocList": [okay(rows)]})
    assert found == []
    assert axis.fetched == []


def test_a_refused_settlement_is_no_error():
    scene(lambda route: route.settle("s-1"), {"POST /updateStatus": [failing("7")]})


def test_a_settlement_that_never_arrived_is_unavailable():
    with pytest.raises(Unavailable):
        scene(lambda route: route.settle("s-1"), {"POST /updateStatus": [breaks_off()]})


def _sent(rows, document_id=DOCUMENT_ID):
    found, axis = scene(lambda route: route.sent(document_id), {"POST /getSentEdocList": [okay(rows)]})
    named = keys(axis.heard[0])
    assert (named["fromDate"], named["toDate"]) == ("2026/10/24", "2036/12/01")
    return found


@pytest.mark.parametrize(
    "row",
    [
        {"senderDocId": "ax-1", "documentId": DOCUMENT_ID},
        {"senderDocId": "ax-1", "fromCode": "H56", "notation": "128/BC-UBND", "sentTime": "25/11/2026 08:00:00"},
        {"docId": "ax-1", "notation": "128/BC-UBND"},
        {"senderDocId": "ax-1", "fromCode": "000.00.00.H56", "notation": "128/BC-UBND"},
        {"senderDocId": "ax-1", "fromCode": "H56", "notation": " 128/bc-ubnd "},
    ],
)
def test_what_was_sent_is_found_in_the_sent_list(row):
    assert _sent([{"senderDocId": "ax-0", "fromCode": "H56", "notation": "127/BC-UBND"}, row]) == "ax-1"


@pytest.mark.parametrize(
    "row",
    [
        {"senderDocId": "ax-1", "documentId": DOCUMENT_ID + " "},
        {"senderDocId": "ax-1", "fromCode": "H57", "notation": "128/BC-UBND"},
        {"senderDocId": "ax-1", "fromCode": "H56", "notation": "128/CV-UBND"},
    ],
)
def test_another_document_is_not_ours(row):
    assert _sent([row]) is None


def test_an_opaque_document_id_never_matches_by_accident():
    assert _sent([{"senderDocId": "ax-1", "notation": ""}], "77777777-0000-4000-8000-000000000000") is None


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (okay(), "A-004"),
        (okay([1]), "A-004"),
        (says(200, "<html>"), "A-004"),
        (failing("20"), "A-004"),
        (failing("15"), "B-001"),
        (failing("23"), "A-005"),
        (says(500, ""), "A-002"),
        (breaks_off(), "A-001"),
        (hangs(), "A-003"),
    ],
)
def test_no_list_is_never_an_empty_list(answer, code):
    with pytest.raises(Unavailable) as caught:
        scene(lambda route: route.sent(DOCUMENT_ID), {"POST /getSentEdocList": [answer]}, deadline=patience(answer))
    assert caught.value.problem.code == code


def test_the_secret_is_neither_shown_nor_sent():
    _, axis = scene(_statuses)
    assert "s3cret" not in repr(CREDENTIALS)
    assert not re.search("s3cret", repr(axis.heard))
