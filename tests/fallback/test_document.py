"""A report as a formal document: PDF/A-3 with the data inside, the same bytes every time, and its edXML."""

import io
import json
import re
import shutil
import subprocess
import zipfile
import zlib
from dataclasses import replace

import pytest

from fallback.document import DocumentScribe, document_id
from fallback.figures import MOST_ROWS
from gateway.domain.agreement import Party
from gateway.domain.errors import Rejected
from gateway.domain.facts import Attachment, Prepared
from gateway.domain.ids import digest_of
from gateway.domain.parcel import Blob
from gateway.schemas.edxml.attachments import zipped
from gateway.schemas.edxml.reader import read_document
from tests.fallback.scene import AGREEMENT, AT, NUMBERED, PACKET, PARENT, Names, report


def prepare(of=None, packet=PACKET, agreement=AGREEMENT, at=AT):
    prepared, contents = DocumentScribe(Names()).prepare(PARENT, agreement, of or report(), packet, at)
    return prepared, {each.name: content for each, content in zip(prepared.files, contents, strict=True)}


def embedded(pdf: bytes) -> dict[str, bytes]:
    """The files inside a PDF as typst writes it, by name."""
    found = {}
    for spec in re.finditer(rb"/Type/Filespec/F\((.*?)\).*?/EF<</F (\d+) 0 R.*?>>", pdf, re.DOTALL):
        [(head, body)] = re.findall(
            rb"\n%s 0 obj\s*<<(.*?)>>\s*stream\r?\n(.*?)\r?\nendstream" % spec[2], pdf, re.DOTALL
        )
        found[spec[1].decode()] = zlib.decompress(body) if b"FlateDecode" in head else body
    return found


def text_of(pdf: bytes) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    done = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


# ── the papers ───────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("name", ["bao-cao.pdf", "phu-luc.pdf"])
def test_both_papers_are_pdf_a_3_and_carry_the_data(name):
    pdf = prepare()[1][name]
    assert pdf.startswith(b"%PDF-1.7")
    assert b"<pdfaid:part>3</pdfaid:part>" in pdf
    assert b"/AFRelationship/Data" in pdf
    inside = embedded(pdf)
    assert sorted(inside) == ["packet.xml", "report.json"]
    assert inside["packet.xml"] == PACKET


def test_the_document_is_dated_by_the_moment_it_was_asked_for():
    pdf = prepare()[1]["bao-cao.pdf"]
    assert set(re.findall(rb"/CreationDate\(D:(\d+)Z\)", pdf)) == {b"20261124070001"}


def test_the_same_input_is_the_same_bytes():
    assert prepare() == prepare()


def test_another_moment_is_another_document():
    assert prepare()[1]["bao-cao.pdf"] != prepare(at=AT.replace(year=2027))[1]["bao-cao.pdf"]


def test_prepared_names_its_files_by_digest_and_size():
    prepared, files = prepare()
    assert (prepared.parent, prepared.head) == ("gt-01", report().head)
    assert [(each.name, each.content.media_type) for each in prepared.files] == [
        ("bao-cao.pdf", "application/pdf"),
        ("phu-luc.pdf", "application/pdf"),
        ("du-lieu.zip", "application/zip"),
    ]
    for each in prepared.files:
        assert each.content == Blob(digest_of(files[each.name]), len(files[each.name]), each.content.media_type)


def test_the_data_can_be_found_again_and_handed_in_again():
    _, files = prepare(report(2, note="ghi chú"))
    said = json.loads(embedded(files["bao-cao.pdf"])["report.json"])
    assert (said["exchange"], said["agreement"]) == ("gt-01", "ktxh-thang")
    assert said["packet"] == {"name": "packet.xml", "size": len(PACKET), "sha256": digest_of(PACKET)}
    assert said["report"]["note"] == "ghi chú"
    assert said["report"]["values"] == [
        {"indicator": "0601", "organisation": "38", "unit": "tỷ đồng", "value": "1050.0005", "breakdown": {}},
        {"indicator": "0601", "organisation": "38", "unit": "tỷ đồng", "value": "", "breakdown": {"SEX": "F"}},
    ]


def test_the_zip_holds_the_same_data_with_its_digests():
    _, files = prepare()
    with zipfile.ZipFile(io.BytesIO(files["du-lieu.zip"])) as archive:
        inside = {name: archive.read(name) for name in archive.namelist()}
    sums = inside.pop("SHA256SUMS").decode()
    assert inside == embedded(files["phu-luc.pdf"])
    assert sums == "".join(f"{digest_of(content)}  {name}\n" for name, content in inside.items())


def test_a_packet_that_is_not_utf_8_is_refused():
    with pytest.raises(Rejected) as caught:
        prepare(packet=b"\xff\xfe")
    assert caught.value.problem.code == "C-004"


