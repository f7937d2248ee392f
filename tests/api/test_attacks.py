"""What nobody who means well sends: each is refused in words, and the gateway goes on."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.api.house import SMALL, House, as_json, new_key


def said(house: House, request: bytes) -> bytes:
    """Everything that comes back on one connection, until it ends."""
    with socket.create_connection(house.address, timeout=60) as line:
        line.sendall(request)
        answer = b""
        while piece := line.recv(65536):
            answer += piece
        return answer


def posted(house: House, headers: str, body: bytes = b"") -> bytes:
    top = f"POST /v1/reports HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {house.key}\r\nAgreement: {SMALL}\r\n"
    return said(house, top.encode() + headers.encode("latin-1") + b"\r\n" + body)


# ── ids and paths ────────────────────────────────────────────────────────────────────────────────
IDS = [
    "..%2f..%2fetc%2fpasswd",
    "%00",
    "gd-1%00",
    "a" * 5000,
    "' OR 1=1 --",
    "gd-1;DROP TABLE exchange",
    "%F0%9F%98%80",
    "%FF",
    "%E2%80%AE",
    "%0d%0aX-A:1",
    "*",
    "%25",
]


@pytest.mark.parametrize("name", IDS)
@pytest.mark.parametrize(
    "path",
    [
        "/v1/exchanges/{}",
        "/v1/exchanges/{}/facts",
        "/v1/exchanges/{}/receipt",
        "/v1/exchanges/{}/evidence",
        "/v1/catalogues/{}",
    ],
)
def test_an_id_that_is_none_is_404(house: House, name: str, path: str) -> None:
    answer = house.desk.get(path.format(name))
    assert (answer.status_code, answer.json()["code"]) == (404, "F-006")
    assert len(answer.content) < 20_000


@pytest.mark.parametrize(
    "path",
    [
        "/v1/../metrics",
        "/v1//exchanges",
        "/v1/exchanges/",
        "/V1/exchanges",
        "/v1/exchanges/../exchanges",
        "/v1/./exchanges",
    ],
)
def test_a_path_is_what_it_says_and_nothing_else(house: House, path: str) -> None:
    answer = said(house, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 404 ")


def test_no_redirect_goes_where_the_request_says_we_are(house: House) -> None:
    answer = house.desk.get("/v1/exchanges/", headers={"Host": "evil.example"})
    assert answer.status_code == 404
    assert "location" not in answer.headers


# ── headers ──────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "headers",
    [
        "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 2\r\nContent-Length: 3\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: +2\r\n",
        "Content-Length: 99999999999999999999999\r\n",
        "Content-Length: 2_0\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Idempotency-Key: a\nX: b\r\n",
        "Idempotency-Key : a\r\n",
        "Idempotency-Key: a\0b\r\n",
        " folded: x\r\n",
    ],
)
def test_a_request_of_two_meanings_is_400_and_ends_the_connection(house: House, headers: str) -> None:
    more = f"GET /v1/exchanges HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {house.key}\r\n\r\n".encode()
    answer = posted(house, "Idempotency-Key: k\r\nContent-Type: application/json\r\n" + headers, b"{}" + more)
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 413 "))
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"<html" not in answer.lower()


@pytest.mark.parametrize("name", ["Idempotency-Key", "Agreement", "Content-Type", "Authorization"])
def test_a_header_given_twice_is_a_problem(house: House, name: str) -> None:
    told = {
        "Authorization": f"Bearer {house.key}",
        "Agreement": SMALL,
        "Idempotency-Key": new_key(),
        "Content-Type": "application/json",
    }
    headers = [*told.items(), (name, told[name])]
    answer = house.desk.post("/v1/reports", content=as_json(), headers=headers)
    assert answer.status_code == 422, answer.text
    assert name.lower() in answer.json()["title"].lower()


def test_a_thousand_headers_do_no_harm(house: House) -> None:
    more = {f"X-{n}": "y" * 50 for n in range(1000)}
    assert house.hand_in(as_json(), headers=more).status_code == 202


def test_a_long_line_does_no_harm(house: House) -> None:
    assert house.desk.get("/v1/exchanges", params={"cursor": "A" * 60_000}).status_code == 422


# ── keys ─────────────────────────────────────────────────────────────────────────────────────────
def keyed(house: House, key: bytes) -> tuple[int, str]:
    headers = [(b"Idempotency-Key", key), (b"Agreement", SMALL.encode()), (b"Content-Type", b"application/json")]
    answer = house.desk.post("/v1/reports", content=as_json(), headers=headers)
    return answer.status_code, answer.json().get("code") or answer.json()["key"]


def test_a_key_is_text_as_it_was_written(house: House) -> None:
    assert keyed(house, "báo cáo tháng 9 – Sở NN&MT".encode()) == (202, "báo cáo tháng 9 – Sở NN&MT")


def test_a_key_of_two_hundred_letters_of_four_bytes_is_one_of_two_hundred(house: House) -> None:
    assert keyed(house, ("𠀀" * 200).encode()) == (202, "𠀀" * 200)
    assert keyed(house, ("𠀀" * 201).encode()) == (400, "C-007")


@pytest.mark.parametrize(
    "key",
    [
        b"\xff",
        b"a\xc0\x80b",
        b"\xed\xa0\x80",
        "a\u202eb".encode(),
        "a\u200bb".encode(),
        "a\u0085b".encode(),
        b"a\tb",
        "a\u2028b".encode(),
    ],
)
def test_a_key_with_something_unseen_in_it_is_a_problem(house: House, key: bytes) -> None:
    assert keyed(house, key) == (422, "C-012")


def test_a_key_of_a_quote_and_a_semicolon_is_a_key(house: House) -> None:
    for key in ("'; DROP TABLE exchange; --", '"', "\\", "%00", "${jndi:ldap://x}", "{{7*7}}", "../.."):
        assert keyed(house, key.encode()) == (202, key)


def test_keys_that_only_look_the_same_are_two(house: House) -> None:
    composed, decomposed = "b\u00e1o", "ba\u0301o"
    assert keyed(house, composed.encode()) == (202, composed)
    assert keyed(house, decomposed.encode()) == (202, decomposed)


# ── numbers ──────────────────────────────────────────────────────────────────────────────────────
def test_two_hundred_connections_that_say_nothing_keep_nobody_out(house: House) -> None:
    lines = [socket.create_connection(house.address, timeout=60) for _ in range(200)]
    try:
        for line in lines[::2]:
            line.sendall(b"POST /v1/reports HTTP/1.1\r\nHost: x\r\n")
        with ThreadPoolExecutor(8) as crowd:
            assert set(crowd.map(lambda _: house.hand_in(as_json()).status_code, range(16))) == {202}
    finally:
        for line in lines:
            line.close()
