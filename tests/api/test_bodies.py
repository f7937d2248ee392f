"""The body of POST /v1/reports: how much of it is read, and multipart with a signature beside the report."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import httpx
import pytest

from gateway.domain.ids import digest_of
from tests.api.house import SMALL, SMALL_BYTES, House, as_json, new_key, until


def test_a_body_declared_too_long_is_413_without_a_byte_of_it(house: House) -> None:
    head = _head(house, {"Content-Length": str(SMALL_BYTES + 1)})
    with socket.create_connection(house.address, timeout=60) as line:
        line.sendall(head)
        answer = line.recv(65536)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"code":"C-003"' in answer


def test_a_sender_that_asks_first_is_not_told_to_go_on(house: House) -> None:
    head = _head(house, {"Content-Length": str(SMALL_BYTES + 1), "Expect": "100-continue"})
    with socket.create_connection(house.address, timeout=60) as line:
        line.sendall(head)
        assert line.recv(65536).startswith(b"HTTP/1.1 413 ")


def test_an_endless_body_is_cut_off_soon_after_the_limit(house: House) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while True:
            sent += 8192
            yield b"x" * 8192

    headers = {"Idempotency-Key": new_key(), "Agreement": SMALL, "Content-Type": "application/json"}
    answer = house.desk.post("/v1/reports", content=endless(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "C-003")
    # What the kernels and the server's window hold beyond it; 64 KiB were allowed.
    assert sent < 16 * 1024 * 1024


@pytest.mark.parametrize("headers", [{"Authorization": "Bearer wrong"}, {"Agreement": "khong-co"}])
def test_an_endless_body_of_a_sender_who_may_not_is_cut_off_too(house: House, headers: dict[str, str]) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 8192

    told = {"Idempotency-Key": new_key(), "Agreement": SMALL, "Content-Type": "application/json", **headers}
    assert house.desk.post("/v1/reports", content=endless(), headers=told).status_code in (401, 404)


def test_a_body_of_exactly_the_limit_is_taken(house: House) -> None:
    payload = as_json()
    assert house.hand_in(payload.ljust(SMALL_BYTES), agreement=SMALL).status_code == 202
    assert house.hand_in(payload.ljust(SMALL_BYTES + 1), agreement=SMALL).status_code == 413


def test_a_chunked_body_within_the_limit_is_taken_whole(house: House) -> None:
    payload = as_json()
    headers = {"Idempotency-Key": new_key(), "Agreement": SMALL, "Content-Type": "application/json"}
    answer = house.desk.post(
        "/v1/reports", content=(payload[i : i + 7] for i in range(0, len(payload), 7)), headers=headers
    )
    assert (answer.status_code, answer.json()["digest"]) == (202, digest_of(payload))


def test_who_hangs_up_in_the_middle_of_a_body_has_handed_in_nothing(house: House) -> None:
    key, payload = new_key(), as_json()
    head = _head(house, {"Content-Length": str(len(payload)), "Idempotency-Key": key})
    with socket.create_connection(house.address, timeout=60) as line:
        line.sendall(head + payload[:-1])
    assert house.hand_in(payload, key=key, agreement=SMALL).headers["Idempotent-Replayed"] == "false"


def test_a_slow_sender_keeps_nobody_waiting(house: House) -> None:
    with socket.create_connection(house.address, timeout=60) as line:
        line.sendall(_head(house, {"Content-Length": "1000"}) + b"{")
        assert house.hand_in(as_json()).status_code == 202


# ── multipart ────────────────────────────────────────────────────────────────────────────────────
def multipart(*parts: tuple[bytes, bytes], end: bytes = b"--ranh-gioi--\r\n") -> bytes:
    body = b"".join(b"--ranh-gioi\r\n" + head + b"\r\n\r\n" + content + b"\r\n" for head, content in parts)
    return body + end


def named(name: str, filename: str | None = "tep", media_type: str = "application/json") -> bytes:
    told = f'; filename="{filename}"' if filename is not None else ""
    return f'Content-Disposition: form-data; name="{name}"{told}\r\nContent-Type: {media_type}'.encode()


def handed(house: House, body: bytes, key: str | None = None, **more: str) -> httpx.Response:
    return house.hand_in(body, "multipart/form-data; boundary=ranh-gioi", key=key, headers=more)


def test_a_report_and_its_signature_are_kept_as_two(house: House) -> None:
    payload, signature = as_json(), b"<not-looked-at-here/>"
    answer = handed(house, multipart((named("report"), payload), (named("signature"), signature)))
    assert answer.status_code == 202
    facts = house.read(f"{answer.headers['Location']}/facts")["facts"]
    said = facts[0]["body"]
    assert (said["payload"]["digest"], said["payload"]["media_type"]) == (digest_of(payload), "application/json")
    assert said["submission"]["signature"]["digest"] == digest_of(signature)
    kept = house.stored("SELECT bytes FROM blob WHERE digest = ANY(%s)", [digest_of(payload), digest_of(signature)])
    assert sorted(kept) == sorted([(payload,), (signature,)])


def test_a_report_alone_in_multipart_is_the_same_submission_as_without(house: House) -> None:
    payload, key = as_json(), new_key()
    location = house.taken(payload, key=key)
    again = handed(house, multipart((named("report"), payload)), key)
    assert (again.headers["Location"], again.headers["Idempotent-Replayed"]) == (location, "true")


def test_another_report_after_a_multipart_one_is_409_and_names_both(house: House) -> None:
    key, payload = new_key(), as_json()
    first = handed(house, multipart((named("report"), as_json()), (named("signature"), b"<s/>")), key)
    answer = house.hand_in(payload, key=key)
    assert answer.status_code == 409
    details = answer.json()["problems"][0]["details"]
    assert (details["before"], details["now"]) == (first.json()["digest"], digest_of(payload))


def test_the_same_report_with_another_signature_is_409(house: House) -> None:
    key, payload = new_key(), as_json()
    bodies = [multipart((named("report"), payload), (named("signature"), one)) for one in (b"<a/>", b"<b/>")]
    assert [handed(house, body, key).status_code for body in bodies] == [202, 409]


def test_file_names_are_of_no_importance(house: House) -> None:
    for name in ("../../etc/passwd", "a\\b", "báo cáo.json", "x" * 4000, "%00", "con:1"):
        assert handed(house, multipart((named("report", name), as_json()))).status_code == 202, name


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no multipart at all",
        multipart(),
        multipart((named("signature"), b"<s/>")),
        multipart((named("report"), b"{}"), (named("report"), b"[]")),
        multipart((named("report"), b"{}"), (named("chu-ky"), b"<s/>")),
        multipart((named("report"), b"{}"), (named("signature"), b"<s/>"), (named("more"), b"")),
        multipart((named("report", None), b"{}")),
        multipart((named("report"), b"")),
        multipart((named("report"), b"{}"), (named("signature"), b"")),
        multipart((b"Content-Type: application/json", b"{}")),
        multipart((named("report"), b"{}"), end=b""),
        multipart((named("report"), b"{}"), (named("signature"), b"<s/>"), end=b"")[:-10],
        multipart((b"X: " + b"y" * 100_000, b"{}")),
        b"--khac\r\n" + named("report") + b"\r\n\r\n{}\r\n--khac--\r\n",
    ],
)
def test_malformed_multipart_is_422_and_leaves_nothing(house: House, body: bytes) -> None:
    key = new_key()
    answer = handed(house, body, key)
    assert (answer.status_code, answer.json()["code"]) == (422, "C-012"), answer.text
    assert house.stored("SELECT 1 FROM exchange WHERE key = %s", key) == []


@pytest.mark.parametrize(
    "media_type",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=" + "b" * 5000,
        "multipart/form-data; boundary=x; charset=klingon",
    ],
)
def test_multipart_without_a_usable_boundary_is_422(house: House, media_type: str) -> None:
    answer = house.hand_in(multipart((named("report"), b"{}")), media_type)
    assert (answer.status_code, answer.json()["code"]) == (422, "C-012")


def test_a_part_of_no_agreed_type_is_415(house: House) -> None:
    assert handed(house, multipart((named("report", media_type="text/html"), b"<p>"))).status_code == 415


def test_a_body_full_of_near_boundaries_keeps_nobody_waiting(house: House) -> None:
    # The parser looks at such a body byte by byte; in between, others have their turn.
    near = b"\r\n--ranh-gio" * 300_000
    body = multipart((named("report"), near))
    answered: list[int] = []
    thread = threading.Thread(target=lambda: answered.append(handed(house, body).status_code))
    thread.start()
    alive = 0
    while thread.is_alive():
        assert house.desk.get("/livez").status_code == 200
        alive += 1
    until(lambda: answered, "it ends")
    assert answered == [202]
    assert alive > 10


def _head(house: House, headers: dict[str, str]) -> bytes:
    told = {
        "Host": "localhost",
        "Authorization": f"Bearer {house.key}",
        "Agreement": SMALL,
        "Content-Type": "application/json",
        "Idempotency-Key": new_key(),
        **headers,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"POST /v1/reports HTTP/1.1\r\n{lines}\r\n".encode()
