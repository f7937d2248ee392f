"""What `province.toml` refuses: every fault with the file and the key (F-005)."""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from gateway.domain.errors import Misconfigured
from gateway.schemas.province import Province, of_home, province, shipped, together

SOUND = (files("gateway.profiles") / "lao-cai" / "province.toml").read_text("utf-8")
WINDOW = """
[[window]]
regime = "KTXH"
period = "ND09:2026M05"
stage = "don-vi"
opens = 2026-05-15T07:30:00+07:00
closes = 2026-05-22T17:00:00+07:00
notice = "45/TB-SKHĐT"
article = "14.5"
"""
FIRST_DEADLINE = 'kinds = ["thang"]\nword = "chậm nhất"\nday = 18'


def read(tmp_path: Path, text: str) -> Province:
    (tmp_path / "province.toml").write_text(text, "utf-8")
    return province(tmp_path / "province.toml")


def refused(tmp_path: Path, text: str) -> str:
    with pytest.raises(Misconfigured) as error:
        read(tmp_path, text)
    assert all(problem.code == "F-005" for problem in error.value.problems)
    return "\n".join(" ".join(problem.details.values()) for problem in error.value.problems)


CASES = {
    "an unknown word": ('name = "Tỉnh Lào Cai"', 'name = "Tỉnh Lào Cai"\ncolour = 1', "colour"),
    "no operator": ("[operator]", "[operators]", "operator"),
    "an article that is none": ('article = "14.2"', 'article = "mười bốn"', "rollover.article"),
    "a clause resting on nothing": ('[rollover]\napplies = true\narticle = "14.2"', "[rollover]\napplies = true", "rollover"),
    "silence without a note": ('note = "Quy chế không quy định gửi thay bằng văn bản khi có sự cố"', "", "fallback"),
    "a silent duty with an article": ('duty = "none"', 'duty = "none"\narticle = "12.3"', "signature"),
    "an unknown regime": ('calendar = "ND09"', 'calendar = "ND10"', "unknown regime “ND10”"),
    "a kind the calendar has not": (FIRST_DEADLINE, FIRST_DEADLINE.replace("thang", "tuan"), "kinds"),
    "a code no period ends with": ('only = ["Q1"]', 'only = ["Q5"]', "ND09 has no period quy Q5"),
    "two ways to name a day": (FIRST_DEADLINE, f"{FIRST_DEADLINE}\ndays_after = 1", "say one of"),
    "a date no year has": (FIRST_DEADLINE, FIRST_DEADLINE.replace("day = 18", 'date = "31/6"'), "day is out of range"),
    "a date only leap years have": (FIRST_DEADLINE, FIRST_DEADLINE.replace("day = 18", 'date = "29/2"'), "out of range"),
    "a day before the cut-off": (FIRST_DEADLINE, FIRST_DEADLINE.replace("18", "10"), "comes before the cut-off"),
    "a word that is none": (FIRST_DEADLINE, FIRST_DEADLINE.replace("chậm nhất", "khoảng"), "word"),
    "two deadlines for one period": ('kinds = ["9t", "nam"]', 'kinds = ["thang", "nam"]', "two deadlines for one period"),
    "a regime twice": ('id = "DOT-XUAT"', 'id = "CHUYEN-DE"', "declared twice"),
    "neither deadlines nor a reason": ('undated = "Điều 14.3: theo yêu cầu của đơn vị chủ trì"', "", "says in `undated`"),
    "a replaced law without successor": ('replaced_by = "116/2025/QH15"\n', "", "what is replaced says by what"),
    "a successor nobody lists": ('replaced_by = "116/2025/QH15"', 'replaced_by = "1/2027/QH16"', "is not listed"),
    "an agency code of no form": ('code = "H38"', 'code = "38H"', "not an agency code"),
    "an old code of no form": ('"000.00.00.H38"', '"00.00.H38"', "thirteen-character"),
    "an alias of nobody": ('alias = "000.00.00.H38"\ncode = "H38"', 'alias = "000.00.00.H38"\ncode = "H63"', "no agency of this"),
    "two territories at once": ("valid_to = 2025-06-30", "valid_to = 2025-07-01", "valid together"),
    "an end before the beginning": ("valid_from = 2025-07-01", "valid_from = 2025-07-01\nvalid_to = 2025-01-01", "ends before"),
    "office hours backwards": ("[07:30:00, 11:30:00]", "[11:30:00, 07:30:00]", "spans end after"),
    "a fallback without its system": ("[fallback]\napplies = false", "[fallback]\napplies = true\narticle = '1'", "document system"),
    "no TOML": ('id = "lao-cai"', "id = ", "province.toml -"),
}  # fmt: skip

