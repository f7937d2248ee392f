"""/livez, /readyz, /metrics, the desk's door; and what a gateway says when its store is away."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpx
import psycopg
import pytest

from gateway.signing import read_store
from tests.api.conftest import Opened
from tests.api.house import House, as_json, away, until


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


def test_the_figures_say_when_the_certificate_that_ends_first_ends(another: Opened) -> None:
    house = another()
    ends = min(one.certificate.not_after for one in read_store(house.home / "trust").anchors.values())

    told = _figures(httpx.get(f"{house.url}/metrics", trust_env=False).text, "gateway_certificate_expiry_seconds")
    left = (ends - datetime.now(UTC)).total_seconds()
    assert left <= told["anchor"] <= left + 600

    (house.home / "trust" / "anchors.yaml").write_text("anchors: 1", "utf-8")
    answer = httpx.get(f"{house.url}/metrics", trust_env=False)
    assert answer.status_code == 200
    assert not _figures(answer.text, "gateway_certificate_expiry_seconds")
    assert "gateway_exchanges{" in answer.text


# ── the desk's door ──────────────────────────────────────────────────────────────────────────────
def test_the_desk_and_the_figures_are_closed_to_other_networks(another: Opened) -> None:
    house = another('\n[server]\ndesk_from = ["192.0.2.0/24"]\n')
    for path in ("/", "/metrics", "/exchanges/gd-1", "/calendar.ics", "/static/console.css", "/no-such"):
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
def test_without_its_store_a_gateway_says_so_to_readers_and_takes_again_when_it_is_back(
    another: Opened, postgres: str
) -> None:
    house = another()
    before = house.taken(as_json())
    house.at_rest(before)
    with away(postgres, house.database):
        began = time.monotonic()
        paths = ("/readyz", "/metrics", before, "/v1/exchanges", "/v1/inbox", "/v1/catalogues/VPCP-CT")
        with ThreadPoolExecutor(len(paths)) as crowd:
            answers = list(crowd.map(house.desk.get, paths))
        assert time.monotonic() - began < 120
        for answer in answers:
            assert (answer.status_code, answer.json()["code"]) == (503, "F-003"), answer.url
            assert int(answer.headers["Retry-After"]) >= 1
        assert house.desk.get("/livez").status_code == 200
        assert house.desk.get("/v1/exchanges", headers={"Authorization": "Bearer x"}).status_code == 401
    until(lambda: house.desk.get("/readyz").status_code == 200, "it is ready again")
    again = house.hand_in(as_json())
    assert again.json()["spooled"] is False
    for location in (before, again.headers["Location"]):
        assert house.at_rest(location)["stage"] == "reconciled"
        assert house.arrived(location) == 1


def test_a_store_that_is_not_what_it_was_is_a_problem_of_ours_and_no_page(another: Opened) -> None:
    house = another()
    with psycopg.connect(house.database, autocommit=True) as c:
        c.execute("ALTER TABLE notice RENAME TO elsewhere")
        try:
            answers = [house.desk.get("/v1/inbox"), house.hand_in(as_json())]
        finally:
            c.execute("ALTER TABLE elsewhere RENAME TO notice")
    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (500, "F-004")
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert "notice" not in answer.text
    assert house.desk.get("/v1/inbox").status_code == 200
    assert house.hand_in(as_json()).status_code == 202


def _figures(text: str, name: str) -> dict[str, float]:
    lines = [line for line in text.splitlines() if line.startswith(name + "{")]
    return {line.split('"')[1]: float(line.rpartition(" ")[2]) for line in lines}


def test_what_waits_is_foreseen_by_regime_and_the_rate_by_partner(house: House) -> None:
    house.at_rest(house.taken(as_json()))
    answer = httpx.get(f"{house.url}/metrics", trust_env=False)
    for name in ("gateway_forecast_slack_seconds", "gateway_forecast_late", "gateway_delivery_rate"):
        assert f"# TYPE {name} gauge" in answer.text
