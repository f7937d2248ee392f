"""The desk alone: reports in, documents out, what people bring back; on nothing but its ledger and a copy."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fallback.__main__ import main
from fallback.desk import Desk
from fallback.folder import SIGNED, STATUSES, TO_SIGN, FolderRoute
from fallback.standby import Known
from gateway.domain.errors import Conflict, Misconfigured, Rejected
from gateway.domain.exchange import Stage
from gateway.domain.facts import intact
from gateway.domain.ids import digest_of
from gateway.journey.accept import Incoming
from tests.fallback.across import AGREEMENT, DeskClock, alone, desk, fill_in, incoming, says, sent, stocked, submission

EVENING = datetime(2026, 11, 19, 14, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return stocked(tmp_path / "ban", EVENING - timedelta(hours=15))


@pytest.fixture
def clock() -> DeskClock:
    return DeskClock(EVENING)


@pytest.fixture
def open_desk(home: Path, clock: DeskClock) -> Iterator[Desk]:
    with desk(home, clock) as opened:
        yield opened


def prepared(at: Desk, *keys: str) -> list[str]:
    """Documents laid out for these reports, by their deadline."""
    for number, key in enumerate(keys):
        at.accept(incoming(key, submission(reporter=f"H56.{number:02}")))
    assert at.prepare("mất kết nối") == []
    at.lay_out()
    return [x.id for x in at.documents(Stage.PREPARED)]


# ── reports in ───────────────────────────────────────────────────────────────────────────────────
def test_a_report_taken_in_is_on_disk_and_taken_in_once(open_desk: Desk, home: Path, clock: DeskClock) -> None:
    x, is_new = open_desk.accept(incoming("k1"))
    again, is_new_again = open_desk.accept(incoming("k1"))
    open_desk.close()

    assert (is_new, is_new_again, again.id) == (True, False, x.id)
    with desk(home, clock) as other:
        assert other.ledger.read(x.id).stage is Stage.ACCEPTED


def test_where_the_regulation_knows_no_document_the_desk_takes_nothing(open_desk: Desk) -> None:
    with pytest.raises(Rejected) as caught:
        open_desk.accept(incoming("k1", agreement="ktxh-ky-so"))
    assert caught.value.problem.code == "F-102"


@pytest.mark.parametrize("stage", ["in_doubt", "delivered", "reconciled", "diverted"])
def test_what_the_gateway_may_have_sent_is_not_taken_without_a_reason(tmp_path: Path, stage: str) -> None:
    known = Known("gd-1", AGREEMENT, "k1", digest_of(submission()), "", stage)
    with desk(stocked(tmp_path, EVENING, (known,)), DeskClock(EVENING)) as at:
        with pytest.raises(Conflict) as caught:
            at.accept(incoming("k1"))
        assert caught.value.problem.code == "F-104"
        with pytest.raises(Conflict):
            at.accept(incoming("khoa-khac"))  # the same content under another key
        assert at.accept(incoming("k1"), because="đã hỏi nơi nhận, chưa có")[1]


def test_what_the_gateway_had_not_sent_yet_is_taken(tmp_path: Path) -> None:
    known = Known("gd-1", AGREEMENT, "k1", digest_of(submission()), "", "packaged")
    with desk(stocked(tmp_path, EVENING, (known,)), DeskClock(EVENING)) as at:
        assert at.accept(incoming("k1"))[1]


def test_a_report_nobody_can_read_is_refused_with_its_reasons_and_the_others_go_on(open_desk: Desk) -> None:
    open_desk.accept(Incoming(AGREEMENT, "hong", "văn thư", "application/json", b"{"))
    documents = prepared(open_desk, "k1")

    assert len(documents) == 1
    assert [x.stage for x in open_desk.reports()] == [Stage.REFUSED, Stage.DIVERTED]


# ── documents out and back ───────────────────────────────────────────────────────────────────────
def test_documents_are_laid_out_for_people_with_a_slip_each(open_desk: Desk, home: Path) -> None:
    for document in prepared(open_desk, "k1", "k2"):
        names = sorted(path.name for path in (home / TO_SIGN / document).iterdir())
        assert names == ["bao-cao.pdf", "du-lieu.zip", "phieu-cap-so.txt", "phu-luc.pdf"]


def test_what_is_nearer_to_its_deadline_is_laid_out_first(open_desk: Desk) -> None:
    open_desk.accept(incoming("sau", submission(period="LICH:2026M12")))
    open_desk.accept(incoming("truoc", submission(period="LICH:2026M11")))
    open_desk.prepare("mất kết nối")

    due = [open_desk.deadline(x) for x in open_desk.documents()]
    assert due == sorted(due)  # type: ignore[type-var]
    assert open_desk.ledger.read(open_desk.documents()[0].parent or "").key == "truoc"


def test_a_filled_in_slip_makes_a_package_to_send(open_desk: Desk, home: Path) -> None:
    [document] = prepared(open_desk, "k1")
    fill_in(home, document, 128)
    done, refused = open_desk.register("văn thư")

    assert [(each.number, each.notation, each.issued) for each in done] == [("128", "BC-UBND", "2026-11-20")]
    assert refused == []
    assert open_desk.ledger.read(document).stage is Stage.SENT
    assert [path.name[:24] for path in sent(home)] == ["H56-2026-11-20-128-BC-UB"]
    assert not (home / SIGNED / document).exists()


@pytest.mark.parametrize(("issued", "number", "said"), [("hôm nay", 128, "Ngày ban hành"), ("20/11/2026", "", "Số")])
def test_an_incomplete_slip_is_told_beside_it_and_can_be_mended(
    open_desk: Desk, home: Path, issued: str, number: int, said: str
) -> None:
    [document] = prepared(open_desk, "k1")
    fill_in(home, document, number, issued=issued)
    done, refused = open_desk.register("văn thư")

    assert (done, [r.problems[0].code for r in refused]) == ([], ["F-111"])
    assert said in (home / SIGNED / document / "LOI.txt").read_text("utf-8")
    assert sent(home) == []


def test_a_number_given_twice_in_a_year_is_refused(open_desk: Desk, home: Path) -> None:
    first, second = prepared(open_desk, "k1", "k2")
    fill_in(home, first, 128)
    open_desk.register("văn thư")
    fill_in(home, second, 128)
    done, refused = open_desk.register("văn thư")

    assert (done, [r.problems[0].code for r in refused]) == ([], ["F-105"])
    assert open_desk.ledger.read(second).stage is Stage.PREPARED


def test_a_signed_file_that_is_no_pdf_is_refused_at_once(open_desk: Desk, home: Path) -> None:
    [document] = prepared(open_desk, "k1")
    (home / TO_SIGN / document / "bao-cao.pdf").write_bytes(b"PK\x03\x04")
    fill_in(home, document, 128)

    assert [r.problems[0].code for r in open_desk.register("văn thư")[1]] == ["F-109"]


def test_cut_off_between_the_ledger_and_the_folder_a_slip_is_read_once(
    home: Path, open_desk: Desk, tmp_path: Path
) -> None:
    [document] = prepared(open_desk, "k1")
    fill_in(home, document, 128)
    open_desk.register("văn thư")
    (home / SIGNED / "da-xong" / document).rename(home / SIGNED / document)  # as if it had not been moved
    done, refused = open_desk.register("văn thư")

    assert (len(done), refused) == (1, [])
    assert len(sent(home)) == 1


# ── what the offices say ─────────────────────────────────────────────────────────────────────────
def test_statuses_brought_back_move_the_document_and_are_filed(open_desk: Desk, home: Path) -> None:
    [document] = prepared(open_desk, "k1")
    fill_in(home, document, 128)
    open_desk.register("văn thư")
    for code in ("03", "01", "03"):
        says(home, sent(home)[0], code)
    aside, unclaimed = open_desk.follow()

    assert (aside, unclaimed) == ([], [])
    assert open_desk.ledger.read(document).stage is Stage.DOCUMENT_ACCEPTED
    assert [path for path in (home / STATUSES).iterdir() if path.is_file()] == []


def test_what_is_no_status_is_set_aside_with_a_sentence_for_the_clerk(open_desk: Desk, home: Path) -> None:
    (home / STATUSES / "la.xml").write_bytes(b"<khong/>")
    aside, _ = open_desk.follow()

    assert [each.path.name for each in aside] == ["la.xml"]
    assert "C-005" in aside[0].path.with_name("la.xml.txt").read_text("utf-8")


def test_a_status_of_another_document_stays_and_is_named(open_desk: Desk, home: Path, clock: DeskClock) -> None:
    first, _ = prepared(open_desk, "k1", "k2")
    fill_in(home, first, 128)
    open_desk.register("văn thư")
    status = says(home, sent(home)[0], "03")
    status.write_bytes(status.read_bytes().replace(b"128/BC", b"999/BC"))
    _, unclaimed = open_desk.follow()

    assert [why.code for why in unclaimed] == ["F-106"]
    assert status.exists()


def test_with_several_routes_every_document_is_looked_for_before_a_status_is_called_nobodys(
    open_desk: Desk, home: Path
) -> None:
    """They share one set of folders; what an office says after the end is sorted out by route."""
    [document] = prepared(open_desk, "k1")
    fill_in(home, document, 128)
    open_desk.register("văn thư")
    other = FolderRoute(home)
    for routes in (open_desk.routes, open_desk.doors.peers.routes):
        dict.__setitem__(routes, "a-tuyen-khac", other)  # type: ignore[arg-type]
    says(home, sent(home)[0], "03")
    assert open_desk.follow() == ([], [])
    late = says(home, sent(home)[0], "06")

    assert open_desk.follow() == ([], [])
    assert open_desk.ledger.read(document).offices == {"G22": "06"}
    assert not late.exists()


def test_what_is_no_file_is_named_once_however_often_the_folder_is_read(open_desk: Desk, home: Path) -> None:
    [document] = prepared(open_desk, "k1")
    fill_in(home, document, 128)
    open_desk.register("văn thư")
    (home / STATUSES / "a.xml").mkdir()
    says(home, sent(home)[0], "03")
    aside, unclaimed = open_desk.follow()

    assert ([each.path.name for each in aside], unclaimed) == (["a.xml"], [])
    assert open_desk.ledger.read(document).stage is Stage.DOCUMENT_ACCEPTED


@pytest.mark.parametrize("named", ["folder:{}", "{}", "trang-thai/{}"])
def test_a_clerk_says_which_document_a_status_is_about(
    open_desk: Desk, home: Path, capsys: pytest.CaptureFixture[str], named: str
) -> None:
    [document] = prepared(open_desk, "k1")
    fill_in(home, document, 128)
    open_desk.register("văn thư")
    status = says(home, sent(home)[0], "03")
    status.write_bytes(status.read_bytes().replace(b"128/BC", b"999/BC"))
    open_desk.follow()
    words = [
        "assign",
        document,
        named.format(status.name),
        "--because",
        "G22 trả lời qua điện thoại",
        "--home",
        str(home),
    ]
    assert main(words, desk_of=lambda _: nullcontext(open_desk)) == 0
    assert open_desk.ledger.read(document).stage is Stage.DOCUMENT_ACCEPTED
    assert not status.exists()

    assert main(words, desk_of=lambda _: nullcontext(open_desk)) == 5
    assert "F-123" in capsys.readouterr().err


def test_a_folder_that_cannot_be_read_is_told_and_the_others_are_numbered(open_desk: Desk, home: Path) -> None:
    spoilt, large, odd, fine = prepared(open_desk, "k1", "k2", "k3", "k4")
    for number, document in enumerate((spoilt, large, odd, fine), start=128):
        fill_in(home, document, number)
    (home / SIGNED / spoilt / "bao-cao.pdf").unlink()
    (home / SIGNED / spoilt / "bao-cao.pdf").symlink_to("/proc/self/mem")  # a file, and reading it fails
    with (home / SIGNED / large / "phu-luc.pdf").open("wb") as file:
        file.truncate(1 << 40)
    with open(os.fsencode(home / SIGNED / odd) + b"/tr\xe1ng.pdf", "wb") as file:
        file.write(b"%PDF")
    done, refused = open_desk.register("văn thư")

    assert [each.document for each in done] == [fine]
    assert {each.what: each.problems[0].code for each in refused} == {spoilt: "F-111", large: "C-003", odd: "F-111"}
    assert all((home / SIGNED / each / "LOI.txt").is_file() for each in (spoilt, large, odd))


# ── crashes, copies ──────────────────────────────────────────────────────────────────────────────
def test_a_second_desk_on_the_same_ledger_does_not_start(open_desk: Desk, home: Path) -> None:
    with pytest.raises(Misconfigured) as caught, desk(home):
        pass
    assert caught.value.problem.code == "F-005"


def test_without_an_intact_copy_the_desk_does_not_start(home: Path) -> None:
    for path in (home / "standby").rglob("don_vi_tinh.csv"):
        path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(Misconfigured) as caught, desk(home):
        pass
    assert caught.value.problem.code == "F-103"


def test_the_older_copy_serves_where_the_last_one_is_damaged(home: Path) -> None:
    stocked(home, EVENING)
    newest = max((home / "standby").iterdir())
    (newest / "known.json").write_bytes(b"[]x")
    with desk(home) as at:
        assert at.standby.made_at == EVENING - timedelta(hours=15)


def test_a_copy_under_another_key_is_refused(tmp_path: Path) -> None:
    home = stocked(tmp_path, EVENING, key=b"k" * 32)
    (home / "desk.key").write_text((b"j" * 32).hex(), "ascii")
    with pytest.raises(Misconfigured), desk(home):
        pass
    (home / "desk.key").write_text((b"k" * 32).hex(), "ascii")
    with desk(home) as at:
        assert at.standby.authentic


def test_a_closed_ledger_is_sealed_and_the_next_report_opens_a_new_one(open_desk: Desk, home: Path) -> None:
    x, _ = open_desk.accept(incoming("k1"))
    bundle = open_desk.hand_over()

    assert bundle.is_file()
    assert not (home / "so-cai.ledger").exists()
    with desk(home) as at:
        assert at.reports() == []
        assert at.accept(incoming("k2"))[1]
    assert x.id


def test_cut_off_between_closing_and_sealing_the_next_hand_over_seals_it(open_desk: Desk, home: Path) -> None:
    prepared(open_desk, "k1")
    bundle = open_desk.hand_over()
    sealed = bundle.read_bytes()
    bundle.unlink()
    with desk(home) as other:
        assert other.hand_over() == bundle
        with pytest.raises(Conflict):
            other.hand_over()

    assert len(bundle.read_bytes()) == len(sealed)
    assert sorted(path.suffix for path in bundle.parent.iterdir()) == [".json", ".ledger", ".zip"]


def test_a_record_of_which_nothing_but_the_begin_of_its_head_came_to_disk_is_cut_off(
    open_desk: Desk, home: Path, clock: DeskClock
) -> None:
    """Zeros behind it: so a file system leaves a page that was never written, and so an empty record would look."""
    open_desk.accept(incoming("k1"))
    whole = open_desk.ledger_file.read_bytes()
    open_desk.close()
    open_desk.ledger_file.write_bytes(whole + b"RGL1" + bytes(4092))
    with desk(home, clock) as other:
        assert len(other.reports()) == 1
        assert other.ledger_file.read_bytes() == whole


def test_every_chain_of_the_ledger_is_whole(open_desk: Desk, home: Path) -> None:
    [document] = prepared(open_desk, "k1")
    for x in (*open_desk.reports(), open_desk.ledger.read(document)):
        assert intact(open_desk.ledger.history(x.id))


# ── as a clerk types it ──────────────────────────────────────────────────────────────────────────
def test_the_whole_way_in_processes_that_can_import_no_database_queue_or_client(home: Path, tmp_path: Path) -> None:
    (tmp_path / "T11.json").write_bytes(submission())
    (tmp_path / "hong.json").write_bytes(b"{")
    files = [str(tmp_path / "T11.json"), str(tmp_path / "hong.json")]
    taken, out = alone(home, ["accept", *files, "--as", AGREEMENT], ["export"])
    assert (taken[0], [each["key"] for each in taken[1]["accepted"]]) == (0, ["T11", "hong"])
    [document] = [each["exchange"] for each in out[1]["to_sign"]]
    assert [each["stage"] for each in out[1]["not_ready"]] == ["refused"]
    assert json.loads(Path(out[1]["list"]).read_bytes())["reports"][0]["key"] == "T11"

    fill_in(home, document, 128)
    numbered, status, handed = alone(home, ["receipts"], ["status"], ["export", "--hand-over"])
    assert [each["number"] for each in numbered[1]["numbered"]] == ["128"]
    assert [each["stage"] for each in status[1]["documents"]] == ["sent"]
    assert Path(handed[1]["bundle"]).is_file()


@pytest.mark.parametrize(
    ("words", "code", "problem"),
    [
        (["accept", "khong-co.json", "--as", AGREEMENT], 1, "F-005"),
        (["accept", "T11.json", "--as", "khong-co"], 5, "B-005"),
        (["accept", "T11.json", "--as", "ktxh-ky-so"], 1, "F-102"),
        (["accept", "T11.json", "khac.json", "--as", AGREEMENT, "--key", "k"], 1, "C-012"),
        (["export", "--hand-over"], 6, "F-112"),
    ],
)
def test_a_verb_that_fails_says_so_in_json_and_in_its_exit_code(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    words: list[str], code: int, problem: str,
) -> None:  # fmt: skip
    (tmp_path / "T11.json").write_bytes(submission())
    (tmp_path / "khac.json").write_bytes(submission(reporter="H57"))
    monkeypatch.chdir(tmp_path)

    assert main([*words, "--home", str(home), "--json"]) == code
    spoken = capsys.readouterr()
    assert f'"code": "{problem}"' in spoken.out
    assert problem in spoken.err


def test_other_content_under_a_key_that_was_used_is_a_conflict(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["accept", str(tmp_path / "T11.json"), "--as", AGREEMENT, "--home", str(home), "--json"]
    (tmp_path / "T11.json").write_bytes(submission())
    assert main(words) == 0
    (tmp_path / "T11.json").write_bytes(submission(reporter="H57"))

    assert main(words) == 6
    assert "C-008" in capsys.readouterr().out
