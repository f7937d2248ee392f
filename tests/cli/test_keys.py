"""Who may hand in, from the command line: a key is given, changed without a gap, withdrawn."""

from __future__ import annotations

import os
import pty
import signal
import stat
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.deploy import create
from gateway.domain.ids import digest_of
from tests.api.house import as_json, new_key
from tests.cli.house import PATIENCE, ROOT, Told, run, started
from tests.cli.test_running import first_document

NEW = "so-nong-nghiep"
FIRST = "ht-bao-cao-tinh"


class Desk:
    """Where an operator types, and what lies there afterwards."""

    def __init__(self, home: Path) -> None:
        self.home, self.clients = home, home / "clients.toml"

    def key(self, *words: str) -> Told:
        return run("key", *words, "--home", str(self.home))

    def new(self, name: str = NEW, *more: str) -> Path:
        """A new key of a system; its file."""
        told = self.key("new", name, *(more or ("--agreement", "ktxh-thang")), "--json")
        assert told.code == 0, told.err
        return Path(told.document["file"])

    def text(self) -> str:
        return self.clients.read_text("utf-8")

    def entries(self, name: str = NEW) -> list[dict[str, Any]]:
        return [one for one in tomllib.loads(self.text()).get("clients", []) if one["id"] == name]

    def digests(self) -> list[str]:
        return [one["digest"] for one in self.key("ls", "--json").document if one["id"] == NEW]

    def left(self) -> set[str]:
        """The names of all files there."""
        return {str(path.relative_to(self.home)) for path in self.home.rglob("*") if path.is_file()}


@pytest.fixture
def desk(fresh: Path) -> Desk:
    return Desk(fresh)


@contextmanager
def asked_of(home: Path) -> Iterator[httpx.Client]:
    """A gateway served as it is declared now, until the end."""
    with started("serve", "--port", "0", "--json", "--home", str(home)) as serving:
        url = first_document(serving)["url"]
        with httpx.Client(base_url=url, timeout=PATIENCE, trust_env=False) as client:
            yield client
        assert serving.ended_by(signal.SIGTERM).code == 0  # nothing in hand is left to a lease


def handed_in(client: httpx.Client, key: str) -> httpx.Response:
    headers = {
        "Authorization": f"Bearer {key}",
        "Agreement": "ktxh-thang",
        "Idempotency-Key": new_key(),
        "Content-Type": "application/json",
    }
    return client.post("/v1/reports", content=as_json(), headers=headers)


# ── given ────────────────────────────────────────────────────────────────────────────────────────
def test_a_key_opens_the_door_after_a_restart_a_second_one_beside_it_and_a_withdrawn_one_no_more(copied: Path) -> None:
    desk = Desk(copied)
    old = desk.new().read_text("utf-8")
    new = desk.new().read_text("utf-8")
    assert run("check", "--home", str(copied)).code == 0
    with asked_of(copied) as client:
        assert [handed_in(client, key).status_code for key in (old, new)] == [202, 202]
        told = desk.key("revoke", NEW, "--digest", digest_of(old.encode())[:8])
        assert told.code == 0, told.err
        assert "khởi động lại gateway serve" in told.err
        assert handed_in(client, old).status_code == 202  # as it says: until it is started again
    with asked_of(copied) as client:
        refused = handed_in(client, old)
        assert (refused.status_code, refused.json()["code"]) == (401, "B-002")
        assert handed_in(client, new).status_code == 202


def test_a_key_lies_in_a_file_of_its_owner_alone_and_is_said_nowhere(desk: Desk) -> None:
    told = desk.key("new", NEW, "--agreement", "ktxh-thang", "--json")
    place = Path(told.document["file"])
    key = place.read_text("utf-8")
    assert place == desk.home / "secrets" / f"{NEW}.key"
    assert (stat.S_IMODE(place.stat().st_mode), len(key)) == (0o600, 43)
    assert key not in told.out + told.err + desk.text()
    [entry] = desk.entries()
    assert entry == {"id": NEW, "key_sha256": digest_of(key.encode()), "agreements": ["ktxh-thang"]}
    assert entry["key_sha256"].startswith(told.document["digest"])
    for words in ("Khởi động lại gateway serve", "restart gateway serve", "another road", str(place)):
        assert words in told.err


