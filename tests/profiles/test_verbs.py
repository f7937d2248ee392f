"""`gateway period` and `gateway deadline ls` as the contract has them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.cli import main


def document(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    """The one JSON document on stdout."""
    with pytest.raises(SystemExit) as ended:
        main([*words, "--json"])
    assert ended.value.code == 0
    return json.loads(capsys.readouterr().out)


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    assert ended.value.code == 1
    return capsys.readouterr().err


def test_one_code_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, "period", "2025M06", "--regime", "ND09")

    assert found == {"code": "2025M06", "regime": "ND09", "start": "2025-05-15", "end": "2025-06-14"}


def test_several_codes_are_a_list_in_their_order(capsys: pytest.CaptureFixture[str]) -> None:
    codes = ["2025M06A", "2025-06-03", "2025-9T", "2025"]

    assert [row["code"] for row in document(capsys, "period", *codes, "--regime", "LICH")] == codes


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("period", "2025M06", "--regime", "AMLICH"), "unknown regime"),
        (("period", "2025-06-31", "--regime", "ND09"), "no such date: 2025-06-31"),
        (("period", "1900", "--regime", "LICH"), "year 1900"),
        (("deadline", "ls", "--province", "ha-noi", "--from", "2026-01-01", "--to", "2026-01-31"), "lao-cai"),
        (("deadline", "ls", "--province", "lao-cai", "--from", "2026-01-01", "--to", "9999-01-31"), "year 9999"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], why: str
) -> None:
    assert why in refused(capsys, *words)


def test_deadlines_are_listed_by_time_with_the_keys_of_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("deadline", "ls", "--province", "lao-cai", "--from", "2026-01-01", "--to", "2026-12-31")
    rows = document(capsys, *words)

    assert len(rows) == 2 * (12 + 4)
    assert rows == sorted(rows, key=lambda row: row["deadline"])
    keys = ["regime", "period", "stage", "start", "end", "deadline", "inclusive", "rolled_from", "rule"]
    assert all(list(row) == keys for row in rows)


def test_what_no_document_has_settled_is_told_to_people(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["deadline", "ls", "--province", "bac-kan", "--from", "2026-11-01", "--to", "2026-11-30"])
    told = capsys.readouterr().err

    assert "24/11/2026: Ngày Văn hóa Việt Nam: chưa rõ" in told
    assert "19/2019/QĐ-UBND" in told
    assert "Từ 01/07/2025: Đóng theo tỉnh" in told
