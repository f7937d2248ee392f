"""What the other side holds of ours for a period: asked live or read from its statement, and never written down."""

from __future__ import annotations

import asyncio
import csv
import itertools
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.domain.exchange import Exchange, Stage
from gateway.schemas.statements import MOST_BYTES
from tests.api.house import as_json, new_reporter
from tests.cli.house import Office, Told

REST = (Stage.RECONCILED, Stage.PARTLY_ACCEPTED, Stage.RETURNED, Stage.PARKED)
GROWTH = {"indicator": "T0101", "organisation": "38", "unit": "%", "value": "12.15"}
REVENUE = {"indicator": "T0601", "organisation": "38", "unit": "triệu đồng", "value": "1050000.5"}
FORM = "01/KTXH"
_months = itertools.count()


@pytest.fixture
def month() -> str:
    """A period that no other test reports of, as ``2019M03``."""
    number = next(_months)
    return f"{2015 + number // 12}M{number % 12 + 1:02}"


def delivered(office: Office, month: str, *values: dict[str, str], **head: Any) -> Exchange:
    """A report of that month, once the other side has said what it made of it."""
    said = as_json(*(values or (GROWTH, REVENUE)), period=f"LICH:{month}", **head)
    return office.walked(office.submitted(said), *REST)


@contextmanager
def altering(office: Office) -> Iterator[None]:
    """The other side says another figure than it was sent, of the first value of every packet."""
    office.other_side.mode(alter_statements=True)
    try:
        yield
    finally:
        office.other_side.mode(alter_statements=False)


def asked(office: Office, month: str, *words: str) -> Told:
    return office.run("reconcile", "quoc-gia", month, *words)


def statement_of(office: Office, *exchanges: Exchange) -> list[dict[str, Any]]:
    """What the receiver would give in a file: its own statements of these packets."""

    async def said(gateway: Any) -> list[bytes]:
        line = gateway.doors.peers.channels["quoc-gia"]
        told = [await line.statement(x.parcel, x.receipt) for x in exchanges]
        await gateway.hang_up()
        return told

    with office.opened() as gateway:
        return [json.loads(one) for one in asyncio.run(said(gateway))]


def file_of(office: Office, statements: Any) -> str:
    return office.file(json.dumps(statements, ensure_ascii=False).encode())


def test_what_was_delivered_and_is_held_is_the_same_value_for_value(office: Office, month: str) -> None:
    for _ in range(3):
        delivered(office, month)
    told = asked(office, month, "--json")

    assert told.code == 0, told.err
    said = told.document
    assert said["account"] == {"compared": 6, "same": 6, "differs": 0, "only_ours": 0, "only_theirs": 0}
    assert (said["ok"], said["recorded"], said["source"], said["values"]) == (True, False, "live", [])
    assert said["exchanges"]["compared"] == 3
    assert {(one["form"], one["indicator"]): one["same"] for one in said["groups"]} == {
        (FORM, "0101"): 3,
        (FORM, "0601"): 3,
    }
    assert "recorded nowhere" in told.err


def test_nothing_is_written_down(office: Office, month: str) -> None:
    x = delivered(office, month)
    with office.opened() as gateway:
        before = gateway.journal.history(x.id), gateway.journal.count()
    with altering(office):
        assert asked(office, month).code == 3
    with office.opened() as gateway:
        assert (gateway.journal.history(x.id), gateway.journal.count()) == before


def test_a_value_that_the_other_side_has_otherwise_is_named_with_both_figures(office: Office, month: str) -> None:
    x = delivered(office, month)
    with altering(office):
        told, people = asked(office, month, "--json"), asked(office, month)

    assert told.code == people.code == 3
    said = told.document
    assert said["account"] == {"compared": 2, "same": 1, "differs": 1, "only_ours": 0, "only_theirs": 0}
    [value] = said["values"]
    assert (value["match"], value["exchange"], value["form"]) == ("differs", x.id, FORM)
    assert value["theirs"]["value"] == f"{value['ours']['value']}1"
    [line] = people.lines
    assert line.startswith("lệch\t" + x.id)
    assert {" ".join(value[side].values()) for side in ("ours", "theirs")} < set(line.split("\t"))


def test_a_report_that_the_journey_parked_for_a_difference_is_compared_again(office: Office, month: str) -> None:
    with altering(office):
        x = delivered(office, month)
    assert x.stage is Stage.PARKED

    assert asked(office, month).code == 0


def test_only_the_newest_revision_of_a_report_is_compared_and_the_others_are_counted(
    office: Office, month: str
) -> None:
    reporter = new_reporter()
    delivered(office, month, reporter=reporter)
    newest = delivered(office, month, {**GROWTH, "value": "12.2"}, reporter=reporter, revision=2)
    gone = office.submitted(as_json(period=f"LICH:{month}"))
    office.prepare()
    office.run("cancel", gone, "--because", "nhầm kỳ")
    said = asked(office, month, "--json").document

    assert [one["exchange"] for one in said["reports"]] == [newest.id]
    assert said["exchanges"]["left_aside"] == {"cancelled": 1, "corrected": 1}
    assert said["account"]["compared"] == said["account"]["same"] == 1


