"""day · window · maintenance · outage · audit: what operations set, who may see it, and from when it counts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway.deploy import connect, create
from gateway.domain.calendar import VIETNAM
from gateway.sandbox import Sandbox
from tests.api.house import new_database
from tests.cli.house import Office, Told, run

WHY = ("--because", "theo văn bản kèm", "--by", "Lê Thị Mẫu")
OFF = ("--state", "off", "--document", "31/QĐ-TTg", "--issued", "2026-02-01")


class Desk:
    def __init__(self, home: Path) -> None:
        self.home = home

    def run(self, *words: str) -> Told:
        return run(*words, "--home", str(self.home), "--json")

    def done(self, *words: str) -> object:
        told = self.run(*words)
        assert told.code == 0, told.err
        return told.document

    def refused(self, *words: str) -> str:
        told = self.run(*words)
        assert told.code in (1, 5, 6), told.err
        problem = told.document["problems"][0]
        return f"{problem['code']} {problem['title']['vi']} {problem['advice']['vi']}"

    def deadlines(self, first: str, last: str) -> dict[tuple[str, str], str]:
        rows = self.done("deadline", "ls", "--from", first, "--to", last)
        assert isinstance(rows, list)
        return {(row["period"], row["stage"]): row["deadline"] for row in rows}


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory, postgres: str, migrated: str) -> Iterator[dict[str, Path]]:
    """Two provinces at rest on databases of their own: one rolls deadlines over, one has a notice period."""
    found = {}
    with (
        Sandbox.thread(tmp_path_factory.mktemp("side")) as other_side,
        new_database(postgres, migrated) as one,
        new_database(postgres, migrated) as two,
    ):
        for name, database in (("lao-cai", one), ("dong-thap", two)):
            home = tmp_path_factory.mktemp(name) / "home"
            create(home, name)
            connect(home, other_side)
            local = home / "local.toml"
            local.write_text(f'database_url = "{database}"\n{local.read_text("utf-8")}', "utf-8")
            found[name] = home
        yield found


@pytest.fixture
def lao_cai(homes: dict[str, Path]) -> Desk:
    return Desk(homes["lao-cai"])


@pytest.fixture
def dong_thap(homes: dict[str, Path]) -> Desk:
    return Desk(homes["dong-thap"])


def test_a_day_set_by_hand_moves_a_deadline_at_once_and_back_again(lao_cai: Desk) -> None:
    before = lao_cai.deadlines("2027-03-01", "2027-03-31")
    lao_cai.done("day", "set", "2027-03-18", *OFF, *WHY)
    moved = lao_cai.deadlines("2027-03-01", "2027-03-31")
    lao_cai.done("day", "unset", "2027-03-18", *WHY)

    assert before["2027M03", "don-vi"] == "2027-03-18T23:59:59+07:00"
    assert moved["2027M03", "don-vi"] == "2027-03-19T23:59:59+07:00"
    assert lao_cai.deadlines("2027-03-01", "2027-03-31") == before


def test_the_register_lists_who_when_by_which_document_and_before_and_after(lao_cai: Desk) -> None:
    lao_cai.done("day", "set", "2027-04-05", *OFF, *WHY)
    [deed] = lao_cai.done("audit", "ls", "--sheet", "day", "--subject", "2027-04-05")  # type: ignore[misc]

    assert (deed["by"], deed["because"], deed["document"]) == ("Lê Thị Mẫu", "theo văn bản kèm", "31/QĐ-TTg")
    assert (deed["before"]["state"], deed["after"]["state"]) == ("worked", "off")
    assert datetime.fromisoformat(deed["at"]).tzinfo is not None
    lao_cai.done("day", "unset", "2027-04-05", *WHY)
    newest, _ = lao_cai.done("audit", "ls", "--sheet", "day", "--subject", "2027-04-05")  # type: ignore[misc]
    assert (newest["act"], newest["after"], newest["before"]["state"]) == ("unset", None, "off")


def test_an_undecided_day_of_the_file_is_decided_without_deploying_again(lao_cai: Desk) -> None:
    worked = ("--state", "worked", "--document", "99/2026/QH16", "--issued", "2026-10-20")
    lao_cai.done("day", "set", "2026-11-24", *worked, *WHY)
    [day] = [row for row in lao_cai.done("day", "ls", "--year", "2026") if row["on"] == "2026-11-24"]  # type: ignore[attr-defined]
    [deed] = lao_cai.done("audit", "ls", "--subject", "2026-11-24")  # type: ignore[misc]
    lao_cai.done("day", "unset", "2026-11-24", *WHY)

    assert (day["state"], day["counts"], day["set_by"]) == ("worked", "worked", "Lê Thị Mẫu")
    assert (deed["before"]["state"], deed["before"]["document"]) == ("undecided", "80-NQ/TW")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("2027-05-03", "--state", "off", "--document", "", "--issued", "2026-02-01"), "C-005"),
        (("2027-05-03", "--state", "off", "--document", "theo báo", "--issued", "2026-02-01"), "document"),
        (("2027-05-03", "--state", "holiday", "--document", "1/QĐ", "--issued", "2026-02-01"), "state"),
        (("2027-05-03", "--state", "undecided", "--document", "1/QĐ", "--issued", "2026-02-01"), "default"),
        (("9999-01-01", "--state", "off", "--document", "1/QĐ", "--issued", "2026-02-01"), "9999"),
        (("1900-01-01", "--state", "off", "--document", "1/QĐ", "--issued", "2026-02-01"), "1900"),
    ],
)
def test_a_day_that_cannot_be_or_rests_on_no_document_is_refused(
    lao_cai: Desk, words: tuple[str, ...], why: str
) -> None:
    assert why in lao_cai.refused("day", "set", *words, *WHY)
    assert not lao_cai.done("audit", "ls", "--subject", words[0])


def test_two_entries_for_one_day_are_refused_and_the_first_one_named(lao_cai: Desk) -> None:
    lao_cai.done("day", "set", "2027-06-01", *OFF, *WHY)
    assert "C-018" in lao_cai.refused("day", "set", "2027-06-01", *OFF, *WHY)
    assert "31/QĐ-TTg" in lao_cai.refused("day", "set", "2027-06-01", *OFF, *WHY)
    lao_cai.done("day", "unset", "2027-06-01", *WHY)
    assert "F-006" in lao_cai.refused("day", "unset", "2027-06-01", *WHY)


def test_a_window_opened_by_notice_is_the_deadline_until_it_is_withdrawn(lao_cai: Desk) -> None:
    place = ("KTXH", "ND09:2027M07", "tong-hop")
    span = ("--opens", "2027-07-15T08:00", "--closes", "2027-07-28T17:00", "--document", "12/TB-SKHDT")
    lao_cai.done("window", "open", *place, *span, *WHY)

    assert lao_cai.deadlines("2027-07-20", "2027-07-31")["2027M07", "tong-hop"] == "2027-07-28T17:00:00+07:00"
    [row] = lao_cai.done("window", "ls")  # type: ignore[misc]
    assert "12/TB-SKHDT" in row["notice"]
    assert "C-018" in lao_cai.refused("window", "open", *place, *span, *WHY)
    lao_cai.done("window", "withdraw", *place, *WHY)
    assert lao_cai.deadlines("2027-07-20", "2027-07-31")["2027M07", "tong-hop"] == "2027-07-20T23:59:59+07:00"


def test_what_is_owed_stands_beside_each_deadline(lao_cai: Desk) -> None:
    rows = lao_cai.done("deadline", "ls", "--from", "2020-02-01", "--to", "2020-02-29")
    assert isinstance(rows, list)
    [owed] = [row["owed"] for row in rows if row["stage"] == "tong-hop"]

    assert len(owed) == 6
    assert {(one["standing"], one["standing_vi"], one["cause"]) for one in owed} == {
        ("late", "Chưa gửi, quá hạn", "unit")
    }
    assert all(one["seconds_left"] < 0 and one["unit"] == "H38" for one in owed)
    assert all(not row["owed"] for row in rows if row["stage"] == "don-vi")


def test_maintenance_is_told_ten_working_hours_ahead_or_refused_with_the_earliest_start(dong_thap: Desk) -> None:
    now = datetime.now(VIETNAM)
    soon, later = now + timedelta(hours=2), now + timedelta(days=20)

    def span(starts: datetime) -> tuple[str, ...]:
        return "--starts", f"{starts:%Y-%m-%dT%H:%M:%S}", "--ends", f"{starts + timedelta(hours=3):%Y-%m-%dT%H:%M:%S}"

    refusal = dong_thap.refused("maintenance", "announce", *span(soon), "--partner", "quoc-gia", *WHY)
    assert "C-017" in refusal
    assert "20.3" in refusal
    announced = dong_thap.done("maintenance", "announce", *span(later), "--partner", "quoc-gia", *WHY)
    assert isinstance(announced, dict)
    [row] = dong_thap.done("maintenance", "ls")  # type: ignore[misc]
    assert (row["id"], row["destination"]) == (announced["subject"], "quoc-gia")
    assert "C-018" in dong_thap.refused("maintenance", "announce", *span(later), *WHY)
    dong_thap.done("maintenance", "withdraw", row["id"], *WHY)
    assert dong_thap.done("maintenance", "ls") == []
    assert "F-006" in dong_thap.refused("maintenance", "withdraw", row["id"], *WHY)


def test_an_incident_runs_its_clocks_from_opening_to_closing(dong_thap: Desk) -> None:
    opened = dong_thap.done("outage", "open", "--partner", "quoc-gia", "--evidence", "phiếu 4711", *WHY)
    assert isinstance(opened, dict)
    clocks = {clock["name"]: clock for clock in opened["clocks"]}

    assert clocks.keys() == {"support", "recovery"}
    assert (clocks["support"]["article"], clocks["support"]["overdue"]) == ("Điều 20.1", False)
    assert clocks["support"]["seconds_left"] <= 2 * 3600
    assert (opened["opened_by"], opened["evidence"]["words"]) == ("Lê Thị Mẫu", "phiếu 4711")
    assert "C-018" in dong_thap.refused("outage", "open", "--partner", "quoc-gia", *WHY)
    until = datetime.now(VIETNAM) + timedelta(days=3)
    promised = dong_thap.done("outage", "promise", opened["id"], "--until", f"{until:%Y-%m-%dT%H:%M:%S}", *WHY)
    assert isinstance(promised, dict)
    assert datetime.fromisoformat(promised["clocks"][0]["until"]) > datetime.now(VIETNAM) + timedelta(days=2)
    dong_thap.done("outage", "close", opened["id"], *WHY)
    assert dong_thap.done("outage", "ls") == []
    [closed] = dong_thap.done("outage", "ls", "--all")  # type: ignore[misc]
    assert (closed["closed_by"], closed["outcome"]) == ("Lê Thị Mẫu", "theo văn bản kèm")


def test_where_the_regulation_names_no_clock_none_runs(lao_cai: Desk) -> None:
    opened = lao_cai.done("outage", "open", "--partner", "quoc-gia", *WHY)
    assert isinstance(opened, dict)
    assert opened["clocks"] == []
    lao_cai.done("outage", "close", opened["id"], *WHY)


def test_people_are_told_in_words(dong_thap: Desk) -> None:
    told = run("outage", "open", "--partner", "quoc-gia", *WHY, "--home", str(dong_thap.home))
    listed = run("outage", "ls", "--home", str(dong_thap.home))
    audit = run("audit", "ls", "--sheet", "incident", "--home", str(dong_thap.home))

    assert "xử lý: đến" in told.err
    assert "khôi phục" in listed.out
    assert "Lê Thị Mẫu" in audit.out


def test_the_forecast_tells_each_regime_that_waits_and_whether_it_will_be_in_time(office: Office) -> None:
    office.at_rest()
    assert office.run("deadline", "forecast", "--json").document == []
    office.submitted()
    [told] = office.run("deadline", "forecast", "--json").document
    assert (told["regime"], told["destination"], told["waiting"], told["late"]) == ("KTXH-THANG", "quoc-gia", 1, 0)
    assert {"rate", "deadline", "done", "misses", "slack_seconds"} <= told.keys()
    assert "KTXH-THANG" in office.run("deadline", "forecast").out
    office.at_rest()