def test_another_key_of_a_system_has_the_same_rights_and_a_file_of_its_own(desk: Desk) -> None:
    rights = ("--agreement", "ktxh-thang", "--agreement", "ngan-sach", "--kind", "sector")
    desk.new(NEW, *rights, "--permission", "12/UBND-VX", "--issued", "2026-01-05", "--valid-to", "2027-01-05")
    told = desk.key("new", NEW, "--json")
    assert (told.code, told.document["further"]) == (0, True)
    assert told.document["file"] == str(desk.home / "secrets" / f"{NEW}-2.key")
    assert f"gateway key revoke {NEW} --digest" in told.err
    first, second = desk.entries()
    assert first.pop("key_sha256") != second.pop("key_sha256")
    assert first == second
    third = tomllib.loads(desk.new(NEW, "--agreement", "ngan-sach").parent.parent.joinpath("clients.toml").read_text())
    assert [one["agreements"] for one in third["clients"]][-2:] == [["ktxh-thang", "ngan-sach"], ["ngan-sach"]]


def test_whoever_was_told_by_webhook_still_is_when_the_old_key_is_withdrawn(desk: Desk) -> None:
    (desk.home / "secrets" / "webhook").write_text("whsec_" + "A" * 43 + "=", "utf-8")
    desk.new()
    webhook = '[clients.webhook]\nurl = "https://so.vn/hook"\nsecret_files = ["secrets/webhook"]\n'
    desk.clients.write_text(f"{desk.text()}{webhook}", "utf-8")
    desk.new()
    old, new = desk.digests()
    assert desk.key("revoke", NEW, "--digest", old).code == 0
    assert desk.digests() == [new]
    assert [one["webhook"]["url"] for one in desk.entries()] == ["https://so.vn/hook"]


def test_a_receiver_has_a_key_of_its_own(desk: Desk) -> None:
    desk.new("quoc-gia-bao", "--partner", "quoc-gia")
    [entry] = desk.entries("quoc-gia-bao")
    assert (entry["kind"], entry["partner"], "agreements" in entry) == ("partner", "quoc-gia", False)


def test_a_key_is_written_where_it_is_wanted_and_over_nothing(desk: Desk, tmp_path: Path) -> None:
    usb = tmp_path / "usb.txt"
    assert desk.new(NEW, "--agreement", "ktxh-thang", "--out", str(usb)) == usb
    before, key = desk.text(), usb.read_text("utf-8")
    told = desk.key("new", NEW, "--out", str(usb))
    assert (told.code, "F-005" in told.err, str(usb) in told.err) == (6, True, True)
    assert (desk.text(), usb.read_text("utf-8")) == (before, key)
    nowhere = desk.key("new", NEW, "--out", str(tmp_path / "khong-co" / "x.key"))
    assert (nowhere.code, "F-005" in nowhere.err) == (1, True)
    assert desk.text() == before


def test_into_a_pipe_goes_the_key_and_nothing_else_and_no_file_is_left(desk: Desk) -> None:
    before = desk.left()
    told = desk.key("new", NEW, "--agreement", "ktxh-thang", "--out", "-")
    assert desk.left() == before
    [entry] = desk.entries()
    assert digest_of(told.stdout.removesuffix(b"\n")) == entry["key_sha256"]
    assert told.out.strip() not in told.err
    further = desk.key("new", NEW, "--out", "-", "--json").document
    assert digest_of(further["key"].encode()) == desk.entries()[1]["key_sha256"]


