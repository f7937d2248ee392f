"""backup, restore, journal and audit as somebody types them, on a deployment with its own server."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway.deploy import create, discard
from gateway.domain.calendar import VIETNAM
from gateway.domain.facts import Released
from gateway.journey.accept import Incoming
from gateway.ports import Entry
from gateway.wiring import build
from tests.api.house import THANG, as_json
from tests.cli.house import Told, run

BECAUSE = ("--because", "diễn tập", "--by", "trực ban")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("keeping") / "home"
    create(folder, "thanh-hoa")
    for name in ("quoc-gia.system-id", "quoc-gia.system-secret", "quoc-gia.username", "quoc-gia.password",
                 "truc-van-ban.system-id", "truc-van-ban.secret"):  # fmt: skip
        (folder / "secrets" / name).write_text("-", "utf-8")
    yield folder
    discard(folder)


@pytest.fixture(scope="module")
def taken(home: Path) -> str:
    """A report that was taken, parked and released by somebody with a spreadsheet's idea of a name."""
    with build(home, {}) as gateway:
        x, _ = gateway.accept(Incoming(THANG, "k1", "ht", "application/json", as_json()))
        now = gateway.doors.clock.now()
        gateway.journal.append(x, [Entry(Released("=cmd()", "-1+1"), now)])
    return x.id


def typed(home: Path, *words: str) -> Told:
    return run(*words, "--home", str(home))


def test_a_backup_is_taken_brought_to_life_and_listed(home: Path, taken: str) -> None:
    told = typed(home, "backup", "--verify", "--json")
    assert told.code == 0, told.err
    made, verified = told.document["backup"], told.document["verified"]
    assert verified["base"] == made["name"]
    assert (verified["exchanges"], verified["facts"]) == (1, 2)
    assert [one["name"] for one in typed(home, "backup", "ls", "--json").document] == [made["name"]]
    assert typed(home, "backup", "verify", "--from", made["name"], "--json").code == 0
    for path in (home / "backups").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_damaged_backup_is_named_and_not_restored(home: Path, taken: str) -> None:
    made = typed(home, "backup", "--json").document["backup"]
    victim = home / "backups" / made["identity"] / made["name"] / "global" / "pg_control"
    whole = victim.read_bytes()
    victim.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    for words in (("backup", "verify"), ("restore", *BECAUSE)):
        told = typed(home, *words, "--json")
        assert (told.code, told.document["problems"][0]["code"]) == (1, "F-022")
        assert "pg_control" in told.err
    victim.write_bytes(whole)
    assert typed(home, "journal", "check").code == 0


def test_a_journal_goes_out_and_comes_in_elsewhere(home: Path, taken: str, tmp_path: Path) -> None:
    file = tmp_path / "nhat-ky.jsonl.zst"
    assert typed(home, "journal", "export", str(file), "--json").document["exchanges"] == 1
    assert run("journal", "check", "--file", str(file), "--json").document["faults"] == []
    elsewhere = tmp_path / "elsewhere"
    create(elsewhere, "thanh-hoa")
    try:
        assert typed(elsewhere, "journal", "import", str(file)).code == 0
        assert typed(elsewhere, "journal", "check", "--json").document["facts"] == 3  # and asked after first
        again = typed(elsewhere, "journal", "import", str(file), "--json")
        [full] = again.document["problems"]
        assert (again.code, full["code"]) == (1, "F-021")
        assert "gateway init" in full["advice"]["vi"]
        assert "backup" not in str(full["advice"])
    finally:
        discard(elsewhere)


def test_who_did_what_is_told_exported_and_verified(home: Path, taken: str, tmp_path: Path) -> None:
    [act] = [one for one in typed(home, "audit", "acts", "--json").document if one["act"] == "released"]
    assert (act["who"], act["why"], act["subject"]) == ("=cmd()", "-1+1", f"{taken}.2")
    sheet = tmp_path / "viec.csv"
    assert typed(home, "audit", "export", str(sheet)).code == 0
    rows = list(csv.DictReader(io.StringIO(sheet.read_text("utf-8-sig"))))
    assert [(row["who"], row["why"]) for row in rows if row["act"] == "released"] == [("'=cmd()", "'-1+1")]
    listed = tmp_path / "viec.json"
    assert typed(home, "audit", "export", str(listed)).code == 0
    assert [one["digest"] for one in json.loads(listed.read_bytes()) if one["act"] == "released"] == [act["digest"]]
    assert typed(home, "audit", "anchor", "--json").document == []
    assert "Chưa có ngày nào" in typed(home, "audit", "anchor").err
    assert typed(home, "audit", "verify", "--json").document["faults"] == []
    assert typed(home, "audit", "acts", "--since", "2099-01-01", "--json").document == []


def test_nothing_is_purged_where_no_term_is_declared_and_a_hold_is_laid_and_lifted(home: Path, taken: str) -> None:
    listed = typed(home, "journal", "purge")
    assert listed.code == 0
    assert "Không có hồ sơ nào" in listed.err
    assert typed(home, "journal", "purge", "--yes").code == 2  # who lets go says why
    told = typed(home, "journal", "purge", *BECAUSE, "--yes", "--json")
    assert told.document == {"over": [], "purged": 0, "blobs": 0}
    assert typed(home, "journal", "hold", taken, *BECAUSE).code == 0
    assert typed(home, "journal", "hold", taken, *BECAUSE).code == 6
    assert typed(home, "journal", "lift", taken, *BECAUSE).code == 0
    assert typed(home, "journal", "rebuild", "--json").document == {"mended": 0}


def test_restored_nothing_is_missing_and_what_is_owed_is_asked_after(home: Path, taken: str, tmp_path: Path) -> None:
    assert typed(home, "backup").code == 0
    told = typed(home, "restore", *BECAUSE, "--json")
    assert told.code == 0, told.err
    assert told.document["reached"] is None
    assert "sau đó không có thay đổi" in told.err
    assert told.document["doubted"] == 1
    promised = tmp_path / "bien-nhan.txt"
    promised.write_text(f"{taken}\ngd-01ZZZZZZZZZZZZZZZZZZZZZZZZ\n", "utf-8")
    missing = typed(home, "journal", "missing", str(promised), "--json")
    assert (missing.code, missing.document) == (3, {"missing": ["gd-01ZZZZZZZZZZZZZZZZZZZZZZZZ"]})
    restored = [one for one in typed(home, "audit", "acts", "--json").document if one["act"] == "restored"]
    assert [(one["who"], one["why"]) for one in restored] == [("trực ban", "diễn tập")]
    assert typed(home, "journal", "doubt", "--json").document == {"doubted": 1}


def test_a_moment_before_the_first_backup_cannot_be_restored(home: Path, taken: str) -> None:
    assert typed(home, "backup").code == 0
    before = (datetime.now(VIETNAM) - timedelta(days=1)).strftime("%Y-%m-%d %H:%M:%S")
    told = typed(home, "restore", "--to", before, *BECAUSE, "--json")
    assert (told.code, told.document["problems"][0]["code"]) == (1, "F-021")
    assert typed(home, "journal", "check").code == 0


def test_a_server_by_its_address_gets_a_data_folder_to_start(home: Path, taken: str, tmp_path: Path) -> None:
    assert typed(home, "backup").code == 0
    told = typed(home, "restore", "--into", str(tmp_path / "pg"), *BECAUSE, "--json")
    assert told.code == 0, told.err
    assert (tmp_path / "pg" / "data" / "recovery.signal").is_file()
    full = typed(home, "restore", "--into", str(tmp_path), *BECAUSE, "--json")
    assert full.document["problems"][0]["code"] == "F-021"
