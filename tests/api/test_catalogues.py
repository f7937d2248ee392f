"""GET /v1/catalogues/{name}: what is in force here, on a day."""

from __future__ import annotations

from datetime import date

import pytest

from gateway.domain.catalogue import Catalogue, Item
from tests.api.house import House


def test_a_catalogue_in_force_is_shown_whole(house: House) -> None:
    shown = house.read("/v1/catalogues/VPCP-CT")
    assert shown["name"] == "VPCP-CT"
    assert shown["version"]
    assert len(shown["items"]) > 10
    assert house.read("/v1/catalogues/VPCP-CT", house.other)["items"] == shown["items"]


def test_as_of_keeps_what_is_valid_on_that_day(house: House) -> None:
    spans = {
        "A": (None, None),
        "B": (date(2020, 1, 1), None),
        "C": (None, date(2024, 9, 30)),
        "D": (date(2025, 7, 1),) * 2,
    }
    items = tuple(Item(code, code, valid_from=since, valid_to=until) for code, (since, until) in spans.items())
    house.gateway.doors.catalogues.publish(Catalogue("THU", "1", date(2020, 1, 1), items), "thu")
    for day, codes in (("1900-01-01", "AC"), ("2024-09-30", "ABC"), ("2024-10-01", "AB"), ("2025-07-01", "ABD")):
        shown = house.read(f"/v1/catalogues/THU?as_of={day}")["items"]
        assert "".join(item["code"] for item in shown) == codes
    assert len(house.read("/v1/catalogues/THU")["items"]) == 4


def test_as_of_a_coming_day_is_what_was_published_for_it(house: House) -> None:
    first = Catalogue("SAP-TOI", "1", date(2020, 1, 1), (Item("A", "A"),))
    house.gateway.doors.catalogues.publish(first, "sap-toi-1")
    later = Catalogue("SAP-TOI", "2", date(2999, 1, 1), (Item("B", "B"),))
    house.gateway.doors.catalogues.publish(later, "sap-toi-2")
    for query, version in (("", "1"), ("?as_of=2998-12-31", "1"), ("?as_of=2999-01-01", "2")):
        assert house.read(f"/v1/catalogues/SAP-TOI{query}")["version"] == version


def test_a_catalogue_there_is_not_is_404(house: House) -> None:
    answer = house.desk.get("/v1/catalogues/KHONG-CO")
    assert (answer.status_code, answer.json()["code"]) == (404, "F-006")


@pytest.mark.parametrize("day", ["hôm nay", "2024-02-30", "0000-01-01", "2024-09-30T00:00:01", "\0"])
def test_a_day_that_is_none_is_a_problem(house: House, day: str) -> None:
    answer = house.desk.get("/v1/catalogues/VPCP-CT", params={"as_of": day})
    assert (answer.status_code, answer.json()["code"]) == (422, "C-012")


def test_a_forms_catalogue_is_read_though_its_code_has_a_slash(house: House) -> None:
    house.gateway.doors.catalogues.publish(Catalogue("form.01/THU", "1", date(2020, 1, 1), ()), "bieu-thu")
    assert house.read("/v1/catalogues/form.01/THU")["version"] == "1"
    assert house.read("/v1/catalogues/form.01%2FTHU")["version"] == "1"