def test_what_users_wrote_is_never_markup():
    note = '#panic("x") $a$ *b* `c` \\ ] } #sys.inputs ' + '"' * 3
    _, files = prepare(report(3, note=note, form="#import", reporter="[#]"))
    assert json.loads(embedded(files["bao-cao.pdf"])["report.json"])["report"]["note"] == note


def test_letters_the_font_lacks_do_not_stop_the_document():
    note = "漢字 😀 \u0007 \ue000 ế"
    _, files = prepare(report(3, note=note))
    assert files["bao-cao.pdf"].startswith(b"%PDF-")
    assert json.loads(embedded(files["bao-cao.pdf"])["report.json"])["report"]["note"] == note


def test_up_to_the_limit_every_value_is_listed_and_beyond_it_a_summary():
    every = prepare(report(MOST_ROWS))[1]["phu-luc.pdf"]
    summary = prepare(report(MOST_ROWS + 1, organisations=7))[1]["phu-luc.pdf"]
    assert _pages(every) > 50
    assert _pages(summary) == 1
    assert len(json.loads(embedded(summary)["report.json"])["report"]["values"]) == MOST_ROWS + 1


def _pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type/Page\b", pdf))


def test_a_period_of_no_calendar_does_not_stop_the_document():
    odd = report()
    prepared, _ = prepare(replace(odd, head=replace(odd.head, period="XX:?")))
    assert "XX:?" in prepared.subject


PERIODS = [
    ("LICH:2024H1", "kỳ 6 tháng đầu năm 2024"),
    ("LICH:2024M09", "kỳ tháng 9 năm 2024"),
    ("ND09:2025M06", "kỳ từ ngày 15/5/2025 đến ngày 14/6/2025"),
]


@pytest.mark.parametrize(("code", "words"), PERIODS)
def test_the_subject_names_the_period_as_people_do(code, words):
    of = report()
    subject = prepare(replace(of, head=replace(of.head, period=code)))[0].subject
    assert f", {words} (gửi qua kênh dự phòng)" in subject
    assert code not in subject


@pytest.mark.parametrize(("code", "words"), PERIODS)
def test_the_letter_names_the_code_of_its_period_besides(code, words):
    of = report()
    _, files = prepare(replace(of, head=replace(of.head, period=code)))
    assert f"{words} (mã kỳ {code})" in text_of(files["bao-cao.pdf"])


def test_a_later_revision_says_so_and_a_long_subject_is_cut():
    assert "sửa đổi lần 1" in prepare(report(revision=2))[0].subject
    odd = report()
    assert len(prepare(replace(odd, head=replace(odd.head, form="x" * 900)))[0].subject) == 500


def test_the_letter_says_in_vietnamese_what_it_is_and_prints_the_digests():
    _, files = prepare(report(3, note="Đã đối chiếu; ữ ẫ ợ ỵ Ằ"))
    text = text_of(files["bao-cao.pdf"])
    for words in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "ỦY BAN NHÂN DÂN TỈNH GIẢ ĐỊNH",
        "Kính gửi: Văn phòng Bộ Ví Dụ.", "từ ngày 15/5/2025 đến ngày 14/6/2025", "Đã đối chiếu; ữ ẫ ợ ỵ Ằ",
        "Giả Định, ngày", "Nơi nhận:", digest_of(PACKET), digest_of(files["phu-luc.pdf"]),
    ):  # fmt: skip
        assert words in text


def test_the_annex_shows_names_figures_and_where_all_of_them_are():
    text = text_of(prepare()[1]["phu-luc.pdf"])
    assert "0601 Tổng sản phẩm trên địa bàn" in text  # the name, broken into two lines
    assert "(GRDP)" in text
    assert "1050.0005" in text
    summary = text_of(prepare(report(MOST_ROWS + 1))[1]["phu-luc.pdf"])
    assert "toàn bộ số liệu nằm trong gói dữ liệu máy đọc" in summary


def test_without_catalogues_the_codes_stand_alone():
    _, contents = DocumentScribe().prepare(PARENT, AGREEMENT, report(), PACKET, AT)
    assert contents[1].startswith(b"%PDF-")


# ── the edXML ────────────────────────────────────────────────────────────────────────────────────
def numbered_of(prepared: Prepared, **changes):
    return replace(NUMBERED, files=prepared.files, **changes)


def seal(agreement=AGREEMENT, at=AT, files=None, **changes):
    prepared, made = prepare()
    numbered = numbered_of(prepared, **changes)
    return DocumentScribe().edxml(agreement, prepared, numbered, {**made, **(files or {})}, at), made


