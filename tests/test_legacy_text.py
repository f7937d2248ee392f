"""Text of before Unicode: decoded by font first, by a sheet's content second, never by one cell alone."""

from __future__ import annotations

import csv
import subprocess
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.legacy_text import Guess, decoded, guessed, hints, of_font, of_runs
from tests.journeys.real import needed

Surface = Callable[[dict[str, str]], str]
SURFACES: dict[str, Surface] = {
    "tcvn3": lambda row: row["tcvn3_surface"],
    "vni": lambda row: row["vni_surface"],
    "viscii": lambda row: bytes.fromhex(row["viscii_hex"]).decode("latin-1"),
    "cp1258": lambda row: bytes.fromhex(row["cp1258_hex"]).decode("latin-1"),
}


def samples() -> list[dict[str, str]]:
    with needed("legacy-text/sample.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("encoding", SURFACES)
def test_real_strings_come_back_as_they_were_written(encoding: str) -> None:
    for row in samples():
        assert decoded(SURFACES[encoding](row), encoding) == (row["expected_nfc"], encoding)


@pytest.mark.parametrize("encoding", SURFACES)
def test_the_content_of_a_sheet_shows_its_encoding(encoding: str) -> None:
    assert guessed(map(SURFACES[encoding], samples())) == Guess(encoding)


def test_unicode_is_left_alone() -> None:
    assert guessed(row["expected_nfc"] for row in samples()) == Guess()
    assert not any(hints(row["expected_nfc"]) for row in samples())


@pytest.mark.parametrize(
    ("font", "encoding"),
    [
        (".VnTime", "tcvn3"), (".vnarial", "tcvn3"), (".VnTimeH", "tcvn3H"), (".VnArialH", "tcvn3H"),
        ("VNI-Times", "vni"), ("VPS Times", "vps"), ("VISCII Arial", "viscii"), ("Arial", ""), ("Times New Roman", ""),
    ],
)  # fmt: skip
def test_a_font_tells_its_encoding(font: str, encoding: str) -> None:
    assert of_font(font) == encoding


def test_two_encodings_in_one_cell_are_each_read() -> None:
    runs = [("9. XuÊt khÈu th¸ng 7 vµ 7 th¸ng đầu năm", ".VnArial"), (" TOÅNG SOÁ", "VNI-Times"), (" Tổng số", "Arial")]

    assert of_runs(runs, Guess()) == (
        "9. Xuất khẩu tháng 7 và 7 tháng đầu năm TỔNG SỐ Tổng số", "tcvn3+vni+unicode",
    )  # fmt: skip


def test_a_letter_of_vni_parted_by_a_change_of_format_is_still_one() -> None:
    assert of_runs([("TO", "VNI-Times"), ("ÅNG", "VNI-Helve")], Guess())[0] == "TỔNG"


def test_a_font_of_capitals_shows_capitals() -> None:
    assert of_runs([("Tæng sè", ".VnTimeH")], Guess()) == ("TỔNG SỐ", "tcvn3H")


def test_a_unicode_cell_in_a_sheet_of_another_encoding_stays() -> None:
    assert of_runs([("Tổng số", "Arial")], Guess("tcvn3")) == ("Tổng số", "unicode")
    assert of_runs([("Tæng sè", "Arial")], Guess("tcvn3")) == ("Tổng số", "tcvn3")


def test_vps_is_read_by_font_and_never_guessed() -> None:
    text, kind = of_runs([("Vi\xebt", "VPS Times")], Guess())
    assert kind == "vps"
    assert text != "Vi\xebt"


@pytest.mark.parametrize(("encoding", "iconv"), [("viscii", "VISCII"), ("cp1258", "WINDOWS-1258")])
def test_single_bytes_agree_with_another_library(encoding: str, iconv: str) -> None:
    for byte in range(0xA1, 0x100):
        done = subprocess.run(
            ["iconv", "-f", iconv, "-t", "UTF-8"], input=bytes([byte]), capture_output=True, check=False
        )
        if done.returncode == 0:
            assert decoded(chr(byte), encoding)[0] == done.stdout.decode()


@given(st.text(max_size=60), st.sampled_from(["tcvn3", "tcvn3H", "vni", "viscii", "vps", "cp1258"]))
def test_any_text_is_decoded_or_left(text: str, encoding: str) -> None:
    said, kind = decoded(text, encoding)
    assert kind in (encoding, f"{encoding}+unicode")
    assert said.isascii() or not text.isascii() or encoding in ("viscii", "vps")
