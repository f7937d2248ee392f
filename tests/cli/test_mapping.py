"""A file through a pack without a journal: what it gives, what it holds, and what is said when it cannot."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from tests.api.house import VALUE, as_json
from tests.cli.house import Told, run

UNKNOWN = {**VALUE, "indicator": "T9999"}


def mapped(home: Path, content: bytes, *words: str, pack: str = "kt-xh-tinh") -> Told:
    """Nothing but the deployment's files is there: no secrets, no database."""
    file = home.parent / "report.json"
    file.write_bytes(content)
    return run("map", str(file), "--pack", pack, "--home", str(home), *words)


def test_a_report_whose_every_value_is_known_is_mapped_whole(fresh: Path) -> None:
    report = as_json(VALUE)
    told = mapped(fresh, report)
    assert told.code == 0, told.err
    assert told.document["account"] == {"received": 1, "mapped": 1, "held": 0, "excluded": 0}
    assert told.document["conflicts"] == []
    assert [(value["organisation"], value["value"]) for value in told.document["result"]] == [("38", "12.15")]
    assert "nhận 1 = ánh xạ 1 + giữ lại 0 + loại trừ 0" in told.err
    assert mapped(fresh, report, "--json").document == told.document


def test_a_value_nobody_may_guess_is_held_and_the_exit_says_partly(fresh: Path) -> None:
    told = mapped(fresh, as_json(VALUE, UNKNOWN))
    assert told.code == 3
    account = told.document["account"]
    assert account["received"] == account["mapped"] + account["held"] + account["excluded"] == 2
    conflict = told.document["conflicts"][0]
    assert set(conflict) >= {"code", "severity", "level", "rows", "count", "message", "proposal"}
    assert conflict["rows"] == [1]
    assert "T9999" in str(conflict)


def test_the_result_as_csv_is_read_by_a_spreadsheet(fresh: Path) -> None:
    told = mapped(fresh, as_json(VALUE, UNKNOWN), "--out", "csv")
    assert told.code == 3
    rows = list(csv.DictReader(io.StringIO(told.out)))
    assert [(row["organisation"], row["value"]) for row in rows] == [("38", "12.15")]


def test_a_pack_is_named_or_pointed_at(fresh: Path) -> None:
    report = as_json(VALUE)
    named = mapped(fresh, report)
    pointed = mapped(fresh, report, pack=str(fresh / "packs" / "kt-xh-tinh"))
    assert pointed.document == named.document


def test_another_period_and_organisation_may_be_asked_for(fresh: Path) -> None:
    told = mapped(fresh, as_json(VALUE), "--period", "ND09:2025M06", "--org", "38")
    assert told.code == 0, told.err
    assert mapped(fresh, as_json(VALUE), "--period", "tháng trước").code == 1


@pytest.mark.parametrize("pack", ["khong-co", "../../none", ""])
def test_a_pack_nobody_has_is_not_found_and_where_is_said(fresh: Path, pack: str) -> None:
    told = mapped(fresh, as_json(VALUE), pack=pack)
    assert told.code == 5
    assert told.err.count("F-006") == 1
    assert str(fresh / "packs" / pack) in told.err
    assert not told.stdout


def test_a_faulty_pack_is_told_with_every_fault(fresh: Path) -> None:
    for sheet in ("ky.csv", "to_chuc.csv"):
        (fresh / "packs" / "kt-xh-tinh" / sheet).unlink()
    told = mapped(fresh, as_json(VALUE))
    assert told.code == 1
    assert "ky.csv" in told.err
    assert "to_chuc.csv" in told.err


@pytest.mark.parametrize(
    ("content", "code"), [(b"", "C-009"), (b"{", "C-009"), (b"\xff\xfe", "C-004"), (b"[]", "C-005"), (b"null", "C-005")]
)
def test_a_file_that_cannot_be_read_is_refused_with_its_reason(fresh: Path, content: bytes, code: str) -> None:
    told = mapped(fresh, content, "--json")
    assert told.code == 1
    assert told.document["problems"][0]["code"] == code
    assert code in told.err


def test_a_form_of_result_nobody_knows_is_a_slip_of_the_hand(fresh: Path) -> None:
    told = mapped(fresh, as_json(VALUE), "--out", "fax")
    assert told.code == 2
    assert "csv" in told.err
