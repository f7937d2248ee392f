"""The other sides from the command line: who they are, what was agreed, whether one can be reached."""

from __future__ import annotations

import os
import pty
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.house import ROOT, Office, Told, run
from tests.cli.test_keys import killed_at

NATION, AXIS = "quoc-gia", "truc-van-ban"
WORDS = ("bi-mat-cua-quoc-gia", "mat-khau-khong-ai-biet")


def partner(home: Path, *words: str) -> Told:
    return run("partner", *words, "--home", str(home))


def moved(home: Path, name: str, url: str) -> None:
    """The partner's address on this machine is another one now."""
    local = home / "local.toml"
    text = re.sub(rf'(\[partners\.{name}\]\nurl = )"[^"]+"', rf'\1"{url}"', local.read_text("utf-8"))
    assert url in text
    local.write_text(text, "utf-8")


def test_every_partner_is_listed_with_host_agreements_and_limits(fresh: Path) -> None:
    text = (fresh / "partners" / f"{NATION}.toml").read_text("utf-8")
    limited = text.replace(
        "deadline_seconds = 20", "deadline_seconds = 20\nlimit_requests = 5\nlimit_concurrent = 2", 1
    )
    (fresh / "partners" / f"{NATION}.toml").write_text(limited, "utf-8")
    told = partner(fresh, "ls")
    nation, axis = (line.split("\t") for line in told.lines)
    assert told.code == 0
    assert nation[:4] == [NATION, "Hệ thống thông tin báo cáo quốc gia", "national", "127.0.0.1"]
    assert nation[4:] == ["ktxh-thang, ktxh-ky-so, ngan-sach, thong-ke", "5 lần / 1 giây, 2 cùng lúc"]
    assert (axis[0], axis[4:]) == (AXIS, ["–", "–"])
    [first, second] = partner(fresh, "ls", "--json").document
    assert (first["id"], first["host"], first["limit_requests"]) == (NATION, "127.0.0.1", 5)
    assert (second["agreements"], second["limit_concurrent"]) == ([], None)


def test_what_differs_on_this_machine_is_shown_as_it_is_here(copied: Path) -> None:
    moved(copied, NATION, "https://bao-cao.quoc-gia.invalid/api")
    [host] = [line.split("\t")[3] for line in partner(copied, "ls").lines if line.startswith(NATION)]
    assert host == "bao-cao.quoc-gia.invalid"
    assert partner(copied, "show", NATION, "--json").document["url"] == "https://bao-cao.quoc-gia.invalid/api"


def test_all_that_is_declared_is_shown_and_of_secrets_the_file_alone(fresh: Path) -> None:
    for name, word in zip(("system-secret", "password"), WORDS, strict=True):
        (fresh / "secrets" / f"{NATION}.{name}").write_text(word, "utf-8")
    (fresh / "secrets" / f"{NATION}.password").chmod(0o600)
    (fresh / "secrets" / f"{NATION}.system-secret").chmod(0o644)
    told = partner(fresh, "show", NATION, "--json")
    assert {one["name"]: (one["there"], one["private"]) for one in told.document["secrets"]} == {
        "password": (True, True),
        "system_id": (False, False),
        "system_secret": (True, False),
        "username": (False, False),
    }
    [monthly] = [one for one in told.document["agreements"] if one["id"] == "ktxh-thang"]
    assert (monthly["forms"][0], monthly["fallback"]["route"], monthly["settles_after"]) == ("01/KTXH", AXIS, 120.0)
    assert monthly["deadlines"]["thang"]["legal_basis"] == "Quy chế Thanh Hóa, Điều 7.3"
    text = partner(fresh, "show", NATION)
    assert "secrets/quoc-gia.username – thiếu / missing" in text.out
    assert "secrets/quoc-gia.system-secret – có, ai cũng đọc được / open to all" in text.out
    assert "thoả thuận ktxh-ky-so" in text.out
    assert "owes = ND09:thang, ND09:quy, ND09:6t, ND09:nam" in text.out
    assert not any(word in told.out + text.out + told.err + text.err for word in WORDS)