def test_what_was_rejected_is_not_expected_there(office: Office, month: str) -> None:
    office.other_side.judge(FORM, f"LICH:{month}", "partly")
    try:
        x = delivered(office, month)
    finally:
        office.other_side.judge_normally()
    assert x.stage is Stage.PARTLY_ACCEPTED
    told = asked(office, month, "--json")

    assert told.code == 0, told.err
    assert told.document["account"]["same"] == told.document["account"]["compared"] == 1
    assert [one["rejected"] for one in told.document["reports"]] == [1]


def test_what_is_still_on_its_way_is_undecided(office: Office, month: str) -> None:
    delivered(office, month)
    waiting = office.submitted(as_json(period=f"LICH:{month}"))
    office.prepare()
    told = asked(office, month, "--json")
    office.run("cancel", waiting, "--because", "chỉ để thử")

    assert told.code == 3
    assert [one["exchange"] for one in told.document["undecided"]] == [waiting]
    assert told.document["account"]["same"] == 2


def test_a_period_with_nothing_is_not_found(office: Office, month: str) -> None:
    told = asked(office, month, "--json")

    assert (told.code, told.document["problems"][0]["code"]) == (5, "F-006")
    assert f"LICH:{month}" in told.err


def test_a_period_where_all_was_returned_has_nothing_to_compare(office: Office, month: str) -> None:
    office.other_side.judge(FORM, f"LICH:{month}", "returned")
    try:
        delivered(office, month)
    finally:
        office.other_side.judge_normally()
    told = asked(office, month, "--json")

    assert (told.code, told.document["exchanges"]["left_aside"]) == (5, {"returned": 1})


def test_a_period_is_asked_for_in_one_calendar_or_in_all(office: Office, month: str) -> None:
    delivered(office, month)

    assert asked(office, f"LICH:{month}").code == 0
    assert asked(office, f"ND09:{month}").code == 5


@pytest.mark.parametrize("period", ["2025M13", "thang-6", "LICH:2025M00", "XYZ:2025M06"])
def test_a_period_that_is_none_is_told(office: Office, period: str) -> None:
    told = asked(office, period, "--json")

    assert (told.code, told.document["problems"][0]["code"]) == (1, "C-005")


def test_a_partner_that_nobody_declared_is_not_found(office: Office) -> None:
    told = office.run("reconcile", "ai-do", "2025M06", "--json")

    assert told.code == 5
    assert "ai-do" in told.err


def test_a_partner_that_does_not_answer_is_told_once_and_nothing_is_asked_further(office: Office, month: str) -> None:
    for _ in range(2):
        delivered(office, month)
    office.other_side.fault("refuse")
    try:
        told = asked(office, month, "--json")
    finally:
        office.other_side.clear()

    assert told.code == 7
    assert (told.document["ok"], told.document["exchanges"]["not_asked"]) == (False, 2)
    assert told.document["problems"][0]["code"] == "A-001"
    assert "chạy lại lệnh" in told.err


def test_a_packet_that_they_lost_is_ours_alone(office: Office, month: str) -> None:
    x = delivered(office, month)
    forgotten(office, x)
    told = asked(office, month, "--json")

    assert told.code == 3
    assert told.document["account"] == {"compared": 2, "same": 0, "differs": 0, "only_ours": 2, "only_theirs": 0}
    assert [one["known"] for one in told.document["reports"]] == [False]
    assert "does not know this packet" in told.err


def test_every_value_goes_to_the_sheet(office: Office, month: str, tmp_path: Path) -> None:
    delivered(office, month)
    file = tmp_path / "doi-soat.csv"
    with altering(office):
        assert asked(office, month, "--out", str(file)).code == 3
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))

    assert sorted(row["match"] for row in rows) == ["differs", "same"]
    assert {row["period"] for row in rows} == {f"LICH:{month}"}
    assert all(row["theirs"] in (row["ours"], f"{row['ours']}1") for row in rows)


# ── with a file that the receiver gave ───────────────────────────────────────────────────────────────
def test_a_statement_file_says_the_same_without_asking(office: Office, month: str) -> None:
    reports = [delivered(office, month) for _ in range(2)]
    file = file_of(office, statement_of(office, *reports))
    office.other_side.fault("refuse")
    try:
        told = asked(office, month, "--statement", file, "--json")
    finally:
        office.other_side.clear()

    assert told.code == 0, told.err
    assert (told.document["source"], told.document["statement"]) == ("statement", file)
    assert told.document["account"]["same"] == 4


def test_one_statement_alone_is_a_file_and_what_it_does_not_speak_of_is_undecided(office: Office, month: str) -> None:
    one, other = (delivered(office, month) for _ in range(2))
    told = asked(office, month, "--statement", file_of(office, statement_of(office, one)[0]), "--json")

    assert (told.code, told.document["account"]["same"]) == (3, 2)
    assert [undecided["exchange"] for undecided in told.document["undecided"]] == [other.id]


