"""Every fact as a sentence of the timeline, in both languages.

Templates read the fact itself (``{f.number}``), so a sentence and its fact cannot drift apart; the
tests prove that the dictionary is complete. Refused: showing facts' class names, which no office reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.console.stages import Mood
from gateway.console.times import when
from gateway.domain import facts as f
from gateway.domain.problems import Problem, Text


@dataclass(frozen=True, slots=True)
class Sentence:
    mood: Mood
    text: Text


def _of(mood: Mood, vi: str, en: str) -> Sentence:
    return Sentence(mood, Text(vi, en))


FACTS: Mapping[str, Sentence] = {
    "Accepted": _of(
        Mood.GOOD,
        "Đã nhận từ {f.submission.sender}, {f.payload.size} byte ({f.payload.media_type}).",
        "Taken from {f.submission.sender}, {f.payload.size} bytes ({f.payload.media_type}).",
    ),
    "Validated": _of(
        Mood.GOOD, "Đúng cấu trúc {f.schema}: {f.values} giá trị.", "Valid as {f.schema}: {f.values} values."
    ),
    "Verified": _of(Mood.GOOD, "Chữ ký số: {verdict}.", "Digital signature: {verdict}."),
    "Translated": _of(
        Mood.GOOD,
        "Đã ánh xạ bằng gói {f.version}, danh mục {f.catalogue}: {f.account.mapped}/{f.account.received} giá trị.",
        "Mapped with pack {f.version}, catalogue {f.catalogue}: {f.account.mapped} of {f.account.received} values.",
    ),
    "Held": _of(
        Mood.HOLD,
        "Giữ lại {f.values} giá trị không ai được phép đoán; phần còn lại đi tiếp.",
        "{f.values} values nobody may guess are held; the rest goes on.",
    ),
    "Packaged": _of(
        Mood.GOOD,
        "Đã lập gói tin {f.parcel.packet}, {f.parcel.body.size} byte.",
        "Packet {f.parcel.packet} written, {f.parcel.body.size} bytes.",
    ),
    "Attempted": _of(Mood.WAY, "Bắt đầu gửi lần {f.number} tới {f.channel}.", "Attempt {f.number} on {f.channel}."),
    "Undelivered": _of(Mood.BAD, "Chắc chắn chưa tới nơi nhận.", "Certainly not delivered."),
    "Delivered": _of(
        Mood.GOOD,
        "Nơi nhận đã giữ gói tin, số tham chiếu {f.receipt.reference}{recovered}.",
        "The receiver holds it, reference {f.receipt.reference}{recovered}.",
    ),
    "Acknowledged": _of(Mood.GOOD, "Nơi nhận phản hồi: {answer}.", "The receiver answered: {answer}."),
    "Corrected": _of(Mood.QUIET, "Đã được đính chính bằng {f.by}.", "Corrected by {f.by}."),
    "Cancelled": _of(Mood.QUIET, "{f.by} đã huỷ: {f.why}.", "Cancelled by {f.by}: {f.why}."),
    "Reconciled": _of(Mood.GOOD, "Đối soát khớp với nơi nhận.", "Reconciled with the receiver."),
    "Discrepant": _of(Mood.BAD, "Đối soát lệch.", "Reconciliation disagrees."),
    "Refused": _of(Mood.BAD, "Bị từ chối bởi {f.by}.", "Refused by {f.by}."),
    "Postponed": _of(Mood.QUIET, "Hẹn làm tiếp lúc {until}.", "To go on at {until}."),
    "Diverted": _of(
        Mood.PAPER,
        "Chuyển sang gửi bằng văn bản, giao dịch {f.document}.",
        "Goes as a document, exchange {f.document}.",
    ),
    "Parked": _of(Mood.HOLD, "Tạm giữ, chờ người quyết định.", "On hold until a person decides."),
    "Released": _of(Mood.WAY, "{f.by} cho đi tiếp{resend}: {f.why}.", "Released by {f.by}{resend}: {f.why}."),
    "Recovered": _of(
        Mood.HOLD,
        "Nhật ký được khôi phục từ bản sao lưu; hỏi lại nơi nhận trước khi gửi.",
        "The journal was restored from a backup; the receiver is asked before anything is sent.",
    ),
    "CalledBack": _of(
        Mood.WAY,
        "{f.by} tự báo kết quả ({answer}); hỏi lại nơi nhận để lấy kết quả chính thức.",
        "{f.by} told by itself ({answer}); the receiver is asked for what counts.",
    ),
    "Retained": _of(Mood.QUIET, "{f.by} {retained}: {f.why}.", "{f.by} {retained}: {f.why}."),
    "Superseded": _of(Mood.QUIET, "Bản mới hơn {f.by} đi thay.", "Newer revision {f.by} goes instead."),
    "Stumbled": _of(
        Mood.BAD, "Lỗi phần mềm ở bước {f.step}; hệ thống thử lại.", "A fault of ours at step {f.step}; tried again."
    ),
    "Prepared": _of(
        Mood.GOOD,
        "Đã lập văn bản “{f.subject}”, chờ số và chữ ký.",
        "Document “{f.subject}” written; number and signature are awaited.",
    ),
    "Numbered": _of(
        Mood.GOOD,
        "Văn bản số {f.number}/{f.notation} ngày {f.issued}, {f.position} {f.signer} ký; {f.by} nhập.",
        "Document {f.number}/{f.notation} of {f.issued}, signed by {f.signer} ({f.position}); entered by {f.by}.",
    ),
    "Ready": _of(
        Mood.GOOD, "Đã lập gói văn bản điện tử {f.document_id}.", "Document package {f.document_id} is written."
    ),
    "Sent": _of(
        Mood.GOOD,
        "Trục liên thông đã nhận văn bản, mã {f.axis_id}{recovered}.",
        "The axis took the document, id {f.axis_id}{recovered}.",
    ),
    "Arrived": _of(Mood.GOOD, "Văn bản đã đến {f.recipient}.", "The document arrived at {f.recipient}."),
    "DocumentAccepted": _of(
        Mood.GOOD, "{f.recipient} đã tiếp nhận văn bản lúc {f.at}.", "{f.recipient} took the document in at {f.at}."
    ),
    "DocumentRejected": _of(
        Mood.BAD, "{f.recipient} từ chối văn bản: {f.why}.", "{f.recipient} rejected the document: {f.why}."
    ),
    "Progressed": _of(
        Mood.QUIET,
        "{f.recipient} báo tiến độ (mã {f.code}){stranger}.",
        "{f.recipient} told how far it is (code {f.code}){stranger}.",
    ),
    "Attributed": _of(
        Mood.QUIET,
        "{f.by} xác định gói trạng thái {f.axis_id} (mã {f.code}, {f.recipient}) là của văn bản này: {f.why}.",
        "{f.by} found status package {f.axis_id} (code {f.code}, {f.recipient}) to be about this document: {f.why}.",
    ),
    "RecallAsked": _of(
        Mood.QUIET, "{f.by} đề nghị lấy lại văn bản: {f.why}.", "{f.by} asked for the document back: {f.why}."
    ),
    "RecallTold": _of(
        Mood.QUIET, "Đã gửi yêu cầu lấy lại văn bản ({f.axis_id}).", "The office was asked for it back ({f.axis_id})."
    ),
    "RecallRefused": _of(
        Mood.BAD, "{f.recipient} không đồng ý lấy lại văn bản: {f.why}.", "{f.recipient} keeps the document: {f.why}."
    ),
    "Absorbed": _of(
        Mood.QUIET,
        "Đã nhập từ sổ {f.ledger} của bàn dự phòng, dòng {f.line}.",
        "Absorbed from ledger {f.ledger} of the fallback desk, line {f.line}.",
    ),
    "Recalled": _of(
        Mood.QUIET, "{f.recipient} đồng ý thu hồi văn bản.", "{f.recipient} agreed to recall the document."
    ),
    "Backfilled": _of(
        Mood.GOOD,
        "Đã cập nhật bổ sung vào hệ thống theo văn bản số {f.backfill.number}/{f.backfill.notation}{recovered}.",
        "The system was updated after document {f.backfill.number}/{f.backfill.notation}{recovered}.",
    ),
    "Fetched": _of(
        Mood.GOOD,
        "Đã tải {f.name} từ {f.source}, {f.payload.size} byte.",
        "{f.name} fetched from {f.source}, {f.payload.size} bytes.",
    ),
    "Compared": _of(
        Mood.GOOD,
        "So với bản đang dùng: thêm {f.added}, đổi {f.changed}, rút {f.withdrawn}.",
        "Against the one in force: {f.added} added, {f.changed} changed, {f.withdrawn} withdrawn.",
    ),
    "Published": _of(
        Mood.GOOD,
        "Áp dụng danh mục {f.catalogue} bản {f.version} từ {f.valid_from}.",
        "Catalogue {f.catalogue} version {f.version} in force from {f.valid_from}.",
    ),
    "Unchanged": _of(
        Mood.GOOD,
        "Danh mục {f.catalogue} bản {f.version} không đổi.",
        "Catalogue {f.catalogue} version {f.version} is unchanged.",
    ),
}

ANSWERS: Mapping[str, Text] = {
    "accepted": Text("chấp nhận", "accepted"),
    "partly": Text("chấp nhận một phần", "partly accepted"),
    "returned": Text("trả lại", "returned"),
}
INDICATIONS: Mapping[str, Text] = {
    "TOTAL-PASSED": Text("đạt", "valid"),
    "TOTAL-FAILED": Text("không đạt", "not valid"),
    "INDETERMINATE": Text("chưa kết luận được", "cannot be determined"),
}
_NO_SIGNATURE = Text("thoả thuận không yêu cầu, không có chữ ký", "none, and the agreement asks for none")
_RECOVERED = Text(" (biết được nhờ hỏi lại)", " (found by asking)")
_HELD = Text("yêu cầu giữ hồ sơ, không được huỷ", "put it under a legal hold")
_LIFTED = Text("bỏ yêu cầu giữ hồ sơ", "lifted the legal hold")
_RESEND = Text(", được gửi lại", ", may be sent again")
_STRANGER = Text(
    ", nhưng không có trong nơi nhận: không tính", ", and was not sent the document: it counts for nothing"
)
_NOTHING = Text("", "")


def told(fact: f.Fact, tongue: str) -> str:
    """What became true, in one sentence."""
    template: str = getattr(FACTS[type(fact).__name__].text, tongue)
    parts = {name: getattr(text, tongue) for name, text in _parts(fact).items()}
    return template.format(f=fact, until=when(getattr(fact, "until", None)), **parts)


def mood_of(fact: f.Fact) -> Mood:
    """The colour of a timeline entry; an answer's depends on what was answered."""
    if isinstance(fact, f.Acknowledged):
        return Mood.GOOD if fact.acknowledgement.answer == "accepted" else Mood.BAD
    return FACTS[type(fact).__name__].mood


def problems_of(fact: f.Fact) -> tuple[Problem, ...]:
    """The problems a fact carries."""
    match fact:
        case f.Refused(_, reasons):
            return reasons
        case f.Undelivered(why) | f.Discrepant(why) | f.Postponed(_, why) | f.Diverted(_, why) | f.Parked(why):
            return (why,)
    return ()


def _parts(fact: f.Fact) -> dict[str, Text]:
    verdict = fact.verdict if isinstance(fact, f.Verified) else None
    return {
        "verdict": INDICATIONS[verdict.indication] if verdict else _NO_SIGNATURE,
        "answer": _answer(fact),
        "recovered": _RECOVERED if getattr(fact, "recovered", False) else _NOTHING,
        "retained": _HELD if getattr(fact, "held", None) is True else _LIFTED,
        "stranger": _STRANGER if getattr(fact, "stranger", False) else _NOTHING,
        "resend": _RESEND if getattr(fact, "resend", False) else _NOTHING,
    }


def _answer(fact: f.Fact) -> Text:
    match fact:
        case f.Acknowledged(acknowledgement):
            return ANSWERS[acknowledgement.answer]
        case f.CalledBack():
            return ANSWERS[fact.answer]
    return _NOTHING
