"""`ports.Scribe`: a report as a formal document, and that document as edXML.

Where the system is out and the regulation allows it, a report goes as văn bản điện tử: a Báo cáo with an
annex of the figures (PDF/A-3), and the machine data in a ZIP. Number, date and signatures are not ours:
they come from the document system (Decree 30/2020 art. 15.3), so their places stay open.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from fallback.figures import Figures
from fallback.paper import ANNEX, LETTER, Embedded, typeset
from fallback.signed import faults_of
from gateway.domain.agreement import Agreement, FallbackTerms
from gateway.domain.calendar import VIETNAM, in_words, month_written, period
from gateway.domain.errors import Rejected, problem
from gateway.domain.exchange import Exchange
from gateway.domain.facts import Attachment, Numbered, Prepared, Ready
from gateway.domain.ids import digest_of
from gateway.domain.parcel import Blob
from gateway.domain.record import canonical
from gateway.domain.report import Report, ReportHead
from gateway.ports import Catalogues
from gateway.schemas.edxml.attachments import zipped
from gateway.schemas.edxml.model import Answered, Business, Document, File, Organ, Replaced, Signer, Status
from gateway.schemas.edxml.writer import write, write_status

_LONGEST_SUBJECT = 500
_PLACE = re.compile(r"(?:tỉnh|thành phố)\s+(.+)$", re.IGNORECASE)
# Named after a person, so with its rank (Decree 30/2020 appendix I, II.4).
_WITH_RANK = {"Hồ Chí Minh": "Thành phố Hồ Chí Minh"}
_KINDS = {"BC": ("14", "Báo cáo")}  # TypeDetail and TypeName by the first letters of the notation
_LETTER_KIND = ("18", "Công văn")
_EMBEDDED = {
    "report.json": ("application/json", "Số liệu máy đọc"),
    "packet.xml": ("application/xml", "Gói tin gửi hệ thống quốc gia"),
}
_PLACES = ("Như trên", "Lưu: VT")

_Marks = Mapping[str, str]  # what the registry adds: number and symbol, date, time of signing, signer
_BLANK: _Marks = {"code": "", "day": "", "dated": "", "signed_at": "", "signer": "", "position": ""}


class DocumentScribe:
    """Writes the document and its edXML; the same input is the same bytes.

    catalogues  names for the codes in the annex; without them the codes stand alone
    """

    def __init__(self, catalogues: Catalogues | None = None) -> None:
        self._catalogues = catalogues

    def prepare(
        self,
        parent: Exchange,
        agreement: Agreement,
        report: Report,
        packet: bytes,
        at: datetime,
        *,
        numbered: Numbered | None = None,
    ) -> tuple[Prepared, tuple[bytes, ...]]:
        """The letter, its annex and the data, with (`Prepared`, the bytes of each file in its order).

        With `numbered`, its number, date and signer stand in their places, and `at` is the time of signing.
        Raises `Rejected` (C-004) for a packet that is not UTF-8.
        """
        marks = _marks(numbered, at) if numbered else _BLANK
        subject = _subject(report.head)
        data = {"report.json": _machine(parent, agreement, report, packet), "packet.xml": packet}
        package = zipped({**data, "SHA256SUMS": _sums(data)})
        embedded = _embedded(data)
        figures = Figures(report, self._catalogues.current(agreement.catalogue) if self._catalogues else None)
        annex = typeset(ANNEX, {**_annex(agreement, report, figures, data, marks), **marks}, embedded, at)
        named = {"phu-luc.pdf": annex, **data, "du-lieu.zip": package}
        letter = typeset(LETTER, {**_letter(agreement, report, figures, _listed(named), at), **marks}, embedded, at)
        files = (
            ("bao-cao.pdf", "Báo cáo", "application/pdf", letter),
            ("phu-luc.pdf", "Phụ lục: biểu số liệu", "application/pdf", annex),
            ("du-lieu.zip", "Gói dữ liệu máy đọc (report.json, packet.xml)", "application/zip", package),
        )
        attached = tuple(
            Attachment(name, description, Blob(digest_of(content), len(content), media_type))
            for name, description, media_type, content in files
        )
        return Prepared(parent.id, subject, report.head, attached), tuple(content for *_, content in files)

    def edxml(
        self,
        agreement: Agreement,
        prepared: Prepared,
        numbered: Numbered,
        files: Mapping[str, bytes],
        at: datetime,
        *,
        replaced: Sequence[Ready] = (),
    ) -> tuple[Ready, bytes]:
        """The package with the numbered, signed files. Raises `Rejected` with every fault (C-003, C-005, F-108, F-109).

        replaced  what this one takes the place of: then it is of type 3 (thay thế), and goes to whoever has those too
        """
        terms = _terms(agreement)
        recipients = _whom(terms, replaced)
        detail, kind = _KINDS.get(re.split(r"[-/]", numbered.notation)[0], _LETTER_KIND)
        document = Document(
            sender=Organ(agreement.sender.code, agreement.sender.name),
            recipients=recipients,
            document_id=document_id(agreement.sender.code, numbered),
            number=numbered.number,
            notation=numbered.notation,
            place=place_of(agreement.sender.name),
            issued=numbered.issued,
            subject=prepared.subject,
            content=prepared.subject,
            sent_at=f"{at.astimezone(VIETNAM):%Y-%m-%d %H:%M:%S}",
            files=tuple(File(each.name, each.description, files[each.name]) for each in numbered.files),
            type_detail=detail,
            type_name=kind,
            signer=Signer(position=numbered.position, name=numbered.signer),
            appendixes=tuple(each.name for each in numbered.files[1:]),
            places=_PLACES,
            business=Business.REPLACE if replaced else Business.NEW,
            replaces=tuple(Replaced(each.document_id, each.recipients or (terms.recipient,)) for each in replaced),
        )
        if faults := list(faults_of((file.name, file.content) for file in document.files)):
            raise Rejected(*faults)
        edxml = write(document)
        kept = Blob(digest_of(edxml), len(edxml), "application/xml")
        return Ready(document.document_id, kept, tuple(organ.id for organ in document.recipients)), edxml

    def recall(
        self, agreement: Agreement, numbered: Numbered, ready: Ready, office: str, why: str, *, at: datetime
    ) -> bytes:
        """The status package (13) by which the sender asks an office to give the document back."""
        about = Answered(office, f"{numbered.number}/{numbered.notation}", numbered.issued, ready.document_id)
        sender = Organ(agreement.sender.code, agreement.sender.name)
        return write_status(Status(sender, about, "13", why, f"{at.astimezone(VIETNAM):%Y-%m-%d %H:%M:%S}"))


def _marks(numbered: Numbered, at: datetime) -> _Marks:
    issued, signed = date.fromisoformat(numbered.issued), at.astimezone(VIETNAM)
    return {
        "code": f"{numbered.number}/{numbered.notation}",
        "day": f"{issued:%d/%m/%Y}",
        "dated": f"ngày {issued.day:02} tháng {month_written(issued.month)} năm {issued.year}",
        "signed_at": f"{signed:%d/%m/%Y %H:%M:%S} +07:00",
        "signer": numbered.signer,
        "position": numbered.position,
    }


def document_id(sender: str, numbered: Numbered) -> str:
    """``OrganId,yyyy/mm/dd,number/notation``: agency, day and number (Decision 28/2018 art. 10)."""
    return f"{sender},{numbered.issued.replace('-', '/')},{numbered.number}/{numbered.notation}"


def _subject(head: ReportHead) -> str:
    revised = f", sửa đổi lần {head.revision - 1}" if head.revision > 1 else ""
    about = f"chế độ {head.regime}, biểu {head.form}, kỳ {_period(head) or head.period}{revised}"
    full = f"Báo cáo theo {about} (gửi qua kênh dự phòng)"
    return full if len(full) <= _LONGEST_SUBJECT else full[: _LONGEST_SUBJECT - 1] + "…"


def _face(agreement: Agreement, head: ReportHead) -> dict[str, Any]:
    subject = _subject(head)
    return {"title": subject, "subject": subject, "agency": agreement.sender.name}


def _letter(
    agreement: Agreement, report: Report, figures: Figures, files: list[dict[str, str]], at: datetime
) -> dict[str, Any]:
    terms, head = _terms(agreement), report.head
    covered = f"{words} (mã kỳ {head.period})" if (words := _period(head)) else head.period
    told = [
        f"Thực hiện {terms.legal_basis}, {agreement.sender.name} gửi báo cáo theo chế độ {head.regime}, biểu mẫu "
        f"{head.form}, kỳ {covered}, bằng văn bản điện tử do không gửi được qua hệ thống thông tin báo cáo.",
        f"Báo cáo gồm {figures.count} giá trị của {figures.organisations} đơn vị, địa bàn, tại Phụ lục kèm theo.",
        f"Người duyệt số liệu: {head.approver}." if head.approver else "",
        f"Ghi chú: {head.note}" if head.note else "",
        "Khi hệ thống hoạt động trở lại, chính số liệu này được cập nhật bổ sung qua hệ thống và dẫn số, ngày của "
        "văn bản này; đề nghị không nhập lại từ văn bản để số liệu không bị tính hai lần.",
        "Dữ liệu máy đọc được nhúng trong tệp này và có trong du-lieu.zip. Mã băm để đối chiếu:",
    ]
    return {
        **_face(agreement, head),
        "recipient": terms.recipient_name,
        "place": place_of(agreement.sender.name) or "…",
        "year": str(at.astimezone(VIETNAM).year),
        "paragraphs": [text for text in told if text],
        "places": [f"{place}{end}" for place, end in zip(_PLACES, (";", "."), strict=True)],
        "files": files,
    }


def _annex(
    agreement: Agreement, report: Report, figures: Figures, data: Mapping[str, bytes], marks: _Marks
) -> dict[str, Any]:
    blank = "…" * 4
    code, day = marks["code"] or blank, marks["day"] or blank
    return {
        **_face(agreement, report.head),
        **figures.table(),
        "carried_by": f"(Kèm theo Báo cáo số {code} ngày {day} của {agreement.sender.name})",
        "files": _listed(data),
    }


def _listed(files: Mapping[str, bytes]) -> list[dict[str, str]]:
    return [{"name": name, "size": str(len(body)), "sha256": digest_of(body)} for name, body in files.items()]


def _period(head: ReportHead) -> str:
    """The period in words; empty for a code that we cannot place on the calendar."""
    try:
        return in_words(period(head.period))
    except Rejected:
        return ""


def _machine(parent: Exchange, agreement: Agreement, report: Report, packet: bytes) -> bytes:
    """report.json: what is needed to find the report again and to hand it in again."""
    head = report.head
    body = {
        "regime": head.regime,
        "form": head.form,
        "period": head.period,
        "reporter": head.reporter,
        "revision": head.revision,
        "approver": head.approver,
        "note": head.note,
        "values": _values(report),
    }
    return canonical(
        {
            "exchange": parent.id,
            "agreement": agreement.id,
            "sender": agreement.sender,
            "receiver": agreement.receiver,
            "packet": {"name": "packet.xml", "size": len(packet), "sha256": digest_of(packet)},
            "report": body,
        }
    )


def _values(report: Report) -> list[dict[str, Any]]:
    c = report.columns
    return [
        {
            "indicator": c.indicator[row],
            "organisation": c.organisation[row],
            "unit": c.unit[row],
            "value": c.value[row],
            "breakdown": {name: column[row] for name, column in c.breakdown.items() if column[row]},
        }
        for row in range(len(c))
    ]


def _sums(data: Mapping[str, bytes]) -> bytes:
    return "".join(f"{digest_of(content)}  {name}\n" for name, content in data.items()).encode()


def _embedded(data: Mapping[str, bytes]) -> tuple[Embedded, ...]:
    try:
        return tuple(Embedded(name, *_EMBEDDED[name], content.decode()) for name, content in data.items())
    except UnicodeDecodeError as error:
        raise Rejected(problem("C-004", reason=error.reason)) from None


def _terms(agreement: Agreement) -> FallbackTerms:
    if agreement.fallback is None:
        raise TypeError(f"agreement {agreement.id} allows no document")
    return agreement.fallback


def _whom(terms: FallbackTerms, replaced: Sequence[Ready]) -> tuple[Organ, ...]:
    """Everybody of the agreement, and whoever else was sent what is replaced, of whom only the code is known."""
    names = dict(terms.recipients)
    earlier = (code for each in replaced for code in each.recipients)
    return tuple(Organ(code, names.get(code, code)) for code in dict.fromkeys([*names, *earlier]))


def place_of(agency: str) -> str:
    """The place a provincial agency dates its documents from; empty when its name does not tell."""
    found = _PLACE.search(agency)
    name = found[1].strip() if found else ""
    return _WITH_RANK.get(name, name)
