"""The nation's catalogues from the command line."""

from __future__ import annotations

from pathlib import Path

from tests.api.house import THANG
from tests.cli.house import Office, run


def test_a_catalogue_is_fetched_and_unchanged_the_second_time(office: Office) -> None:
    told = office.run("catalogue", "sync", "--as", THANG, "--json")
    assert told.code == 0, told.err
    assert (told.document["kind"], told.document["stage"]) == ("inbound", "unchanged")
    assert "VPCP-CT" in told.err


def test_a_new_version_is_put_in_force_and_shown(office: Office) -> None:
    before = office.run("catalogue", "ls", "--json").document
    version = office.other_side.add_indicator("9876", "Chỉ tiêu thử\tcó dấu cách", "%")
    assert office.run("catalogue", "sync", "--as", THANG, "--json").document["stage"] == "published"
    after = office.run("catalogue", "ls", "--json").document
    assert [(c["name"], c["version"], c["items"]) for c in after] == [("VPCP-CT", version, before[0]["items"] + 1)]
    assert office.run("catalogue", "ls").lines == [f"VPCP-CT\t{version}\t{after[0]['items']}"]
    shown = office.run("catalogue", "show", "VPCP-CT", "--json").document
    assert [item["unit"] for item in shown["items"] if item["code"] == "9876"] == ["%"]
    line = next(line for line in office.run("catalogue", "show", "VPCP-CT").lines if line.startswith("9876"))
    assert line.count("\t") == 2  # a tab in a name does not make a column


def test_what_nobody_has_is_not_found(office: Office) -> None:
    for words in (("show", "VPCP-0"), ("sync", "--as", "khong-co"), ("sync", "--as", THANG, "--name", "VPCP-0")):
        told = office.run("catalogue", *words, "--json")
        assert told.code == 5
        assert told.document["ok"] is False
        assert told.document["problems"]


def test_a_national_system_that_is_away_is_the_remote_that_is_down(office: Office) -> None:
    office.other_side.fault("refuse")
    try:
        told = office.run("catalogue", "sync", "--as", THANG, "--json")
    finally:
        office.other_side.clear()
    assert told.code == 7
    [down] = told.document["problems"]
    assert (down["code"], down["owner"]) == ("A-001", "operator")
    assert "chạy lại lệnh" in down["advice"]["vi"]  # no report waits here that would be sent again
    assert "run it again" in down["advice"]["en"]


def test_wrong_credentials_are_not_authorised(office: Office, copied: Path) -> None:
    (copied / "secrets" / "quoc-gia.password").write_text("sai", "utf-8")
    (copied / "secrets" / "quoc-gia.system-secret").write_text("sai", "utf-8")
    told = run("catalogue", "sync", "--as", THANG, "--home", str(copied), "--json")
    assert told.document["problems"][0]["code"] == "B-001"
    assert told.code == 4