def test_a_screen_is_never_shown_a_key(desk: Desk) -> None:
    before = desk.text()
    ours, theirs = pty.openpty()
    words = ["key", "new", NEW, "--agreement", "ktxh-thang", "--out", "-", "--home", str(desk.home)]
    done = subprocess.run(
        [sys.executable, "-m", "gateway", *words], stdout=theirs, stderr=subprocess.PIPE, check=False, cwd=ROOT
    )
    os.close(theirs)
    os.close(ours)
    assert (done.returncode, desk.text()) == (2, before)
    assert "màn hình / a key is not for a screen" in done.stderr.decode("utf-8")


# ── refused ──────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ((NEW, "--agreement", "khong-co"), 1, "khong-co"),
        ((NEW,), 1, "--agreement"),
        (("Sở NN", "--agreement", "ktxh-thang"), 1, "Sở NN"),
        (("../../x", "--agreement", "ktxh-thang"), 1, "../../x"),
        ((NEW, "--partner", "khong-co"), 1, "khong-co"),
        ((NEW, "--partner", "quoc-gia", "--agreement", "ktxh-thang"), 1, "partner"),
        ((NEW, "--agreement", "ktxh-thang", "--kind", "giam-doc"), 2, "giam-doc"),
        ((NEW, "--agreement", "ktxh-thang", "--permission", "12/UBND-VX"), 2, "--issued"),
        ((NEW, "--agreement", "ktxh-thang", "--issued", "2026-01-05"), 2, "--issued"),
        (
            (NEW, "--agreement", "ktxh-thang", "--permission", "nói miệng", "--issued", "2026-01-05"),
            1,
            "permission.document",
        ),
    ],
)
def test_what_would_not_be_sound_is_refused_with_a_code_and_leaves_nothing(
    desk: Desk, words: tuple[str, ...], code: int, told: str
) -> None:
    before, text = desk.left(), desk.text()
    refused = desk.key("new", *words, "--json")
    assert refused.code == code
    assert refused.document["problems"][0]["code"] == ("F-005" if code == 1 else "C-012")
    assert told in refused.err
    assert (desk.left(), desk.text()) == (before, text)


def test_a_sector_needs_the_permission_that_its_provinces_regulation_asks_for(tmp_path: Path) -> None:
    create(tmp_path / "lao-cai", "lao-cai")
    desk = Desk(tmp_path / "lao-cai")
    refused = desk.key("new", "bhxh", "--agreement", "ktxh-thang", "--kind", "sector", "--json")
    [found] = refused.document["problems"]
    assert (refused.code, found["code"], found["details"]["key"]) == (1, "F-005", "bhxh.permission")
    assert "11.5.b" in refused.err
    assert not desk.entries("bhxh")
    given = ("--permission", "12/UBND-VX", "--issued", "2026-01-05")
    desk.new("bhxh", "--agreement", "ktxh-thang", "--kind", "sector", *given)
    assert desk.key("ls").lines[-1].split("\t")[1:3] == ["sector", "ktxh-thang"]
    assert desk.key("ls").lines[-1].endswith("12/UBND-VX từ 05/01/2026")


def test_what_was_wrong_before_is_not_the_new_keys_fault_but_what_cannot_be_read_can_not_be_judged(desk: Desk) -> None:
    assert run("check", "--home", str(desk.home)).code == 1  # six secrets are not there yet
    desk.new()
    (desk.home / "partners" / "truc-van-ban.toml").write_text("[partner\n", "utf-8")
    refused = desk.key("new", NEW)
    assert (refused.code, "truc-van-ban.toml" in refused.err) == (1, True)
    assert len(desk.entries()) == 1
    assert desk.key("revoke", NEW).code == 0  # a key that is lost is withdrawn, whatever else is wrong


@pytest.mark.parametrize("file", ["gateway.toml", "local.toml"])
def test_keys_in_another_file_are_not_hidden_by_an_entry_here(desk: Desk, file: str) -> None:
    before = desk.text()
    with (desk.home / file).open("a", encoding="utf-8") as other:
        other.write(f"\n{before.replace(FIRST, 'khac')}")
    for verb in (("new", NEW, "--agreement", "ktxh-thang"), ("revoke", FIRST)):
        refused = desk.key(*verb)
        assert (refused.code, f"{file}, mục clients" in refused.err) == (1, True)
    assert desk.text() == before


