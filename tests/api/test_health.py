"""/livez, /readyz, /metrics, the desk's door; and what a gateway says when its store is away."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

import httpx
import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from tests.api.conftest import Opened
from tests.api.house import House, as_json, new_key, until


def test_a_living_gateway_is_alive_and_ready(house: House) -> None:
    for path, said in (("/livez", {"alive": True}), ("/readyz", {"ready": True})):
        answer = httpx.get(house.url + path, trust_env=False)
        assert (answer.status_code, answer.json()) == (200, said)


def test_the_figures_count_exchanges_by_stage(house: House) -> None:
    house.at_rest(house.taken(b"{"))
    answer = httpx.get(f"{house.url}/metrics", trust_env=False)
    assert answer.headers["Content-Type"].startswith("text/plain")
    counted = _figures(answer.text, "gateway_exchanges")
    stored = dict(house.stored("SELECT stage, count(*) FROM exchange GROUP BY stage"))
    assert counted["refused"] == stored["refused"] >= 1
    assert counted["published"] == stored["published"]
    assert _figures(answer.text, "gateway_line_failures").keys() == {"quoc-gia", "truc-van-ban"}


# ── the desk's door ──────────────────────────────────────────────────────────────────────────────
def test_the_desk_and_the_figures_are_closed_to_other_networks(another: Opened) -> None:
    house = another('\n[server]\ndesk_from = ["192.0.2.0/24"]\n')
    for path in ("/", "/metrics", "/exchanges/gd-1", "/static/console.css", "/no-such"):
        answer = house.desk.get(path)
        assert answer.status_code == 403, path
        assert "desk_from" in answer.text
    for path in ("/livez", "/readyz", "/openapi.json", "/v1/exchanges"):
        assert house.desk.get(path).status_code == 200
    assert house.hand_in(as_json()).status_code == 202


@pytest.mark.parametrize(
    ("said", "status"),
    [("127.0.0.1", 200), ("::1", 200), ("::ffff:127.0.0.1", 200), ("198.51.100.7", 403), ("nobody", 403)],
)
def test_who_comes_through_a_proxy_on_this_machine_is_who_the_proxy_says(house: House, said: str, status: int) -> None:
    assert house.desk.get("/metrics", headers={"X-Forwarded-For": said}).status_code == status


def test_what_a_sender_claims_before_the_proxy_speaks_is_not_believed(house: House) -> None:
    answer = house.desk.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1, 198.51.100.7"})
    assert answer.status_code == 403


# ── the store is away ────────────────────────────────────────────────────────────────────────────
def test_without_its_store_a_gateway_says_so_soon_and_takes_again_when_it_is_back(
    another: Opened, postgres: str
) -> None:
    house = another()
    key, payload = new_key(), as_json()
    before = house.taken(as_json())
    house.at_rest(before)
    with _away(postgres, house.database):
        began = time.monotonic()
        paths = ("/readyz", "/metrics", before, "/v1/exchanges", "/v1/inbox", "/v1/catalogues/VPCP-CT")
        with ThreadPoolExecutor(150) as crowd:
            asked = [crowd.submit(house.desk.get, path) for path in paths]
            sent = [crowd.submit(house.hand_in, payload, key=key) for _ in range(144)]
            answers = [one.result() for one in (*asked, *sent)]
        # Each of forty threads waits five seconds for the store; nobody waits for the waiting of the others.
        assert time.monotonic() - began < 15
        for answer in answers:
            assert (answer.status_code, answer.json()["code"]) == (503, "F-003"), answer.url
            assert int(answer.headers["Retry-After"]) >= 1
            assert "CHƯA" in answer.json()["title"]
        assert house.desk.get("/livez").status_code == 200
        assert house.desk.get("/v1/exchanges", headers={"Authorization": "Bearer x"}).status_code == 401
    until(lambda: house.desk.get("/readyz").status_code == 200, "it is ready again")
    again = house.hand_in(payload, key=key)
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (202, "false")
    for location in (before, again.headers["Location"]):
        assert house.at_rest(location)["stage"] == "reconciled"
        assert house.arrived(location) == 1


def test_a_store_that_is_not_what_it_was_is_a_problem_of_ours_and_no_page(another: Opened) -> None:
    house = another()
    with psycopg.connect(house.database, autocommit=True) as c:
        c.execute("ALTER TABLE notice RENAME TO elsewhere")
        try:
            answer = house.desk.get("/v1/inbox")
        finally:
            c.execute("ALTER TABLE elsewhere RENAME TO notice")
    assert (answer.status_code, answer.json()["code"]) == (500, "F-004")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "notice" not in answer.text
    assert house.desk.get("/v1/inbox").status_code == 200


@contextmanager
def _away(postgres: str, database: str) -> Iterator[None]:
    name = Identifier(unquote(urlsplit(database).path[1:]))
    with psycopg.connect(postgres, autocommit=True) as c:
        c.execute(SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
        try:
            c.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name.as_string()[1:-1]]
            )
            yield
        finally:
            c.execute(SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))


def _figures(text: str, name: str) -> dict[str, float]:
    lines = [line for line in text.splitlines() if line.startswith(name + "{")]
    return {line.split('"')[1]: float(line.rpartition(" ")[2]) for line in lines}
