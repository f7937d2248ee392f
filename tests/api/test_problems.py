"""Problems as RFC 9457 wants them, in the reader's language, and never a page or a secret."""

from __future__ import annotations

import json
import re

import httpx
import pytest

from tests.api.house import OTHER_KEY, SMALL, THANG, House, as_json

MISSING = "/v1/exchanges/gd-1"


def test_a_problem_has_every_field_of_the_standard_and_ours(house: House) -> None:
    answer = house.desk.get(MISSING)
    said = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert said["type"] == "urn:report-gateway:problem:F-006"
    assert said["status"] == answer.status_code == 404
    assert (said["title"], said["detail"]) == ("Không tìm thấy “gd-1”.", "Kiểm tra lại mã.")
    assert (said["code"], said["owner"]) == ("F-006", "integrator")
    [inner] = said["problems"]
    assert inner["title"] == {"vi": "Không tìm thấy “gd-1”.", "en": "There is no “gd-1” here."}
    assert inner["advice"]["en"] == "Check the id."


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("", "vi"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("EN", "en"),
        ("vi", "vi"),
        ("vi-VN,vi;q=0.9,en;q=0.8", "vi"),
        ("en;q=0.5, vi;q=0.9", "vi"),
        ("vi;q=0.1, en", "en"),
        ("en;q=0", "vi"),
        ("fr, en;q=0.3", "en"),
        ("fr", "vi"),
        ("*", "vi"),
        ("enm", "vi"),
        (";;;,,q=", "vi"),
        ("en;q=abc", "en"),
    ],
)
def test_the_language_is_the_one_asked_for_most_and_vietnamese_otherwise(
    house: House, asked: str, language: str
) -> None:
    answer = house.desk.get(MISSING, headers={"Accept-Language": asked})
    assert answer.headers["Content-Language"] == language
    assert "Accept-Language" in answer.headers["Vary"]
    assert answer.json()["title"] == {"vi": "Không tìm thấy “gd-1”.", "en": "There is no “gd-1” here."}[language]


UNKNOWN = [
    "/v1",
    "/v1/",
    "/v1/nothing",
    "/v1/reports/x",
    "/livez/x",
    "/v1/exchanges/a/b/c",
    "/openapi.json/x",
    "/v1/%2e%2e",
]


@pytest.mark.parametrize("path", UNKNOWN)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PUT", "PATCH", "OPTIONS"])
def test_a_route_there_is_not_is_a_problem(house: House, method: str, path: str) -> None:
    answer = house.desk.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (404, "F-006")


@pytest.mark.parametrize("method", ["OPTIONS", "DELETE", "PUT", "PATCH", "TRACE", "PROPFIND"])
@pytest.mark.parametrize("path", ["/v1/reports", "/v1/exchanges", "/v1/inbox", MISSING, "/livez"])
def test_a_method_nobody_described_is_405_with_those_there_are(house: House, method: str, path: str) -> None:
    answer = house.desk.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (405, "C-012")
    assert answer.headers["Allow"] in ("POST", "GET")


@pytest.mark.parametrize("path", ["/v1/reports", "/v1/exchanges", "/livez", "/v1/nothing", "/"])
def test_head_has_a_head_and_no_body(house: House, path: str) -> None:
    answer = house.desk.head(path)
    assert answer.status_code in (200, 404, 405)
    assert answer.content == b""


def test_an_upgrade_is_not_followed(house: House) -> None:
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "x" * 22 + "==",
    }
    answer = house.desk.get("/v1/exchanges", headers=headers)
    assert answer.status_code in (400, 403, 404)


def test_no_answer_holds_a_secret(house: House) -> None:
    secrets = [file.read_text("utf-8").strip() for file in (house.home / "secrets").iterdir()]
    secrets += [house.key, OTHER_KEY, *re.findall(r"[0-9a-f]{64}", (house.home / "clients.toml").read_text("utf-8"))]
    secrets += [house.database, str(house.home), "Traceback", "psycopg"]
    held = house.taken(as_json())
    refused = house.taken(b"{")
    house.at_rest(held)
    house.at_rest(refused)
    asked = [f"{one}{path}" for one in (held, refused) for path in ("", "/facts", "/receipt", "/evidence")]
    asked += [
        "/v1/exchanges?limit=200",
        "/v1/inbox?limit=200",
        "/v1/catalogues/VPCP-CT",
        "/openapi.json",
        "/metrics",
        "/readyz",
    ]
    asked += ["/", f"/exchanges/{held.rpartition('/')[2]}", "/v1/exchanges?cursor=x", MISSING]
    answers = [house.desk.get(path) for path in asked]
    answers += [house.hand_in(b"{", agreement=name) for name in (THANG, SMALL, "thong-ke", "khong-co")]
    answers += [
        httpx.get(house.url + path, trust_env=False, headers={"Authorization": f"Bearer {house.key}x"})
        for path in asked
    ]
    for answer in answers:
        told = answer.text + json.dumps(dict(answer.headers))
        assert [secret for secret in secrets if secret in told] == [], answer.url