def test_whose_keys_tell_what_became_of_reports_is_shown(fresh: Path) -> None:
    given = run("key", "new", "quoc-gia-bao", "--partner", NATION, "--home", str(fresh), "--json").document
    assert partner(fresh, "show", NATION, "--json").document["keys"] == [
        {"id": "quoc-gia-bao", "digest": given["digest"]}
    ]
    assert partner(fresh, "show", AXIS, "--json").document["keys"] == []


@pytest.mark.parametrize("name", [NATION, AXIS])
def test_a_line_that_answers_is_well(office: Office, name: str) -> None:
    told = office.run("partner", "check", name, "--json")
    assert (told.code, told.document["ok"], told.document["warnings"]) == (0, True, [])
    assert f"✓ {name} (127.0.0.1)" in told.err


@pytest.mark.parametrize(
    ("url", "word"),
    [("http://127.0.0.1:1", "tường lửa"), ("https://khong-co.invalid", "DNS")],
    ids=["closed", "nameless"],
)
def test_a_line_that_is_down_says_what_to_do_and_ends_with_7(copied: Path, url: str, word: str) -> None:
    moved(copied, NATION, url)
    told = partner(copied, "check", NATION, "--json")
    [found] = told.document["problems"]
    assert (told.code, found["code"], found["owner"]) == (7, "A-001", "operator")
    assert word in found["advice"]["vi"]
    assert partner(copied, "check", AXIS).code == 0  # one partner is asked, not all of them


def test_a_secret_that_is_not_there_is_named_though_the_line_is_well(copied: Path) -> None:
    (copied / "secrets" / f"{NATION}.password").unlink()
    told = partner(copied, "check", NATION, "--json")
    [found] = told.document["problems"]
    assert (told.code, found["code"], found["details"]["file"]) == (1, "F-005", f"secrets/{NATION}.password")


def test_a_secret_that_everybody_can_read_is_warned_of(copied: Path) -> None:
    (copied / "secrets" / f"{NATION}.password").chmod(0o644)
    told = partner(copied, "check", NATION, "--json")
    [found] = told.document["warnings"]
    assert (told.code, found["details"]["key"]) == (0, f"{NATION}.password")
    assert "⚠ F-005" in told.err
    assert "chmod 600" in told.err


@pytest.mark.parametrize("verb", ["show", "check"])
def test_a_partner_nobody_knows_is_not_found(fresh: Path, verb: str) -> None:
    told = partner(fresh, verb, "khong-co", "--json")
    assert (told.code, told.document["problems"][0]["code"]) == (5, "F-006")


@pytest.mark.parametrize("words", [("ls",), ("show", NATION), ("check", NATION)], ids=" ".join)
def test_a_partners_file_that_is_wrong_is_named(fresh: Path, words: tuple[str, ...]) -> None:
    (fresh / "partners" / f"{NATION}.toml").write_text("[partner\n", "utf-8")
    told = partner(fresh, *words)
    assert (told.code, f"{NATION}.toml" in told.err, "F-005" in told.err) == (1, True, True)


# ── a partner joins ──────────────────────────────────────────────────────────────────────────────
FINANCE = """# Thoả thuận số 8, bản của Bộ
[partner]
id = "bo-tai-chinh"
name = "Bộ Tài chính"
kind = "national"
url = "https://bao-cao.mof.invalid/api"
{more}
[partner.secrets]
system_id = "secrets/bo-tai-chinh.system-id"
system_secret = "secrets/bo-tai-chinh.system-secret"
username = "secrets/bo-tai-chinh.username"
password = "secrets/bo-tai-chinh.password"
"""


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    """What somebody wrote for a new partner, outside the deployment."""
    place = tmp_path / "gui-den.toml"
    place.write_text(FINANCE.format(more=""), "utf-8")
    return place


