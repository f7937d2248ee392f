"""The line to a destination, on real sockets: what is sure, what is in doubt, and when it ends."""

import asyncio
import time
from pathlib import Path
from threading import Thread

import httpx
import pytest

from gateway.adapters.http import HttpFetcher, HttpLine, Request
from gateway.adapters.tls import trust
from gateway.domain.errors import InDoubt, Misconfigured, Unavailable
from tests.adapters.peer import Answer, Peer, breaks_off, deaf_port, drips, garbles, hangs, patience, run, says

POST = Request("POST", "/x", content=b"figures")


async def _told(*answers: Answer, most: int = 1000):
    async with Peer({"POST /x": list(answers)}) as peer:
        line = HttpLine("D", peer.url, deadline=patience(answers[0]), most_answered=most)
        try:
            return await line.tell(POST), peer
        finally:
            await line.close()


@pytest.mark.parametrize(
    "answer",
    [
        breaks_off(),
        breaks_off(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n1234"),
        hangs(),
        drips(),
        garbles(),
        garbles(b""),
    ],
    ids=["reset", "reset in the answer", "hang", "drip", "garbled", "closed"],
)
def test_once_bytes_went_out_every_accident_is_in_doubt(answer):
    with pytest.raises(InDoubt) as caught:
        run(_told(answer))
    assert caught.value.problem.code == "G-001"


@pytest.mark.parametrize("answer", [hangs(), drips()], ids=["hang", "drip"])
def test_one_total_deadline_ends_a_peer_that_hangs_or_drips(answer):
    begun = time.monotonic()
    with pytest.raises(InDoubt, match="2 s"):
        run(_told(answer))
    assert 1.9 < time.monotonic() - begun < 60  # the dripping answer would be whole after more than an hour


def test_an_answer_without_end_is_cut_and_in_doubt():
    with pytest.raises(InDoubt, match="longer than 1000"):
        run(_told(says(200, b"x" * 2000)))


def test_a_refused_connection_took_nothing():
    async def told():
        line = HttpLine("D", f"http://127.0.0.1:{deaf_port()}", deadline=5)
        try:
            await line.tell(POST)
        finally:
            await line.close()

    with pytest.raises(Unavailable) as caught:
        run(told())
    assert caught.value.problem.code == "A-001"


def test_an_unknown_host_took_nothing():
    async def told():
        line = HttpLine("D", "http://nowhere.invalid", deadline=5)
        try:
            await line.tell(POST)
        finally:
            await line.close()

    with pytest.raises(Unavailable):
        run(told())


def test_a_refused_connection_is_tried_again_within_seconds_and_then_goes_through():
    tries = []

    def answer(request: httpx.Request) -> httpx.Response:
        tries.append(request)
        if len(tries) < 3:
            raise httpx.ConnectError("refused")
        return httpx.Response(200, text="ok")

    async def told():
        line = HttpLine("D", "http://d", transport=httpx.MockTransport(answer))
        try:
            return await line.tell(POST)
        finally:
            await line.close()

    assert run(told()).body == b"ok"
    assert len(tries) == 3


def test_what_went_out_is_never_sent_twice_by_the_line_itself():
    async def counted():
        async with Peer({"POST /x": [breaks_off(), says(200, "ok")]}) as peer:
            line = HttpLine("D", peer.url, deadline=2)
            with pytest.raises(InDoubt):
                await line.tell(POST)
            await line.close()
            return len(peer.heard)

    assert run(counted()) == 1


def test_a_question_that_may_be_repeated_is_only_unavailable():
    async def asked():
        async with Peer({"GET /x": [hangs()]}) as peer:
            line = HttpLine("D", peer.url, deadline=0.3)
            try:
                await line.ask(Request("GET", "/x"))
            finally:
                await line.close()

    with pytest.raises(Unavailable) as caught:
        run(asked())
    assert caught.value.problem.code == "A-003"


def test_the_body_goes_buffered_with_its_length():
    async def sent():
        async with Peer({"POST /x": [says(200, "ok")]}) as peer:
            line = HttpLine("D", peer.url)
            await line.tell(Request("POST", "/x", form={"a": "b"}, files={"f": ("x.xml", b"<a/>", "application/xml")}))
            await line.close()
            return peer.heard[0]

    heard = run(sent())
    assert int(heard.headers["content-length"]) == len(heard.body)
    assert "transfer-encoding" not in heard.headers
    assert b'filename="x.xml"' in heard.body


def test_a_redirect_is_not_followed():
    async def asked():
        async with Peer({"GET /x": [says(302, "", Location="/y")], "GET /y": [says(200, "ok")]}) as peer:
            line = HttpLine("D", peer.url)
            reply = await line.ask(Request("GET", "/x"))
            await line.close()
            return reply.status, len(peer.heard)

    assert run(asked()) == (302, 1)


def test_a_line_serves_one_loop_after_another_and_leaves_nothing_open():
    line = HttpLine("D", "http://d", transport=httpx.MockTransport(lambda _: httpx.Response(200)))
    for _ in range(2):
        assert run(line.ask(Request("GET", "/"))).status == 200
        assert not line._lines


@pytest.mark.parametrize(("said", "heard"), [("17", 17.0), ("999999", 3600.0), ("Wed, 01 Jan 2031", None), ("²", None)])
def test_retry_after_is_read_in_seconds_and_capped(said, heard):
    async def asked():
        answer = httpx.Response(429, headers={"Retry-After": said.encode()})
        line = HttpLine("D", "http://d", transport=httpx.MockTransport(lambda _: answer))
        reply = await line.ask(Request("GET", "/"))
        await line.close()
        return line.unusable(reply)

    error = run(asked())
    assert (error.problem.code, error.retry_after) == ("F-001", heard)


def test_credentials_in_a_request_are_not_shown():
    assert "s3cret" not in repr(Request("GET", "/", headers={"X-SecretKey": "s3cret"}, json={"password": "s3cret"}))


def test_a_missing_anchor_file_is_a_configuration_fault(tmp_path: Path):
    with pytest.raises(Misconfigured) as caught:
        trust(tmp_path / "none.pem")
    assert caught.value.problem.details["key"] == "ca_file"


# ── the fetcher ──────────────────────────────────────────────────────────────────────────────────
def _fetched(answers, ask):
    """`ask(fetcher, url)` in a thread without a loop, as the verifier calls it."""

    async def scene():
        async with Peer(answers) as peer:
            fetcher = HttpFetcher(["127.0.0.1"], deadline=2, most_answered=100)
            return await asyncio.to_thread(ask, fetcher, peer.url), peer

    return run(scene())


def test_a_listed_host_is_fetched_from():
    body, _ = _fetched({"GET /a/": [says(200, "crl")]}, lambda fetcher, url: fetcher.get(url + "/a/"))
    assert body == b"crl"


def test_a_request_is_posted_with_its_media_type():
    body, peer = _fetched({"POST /": [says(200, "ocsp")]}, lambda f, url: f.post(url, b"q", "application/ocsp-request"))
    assert body == b"ocsp"
    assert (peer.heard[0].body, peer.heard[0].headers["content-type"]) == (b"q", "application/ocsp-request")


@pytest.mark.parametrize(
    "url", ["http://localhost/x", "file:///etc/passwd", "ldap://127.0.0.1/x", "http://[", "http://127.0.0.1@evil/x"]
)
def test_a_host_that_is_not_listed_is_not_asked(url):
    with pytest.raises(Unavailable, match="not among"):
        HttpFetcher(["127.0.0.1"]).get(url)


@pytest.mark.parametrize("answer", [says(302, "", Location="http://127.0.0.1/"), says(200, b"x" * 200), says(500, "")])
def test_a_redirect_a_flood_and_a_fault_are_unavailable(answer):
    with pytest.raises(Unavailable):
        _fetched({"GET /": [answer]}, lambda fetcher, url: fetcher.get(url))


def test_threads_fetch_side_by_side():
    got = []

    async def scene():
        async with Peer({"GET /": [says(200, "x")]}) as peer:
            fetcher = HttpFetcher(["127.0.0.1"])
            threads = [Thread(target=lambda: got.append(fetcher.get(peer.url + "/"))) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                await asyncio.to_thread(thread.join)

    run(scene())
    assert got == [b"x"] * 4
