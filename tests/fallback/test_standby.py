"""The nightly copy: there whole or not at all, and what was cut off does not pile up."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fallback.standby import opened_standby, write_standby
from tests.fallback.across import CATALOGUE, PROFILE

NIGHT = datetime(2026, 11, 19, 19, tzinfo=UTC)


def written(folder: Path, at: datetime = NIGHT, deployment: Path = PROFILE, town: str = "") -> Path:
    return write_standby(deployment, folder, local={"town": town}, catalogues=[CATALOGUE], known=(), at=at, key=None)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_was_cut_off_is_taken_away_and_what_is_being_written_is_not(tmp_path: Path) -> None:
    for before in (timedelta(days=2), timedelta(days=1), timedelta(minutes=5)):
        (tmp_path / f".{NIGHT - before:%Y%m%dT%H%M%SZ}.part" / "packs").mkdir(parents=True)
    made = written(tmp_path)
    assert names(tmp_path) == [".20261119T185500Z.part", made.name]


def test_a_copy_that_cannot_be_made_leaves_nothing_and_the_older_one_serves(tmp_path: Path) -> None:
    copies, home = tmp_path / "standby", tmp_path / "home"
    older = written(copies)
    shutil.copytree(PROFILE, home)
    (home / "partners" / "moi.toml").symlink_to(tmp_path / "nowhere")
    with pytest.raises(OSError, match=r"moi\.toml"):
        written(copies, NIGHT + timedelta(days=1), home)

    assert names(copies) == [older.name]
    assert opened_standby(copies, None).home == older


def test_of_two_copies_in_one_second_the_later_one_stands(tmp_path: Path) -> None:
    assert written(tmp_path, town="a") == written(tmp_path, town="b")
    assert opened_standby(tmp_path, None).local == {"town": "b"}