def test_a_partner_joins_gets_its_secrets_and_the_deployment_is_in_order(copied: Path, letter: Path) -> None:
    told = partner(copied, "add", str(letter), "--json")
    assert told.code == 0, told.err
    place = copied / "partners" / "bo-tai-chinh.toml"
    assert (told.document["file"], place.read_bytes()) == (str(place), letter.read_bytes())
    missing = [one["name"] for one in told.document["missing"]]
    assert missing == ["password", "system_id", "system_secret", "username"]
    assert run("check", "--home", str(copied)).code == 1
    for name in missing:
        given = letter.with_name(f"{name}.txt")
        given.write_text(f"{name}-cua-bo\n", "utf-8")
        assert f"gateway partner rotate bo-tai-chinh {name} --from" in told.err
        assert partner(copied, "rotate", "bo-tai-chinh", name, "--from", str(given)).code == 0
    assert run("check", "--home", str(copied)).code == 0
    assert "bo-tai-chinh" in [line.split("\t")[0] for line in partner(copied, "ls").lines]


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ('colour = "đỏ"', "partner.colour"),
        ("deadline_seconds = 60", "bo-tai-chinh.deadline_seconds"),
        ('[[agreement]]\nid = "ktxh-thang"', "agreement.0.regime"),
    ],
    ids=["a word nobody knows", "longer than a lease", "half an agreement"],
)
def test_a_declaration_that_would_not_be_sound_is_refused_and_not_put_in(
    copied: Path, letter: Path, more: str, key: str
) -> None:
    letter.write_text(FINANCE.format(more=more if "agreement" not in more else "") + (more * ("agreement" in more)))
    told = partner(copied, "add", str(letter), "--json")
    assert told.code == 1
    assert key in [found["details"]["key"] for found in told.document["problems"]]
    assert not (copied / "partners" / "bo-tai-chinh.toml").exists()
    assert run("check", "--home", str(copied)).code == 0


def test_an_agreement_that_names_no_pack_of_this_deployment_is_refused(copied: Path, letter: Path) -> None:
    text = (copied / "partners" / f"{NATION}.toml").read_text("utf-8")
    block = text.split("[[agreement]]\n")[3].replace('"ngan-sach"', '"ngan-sach-bo"')
    letter.write_text(f"{FINANCE.format(more='')}\n[[agreement]]\n{block}", "utf-8")
    told = partner(copied, "add", str(letter), "--json")
    assert (told.code, "ngan-sach-bo" in told.err) == (1, True)
    assert not (copied / "partners" / "bo-tai-chinh.toml").exists()
    letter.write_text(letter.read_text("utf-8").replace('pack = "ngan-sach-bo"', 'pack = "ngan-sach"'), "utf-8")
    assert partner(copied, "add", str(letter)).code == 0


def test_a_partner_that_is_there_is_not_put_in_again(copied: Path, letter: Path) -> None:
    before = (copied / "partners" / f"{NATION}.toml").read_bytes()
    letter.write_text(FINANCE.format(more="").replace('"bo-tai-chinh"', f'"{NATION}"'), "utf-8")
    told = partner(copied, "add", str(letter), "--json")
    assert (told.code, told.document["problems"][0]["code"]) == (6, "F-005")
    assert (copied / "partners" / f"{NATION}.toml").read_bytes() == before


@pytest.mark.parametrize(
    "text", ["[partner\n", "", 'partner = "x"', '[partner]\nid = "../../x"\n', "[partner]\nid = 1\n"]
)
def test_what_is_no_declaration_of_a_partner_is_named(fresh: Path, letter: Path, text: str) -> None:
    letter.write_text(text, "utf-8")
    told = partner(fresh, "add", str(letter))
    assert (told.code, "F-005" in told.err, letter.name in told.err) == (1, True, True)


