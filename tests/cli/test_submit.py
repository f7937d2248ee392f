"""A composite report from the command line: figures, words and signed files, taken as one or refused by name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway.domain.exchange import Stage
from gateway.domain.ids import digest_of
from gateway.sandbox.store import Store
from tests.api import hostile
from tests.api.house import SIGNED, THANG, as_json
from tests.api.signed_files import by_both, holding, words
from tests.cli.house import Office, Told
from tests.signing.pdf_files import report as pdf

LETTER, FORM = "Báo cáo tháng.pdf", "Biểu 01.pdf"


@pytest.fixture(scope="module")
def letter(office: Office) -> bytes:
    return by_both(office.other_side, pdf())


class Desk:
    """A folder with the files of one report in it, and the hand that submits them."""

    def __init__(self, office: Office, folder: Path) -> None:
        self.office, self.folder = office, folder

    def keep(self, name: str, content: bytes) -> str:
        path = self.folder / name
        path.write_bytes(content)
        return str(path)

    def submit(self, *more: str, report: str, agreement: str = SIGNED, files: tuple[str, ...] = ()) -> Told:
        attached = [word for file in files for word in ("--attach", file)]
        return self.office.run("submit", report, "--as", agreement, *more, *attached, "--json")


@pytest.fixture
def desk(office: Office, tmp_path: Path) -> Desk:
    return Desk(office, tmp_path)


def test_figures_words_and_signed_files_arrive_as_one(
    desk: Desk, letter: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    report = hostile.packet()
    form = by_both(desk.office.other_side, holding(pdf(), report))
    told = words((LETTER, "narrative"), (FORM, "form"))
    given = desk.keep("bao-cao.xml", report)
    files = desk.keep(LETTER, letter), desk.keep(FORM, form)
    first = desk.submit("--narrative", desk.keep("loi.json", told), report=given, files=files)
    assert first.code == 0, first.err
    assert [(part["name"], part["sha256"]) for part in first.document["parts"]] == [
        ("", digest_of(told)), (LETTER, digest_of(letter)), (FORM, digest_of(form)),
    ]  # fmt: skip
    assert "2 tệp kèm" in first.err

    again = desk.submit("--narrative", str(desk.folder / "loi.json"), report=given, files=files)
    assert (again.document["id"], again.document["new"]) == (first.document["id"], False)

    x = desk.office.walked(first.document["id"], Stage.ACKNOWLEDGED, Stage.RECONCILED)
    told_of = desk.office.run("show", x.id).out
    for name, content in ((LETTER, letter), (FORM, form)):
        assert desk.office.run("show", x.id, "--blob", name).stdout == content
        line = next(line for line in told_of.splitlines() if name in line)
        assert line.endswith(f"{digest_of(content)} khớp")
    assert desk.office.run("show", x.id, "--blob", "narrative").stdout == told
    assert b'packet="narrative"' in desk.office.run("show", x.id, "--blob", "words").stdout
    assert desk.office.run("show", x.id, "--blob", "khac.pdf").code == 5
    assert came(desk.office, x.id) == [(LETTER, "narrative", letter), (FORM, "form", form)]


def came(office: Office, exchange: str) -> list[tuple[str, str, bytes]]:
    """The files that the other side keeps beside the figures of an exchange: (name, role, bytes)."""
    store = Store(office.other_side_folder)
    try:
        [arrival] = store.arrivals("message_id = ?", exchange)
        return [(one.name, one.role, one.content) for one in store.enclosed(arrival.number) if one.role != "words"]
    finally:
        store.close()


def test_other_files_beside_the_same_figures_are_another_report(desk: Desk) -> None:
    given = desk.keep("bao-cao.xml", hostile.packet())
    told = desk.keep("loi.json", words(("a.pdf", "annex")))
    one, other = (
        desk.submit("--narrative", told, report=given, files=(desk.keep("a.pdf", b"%PDF-" + mark),))
        for mark in (b"1", b"2")
    )
    assert (one.code, other.code) == (0, 0), other.err
    assert one.document["id"] != other.document["id"]


def test_an_agreement_for_figures_alone_takes_no_file(desk: Desk) -> None:
    report, file = desk.keep("a.json", as_json()), desk.keep("a.pdf", pdf())
    told = desk.submit("--narrative", desk.keep("loi.json", words()), report=report, agreement=THANG, files=(file,))
    assert (told.code, told.document["problems"][0]["code"]) == (1, "C-030")


def test_a_file_too_long_is_refused_by_its_name_before_it_is_read(desk: Desk) -> None:
    """A sparse file: to read it would take the memory that it says it has."""
    huge = desk.folder / "ảnh vệ tinh.pdf"
    huge.touch()
    os.truncate(huge, 1 << 40)
    told = desk.submit(report=desk.keep("a.xml", hostile.packet()), files=(str(huge),))
    assert told.code == 1
    codes = [(problem["code"], problem["details"]["found"]) for problem in told.document["problems"]]
    assert codes == [("C-003", str(1 << 40))] * 2  # by itself, and all together
    assert huge.name in told.err


def test_figures_too_long_are_refused_before_they_are_read(desk: Desk) -> None:
    huge = desk.folder / "a.xml"
    huge.touch()
    os.truncate(huge, 1 << 40)
    told = desk.submit(report=str(huge))
    assert (told.code, [problem["code"] for problem in told.document["problems"]]) == (1, ["C-003"])


def test_more_files_than_agreed_are_refused(desk: Desk) -> None:
    files = tuple(desk.keep(f"{n}.pdf", b"%PDF-") for n in range(11))
    told = desk.submit(report=desk.keep("a.xml", hostile.packet()), files=files)
    assert (told.code, [problem["code"] for problem in told.document["problems"]]) == (1, ["C-003"])


@pytest.mark.parametrize(("name", "content"), [("a.exe", b"MZ"), ("a.pdf", b""), ("a.docx", b"%PDF-1.7")])
def test_a_file_of_a_kind_that_may_not_travel_is_refused_by_its_name(desk: Desk, name: str, content: bytes) -> None:
    told = desk.submit(report=desk.keep("a.xml", hostile.packet()), files=(desk.keep(name, content),))
    assert (told.code, told.document["problems"][0]["code"]) == (1, "C-031")
    assert name in told.err


def test_two_files_of_one_name_from_two_folders_are_refused(desk: Desk) -> None:
    (desk.folder / "b").mkdir()
    files = desk.keep("a.pdf", b"%PDF-1"), desk.keep("b/a.pdf", b"%PDF-2")
    told = desk.submit(report=desk.keep("a.xml", hostile.packet()), files=files)
    assert (told.code, told.document["problems"][0]["code"]) == (1, "C-031")


def test_words_in_a_form_words_never_have_are_refused_by_it(desk: Desk) -> None:
    told = desk.submit("--narrative", desk.keep("loi.docx", b"PK"), report=desk.keep("a.xml", hostile.packet()))
    assert (told.code, told.document["problems"][0]["code"]) == (1, "C-006")
    assert ".docx" in told.err
    assert "phần lời: JSON hoặc XML" in told.document["problems"][0]["advice"]["vi"]


def test_what_has_no_size_is_a_slip_of_the_hand(desk: Desk) -> None:
    pipe = desk.folder / "a.pdf"
    os.mkfifo(pipe)
    told = desk.submit(report=desk.keep("a.xml", hostile.packet()), files=(str(pipe),))
    assert told.code == 2
    assert str(pipe) in told.err


def test_a_file_that_is_not_there_is_a_slip_of_the_hand(desk: Desk) -> None:
    report = desk.keep("a.xml", hostile.packet())
    for words_given in (("--narrative", str(desk.folder / "khong-co.json")), ("--attach", str(desk.folder))):
        assert desk.submit(*words_given, report=report).code == 2


def test_nothing_of_what_was_refused_is_kept(desk: Desk) -> None:
    before = desk.office.run("ls", "--agreement", SIGNED, "--limit", "1000", "--json").document
    desk.submit(report=desk.keep("a.xml", hostile.packet()), files=(desk.keep("a.exe", b"MZ"),))
    after = desk.office.run("ls", "--agreement", SIGNED, "--limit", "1000", "--json").document
    assert [x["id"] for x in after] == [x["id"] for x in before]