def test_entries_on_one_line_are_left_to_a_person_with_their_lines(desk: Desk) -> None:
    text = f'# tay\nclients = [{{ id = "{FIRST}", key_sha256 = "{"0a" * 32}", agreements = [] }}]\n'
    desk.clients.write_text(text, "utf-8")
    before = desk.left()
    for verb in (("new", NEW, "--agreement", "ktxh-thang"), ("revoke", FIRST)):
        refused = desk.key(*verb, "--json")
        [found] = refused.document["problems"]
        assert (refused.code, found["code"], found["details"]["line"]) == (1, "F-048", "2")
    assert (desk.text(), desk.left()) == (text, before)


def test_a_folder_that_is_no_deployment_is_named(tmp_path: Path) -> None:
    for verb in (("new", NEW, "--agreement", "ktxh-thang"), ("revoke", NEW), ("ls",)):
        told = Desk(tmp_path).key(*verb)
        assert (told.code, "gateway.toml" in told.err, str(tmp_path) in told.err) == (1, True, True)


# ── withdrawn ────────────────────────────────────────────────────────────────────────────────────
def test_a_withdrawn_key_takes_its_entry_and_its_file_along_and_tells_what_it_took(desk: Desk) -> None:
    before, files = desk.text(), desk.left()
    place = desk.new()
    added = desk.text().removeprefix(before).strip().splitlines()
    told = desk.key("revoke", NEW)
    assert (told.code, told.lines) == (0, added)
    assert str(place) in told.err
    assert (desk.text(), desk.left()) == (before, files)


def test_as_json_a_withdrawal_says_the_same(desk: Desk) -> None:
    place = desk.new()
    digest = digest_of(place.read_bytes())
    told = desk.key("revoke", NEW, "--digest", digest[:12].upper(), "--json")
    assert (told.code, told.document["id"], told.document["digest"]) == (0, NEW, digest)
    assert told.document["files"] == [str(place)]
    assert f'key_sha256 = "{digest}"' in told.document["removed"]


def test_of_two_keys_the_one_is_named_or_nothing_is_done(desk: Desk) -> None:
    first, second = desk.new(), desk.new()
    text = desk.text()
    refused = desk.key("revoke", NEW, "--json")
    [found] = refused.document["problems"]
    assert (refused.code, found["code"], desk.text()) == (6, "F-047", text)
    old, new = desk.digests()
    assert old in refused.err
    assert new in refused.err
    assert desk.key("revoke", NEW, "--digest", old).code == 0
    assert (desk.digests(), first.exists(), second.exists()) == ([new], False, True)


def test_nobody_and_no_such_digest_are_not_found(desk: Desk) -> None:
    desk.new()
    text = desk.text()
    for words in (("khong-co",), (NEW, "--digest", "zz")):
        told = desk.key("revoke", *words)
        assert (told.code, "F-006" in told.err, desk.text()) == (5, True, text)


def test_a_key_that_opens_as_another_system_too_is_not_taken_for_withdrawn(desk: Desk) -> None:
    place = desk.new()
    desk.clients.write_text(desk.text() + "\n" + desk.text().partition("\n\n")[2].replace(NEW, "khac"), "utf-8")
    told = desk.key("revoke", NEW)
    assert (told.code, place.exists()) == (0, True)
    assert "khac" in told.err
    assert desk.key("revoke", "khac").code == 0
    assert not place.exists()


def test_the_last_key_can_be_withdrawn_and_a_first_one_given_where_there_is_no_file(desk: Desk) -> None:
    assert desk.key("revoke", FIRST).code == 0
    assert (desk.text(), desk.key("ls").out) == ("", "")
    desk.clients.unlink()
    desk.new()
    assert len(desk.entries()) == 1