# ── a secret is exchanged ────────────────────────────────────────────────────────────────────────
def test_a_secret_is_exchanged_whole_for_its_owner_alone_and_the_old_one_kept(copied: Path, tmp_path: Path) -> None:
    place = copied / "secrets" / f"{NATION}.password"
    old = place.read_text("utf-8")
    (tmp_path / "moi.txt").write_text(f"{WORDS[1]}\r\n", "utf-8")
    told = partner(copied, "rotate", NATION, "password", "--from", str(tmp_path / "moi.txt"), "--json")
    kept = Path(told.document["kept"])
    assert (told.code, place.read_text("utf-8"), kept.read_text("utf-8")) == (0, WORDS[1], old)
    assert {stat.S_IMODE(one.stat().st_mode) for one in (place, kept)} == {0o600}
    assert not [word for word in (*WORDS, old) if word in told.out + told.err]
    assert "Khởi động lại gateway serve" in told.err

    assert partner(copied, "rotate", NATION, "password", "--from", str(kept)).code == 0  # back again
    assert (place.read_text("utf-8"), kept.read_text("utf-8")) == (old, WORDS[1])
    assert run("check", "--home", str(copied)).code == 0


def test_a_secret_comes_out_of_a_pipe_and_is_never_typed(fresh: Path) -> None:
    words = ["partner", "rotate", NATION, "password", "--from", "-", "--home", str(fresh)]
    command = [sys.executable, "-m", "gateway", *words]
    done = subprocess.run(command, input=WORDS[1].encode(), capture_output=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert (fresh / "secrets" / f"{NATION}.password").read_text("utf-8") == WORDS[1]
    ours, theirs = pty.openpty()
    typed = subprocess.run(command, stdin=theirs, capture_output=True, check=False, cwd=ROOT)
    os.close(theirs)
    os.close(ours)
    assert (typed.returncode, "a secret is not typed" in typed.stderr.decode("utf-8")) == (2, True)


@pytest.mark.parametrize("content", [b"", b" \n", b"mot-dong\nhai-dong", b"\xff\xfe", b"a\x00b"])
def test_what_is_no_secret_is_refused_and_not_told(copied: Path, tmp_path: Path, content: bytes) -> None:
    place = copied / "secrets" / f"{NATION}.password"
    before = place.read_bytes()
    (tmp_path / "moi.txt").write_bytes(content)
    told = partner(copied, "rotate", NATION, "password", "--from", str(tmp_path / "moi.txt"))
    assert (told.code, "F-005" in told.err, place.read_bytes()) == (1, True, before)
    assert "hai-dong" not in told.err
    assert not place.with_name(f"{place.name}.old").exists()


def test_whenever_an_exchange_is_killed_the_secret_is_the_old_or_the_new_one(copied: Path, tmp_path: Path) -> None:
    place, changes = copied / "secrets" / f"{NATION}.password", 0
    old = place.read_text("utf-8")
    (tmp_path / "moi.txt").write_text(WORDS[1], "utf-8")
    while place.read_text("utf-8") == old:
        killed_at(copied, changes, "partner", "rotate", NATION, "password", "--from", str(tmp_path / "moi.txt"))
        changes += 1
        assert changes < 16
        assert place.read_text("utf-8") in (old, WORDS[1])
    assert changes >= 2
    assert place.with_name(f"{place.name}.old").read_text("utf-8") == old


def test_the_same_secret_again_and_one_that_nobody_declared_change_nothing(copied: Path) -> None:
    place = copied / "secrets" / f"{NATION}.password"
    assert partner(copied, "rotate", NATION, "password", "--from", str(place)).code == 6
    for names in ((NATION, "khong-co"), ("khong-co", "password")):
        told = partner(copied, "rotate", *names, "--from", str(place))
        assert (told.code, "F-006" in told.err, "khong-co" in told.err) == (5, True, True)
    assert partner(copied, "rotate", NATION, "password", "--from", str(copied / "khong-co")).code == 1