WINDOWS = {
    "an unknown regime": ("KTXH", "KHAC", "unknown regime “KHAC”"),
    "an unknown stage": ("don-vi", "huyen", "has no stage “huyen”"),
    "a period that is none": ("ND09:2026M05", "ND09:2026M13", "no month 13"),
    "a period of another calendar": ("ND09:2026M05", "LICH:2026M05", "not of the calendar ND09"),
    "an offset of somewhere else": ("2026-05-22T17:00:00+07:00", "2026-05-22T18:00:00+08:00", "one offset, +07:00"),
    "no offset at all": ("2026-05-22T17:00:00+07:00", "2026-05-22T17:00:00", "one offset, +07:00"),
    "closing before opening": ("2026-05-22T17", "2026-05-12T17", "closes before it opens"),
    "closing before the cut-off": ("2026-05-15T07:30", "2026-05-01T07:30", "before the cut-off"),
    "no notice": ('notice = "45/TB-SKHĐT"', 'notice = "gọi điện"', "its number"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_faulty_declaration_is_refused_with_its_key(tmp_path: Path, case: tuple[str, str, str]) -> None:
    before, after, expected = case
    assert before in SOUND
    assert expected in refused(tmp_path, SOUND.replace(before, after, 1))


@pytest.mark.parametrize("case", WINDOWS.values(), ids=WINDOWS)
def test_a_window_that_cannot_be_is_refused(tmp_path: Path, case: tuple[str, str, str]) -> None:
    before, after, expected = case
    text = WINDOW.replace(before, after, 1)
    if "before the cut-off" in expected:
        text = text.replace("2026-05-22T17", "2026-05-09T17")
    assert expected in refused(tmp_path, SOUND + text)


def test_two_windows_that_overlap_are_refused(tmp_path: Path) -> None:
    later = WINDOW.replace("2026-05-15", "2026-05-22").replace("2026-05-22T17", "2026-05-29T17").replace("45", "46")

    assert "overlaps the one of notice 45/TB-SKHĐT" in refused(tmp_path, SOUND + WINDOW + later)


def test_a_second_window_after_the_first_is_fine(tmp_path: Path) -> None:
    later = WINDOW.replace("2026-05-22", "2026-05-29").replace("2026-05-15", "2026-05-25")

    assert [w.closes.day for w in read(tmp_path, SOUND + later + WINDOW).recorded_windows()] == [22, 29]


def test_a_province_without_the_clause_knows_no_windows(tmp_path: Path) -> None:
    silent = SOUND.replace('[windows]\napplies = true\narticle = "14.5"', '[windows]\napplies = false\nnote = "không"')

    assert "knows no opening or closing" in refused(tmp_path, silent + WINDOW)


def test_every_fault_is_listed_at_once(tmp_path: Path) -> None:
    text = SOUND.replace('calendar = "ND09"', 'calendar = "X"').replace('code = "H38"', 'code = "?"')

    assert len(refused(tmp_path, text).splitlines()) >= 3


def test_two_provinces_may_not_claim_one_agency(tmp_path: Path) -> None:
    thanh_hoa = next(p for p in shipped() if p.id == "thanh-hoa")
    rival = read(tmp_path, SOUND.replace('code = "H38"', 'code = "H56"'))

    with pytest.raises(Misconfigured) as error:
        together([thanh_hoa, rival])
    assert error.value.problem.details["reason"] == "claimed by thanh-hoa, too"


def test_a_code_may_go_from_one_province_to_another_with_a_date(tmp_path: Path) -> None:
    old = read(tmp_path, SOUND.replace('code = "H38"\nname', 'code = "H38"\nvalid_to = 2025-06-30\nname'))
    new = read(tmp_path, SOUND.replace('code = "H38"\nname', 'code = "H38"\nvalid_from = 2025-07-01\nname'))

    together([old, new])


def test_a_deployments_own_regulation_comes_before_the_shipped_one(tmp_path: Path) -> None:
    read(tmp_path, SOUND.replace('name = "Tỉnh Lào Cai"', 'name = "Tỉnh Lào Cai (sửa)"', 1))

    assert of_home(tmp_path, None).name == of_home(tmp_path, "lao-cai").name == "Tỉnh Lào Cai (sửa)"
    assert of_home(tmp_path, "soc-trang").id == "soc-trang"


@pytest.mark.parametrize("name", [None, "ha-noi"])
def test_an_unknown_province_is_refused_with_the_known_ones(tmp_path: Path, name: str | None) -> None:
    with pytest.raises(Misconfigured) as error:
        of_home(tmp_path, name)
    assert "lao-cai" in error.value.problem.details["reason"]


def test_an_old_code_means_the_new_one_while_the_table_says_so(tmp_path: Path) -> None:
    kept = read(tmp_path, SOUND)

    assert kept.agency_named("000.00.00.H38", date(2026, 1, 1)) == kept.agency_named("H38", date(2026, 1, 1))
    assert kept.agency_named("000.00.00.H38", date(2026, 1, 1)) is not None
    assert kept.agency_named("000.00.00.H63", date(2026, 1, 1)) is None
