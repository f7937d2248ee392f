"""Asking after a packet: there, certainly not there, cannot be asked; judged; held."""

from datetime import UTC, datetime

import pytest

from gateway.adapters.http import HttpLine
from gateway.adapters.national import NationalSession, NationalSource
from gateway.domain.errors import NotFound, Unavailable
from gateway.domain.parcel import Receipt, Unknown
from tests.adapters.clock import SetClock
from tests.adapters.national.scene import ASK, CREDENTIALS, LOGIN, PARCEL, STATEMENT, STATUS, TOKEN, observed, scene
from tests.adapters.peer import Peer, breaks_off, drips, patience, run, says

HELD = {"docId": "d-1", "messageId": "gt-01", "digest": "AB" * 32, "receivedAt": "2026-11-24T14:00:05"}


def _inquire(channel):
    return channel.inquire(PARCEL)


def test_what_is_there_comes_with_its_digest_and_vietnam_time():
    receipt, peer = scene(_inquire, {ASK: [observed(HELD)]})
    assert receipt == Receipt("d-1", "ab" * 32, datetime(2026, 11, 24, 7, 0, 5, tzinfo=UTC))
    assert peer.to("/v1/packets")[0].target == "/v1/packets?messageId=gt-01"


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (says(404, {"code": 404, "message": "chưa có"}), Unknown.NOT_THERE),
        (says(405, ""), Unknown.CANNOT_TELL),
        (says(501, ""), Unknown.CANNOT_TELL),
    ],
)
def test_an_answer_without_a_packet_has_two_meanings(answer, word):
    assert scene(_inquire, {ASK: [answer]})[0] is word


@pytest.mark.parametrize(
    "answer",
    [
        says(404, "<html>no such page</html>", "text/html"),
        observed({**HELD, "messageId": "gt-02"}),
        observed({}),
        says(200, "<html>"),
        says(500, ""),
        says(503, {"code": 404, "message": "m"}),
        breaks_off(),
        drips(),
    ],
    ids=["a 404 of a proxy", "another packet", "no id", "html", "500", "503", "reset", "drip"],
)
def test_whatever_is_no_clear_word_says_nothing(answer):
    with pytest.raises(Unavailable):
        scene(_inquire, {ASK: [answer]}, deadline=patience(answer))


def _confirm(channel):
    return channel.confirm(PARCEL, Receipt("d-1", None, None))


def test_a_judgement_is_read():
    acknowledgement, _ = scene(_confirm, {STATUS: [says(200, "<Packet/>", "application/xml")]})
    assert acknowledgement is not None
    assert acknowledgement.tally.accepted == 1


def test_no_judgement_yet_is_none():
    assert scene(_confirm, {STATUS: [says(202, {"code": 200, "data": None})]})[0] is None


@pytest.mark.parametrize("answer", [says(200, "<html>"), says(404, ""), says(500, "")])
def test_an_unreadable_judgement_never_ends_a_report(answer):
    with pytest.raises(Unavailable):
        scene(_confirm, {STATUS: [answer]})


def test_a_receipt_names_the_parts_as_the_receiver_has_them():
    for said, parts in ((["a", "b"], ("a", "b")), ([], ()), ("a", ("a",)), ([1], ("1",)), (None, None)):
        receipt, _ = scene(_inquire, {ASK: [observed({**HELD, "parts": said})]})
        assert receipt.parts == parts


def test_an_answer_about_another_packet_is_told_as_that():
    with pytest.raises(Unavailable) as caught:
        scene(_inquire, {ASK: [observed({**HELD, "messageId": "gt-02"})]})
    assert (caught.value.problem.code, caught.value.problem.details["theirs"]) == ("G-005", "gt-02")


def test_a_judgement_of_another_packet_is_not_taken_for_ours():
    with pytest.raises(Unavailable) as caught:
        scene(_confirm, {STATUS: [says(200, "<Packet about='d-2'/>", "application/xml")]})
    assert (caught.value.problem.code, caught.value.problem.details["theirs"]) == ("G-005", "d-2")


def _statement(channel):
    return channel.statement(PARCEL, Receipt("d-1", None, None))


def test_a_statement_keeps_every_figure_as_it_was_written():
    body = (
        '{"digest":"d","values":[{"indicator":"0601","organisation":"38","unit":"u","value":1050.00050,'
        '"breakdown":"","more":1}]}'
    )
    statement, _ = scene(_statement, {STATEMENT: [says(200, body, "application/json")]})
    assert statement == (
        b'{"digest":"d","values":[{"breakdown":"","indicator":"0601","organisation":"38","unit":"u","value":"1050.00050"}]}'
    )


def test_a_state_in_place_of_a_figure_comes_as_our_mark_for_it():
    body = '{"digest":"d","values":[{"indicator":"0601","organisation":"38","unit":"u","value":"na","breakdown":""}]}'
    statement, _ = scene(_statement, {STATEMENT: [says(200, body, "application/json")]})
    assert b'"value":"\xe2\x80\xa6"' in statement


def test_a_statement_names_the_parts_where_it_does():
    statement, _ = scene(_statement, {STATEMENT: [says(200, '{"values":[],"parts":["a"]}', "application/json")]})
    assert statement == b'{"digest":"","parts":["a"],"values":[]}'


@pytest.mark.parametrize(
    "body",
    ["[]", "{}", '{"values":[],"parts":"a"}', '{"values":1}', '{"values":[1]}', '{"values":[{"value":{}}]}', "x"],
)
def test_a_statement_that_makes_no_sense_is_unavailable(body):
    with pytest.raises(Unavailable):
        scene(_statement, {STATEMENT: [says(200, body, "application/json")]})


def test_a_packet_that_is_not_there_has_no_statement():
    with pytest.raises(Unavailable):
        scene(_statement, {STATEMENT: [says(404, {"code": 404})]})


def _fetched(answer):
    async def fetch():
        async with Peer({LOGIN: [TOKEN], "GET /v1/catalogues/VPCP-CT%2F1": [answer]}) as peer:
            session = NationalSession(HttpLine("QG", peer.url), CREDENTIALS, SetClock())
            try:
                return await NationalSource(session).fetch("VPCP-CT/1")
            finally:
                await session.close()

    return run(fetch())


def test_a_catalogue_comes_as_it_is():
    assert _fetched(says(200, "<Packet/>", "application/xml")) == b"<Packet/>"


def test_an_unknown_catalogue_is_not_found():
    with pytest.raises(NotFound) as caught:
        _fetched(says(404, {"code": 404}))
    assert caught.value.problem.code == "F-006"


def test_a_fault_of_the_server_is_unavailable():
    with pytest.raises(Unavailable):
        _fetched(says(500, ""))
