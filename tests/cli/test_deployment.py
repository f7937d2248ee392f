"""A deployment from its first file: made, checked, examined."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path

import psycopg
import pytest

from gateway.journey.accept import Incoming, admitted
from gateway.wiring import build
from tests.api.house import THANG, as_json
from tests.cli.house import Office, Told, process, run


def test_init_makes_a_deployment_with_a_throwaway_key(tmp_path: Path) -> None:
    told = run("init", str(tmp_path / "new"), "--json")
    assert told.code == 0
    key = Path(told.document["key_file"])
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert key.read_text("utf-8") not in (tmp_path / "new" / "clients.toml").read_text("utf-8")
    assert str(tmp_path / "new") in told.err
    assert key.read_text("utf-8") not in told.err + told.out


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("kept", "utf-8")
    told = run("init", str(tmp_path))
    assert told.code == 1
    assert str(tmp_path) in told.err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    assert "gateway init" in told.err
    assert "gateway check" not in told.err


def test_init_names_the_provinces_it_knows(tmp_path: Path) -> None:
    told = run("init", str(tmp_path / "new"), "--province", "atlantis")
    assert told.code == 1
    assert "atlantis" in told.err
    assert "thanh-hoa" in told.err
    assert "--province" in told.err
    assert "gateway check" not in told.err
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("folder", ["/proc/new", "/dev/null", "/dev/null/new"])
def test_init_where_nothing_can_be_made_says_so(folder: str) -> None:
    told = run("init", folder)
    assert told.code == 1
    assert folder in told.err
    assert "F-005" in told.err
    assert "gateway check" not in told.err


def test_a_connected_deployment_is_in_order(office: Office) -> None:
    told = office.run("check", "--json")
    assert (told.code, told.document["ok"], told.document["problems"]) == (0, True, [])
    # It believes “never saw it” after a second, for the sake of these tests: that is warned of.
    assert [one["code"] for one in told.document["warnings"]] == ["F-119"]


def test_a_report_that_may_go_as_a_document_of_which_nobody_judges_the_signatures_is_warned_of(copied: Path) -> None:
    with (copied / "local.toml").open("a", encoding="utf-8") as local:
        local.write(f'\n[agreements.{THANG}.fallback]\nannex_policy = ""\n')
    told = run("check", "--home", str(copied), "--json")
    warned = [one for one in told.document["warnings"] if one["code"] == "F-118"]

    assert (told.code, [one["details"] for one in warned]) == (
        0,
        [{"agreement": THANG, "key": "fallback.annex_policy"}],
    )
    assert "F-118" in told.err


def test_a_deployment_as_init_makes_it_lacks_its_partners_secrets_and_nothing_else(fresh: Path) -> None:
    told = run("check", "--home", str(fresh), "--json")
    assert told.code == 1
    missing = {problem["details"]["file"] for problem in told.document["problems"]}
    assert len(missing) == 6
    assert all(file.startswith("secrets/") for file in missing)


def test_check_lists_every_fault_of_every_declaration_with_file_and_key(copied: Path) -> None:
    axis = copied / "partners" / "truc-van-ban.toml"
    axis.write_text(axis.read_text("utf-8").replace("deadline_seconds = 20", "deadline_seconds = 0"), "utf-8")
    national = copied / "partners" / "quoc-gia.toml"
    text = national.read_text("utf-8").replace('kind = "national"', 'kind = "sms"', 1)
    national.write_text(text.replace("max_bytes = 33554432", "max_bytes = -1\ncolour = 1", 1), "utf-8")
    (copied / "partners" / "more.toml").write_text("[partner\n", "utf-8")
    told = run("check", "--home", str(copied), "--json")
    assert told.code == 1
    found = {(p["details"]["file"], p["details"]["key"]) for p in told.document["problems"]}
    assert found >= {
        ("truc-van-ban.toml", "partner.deadline_seconds"),
        ("quoc-gia.toml", "partner.kind"),
        ("quoc-gia.toml", "agreement.0.max_bytes"),
        ("quoc-gia.toml", "agreement.0.colour"),
        ("more.toml", "-"),
    }
    for file, key in found:
        assert f"{file}, mục {key}" in told.err
        assert f"{file}, key {key}" in told.err


def test_check_lists_the_faults_of_packs_and_policies_together(copied: Path) -> None:
    (copied / "packs" / "kt-xh-tinh" / "ky.csv").unlink()
    (copied / "packs" / "kt-xh-tinh" / "to_chuc.csv").unlink()
    (copied / "policies" / "vn-report-xml.yaml").write_text("colour: red\n", "utf-8")
    (copied / "secrets" / "quoc-gia.password").unlink()
    told = run("check", "--home", str(copied), "--json")
    assert told.code == 1
    said = json.dumps(told.document, ensure_ascii=False)
    for word in ("ky.csv", "to_chuc.csv", "vn-report-xml.yaml", "colour", "secrets/quoc-gia.password"):
        assert word in said
        assert word in told.err


@pytest.mark.parametrize(
    ("file", "text", "key"),
    [
        ("gateway.toml", "[server]\nport = 70000\n", "server.port"),
        ("clients.toml", '[[clients]]\nid = "x"\nkey_sha256 = "ngắn"\nagreements = []\n', "clients.0.key_sha256"),
        ("local.toml", 'partners = 1\nagreements = {ktxh-thang = "x"}\n', "partners"),
    ],
)
def test_check_lists_the_faults_of_settings_beside_those_of_everything_else(
    copied: Path, file: str, text: str, key: str
) -> None:
    (copied / file).write_text(text, "utf-8")
    axis = copied / "partners" / "truc-van-ban.toml"
    agreed = axis.read_text("utf-8")
    (copied / "packs" / "kt-xh-tinh" / "ky.csv").unlink()
    (copied / "policies" / "vn-report-xml.yaml").write_text("colour: red\n", "utf-8")
    found = run("check", "--home", str(copied), "--json").document["problems"]
    assert (file, key) in {(one["details"].get("file"), one["details"].get("key")) for one in found}
    said = json.dumps(found, ensure_ascii=False)
    assert all(word in said for word in ("ky.csv", "vn-report-xml.yaml"))

    axis.write_text(agreed.replace("deadline_seconds = 20", "deadline_seconds = 0"), "utf-8")
    found = run("check", "--home", str(copied), "--json").document["problems"]
    named = {(one["details"].get("file"), one["details"].get("key")) for one in found}
    assert named >= {(file, key), ("truc-van-ban.toml", "partner.deadline_seconds")}
    said = json.dumps(found, ensure_ascii=False)
    assert all(word in said for word in ("ky.csv", "vn-report-xml.yaml"))


def test_a_partner_that_cannot_be_read_hides_no_fault_of_the_packs_and_policies_it_names(copied: Path) -> None:
    with (copied / "partners" / "quoc-gia.toml").open("a", encoding="utf-8") as partner:
        partner.write("[partner\n")
    for name in ("kt-xh-tinh", "nhap-do"):
        (copied / "packs" / name).mkdir(exist_ok=True)
        (copied / "packs" / name / "ky.csv").write_text("che_do\n", "utf-8")
    (copied / "policies" / "vn-report-xml.yaml").write_text("colour: red\n", "utf-8")
    said = json.dumps(run("check", "--home", str(copied), "--json").document["problems"], ensure_ascii=False)
    assert all(word in said for word in ("quoc-gia.toml", "kt-xh-tinh", "vn-report-xml.yaml"))
    assert "nhap-do" not in said  # somebody's draft, which no partner names


def test_a_regulation_is_looked_at_however_wrong_settings_and_partners_are(copied: Path) -> None:
    (copied / "gateway.toml").write_text("[server]\nport = 70000\n", "utf-8")
    (copied / "partners" / "quoc-gia.toml").write_text("[partner\n", "utf-8")
    (copied / "province.toml").write_text("colour = 1\n", "utf-8")
    found = run("check", "--home", str(copied), "--json").document["problems"]
    files = {Path(one["details"]["file"]).name for one in found}
    assert files >= {"gateway.toml", "quoc-gia.toml", "province.toml"}


def test_check_names_a_pack_that_nobody_approved_as_it_stands_and_who_may_not(copied: Path) -> None:
    with (copied / "packs" / "kt-xh-tinh" / "ky.csv").open("a", encoding="utf-8") as sheet:
        sheet.write("LICH,ngay\n")
    told = run("check", "--home", str(copied), "--json")
    assert told.code == 1
    [found] = [one for one in told.document["problems"] if one["code"] == "D-008"]
    assert (found["details"]["pack"], found["details"]["authors"]) == ("kt-xh-tinh", "nhóm soạn gói mẫu")
    assert "gateway pack approve kt-xh-tinh" in told.err

    assert run("pack", "approve", "kt-xh-tinh", "--by", "Lê Thị Mẫu", "--home", str(copied)).code == 0
    said = run("check", "--home", str(copied), "--json").stdout.decode("utf-8")
    assert "D-008" not in said


@pytest.mark.parametrize("file", ["gateway.toml", "clients.toml", "local.toml", "partners/quoc-gia.toml"])
@pytest.mark.parametrize("content", [b"name = [", b"\xff\xfe", b"\x00"], ids=["open", "not UTF-8", "null"])
def test_a_broken_declaration_is_named_whatever_is_in_it(copied: Path, file: str, content: bytes) -> None:
    (copied / file).write_bytes(content)
    for verb in ("check", "ls", "doctor"):
        told = run(verb, "--home", str(copied))
        assert told.code == 1
        assert Path(file).name in told.err + told.out
        assert "F-005" in told.err + told.out
        assert "F-004" not in told.err + told.out


@pytest.mark.parametrize("verb", ["check", "ls", "serve", "work", "doctor"])
def test_a_folder_that_is_no_deployment_is_named(tmp_path: Path, verb: str) -> None:
    told = run(verb, "--home", str(tmp_path))
    assert told.code == 1
    assert "gateway.toml" in told.err + told.out
    assert str(tmp_path) in told.err + told.out


def test_doctor_finds_nothing_wrong_with_a_server(office: Office) -> None:
    told = office.run("doctor", "--json")
    assert told.code == 0
    assert {finding["state"] for finding in told.document} == {"ok"}
    assert "✓" in told.err
    assert "-0.0" not in told.out + told.err


def test_doctor_warns_of_a_postgresql_that_nobody_backs_up(copied: Path) -> None:
    local = copied / "local.toml"
    local.write_text(local.read_text("utf-8").partition("\n")[2], "utf-8")  # without its first line, the database
    told = run("doctor", "--home", str(copied), "--json")
    assert told.code == 0
    warned = [finding for finding in told.document if finding["state"] == "warning"]
    assert len(warned) == 1
    assert "GATEWAY_DATABASE_URL" in warned[0]["advice"]
    assert "⚠ F-044" in told.err


def test_doctor_names_what_waits_in_a_spool_that_nobody_has_open_and_one_that_is_damaged(copied: Path) -> None:
    folder = copied / "var" / "spool"
    with build(copied, {}) as gateway:
        gateway.open_door()
        for key in ("k1", "k2"):
            report = Incoming(THANG, key, "ht-bao-cao-tinh", "application/json", as_json())
            gateway.intake.spool.keep(admitted(gateway.doors, report))  # type: ignore[union-attr]
        assert run("doctor", "--home", str(copied)).code == 0  # it is a living process's own affair
    told = run("doctor", "--home", str(copied), "--json")
    [waits] = [one for one in told.document if one["state"] == "warning"]
    assert (told.code, waits["problem"]["code"]) == (0, "F-049")
    assert waits["problem"]["details"] == {"file": "intake.ledger", "count": "2"}

    data = (folder / "intake.ledger").read_bytes()
    (folder / "intake.ledger").write_bytes(data[:20] + b"!" + data[21:])
    told = run("doctor", "--home", str(copied), "--json")
    [damaged] = [one for one in told.document if one["state"] == "fault"]
    assert (told.code, damaged["problem"]["code"]) == (1, "F-050")
    assert "intake.ledger" in damaged["what"]


def test_doctor_names_a_server_that_does_not_answer(office: Office) -> None:
    away = "postgresql://nobody@127.0.0.1:1/none"
    told = process("doctor", "--json", "--home", str(office.home), GATEWAY_DATABASE_URL=away)
    assert told.code == 1
    assert [f["what"] for f in told.document if f["state"] == "fault"] == ["PostgreSQL máy chủ"]


def test_without_its_database_a_verb_says_that_the_store_is_away(office: Office) -> None:
    away = "postgresql://nobody@127.0.0.1:1/none"
    told = process("ls", "--home", str(office.home), "--json", GATEWAY_DATABASE_URL=away)
    assert told.code == 7
    assert told.document["problems"][0]["code"] == "F-003"
    assert "Traceback" not in told.err


# ── the doctor's other questions ─────────────────────────────────────────────────────────────────
def _found(told: Told, word: str) -> dict[str, str]:
    [finding] = [one for one in told.document if word in one["what"]]
    return dict(finding)


def test_doctor_looks_at_schema_clock_catalogues_and_lines(office: Office) -> None:
    told = office.run("doctor", "--json")
    for word in ("Lược đồ", "Đồng hồ", "VPCP-CT", "quoc-gia (127.0.0.1)", "truc-van-ban", "phông chữ", "Kho tin cậy"):
        assert _found(told, word)["state"] == "ok", word


def test_whatever_the_doctor_says_stands_in_both_languages_and_every_trouble_has_a_code(copied: Path) -> None:
    local = copied / "local.toml"
    text = local.read_text("utf-8").partition("\n")[2]  # without its first line, the database
    local.write_text(re.sub(r'(\[partners\.quoc-gia\]\nurl = )"[^"]+"', r'\1"http://127.0.0.1:1"', text), "utf-8")
    told = run("doctor", "--home", str(copied), "--json")
    assert {finding["state"] for finding in told.document} == {"ok", "warning", "fault"}
    for finding in told.document:
        assert finding["what_en"]
        if finding["state"] == "ok":
            assert (finding["advice"], finding["problem"]) == ("", None)
            assert f"✓ {finding['what']}" in told.err
            assert finding["what_en"] in told.err
            continue
        found = finding["problem"]
        assert finding["advice"] == found["advice"]["vi"]
        assert f"{found['code']}  {found['title']['vi']}" in told.err
        assert f"→ {found['advice']['vi']}" in told.err
        assert f"{found['title']['en']} {found['advice']['en']}" in told.err


def test_an_anchor_that_ended_is_a_warning_with_its_day(office: Office, copied: Path) -> None:
    anchors = copied / "trust" / "anchors.yaml"
    text = anchors.read_text("utf-8")
    anchors.write_text(text.replace("role: root,", "role: root, valid_until: 2020-02-28,"), "utf-8")
    told = run("doctor", "--home", str(copied), "--json")
    ended = [one for one in told.document if one["problem"] and one["problem"]["code"] == "B-014"]
    assert ended
    assert {one["state"] for one in ended} == {"warning"}
    assert all("28/02/2020" in one["what"] for one in ended)
    assert not [one for one in told.document if "Kho tin cậy" in one["what"]]


def test_doctor_names_a_line_that_nobody_answers_and_a_name_nobody_knows(office: Office, copied: Path) -> None:
    local = copied / "local.toml"
    text = re.sub(r'(\[partners\.quoc-gia\]\nurl = )"[^"]+"', r'\1"http://127.0.0.1:1"', local.read_text("utf-8"))
    text = re.sub(r'(\[partners\.truc-van-ban\]\nurl = )"[^"]+"', r'\1"https://khong-co.invalid"', text)
    local.write_text(text, "utf-8")
    told = run("doctor", "--home", str(copied), "--json")
    assert told.code == 1
    for line, word in (("quoc-gia", "tường lửa"), ("truc-van-ban", "DNS")):
        found = _found(told, line)
        assert (found["state"], found["problem"]["code"]) == ("fault", "A-001")
        assert word in found["advice"]


def test_doctor_says_when_the_schema_is_another_versions(office: Office, copied: Path, bare_database: str) -> None:
    local = copied / "local.toml"
    rest = local.read_text("utf-8").partition("\n")[2]
    local.write_text(f'database_url = "{bare_database}"\n{rest}', "utf-8")
    fresh = run("doctor", "--home", str(copied), "--json")
    assert _found(fresh, "Lược đồ")["state"] == "warning"
    assert _found(fresh, "VPCP-CT")["state"] == "warning"
    assert run("ls", "--home", str(copied)).code == 0
    with psycopg.connect(bare_database, autocommit=True) as c:
        c.execute("INSERT INTO migration (name, sha256) VALUES ('9999_later.sql', 'x')")
    told = run("doctor", "--home", str(copied), "--json")
    assert (told.code, _found(told, "Lược đồ")["state"]) == (1, "fault")
