"""Which days of Vietnam are worked: the library, corrected by an overlay that names its documents."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from gateway.domain.errors import Misconfigured
from gateway.schemas.workdays import overlay, shipped_overlay, working_days

DAY = '[[day]]\non = 2026-07-01\nstate = "off"\ndocument = "1/QĐ-TTg"\nissued = 2026-06-01\nnote = "x"\n'


def written(tmp_path: Path, text: str) -> Path:
    (tmp_path / "ngay-nghi.toml").write_text(text, "utf-8")
    return tmp_path / "ngay-nghi.toml"


def refused(path: Path) -> str:
    with pytest.raises(Misconfigured) as error:
        overlay(path)
    assert all(problem.code == "F-005" for problem in error.value.problems)
    return " ".join(" ".join(problem.details.values()) for problem in error.value.problems)


@pytest.mark.parametrize(
    ("year", "rests", "works"),
    [
        (2024, [(4, 18), (4, 29), (4, 30), (5, 1), (9, 2), (9, 3)], [(5, 4)]),
        (2025, [(1, 27), (1, 31), (4, 7), (5, 2), (9, 1)], [(4, 26)]),
        (2026, [(1, 2), (2, 16), (2, 20), (4, 27), (8, 31), (9, 2)], [(1, 10), (8, 22)]),
    ],
)
def test_public_holidays_and_swapped_days_are_those_of_the_public_sector(
    year: int, rests: list[tuple[int, int]], works: list[tuple[int, int]]
) -> None:
    days = working_days(range(year, year + 1))

    assert not any(days.is_working(date(year, *day)) for day in rests)
    assert all(days.is_working(date(year, *day)) for day in works)


def test_the_swap_that_the_library_misses_stands_with_its_document() -> None:
    shipped = shipped_overlay()

    assert shipped.off[date(2026, 1, 2)].document == "12729/VPCP-KGVX"
    assert shipped.worked[date(2026, 1, 10)].issued == date(2025, 12, 25)


def test_a_day_nobody_has_decided_counts_as_its_source_says_and_is_told() -> None:
    days = working_days(range(2026, 2027))

    assert list(days.undecided) == [date(2026, 11, 24)]
    assert "chưa rõ" in days.undecided[date(2026, 11, 24)]
    assert not days.is_working(date(2026, 11, 24))


def test_an_undecided_day_may_count_as_worked(tmp_path: Path) -> None:
    text = DAY.replace("2026-07-01", "2026-11-24").replace('"off"', '"undecided"\ndefault = "worked"')

    assert working_days(range(2026, 2027), overlay(written(tmp_path, text))).is_working(date(2026, 11, 24))


def test_an_overlay_takes_a_swap_of_the_library_back(tmp_path: Path) -> None:
    text = DAY.replace("2026-07-01", "2026-08-22")

    assert not working_days(range(2026, 2027), overlay(written(tmp_path, text))).is_working(date(2026, 8, 22))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ('document = "1/QĐ-TTg"\n', "", "day.0.document"),
        ('document = "1/QĐ-TTg"', 'document = ""', "day.0.document"),
        ('document = "1/QĐ-TTg"', 'document = "theo báo"', "day.0.document"),
        ('"off"', '"holiday"', "day.0.state"),
        ('"off"', '"undecided"', "default stands with undecided"),
        ('"off"', '"off"\ndefault = "off"', "default stands with undecided"),
        ("2026-07-01", "2026-06-31", "ngay-nghi.toml"),
        ("2026-07-01", '"2026-06-31"', "day.0.on"),
        ('note = "x"', 'colour = "x"', "colour"),
        ('note = "x"\n', f'note = "x"\n{DAY}', "said twice"),
    ],
)
def test_an_entry_that_is_not_sound_is_refused_with_its_key(
    tmp_path: Path, before: str, after: str, expected: str
) -> None:
    assert before in DAY
    assert expected in refused(written(tmp_path, DAY.replace(before, after, 1)))


def test_an_overlay_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "ngay-nghi.toml" in refused(tmp_path / "ngay-nghi.toml")
