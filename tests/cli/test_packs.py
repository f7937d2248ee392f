"""Packs from the command line: checked, approved, exported, imported, compared; a plan and the way back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from gateway.cli.speech import when
from tests.api.house import VALUE, as_json
from tests.cli.house import run
from tests.mapping.packs import pack
from tests.mapping.test_looking_on import EXAMPLE

MONEY = {**VALUE, "indicator": "T0401", "unit": "triệu đồng", "value": "12150"}


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "thu").mkdir()
    return pack(tmp_path / "thu", vi_du=EXAMPLE)


def test_a_pack_is_checked_approved_and_then_says_so(own: Path) -> None:
    told = run("pack", "check", str(own), "--json")
    assert (told.code, told.document["approved"]) == (0, None)
    assert [one["passed"] for one in told.document["examples"]] == [True, True]
    assert run("pack", "approve", str(own), "--by", "Trần Thị Bình").code == 1
    given = run("pack", "approve", str(own), "--by", "Nguyễn Văn An", "--json")
    assert (given.code, given.document["number"], given.document["by"]) == (0, 1, "Nguyễn Văn An")
    told = run("pack", "check", str(own), "--json")
    assert told.document["approved"]["digest"] == given.document["digest"]
    assert [one["number"] for one in told.document["versions"]] == [1]
    assert "thu@1" in told.err
    assert when(datetime.fromisoformat(given.document["at"])) in told.err


def test_an_example_that_fails_fails_the_check(own: Path) -> None:
    pack(own, vi_du=EXAMPLE.replace("M103", "M101"))
    told = run("pack", "check", str(own), "--json")
    assert (told.code, told.document["ok"]) == (1, False)
    assert "vi_du:3" in told.err


@pytest.mark.parametrize("name", ["goi.xlsx", "goi"])
def test_a_pack_goes_out_and_comes_back_as_the_same_version(own: Path, tmp_path: Path, name: str) -> None:
    assert run("pack", "export", str(own), str(tmp_path / name)).code == 0
    told = run("pack", "import", str(tmp_path / name), str(tmp_path / "moi"), "--json")
    assert told.code == 0, told.err
    assert told.document["digest"] == run("pack", "check", str(own), "--json").document["digest"]
    assert run("pack", "import", str(tmp_path / name), str(tmp_path / "moi")).code == 1


def test_the_lookups_of_a_pack_go_out_as_sdmx_and_come_home_onto_it(own: Path, tmp_path: Path) -> None:
    file, new = tmp_path / "tra-cuu.json", tmp_path / "moi"
    assert run("pack", "export", str(own), str(file)).code == 0
    told = run("pack", "import", str(file), str(new), "--onto", str(own), "--json")
    assert told.code == 0, told.err
    assert told.document["digest"] == run("pack", "check", str(own), "--json").document["digest"]
    assert run("pack", "import", str(file), str(tmp_path / "khac")).code == 2
    assert run("pack", "import", str(own), str(tmp_path / "khac"), "--onto", str(own)).code == 2


def test_a_faulty_pack_is_not_taken_in(own: Path, tmp_path: Path) -> None:
    (own / "ky.csv").write_text("che_do,loai\nLICH,tuan\n", "utf-8")
    told = run("pack", "import", str(own), str(tmp_path / "moi"), "--json")
    assert (told.code, told.document["problems"][0]["code"]) == (1, "D-002")
    assert not (tmp_path / "moi").exists()


def test_what_a_new_pack_would_change_is_told(fresh: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_bytes(as_json(MONEY))
    old = fresh / "packs" / "kt-xh-tinh"
    new = tmp_path / "moi"
    new.mkdir()
    for path in old.iterdir():
        text = path.read_text("utf-8")
        (new / path.name).write_text(text.replace("ty_dong,tien_vnd,1000000000", "ty_dong,tien_vnd,100000000"), "utf-8")
    told = run("pack", "diff", str(old), str(new), "--file", str(file), "--json")
    assert told.code == 0, told.err
    [change] = told.document["changes"]
    assert (change["before"], change["after"]) == ("12.15 ty_dong", "121.5 ty_dong")


def test_a_plan_holds_until_what_it_hangs_on_changes(fresh: Path, tmp_path: Path) -> None:
    file, stored = tmp_path / "report.json", tmp_path / "stored.json"
    file.write_bytes(as_json(MONEY))
    stored.write_bytes(as_json({**MONEY, "indicator": "0401", "unit": "ty_dong", "value": "1"}))
    words = ("map", str(file), "--pack", "kt-xh-tinh", "--home", str(fresh), "--stored", str(stored))
    plan = run(*words).document["plan"]
    assert plan["summary"]["updated"] == 1
    assert run(*words, "--commit", plan["plan_id"]).code == 0
    stored.write_bytes(as_json({**MONEY, "indicator": "0401", "unit": "ty_dong", "value": "2"}))
    told = run(*words, "--commit", plan["plan_id"], "--json")
    assert (told.code, told.document["problems"][0]["code"]) == (6, "D-006")
    assert "stored" in told.err


def test_a_result_is_written_as_a_packet_and_led_back(fresh: Path, tmp_path: Path) -> None:
    file, packet = tmp_path / "report.json", tmp_path / "packet.xml"
    file.write_bytes(as_json(MONEY))
    words = ("--pack", "kt-xh-tinh", "--home", str(fresh))
    packet.write_bytes(run("map", str(file), *words, "--out", "packets").stdout)
    assert b"report-data" in packet.read_bytes()
    back = run("map", str(packet), *words, "--reverse")
    assert back.code == 0, back.err
    result = back.document["result"]
    assert (result["indicator"], result["organisation"], result["value"]) == (["T0401"], ["38"], ["12150"])


def test_a_pack_nobody_has_is_not_found(fresh: Path) -> None:
    for verb in ("check", "export"):
        words = ("x.xlsx",) if verb == "export" else ()
        assert run("pack", verb, "khong-co", *words, "--home", str(fresh)).code == 5