def test_the_package_holds_the_numbered_files_and_says_who_what_and_when():
    (ready, edxml), made = seal()
    document = read_document(edxml)
    assert document.notes == ()
    assert document.document_id == ready.document_id == "H56,2026/11/20,128/BC-UBND"
    assert ready.edxml == Blob(digest_of(edxml), len(edxml), "application/xml")
    assert {file.name: file.content for file in document.files} == made
    assert (document.sender.id, document.recipients[0].id, document.recipients[0].name) == (
        "H56",
        "G22.01",
        "Văn phòng Bộ Ví Dụ",
    )
    assert (document.number, document.notation, document.issued) == ("128", "BC-UBND", "2026-11-20")
    assert (document.place, document.type_name, document.type_detail) == ("Giả Định", "Báo cáo", "14")
    assert (document.signer.name, document.signer.position) == ("Nguyễn Văn Giả Lập", "Chủ tịch")
    assert document.sent_at == "2026-11-24 14:00:01"
    assert document.appendixes == ("phu-luc.pdf", "du-lieu.zip")


def test_the_same_package_is_the_same_bytes():
    assert seal()[0] == seal()[0]


def test_a_number_of_a_letter_makes_a_letter():
    assert read_document(seal(notation="UBND-TH")[0][1]).type_name == "Công văn"


def test_the_document_id_is_agency_day_and_number():
    assert document_id("H56.02", NUMBERED) == "H56.02,2026/11/20,128/BC-UBND"


@pytest.mark.parametrize(
    ("agency", "place"),
    [
        ("UBND thành phố Hồ Chí Minh", "Thành phố Hồ Chí Minh"),
        ("Ủy ban nhân dân Thành phố Hải Phòng", "Hải Phòng"),
        ("Sở Tài chính", ""),
    ],
)
def test_the_place_is_read_out_of_the_agency(agency, place):
    named = replace(AGREEMENT, sender=Party("H56", "000.00.00.H56", agency))
    assert read_document(seal(agreement=named)[0][1]).place == place


@pytest.mark.parametrize("changes", [{"number": ""}, {"notation": ""}, {"issued": "20/11/2026"}])
def test_without_number_symbol_or_day_there_is_no_package(changes):
    with pytest.raises(Rejected) as caught:
        seal(**changes)
    assert caught.value.problem.code == "C-005"


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (b"PK\x03\x04", "F-109", "ZIP"),
        (b"<html>", "F-109", "HTML"),
        (b"", "F-109", "?"),
        (b"%PDF-1.7\n" + "\ufffd".encode() * 40 + b"obj", "F-108", "40"),
        (b"%PDF-1.7\ntrailer<</Encrypt 3 0 R>>", "F-109", "encrypted"),
        (b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\nxre", "F-109", "cut off"),
    ],
)
def test_a_paper_that_is_none_is_named_with_a_sentence_for_the_clerk(content, code, said):
    with pytest.raises(Rejected) as caught:
        seal(files={"bao-cao.pdf": content})
    found = caught.value.problem
    assert (found.code, said in found.title.en, "bao-cao.pdf" in found.title.vi) == (code, True, True)


def test_a_package_ruined_by_a_text_converter_is_named_too():
    ruined = b"PK\x03\x04" + "\ufffd".encode() * 7 + b"report.json"
    with pytest.raises(Rejected) as caught:
        seal(files={"du-lieu.zip": ruined})
    found = caught.value.problem
    assert (found.code, found.details["name"], "7" in found.title.vi) == ("F-108", "du-lieu.zip", True)


def test_a_package_that_was_cut_off_is_named_too():
    whole = zipped({"report.json": b"{}" * 99})
    with pytest.raises(Rejected) as caught:
        seal(files={"du-lieu.zip": whole[: len(whole) // 2]})
    assert (caught.value.problem.code, "chép dở" in caught.value.problem.title.vi) == ("F-109", True)
    assert seal(files={"du-lieu.zip": whole})


def test_a_real_pdf_in_which_such_bytes_occur_is_none_the_worse():
    odd = b"%PDF-1.7\n\xff\xfe" + "\ufffd".encode() * 3 + b"\n%%EOF\n\0\0"
    assert read_document(seal(files={"bao-cao.pdf": odd})[0][1]).files[0].content == odd


def test_files_that_no_axis_takes_are_refused_before_it():
    with pytest.raises(Rejected) as caught:
        seal(files={"du-lieu.zip": b"PK" + b"0" * (36 * 1024 * 1024) + b"PK\x05\x06"})
    assert [each.code for each in caught.value.problems] == ["C-003"]


def test_without_any_pdf_there_is_no_package():
    prepared, made = prepare()
    only_data = replace(NUMBERED, files=prepared.files[2:])
    with pytest.raises(Rejected):
        DocumentScribe().edxml(AGREEMENT, prepared, only_data, made, AT)


def test_a_file_the_clerk_added_travels_too():
    prepared, made = prepare()
    extra = Attachment("y-kien.docx", "Ý kiến", Blob("0" * 64, 2, "application/msword"))
    numbered = replace(NUMBERED, files=(*prepared.files, extra))
    _, edxml = DocumentScribe().edxml(AGREEMENT, prepared, numbered, {**made, "y-kien.docx": b"PK"}, AT)
    assert read_document(edxml).files[-1].content == b"PK"