def test_a_value_changed_left_out_and_added_in_a_file_is_found(office: Office, month: str) -> None:
    x = delivered(office, month)
    [said] = statement_of(office, x)
    said["values"] = [{**said["values"][0], "value": "99"}, {**said["values"][0], "indicator": "0999"}]
    told = asked(office, month, "--statement", file_of(office, said), "--json")

    assert told.code == 3
    assert told.document["account"] == {"compared": 2, "same": 0, "differs": 1, "only_ours": 1, "only_theirs": 1}


def test_people_see_the_first_of_many_differences_and_json_has_all(office: Office, month: str) -> None:
    [said] = statement_of(office, delivered(office, month))
    said["values"] += [{**said["values"][0], "indicator": f"9{n:03}"} for n in range(30)]
    file = file_of(office, said)
    people = asked(office, month, "--statement", file)

    assert (len(people.lines), "20" in people.err, "30" in people.err) == (20, True, True)
    assert len(asked(office, month, "--statement", file, "--json").document["values"]) == 30


def test_what_a_spreadsheet_would_take_for_a_formula_is_text_in_the_sheet(
    office: Office, month: str, tmp_path: Path
) -> None:
    [said] = statement_of(office, delivered(office, month, GROWTH))
    said["values"] = [{**said["values"][0], "value": value} for value in ("-12.15", "=1+1")]
    out = tmp_path / "doi-soat.csv"
    asked(office, month, "--statement", file_of(office, said), "--out", str(out))
    with out.open(encoding="utf-8-sig", newline="") as opened:
        assert [row["theirs"] for row in csv.DictReader(opened)] == ["-12.15", "'=1+1"]


def test_a_value_that_the_file_has_twice_is_theirs_alone_the_second_time(office: Office, month: str) -> None:
    [said] = statement_of(office, delivered(office, month))
    said["values"].append(said["values"][0])
    told = asked(office, month, "--statement", file_of(office, said), "--json")

    assert told.code == 3
    assert told.document["account"] == {"compared": 2, "same": 2, "differs": 0, "only_ours": 0, "only_theirs": 1}


def test_a_file_cut_short_is_refused_with_its_line(office: Office, month: str) -> None:
    said = json.dumps(statement_of(office, delivered(office, month)), indent=1)
    told = asked(office, month, "--statement", office.file(said[: len(said) // 2].encode()), "--json")

    assert (told.code, told.document["problems"][0]["code"]) == (1, "C-009")
    assert "line " in told.err
    assert "--statement" in told.err


def test_a_huge_file_is_refused_unread(office: Office, month: str, tmp_path: Path) -> None:
    delivered(office, month)
    file = tmp_path / "lon.json"
    with file.open("wb") as opened:
        opened.truncate(MOST_BYTES + 1)
    told = asked(office, month, "--statement", str(file), "--json")

    assert (told.code, told.document["problems"][0]["code"]) == (1, "C-003")


def test_a_file_of_another_period_is_refused_and_says_of_which(office: Office, month: str) -> None:
    delivered(office, month)
    other = delivered(office, "2014M12")
    told = asked(office, month, "--statement", file_of(office, statement_of(office, other)), "--json")

    assert (told.code, told.document["problems"][0]["code"]) == (1, "C-005")
    assert other.id in told.err
    assert "LICH:2014M12" in told.err


def test_statements_of_other_periods_beside_ours_are_told_and_do_no_harm(office: Office, month: str) -> None:
    ours, other = delivered(office, month), delivered(office, "2014M11")
    told = asked(office, month, "--statement", file_of(office, statement_of(office, ours, other)), "--json")

    assert told.code == 0, told.err
    assert [one["of"]["exchange"] for one in told.document["other_statements"]] == [other.id]


def test_a_statement_of_a_packet_that_was_never_sent_is_a_difference(office: Office, month: str) -> None:
    said = statement_of(office, delivered(office, month))
    told = asked(office, month, "--statement", file_of(office, [*said, {**said[0], "digest": "0" * 64}]), "--json")

    assert (told.code, told.document["other_statements"]) == (3, [{"digest": "0" * 64, "of": None}])


def test_the_sheet_does_not_take_the_statements_place(office: Office, month: str) -> None:
    file = file_of(office, [])
    told = asked(office, month, "--statement", file, "--out", file)

    assert told.code == 2
    assert Path(file).read_bytes() == b"[]"


def forgotten(office: Office, x: Exchange) -> None:
    """The other side loses a packet, behind its own back."""
    assert x.parcel is not None
    with sqlite3.connect(office.other_side_folder / "other-side.sqlite") as kept:
        assert kept.execute("DELETE FROM arrivals WHERE message_id = ?", [x.parcel.message_id]).rowcount == 1
    kept.close()