def test_remarks_order_rights_of_the_file_and_where_a_link_leads_stay(desk: Desk, tmp_path: Path) -> None:
    kept = tmp_path / "noi-khac" / "clients.toml"
    kept.parent.mkdir()
    written = f"# Cấp theo 12/TB\r\n\r\n{desk.text().replace(chr(10), chr(13) + chr(10))}\r\n# hết\r\n"
    kept.write_bytes(written.encode())
    kept.chmod(0o640)
    owner = (1, 1) if os.geteuid() == 0 else (os.geteuid(), os.getegid())  # an administrator edits for a service
    os.chown(kept, *owner)
    desk.clients.unlink()
    desk.clients.symlink_to(kept)
    desk.new()
    assert kept.read_bytes().startswith(written.encode())
    assert kept.read_bytes().count(b"\n") == kept.read_bytes().count(b"\r\n")
    assert (stat.S_IMODE(kept.stat().st_mode), desk.clients.is_symlink()) == (0o640, True)
    assert (kept.stat().st_uid, kept.stat().st_gid) == owner
    assert desk.key("revoke", NEW).code == 0
    assert kept.read_bytes() == written.encode()
    assert [path.name for path in kept.parent.iterdir()] == ["clients.toml"]


# ── in the middle ────────────────────────────────────────────────────────────────────────────────
_KILLED_AT = """
import os, signal, sys
place, left = sys.argv[1], int(sys.argv[2])
def heard(event, args):
    global left
    changes = event in ("os.rename", "os.remove", "os.chmod", "os.chown", "os.mkdir")
    if changes or (event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR)):
        if str(args[0]).startswith(place):
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
from gateway.cli.main import main
sys.addaudithook(heard)
main(sys.argv[3:])
"""


def killed_at(home: Path, change: int, *words: str) -> bool:
    """The verb, killed outright before its `change`-th change of anything in the deployment; false when it ended."""
    command = [sys.executable, "-c", _KILLED_AT, str(home), str(change), *words, "--home", str(home)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=PATIENCE, check=False)
    assert done.returncode in (0, -9), done.stderr
    return done.returncode == -9


def test_whenever_the_verb_is_killed_the_deployment_checks_and_every_entry_has_its_key(copied: Path) -> None:
    desk, changes = Desk(copied), 0
    while killed_at(copied, changes, "key", "new", NEW, "--agreement", "ktxh-thang"):
        changes += 1
        assert changes < 12
        assert run("check", "--home", str(copied)).code == 0
        there = {path: digest_of(path.read_bytes()) for path in (copied / "secrets").glob(f"{NEW}*.key")}
        assert {entry["key_sha256"] for entry in desk.entries()} <= set(there.values())
        for path in there:  # of nobody yet; else the next one would be called differently
            path.unlink()
    assert changes >= 3  # the key, the new text, and this one in the other's place
    assert len(desk.entries()) == 1


def test_whenever_a_withdrawal_is_killed_the_deployment_checks_and_it_can_be_done_again(copied: Path) -> None:
    desk, changes = Desk(copied), 0
    desk.new()
    while desk.entries():
        killed_at(copied, changes, "key", "revoke", NEW)
        changes += 1
        assert changes < 12
        assert run("check", "--home", str(copied)).code == 0
    assert changes >= 2
    assert len(desk.entries(FIRST)) == 1


def test_two_people_at_once_lose_no_key(desk: Desk) -> None:
    names = [f"so-{number}" for number in range(4)]
    words = [sys.executable, "-m", "gateway", "key", "new", "--agreement", "ktxh-thang", "--home", str(desk.home)]
    ended: list[int] = []

    def type_in(name: str) -> None:
        ended.append(subprocess.run([*words, name], cwd=ROOT, capture_output=True, check=False).returncode)

    people = [threading.Thread(target=type_in, args=(name,)) for name in names]
    for person in people:
        person.start()
    for person in people:
        person.join(PATIENCE)
    assert ended == [0, 0, 0, 0]
    assert all(len(desk.entries(name)) == 1 for name in names)
