"""Handing in, listing and looking into exchanges."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from gateway.cli.speech import when
from gateway.domain.calendar import VIETNAM
from gateway.domain.exchange import Kind, Stage
from gateway.domain.ids import digest_of
from gateway.ports import Header
from gateway.schemas.packets import PacketReader, PacketWriter
from tests.api.house import THANG, VALUE, as_json, new_reporter
from tests.cli.house import Office, process, run
from tests.schemas.test_submissions import workbook

CELLS = ["chi_tieu", "to_chuc", "don_vi_tinh", "gia_tri"]


def head() -> dict[str, str]:
    return {"che_do": "KTXH-THANG", "bieu": "01/KTXH", "ky": "LICH:2024M09", "don_vi": new_reporter()}


def as_csv() -> bytes:
    lines = [*(f"# {key}={value}" for key, value in head().items()), ",".join(CELLS), ",".join(VALUE.values())]
    return "\n".join(lines).encode()


def as_xlsx() -> bytes:
    return workbook(head(), [CELLS, list(VALUE.values())])


def as_xml() -> bytes:
    _, report = PacketReader().read(as_json(), "application/json")
    told = Header("m1", "report-data", datetime.now(UTC), "H56", "000.00.00.H56", "H56", "000.00.00.H56")
    return PacketWriter().write(told, report, None)


@pytest.mark.parametrize(
    ("suffix", "made"), [(".json", as_json), (".JSON", as_json), (".xml", as_xml), (".csv", as_csv), (".xlsx", as_xlsx)]
)
def test_a_file_of_every_form_is_taken_and_read(office: Office, suffix: str, made: Callable[[], bytes]) -> None:
    told = office.run("submit", office.file(made(), suffix), "--as", THANG, "--json")
    assert told.code == 0, told.err
    assert (told.document["stage"], told.document["new"]) == ("accepted", True)
    assert told.document["id"] in told.err
    office.prepare()
    assert office.stage(told.document["id"]) == "packaged"


def test_the_same_file_again_is_the_same_exchange_and_says_so(office: Office) -> None:
    file = office.file(as_json())
    first, again = (office.run("submit", file, "--as", THANG, "--json") for _ in range(2))
    assert again.code == 0
    assert again.document["id"] == first.document["id"]
    assert (first.document["new"], again.document["new"]) == (True, False)
    assert "Đã nhận từ trước" in again.err


def test_other_content_under_the_same_key_is_a_conflict_that_names_both(office: Office) -> None:
    one, other = as_json(), as_json()
    office.run("submit", office.file(one), "--as", THANG, "--key", "tháng-9")
    told = office.run("submit", office.file(other), "--as", THANG, "--key", "tháng-9", "--json")
    assert told.code == 6
    problem = told.document["problems"][0]
    assert (problem["code"], problem["details"]["key"]) == ("C-008", "tháng-9")
    for digest in (digest_of(one), digest_of(other)):
        assert digest in told.err  # whole: a digest broken over two lines finds nothing


@pytest.mark.parametrize(
    ("words", "code", "named"),
    [
        (("--as", "khong-co"), 5, "B-005"),
        (("--as", "thong-ke"), 1, "B-006"),
        (("--as", THANG, "--key", "k" * 201), 1, "C-007"),
    ],
)
def test_what_may_not_travel_is_refused_with_its_reason(
    office: Office, words: tuple[str, ...], code: int, named: str
) -> None:
    told = office.run("submit", office.file(as_json()), *words, "--json")
    assert (told.code, told.document["problems"][0]["code"]) == (code, named)


def test_a_file_of_no_known_form_is_refused_by_its_name(office: Office) -> None:
    told = office.run("submit", office.file(b"", ".docx"), "--as", THANG)
    assert told.code == 1
    assert "C-006" in told.err
    assert ".docx" in told.err


def test_a_file_that_is_not_there_is_a_slip_of_the_hand(office: Office) -> None:
    for file in (str(office.home / "none.json"), str(office.home)):
        told = office.run("submit", file, "--as", THANG)
        assert told.code == 2
        assert file in told.err


def test_the_list_is_tab_separated_in_a_pipe_with_vietnam_time(office: Office) -> None:
    identity = office.submitted()
    told = office.run("ls", "--limit", "1")
    assert told.code == 0
    shown = office.run("show", identity, "--json").document
    changed = when(datetime.fromisoformat(shown["changed_at"]))
    assert told.lines == [f"{identity}\tĐã nhận\toutbound\tquoc-gia\t{changed}"]
    assert datetime.strptime(changed, "%H:%M:%S %d/%m/%Y").replace(tzinfo=VIETNAM) <= datetime.now(UTC)


def test_the_filters_restrict_the_list_together(office: Office) -> None:
    office.submitted()
    parked = office.submitted()
    office.run("park", parked, "--because", "chờ số liệu")

    def listed(*words: str) -> list[str]:
        return [x["id"] for x in office.run("ls", "--json", "--limit", "1000", *words).document]

    assert parked in listed("--stage", "parked")
    assert parked in listed("--stage", "parked", "--stage", "accepted", "--kind", "outbound")
    assert parked in listed("--agreement", THANG, "--partner", "quoc-gia", "--regime", "KTXH-THANG")
    assert parked not in listed("--stage", "accepted")
    assert parked not in listed("--kind", "inbound")
    assert parked not in listed("--partner", "truc-van-ban")
    assert parked not in listed("--agreement", "ktxh-ky-so")
    assert listed("--regime", "TK-THANG") == []
    assert len(listed("--limit", "2")) == 2


@pytest.mark.parametrize(
    ("words", "known"),
    [
        (("--stage", "lost"), {stage.value for stage in Stage}),
        (("--kind", "sms"), {kind.value for kind in Kind}),
        (("--regime", "KTXH"), {"KTXH-THANG", "TK-THANG"}),
        (("--regime", "TK-THANG", "--agreement", THANG), {"thong-ke"}),
        (("--limit", "0"), {"--limit"}),
        (("--since", "hôm qua"), {"--since"}),
    ],
)
def test_a_filter_nobody_knows_is_a_slip_of_the_hand(office: Office, words: tuple[str, ...], known: set[str]) -> None:
    told = office.run("ls", *words)
    assert told.code == 2
    assert not told.stdout
    assert all(word in told.err for word in known)
    assert "Traceback" not in told.err


def test_a_list_that_is_cut_off_says_so(office: Office) -> None:
    for _ in range(2):
        office.submitted()
    assert "only the newest 1 " in office.run("ls", "--limit", "1").err
    assert "only the newest" not in office.run("ls", "--limit", "1000").err


def test_since_without_a_zone_is_vietnam_time_wherever_the_machine_stands(office: Office) -> None:
    identity = office.submitted()
    at = datetime.fromisoformat(office.run("show", identity, "--json").document["opened_at"])
    assert identity in _since(office, at - timedelta(minutes=1), "America/New_York")
    assert identity not in _since(office, at + timedelta(minutes=1), "Asia/Tokyo")


def _since(office: Office, at: datetime, zone: str) -> str:
    typed = at.astimezone(VIETNAM).strftime("%Y-%m-%dT%H:%M:%S")
    told = process("ls", "--since", typed, "--limit", "1000", "--home", str(office.home), TZ=zone)
    assert told.code == 0, told.err
    return told.out


def test_since_with_an_offset_is_that_instant(office: Office) -> None:
    identity = office.submitted()
    at = datetime.fromisoformat(office.run("show", identity, "--json").document["opened_at"])
    assert identity in office.run("ls", "--since", (at - timedelta(seconds=1)).isoformat()).out
    assert identity not in office.run("ls", "--since", (at + timedelta(seconds=1)).isoformat()).out


def test_show_tells_where_an_exchange_stands_and_how_it_came_there(office: Office) -> None:
    identity = office.submitted()
    office.run("park", identity, "--because", "chờ số liệu")
    told = office.run("show", identity)
    assert told.code == 0
    assert told.lines[0].startswith(f"{identity}  Tạm giữ")
    assert "chờ số liệu" in told.out
    assert [line.rpartition("  ")[2] for line in told.lines[-2:]] == ["Accepted", "Parked"]


def test_show_tells_what_is_the_matter_in_both_languages_and_who_acts(office: Office) -> None:
    identity = office.submitted(as_json() + b"}")
    office.prepare()
    told = office.run("show", identity)
    [(at, _)] = [(n, line) for n, line in enumerate(told.lines) if "C-009" in line]
    assert told.lines[at + 1].strip().endswith("(đơn vị tích hợp)")
    assert told.lines[at + 2].strip().endswith("(the integrator)")


def test_the_facts_are_told_in_the_words_of_the_desk_each_with_its_reason(office: Office) -> None:
    identity = office.submitted()
    office.run("park", identity, "--because", "chờ số liệu", "--by", "an")
    told = [line.strip() for line in office.run("show", identity, "--facts").lines]
    parked = next(n for n, line in enumerate(told) if line.endswith("  Parked"))
    assert told[parked + 1] == "Tạm giữ, chờ người quyết định."
    assert told[parked + 2].startswith("F-009")
    assert "chờ số liệu" in told[parked + 2]


def test_show_gives_the_facts_with_their_chain(office: Office) -> None:
    told = office.run("show", office.submitted(), "--facts", "--json").document
    assert told["chain_intact"] is True
    assert [(fact["seq"], fact["fact"]) for fact in told["facts"]] == [(1, "Accepted")]
    assert datetime.fromisoformat(told["facts"][0]["at"]).utcoffset() is not None


def test_show_prints_a_content_as_it_came_byte_for_byte(office: Office) -> None:
    payload = as_json()
    identity = office.submitted(payload)
    assert office.run("show", identity, "--blob", "payload").stdout == payload
    office.prepare()
    assert office.run("show", identity, "--blob", "parcel").stdout.startswith(b"<?xml")
    for kept in ("document", "findings"):
        assert json.loads(office.run("show", identity, "--blob", kept).stdout)


def test_a_content_that_is_not_there_is_not_found(office: Office) -> None:
    identity = office.submitted()
    for name in ("parcel", "edxml", "nonsense"):
        told = office.run("show", identity, "--blob", name)
        assert told.code == 5
        assert name in told.err
        assert not told.stdout


def test_a_content_is_no_json_document(office: Office) -> None:
    assert office.run("show", "gd-1", "--blob", "payload", "--json").code == 2


@pytest.mark.parametrize("identity", ["gd-0", "", "../etc/passwd", "'; DROP TABLE", "\x1b[31m", "gd-" + "9" * 5000])
def test_an_exchange_nobody_knows_is_not_found(office: Office, identity: str) -> None:
    told = office.run("show", identity, "--json")
    assert told.code == 5
    assert told.document["problems"][0]["code"] == "F-006"
    assert "\x1b" not in told.err


def test_text_for_a_machine_is_utf8_whatever_the_locale(office: Office) -> None:
    office.submitted()
    told = process("ls", "--limit", "1", GATEWAY_HOME=str(office.home), PYTHONIOENCODING="ascii", LC_ALL="C")
    assert told.code == 0, told.err
    assert "Đã nhận" in told.out


def test_no_home_is_the_folder_one_stands_in(office: Office) -> None:
    assert process("ls", cwd=office.home).code == 0
    assert run("ls", "--home", str(office.home / "none")).code == 1
