"""What the query tells of a workbook is kept with it."""

from __future__ import annotations

import json

import pytest

from tests.api.house import XLSX, House


def test_period_form_and_revision_are_kept_with_the_submission(house: House) -> None:
    told = {"period": "LICH:2025M06", "form": "01/KTXH", "revision": "2"}
    location = house.taken(b"PK\x03\x04 no workbook", XLSX, params=told)

    [(fact,)] = house.stored(
        "SELECT body FROM fact WHERE exchange = %s AND seq = 1", location.removeprefix("/v1/exchanges/")
    )
    submission = (fact if isinstance(fact, dict) else json.loads(fact))["submission"]
    assert (submission["period"], submission["form"], submission["revision"]) == ("LICH:2025M06", "01/KTXH", 2)


@pytest.mark.parametrize("query", ["revision=0", "revision=x", "revision=10000", "kỳ=1", "period=a&period=b"])
def test_a_query_nobody_understands_is_refused(house: House, query: str) -> None:
    answer = house.desk.post(
        f"/v1/reports?{query}", content=b"{}", headers={"Idempotency-Key": "q", "Agreement": "ktxh-thang"}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "C-012")
