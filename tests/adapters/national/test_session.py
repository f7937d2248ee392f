"""One token for everybody, renewed in time and once more when it dies early."""

import asyncio

import pytest

from gateway.adapters.http import HttpLine
from gateway.adapters.national import NationalChannel, NationalSession
from gateway.domain.errors import InDoubt, Unavailable
from tests.adapters.clock import SetClock
from tests.adapters.national.scene import (
    BODY,
    CREDENTIALS,
    LOGIN,
    PARCEL,
    SEND,
    TAKEN,
    TOKEN,
    UNAUTHORIZED,
    documented,
    observed,
    read_status,
    scene,
    send,
)  # fmt: skip
from tests.adapters.peer import breaks_off, deaf_port, hangs, late, patience, run, says


def test_a_token_that_dies_in_mid_flight_costs_one_more_login_and_no_error():
    tokens = [TOKEN, observed({"token": "t-2"})]
    receipt, peer = scene(send, {LOGIN: tokens, SEND: [UNAUTHORIZED, TAKEN]})
    assert receipt.reference == "d-1"
    assert [heard.headers["authorization"] for heard in peer.to("/v1/packets")] == ["Bearer t-1", "Bearer t-2"]
    assert [heard.body.count(BODY) for heard in peer.to("/v1/packets")] == [1, 1]


def test_a_second_plain_text_401_is_unavailable_not_a_third_try():
    async def refused(channel):
        with pytest.raises(Unavailable) as caught:
            await channel.send(PARCEL, BODY)
        return caught.value

    error, peer = scene(refused, {SEND: [UNAUTHORIZED]})
    assert error.problem.code == "B-001"
    assert len(peer.to("/v1/packets")) == 2


def test_many_senders_share_one_login():
    async def many(channel):
        return await asyncio.gather(*(channel.send(PARCEL, BODY) for _ in range(8)))

    receipts, peer = scene(many, {SEND: [TAKEN]})
    assert len(receipts) == 8
    assert len(peer.to("/v1/auth/login")) == 1


def test_many_senders_share_one_renewal():
    async def many(channel):
        await channel.send(PARCEL, BODY)
        return await asyncio.gather(*(channel.send(PARCEL, BODY) for _ in range(4)))

    tokens = [TOKEN, observed({"token": "t-2"})]
    receipts, peer = scene(many, {LOGIN: tokens, SEND: [TAKEN, *[UNAUTHORIZED] * 4, TAKEN]})
    assert len(receipts) == 4
    assert len(peer.to("/v1/auth/login")) == 2


def test_a_token_is_renewed_before_it_is_known_to_die():
    clock = SetClock()

    async def twice(channel):
        await channel.send(PARCEL, BODY)
        clock.move(minutes=26)
        await channel.send(PARCEL, BODY)

    _, peer = scene(twice, {SEND: [TAKEN]}, clock=clock)
    assert len(peer.to("/v1/auth/login")) == 2


def test_the_login_asks_anonymously_with_name_and_password():
    _, peer = scene(send, {LOGIN: [documented(data={"token": "t-9"})], SEND: [TAKEN]})
    [login] = peer.to("/v1/auth/login")
    assert login.target.endswith("?allow_anonymous=true")
    assert login.body == b'{"username":"nguoi.dung","password":"pass-s3cret"}'
    assert peer.to("/v1/packets")[0].headers["authorization"] == "Bearer t-9"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (UNAUTHORIZED, "B-001"),
        (says(200, {"code": 15, "message": "m"}), "B-001"),
        (says(200, {"code": 20, "message": "m"}), "A-002"),
        (observed({}), "B-001"),
        (observed({"token": "không"}), "B-001"),
        (observed({"token": "a\r\nX: b"}), "B-001"),
        (says(200, "<html>"), "A-004"),
        (says(500, "oops"), "A-002"),
        (says(429, "", Retry_After="5"), "F-001"),
        (breaks_off(), "A-001"),
        (hangs(), "A-003"),
    ],
)
def test_no_login_means_that_nothing_was_sent(answer, code):
    async def refused(channel):
        with pytest.raises(Unavailable) as caught:
            await channel.send(PARCEL, BODY)
        return caught.value

    error, peer = scene(refused, {LOGIN: [answer], SEND: [TAKEN]}, deadline=patience(answer))
    assert error.problem.code == code
    assert not peer.to("/v1/packets")


def test_a_refused_connection_is_unavailable():
    async def refused():
        line = HttpLine("QG", f"http://127.0.0.1:{deaf_port()}", deadline=60)
        channel = NationalChannel(NationalSession(line, CREDENTIALS, SetClock()), read_status, {})
        try:
            await channel.send(PARCEL, BODY)
        finally:
            await channel.close()

    with pytest.raises(Unavailable) as caught:
        run(refused())
    assert caught.value.problem.code == "A-001"


def test_the_login_and_both_tries_share_one_deadline():
    async def in_doubt(channel):
        begun = asyncio.get_running_loop().time()
        with pytest.raises(InDoubt):
            await channel.send(PARCEL, BODY)
        return asyncio.get_running_loop().time() - begun

    took, _ = scene(in_doubt, {SEND: [late(UNAUTHORIZED, 3), hangs()]}, deadline=4)
    assert took < 6.5  # with a deadline for each it would be seven


def test_credentials_have_no_face():
    assert "s3cret" not in repr(CREDENTIALS)
