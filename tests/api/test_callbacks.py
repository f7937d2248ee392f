"""The receiver calls: what it says is on disk before it is answered, and its key opens nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from gateway.domain.errors import Misconfigured
from gateway.domain.ids import digest_of
from gateway.domain.parcel import Answer
from gateway.schemas.settings import settings
from tests.api.conftest import Opened
from tests.api.house import PARTNER, PARTNER_KEY, House, as_json, away, client, packet_7, until

RECEIPTS = "/v1/partners/quoc-gia/receipts"


@pytest.fixture
def caller(house: House) -> Iterator[httpx.Client]:
    with client(house.url, PARTNER_KEY) as opened:
        yield opened


def call(caller: httpx.Client, content: bytes, path: str = RECEIPTS, kind: str = "application/xml") -> httpx.Response:
    return caller.post(path, content=content, headers={"Content-Type": kind})


def delivered(house: House) -> tuple[str, str]:
    """A report with its receipt: its message, and their reference."""
    location = house.taken(as_json())
    house.at_rest(location)
    return location.rpartition("/")[2], house.read(f"{location}/receipt")["receipt"]["reference"]


def test_a_word_is_kept_and_the_same_word_has_the_same_answer(house: House, caller: httpx.Client) -> None:
    message, reference = delivered(house)
    content = packet_7(message, reference)

    first, again = call(caller, content), call(caller, content)

    assert (first.status_code, first.headers["Idempotent-Replayed"]) == (202, "false")
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (202, "true")
    assert first.json() == again.json()
    assert first.json()["digest"] == digest_of(content)
    assert house.facts(f"/v1/exchanges/{message}").count("CalledBack") == 1
    assert house.stored("SELECT bytes FROM blob WHERE digest = %s", digest_of(content)) == [(content,)]


def test_another_word_under_its_name_is_a_conflict_that_names_both_digests(house: House, caller: httpx.Client) -> None:
    message, reference = delivered(house)
    one, other = packet_7(message, reference), packet_7(message, reference, answer=Answer.RETURNED)
    call(caller, one)

    answer = call(caller, other)

    assert (answer.status_code, answer.json()["code"]) == (409, "C-008")
    assert digest_of(one) in answer.json()["title"]
    assert digest_of(other) in answer.json()["title"]


def test_many_words_at_once_are_each_kept_once(house: House, caller: httpx.Client) -> None:
    message, reference = delivered(house)
    words = [packet_7(message, reference, f"ST-{number}") for number in range(30)]

    with ThreadPoolExecutor(60) as pool:
        answers = list(pool.map(lambda content: call(caller, content), [*words, *words]))

    assert Counter(answer.status_code for answer in answers) == {202: 60}
    assert Counter(answer.headers["Idempotent-Replayed"] for answer in answers) == {"false": 30, "true": 30}
    assert house.facts(f"/v1/exchanges/{message}").count("CalledBack") == 30


def test_of_different_words_at_once_under_one_name_one_is_kept(house: House, caller: httpx.Client) -> None:
    message, reference = delivered(house)
    words = [packet_7(message, reference, answer=answer) for answer in Answer]

    with ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(lambda content: call(caller, content), words * 10))

    assert Counter(answer.status_code for answer in answers) == {202: 10, 409: 20}
    assert len({answer.json()["digest"] for answer in answers if answer.status_code == 202}) == 1
    assert house.facts(f"/v1/exchanges/{message}").count("CalledBack") == 1


def test_what_cannot_be_kept_is_asked_for_again(another: Opened, postgres: str) -> None:
    """What a 202 says is on disk; while the store is away there is none."""
    house = another()
    message, reference = delivered(house)
    content = packet_7(message, reference)
    with client(house.url, PARTNER_KEY) as caller:
        with away(postgres, house.database):
            refused = call(caller, content)
        kept = until(lambda: one if (one := call(caller, content)).status_code == 202 else None, "the store is back")

    assert (refused.status_code, refused.json()["code"]) == (503, "F-003")
    assert int(refused.headers["Retry-After"]) > 0
    assert kept.headers["Idempotent-Replayed"] == "false"


def test_what_speaks_of_nothing_that_went_to_them_is_not_found(house: House, caller: httpx.Client) -> None:
    message, reference = delivered(house)
    unknown = call(caller, packet_7("gd-01KCNOBODYKNOWSTHISONE0000", "doc-1"))
    another = call(caller, packet_7(message, reference), "/v1/partners/truc-van-ban/receipts")
    misnamed = call(caller, packet_7(message, "doc-cua-ai"))

    assert [one.status_code for one in (unknown, another, misnamed)] == [404, 404, 409]
    assert misnamed.json()["code"] == "G-005"


@pytest.mark.parametrize(
    ("content", "kind", "code", "expected"),
    [
        (b"<x/>", "application/json", "C-006", 415),
        (b"<x/>", "application/xml", "C-005", 422),
        (b"<x", "application/xml", "C-001", 422),
        (b"x" * (1024 * 1024 + 1), "application/xml", "C-003", 413),
    ],
    ids=["another type", "no packet", "no XML", "too long"],
)
def test_what_is_no_word_is_refused_and_told_why(
    caller: httpx.Client, content: bytes, kind: str, code: str, expected: int
) -> None:
    answer = call(caller, content, kind=kind)
    assert (answer.status_code, answer.json()["code"]) == (expected, code)


def test_another_packet_than_a_status_is_none(house: House, caller: httpx.Client) -> None:
    message, _ = delivered(house)
    parcel = house.gateway.journal.read(message).parcel
    assert parcel is not None
    answer = call(caller, house.gateway.journal.bytes_of(parcel.body.digest))
    assert (answer.status_code, answer.json()["code"]) == (422, "C-005")


def test_each_key_opens_its_own_door_only(house: House, caller: httpx.Client) -> None:
    with client(house.url, "khoa-khong-ai-co") as nobody:
        assert call(nobody, b"<x/>").status_code == 401
    systems = call(house.desk, b"<x/>")
    doors = [caller.get(f"/v1/{path}") for path in ("exchanges", "inbox", "deadlines", "catalogues/VPCP-CT")]
    doors.append(caller.post("/v1/reports", content=b"{}", headers={"Idempotency-Key": "k"}))

    for answer in (systems, *doors):
        assert (answer.status_code, answer.json()["code"]) == (403, "B-013")


def test_the_receiver_is_its_name_to_the_letter(house: House, caller: httpx.Client) -> None:
    content = packet_7(*delivered(house))
    for name in ("QUOC-GIA", "quoc-gia%2F", "quoc-gia%00", "", "quốc-gia", "x" * 3000):
        answer = call(caller, content, f"/v1/partners/{name}/receipts")
        assert (answer.status_code, answer.json()["code"]) == (404, "F-006"), name


@pytest.mark.parametrize("agreements", ["[]", '["ktxh-thang"]'])
def test_a_system_may_have_no_agreements_yet(tmp_path: Path, agreements: str) -> None:
    (tmp_path / "gateway.toml").write_text("", "utf-8")
    said = f'[[clients]]\nid = "x"\nkey_sha256 = "{"0" * 64}"\nagreements = {agreements}\n'
    (tmp_path / "clients.toml").write_text(said, "utf-8")

    [read] = settings(tmp_path, {}).clients
    assert (read.kind, read.partner) == ("province", "")


@pytest.mark.parametrize(
    "said",
    [
        'kind = "partner"\n',
        'kind = "partner"\npartner = "quoc-gia"\nagreements = ["ktxh-thang"]\n',
        'partner = "quoc-gia"\nagreements = ["ktxh-thang"]\n',
        "",
    ],
    ids=["names nobody", "hands in too", "a system that names one", "a system without agreements"],
)
def test_a_client_is_a_system_or_a_receiver(tmp_path: Path, said: str) -> None:
    (tmp_path / "gateway.toml").write_text("", "utf-8")
    (tmp_path / "clients.toml").write_text(f'[[clients]]\nid = "{PARTNER}"\nkey_sha256 = "{"0" * 64}"\n{said}', "utf-8")

    with pytest.raises(Misconfigured) as found:
        settings(tmp_path, {})
    assert found.value.problem.code == "F-005"


def test_the_receivers_own_packet_is_understood(house: House, caller: httpx.Client) -> None:
    message, reference = delivered(house)
    who, base = house.other_side.credentials, house.other_side.national_url
    with httpx.Client(base_url=base, timeout=60, trust_env=False) as receiver:
        name = {"username": who.national_username, "password": who.national_password}
        told = receiver.post("/v1/auth/login?allow_anonymous=true", json=name).json()["data"]
        receiver.headers["Authorization"] = f"Bearer {told['token']}"
        receiver.headers.update({"X-SystemId": who.national_system_id, "X-SecretKey": who.national_system_secret})
        content = receiver.get(f"/v1/packets/{reference}/status").content

    answer = call(caller, content)

    assert answer.status_code == 202, answer.text
    assert (answer.json()["message"], answer.json()["key"]) == (message, f"ST-{reference}")
