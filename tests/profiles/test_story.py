"""The demonstration under each regulation: what a province has no rule for is not played, and nothing is lost or doubled."""

from __future__ import annotations

import pytest

from tests.cli.house import run

# Shipped samples, and the signed one three times where the province signs; each story ends with one replay.
ACCEPTED = {"thanh-hoa": 28, "lao-cai": 7, "dong-thap": 10, "bac-kan": 10, "soc-trang": 7}
SIGNS = {"thanh-hoa", "dong-thap", "bac-kan"}
GOES_AS_A_DOCUMENT = {"thanh-hoa", "dong-thap", "bac-kan"}


@pytest.mark.parametrize(
    "province",
    [
        "dong-thap",
        *(pytest.param(name, marks=pytest.mark.soak) for name in ("thanh-hoa", "lao-cai", "bac-kan", "soc-trang")),
    ],
)
def test_the_story_is_told_under_the_provinces_own_regulation(province: str) -> None:
    told = run("demo", "--province", province, "--once", "--json")
    counted = told.document

    assert told.code == 0
    assert (counted["accepted"], counted["lost"], counted["duplicates_at_receiver"]) == (ACCEPTED[province], 0, 0)
    assert (counted["returned"], counted["partly"], counted["replayed"]) == (1, 1, 1)
    assert counted["refused"] == (2 if province in SIGNS else 0)
    assert counted["diverted"] == counted["backfilled"] == (1 if province in GOES_AS_A_DOCUMENT else 0)


def test_a_province_nobody_declared_is_refused_by_name() -> None:
    told = run("demo", "--province", "ha-noi", "--once", "--json")

    assert told.code == 1
    assert told.document["problems"][0]["code"] == "F-005"
    assert "lao-cai" in told.document["problems"][0]["details"]["reason"]
