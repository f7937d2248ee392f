"""How a stage looks and what follows it: word, mood, icon, group, next step; in both languages.

A mood is colour and icon together, and the word always stands beside it: colour alone says nothing
to one reader in twelve, nor to a black-and-white printer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gateway.domain.exchange import STAGE_WORDS, Exchange, Stage
from gateway.domain.problems import Text


class Mood(StrEnum):
    """The class of a badge and the name of its icon."""

    GOOD = "good"
    BAD = "bad"
    HOLD = "hold"
    DOUBT = "doubt"
    WAY = "way"
    PAPER = "paper"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Look:
    word: Text
    mood: Mood
    next: Text  # what follows, and who does it


@dataclass(frozen=True, slots=True)
class Group:
    """Stages that ask the same of the reader; a tile of the first page and a value of ?stage=."""

    name: str
    word: Text
    mood: Mood
    stages: tuple[Stage, ...]


def _look(stage: Stage, mood: Mood, en: str, next_vi: str, next_en: str) -> tuple[Stage, Look]:
    return stage, Look(Text(STAGE_WORDS[stage], en), mood, Text(next_vi, next_en))


_OVER = ("Không còn việc gì phải làm.", "Nothing is left to do.")

LOOKS: Mapping[Stage, Look] = dict(
    (
        _look(Stage.NEW, Mood.QUIET, "New", "Hệ thống ghi nhận sự kiện đầu tiên.", "The first fact is recorded."),
        _look(
            Stage.ACCEPTED,
            Mood.WAY,
            "Taken",
            "Hệ thống kiểm tra cấu trúc báo cáo.",
            "The gateway checks the report's structure.",
        ),
        _look(
            Stage.VALIDATED, Mood.WAY, "Checked", "Hệ thống kiểm tra chữ ký số.", "The gateway verifies the signature."
        ),
        _look(
            Stage.VERIFIED,
            Mood.WAY,
            "Signature verified",
            "Hệ thống ánh xạ sang danh mục quốc gia.",
            "The gateway maps it to the national catalogue.",
        ),
        _look(Stage.TRANSLATED, Mood.WAY, "Mapped", "Hệ thống lập gói tin.", "The gateway writes the packet."),
        _look(
            Stage.PACKAGED,
            Mood.WAY,
            "Waiting to be sent",
            "Hệ thống gửi theo thứ tự, tự gửi lại khi nơi nhận chưa thông.",
            "The gateway sends in order, and again by itself while the receiver is away.",
        ),
        _look(
            Stage.IN_DOUBT,
            Mood.DOUBT,
            "Outcome unknown",
            "Hệ thống hỏi lại nơi nhận; không gửi lại khi chưa rõ.",
            "The gateway asks the receiver and sends nothing again until it knows.",
        ),
        _look(
            Stage.DELIVERED,
            Mood.WAY,
            "Delivered, awaiting an answer",
            "Chờ nơi nhận kiểm tra và phản hồi.",
            "The receiver examines it and answers.",
        ),
        _look(
            Stage.ACKNOWLEDGED,
            Mood.GOOD,
            "Accepted",
            "Hệ thống đối soát với số liệu nơi nhận đang giữ.",
            "The gateway reconciles it with what the receiver holds.",
        ),
        _look(
            Stage.PARTLY_ACCEPTED,
            Mood.BAD,
            "Partly accepted",
            "Đơn vị báo cáo sửa các giá trị bị từ chối và gửi bản sửa đổi.",
            "The reporting unit corrects the rejected values and sends a revision.",
        ),
        _look(
            Stage.RETURNED,
            Mood.BAD,
            "Returned",
            "Đơn vị báo cáo sửa số liệu và gửi bản sửa đổi.",
            "The reporting unit corrects the figures and sends a revision.",
        ),
        _look(Stage.CORRECTED, Mood.QUIET, "Corrected", "Bản đính chính đã thay thế.", "A correction took its place."),
        _look(Stage.CANCELLED, Mood.QUIET, "Cancelled", *_OVER),
        _look(Stage.RECONCILED, Mood.GOOD, "Reconciled", *_OVER),
        _look(
            Stage.REFUSED,
            Mood.BAD,
            "Refused",
            "Không được gửi đi. Sửa theo hướng dẫn rồi gửi lại.",
            "It was not sent on. Mend it as advised and send it again.",
        ),
        _look(
            Stage.DIVERTED,
            Mood.PAPER,
            "Sent as a document",
            "Văn bản đi trước; hệ thống cập nhật bổ sung khi nơi nhận thông.",
            "The document goes first; the system is updated when the receiver is back.",
        ),
        _look(
            Stage.BACKFILLED,
            Mood.WAY,
            "Updated afterwards",
            "Chờ nơi nhận kiểm tra và phản hồi.",
            "The receiver examines it and answers.",
        ),
        _look(
            Stage.PARKED,
            Mood.HOLD,
            "On hold",
            "Một người phải quyết định: cho đi tiếp, gửi lại, phát lại hoặc huỷ.",
            "A person decides: release, resend, replay or cancel.",
        ),
        _look(Stage.SUPERSEDED, Mood.QUIET, "Superseded", "Bản mới hơn đi thay.", "A newer revision goes instead."),
        _look(
            Stage.PREPARED,
            Mood.HOLD,
            "Document written, awaiting number and signature",
            "Văn thư cấp số, lãnh đạo ký số, rồi nhập lại tệp đã ký.",
            "The registry gives it a number, it is signed, and the signed files come back.",
        ),
        _look(
            Stage.NUMBERED,
            Mood.PAPER,
            "Numbered and signed",
            "Hệ thống lập gói văn bản điện tử.",
            "The gateway writes the document package.",
        ),
        _look(
            Stage.READY,
            Mood.PAPER,
            "Document ready to go",
            "Hệ thống gửi qua trục liên thông văn bản.",
            "The gateway sends it through the document axis.",
        ),
        _look(
            Stage.SENT,
            Mood.PAPER,
            "Document sent",
            "Chờ trạng thái của nơi nhận trên trục.",
            "The receiver's status comes through the axis.",
        ),
        _look(
            Stage.ARRIVED,
            Mood.PAPER,
            "Document arrived",
            "Chờ nơi nhận tiếp nhận văn bản.",
            "The receiving office takes the document in.",
        ),
        _look(Stage.DOCUMENT_ACCEPTED, Mood.GOOD, "Document taken in", *_OVER),
        _look(
            Stage.DOCUMENT_REJECTED,
            Mood.BAD,
            "Document rejected",
            "Vận hành liên hệ nơi nhận rồi quyết định cách gửi khác.",
            "Operators ask the receiver and choose another way.",
        ),
        _look(Stage.RECALLED, Mood.QUIET, "Document recalled", *_OVER),
        _look(Stage.FETCHED, Mood.WAY, "Fetched", "Hệ thống kiểm tra tệp tải về.", "The gateway checks what came."),
        _look(
            Stage.COMPARED,
            Mood.WAY,
            "Compared",
            "Hệ thống áp dụng, hoặc giữ lại nếu thay đổi quá lớn.",
            "The gateway puts it in force, or holds it if too much is withdrawn.",
        ),
        _look(Stage.PUBLISHED, Mood.GOOD, "In force", *_OVER),
        _look(Stage.UNCHANGED, Mood.GOOD, "Unchanged", *_OVER),
    )
)

GROUPS = (
    Group("attention", Text("Chờ người quyết định", "Waiting for a person"), Mood.HOLD, (Stage.PARKED, Stage.PREPARED)),
    Group("doubt", Text("Chưa rõ kết quả", "Outcome unknown"), Mood.DOUBT, (Stage.IN_DOUBT,)),
    Group(
        "back",
        Text("Trả lại, từ chối", "Returned, refused"),
        Mood.BAD,
        (Stage.RETURNED, Stage.PARTLY_ACCEPTED, Stage.REFUSED, Stage.DOCUMENT_REJECTED),
    ),
    Group(
        "way",
        Text("Đang xử lý", "On their way"),
        Mood.WAY,
        (
            Stage.NEW,
            Stage.ACCEPTED,
            Stage.VALIDATED,
            Stage.VERIFIED,
            Stage.TRANSLATED,
            Stage.PACKAGED,
            Stage.DELIVERED,
            Stage.BACKFILLED,
            Stage.FETCHED,
            Stage.COMPARED,
        ),
    ),
    Group(
        "paper",
        Text("Đi bằng văn bản", "As documents"),
        Mood.PAPER,
        (Stage.DIVERTED, Stage.NUMBERED, Stage.READY, Stage.SENT, Stage.ARRIVED),
    ),
    Group(
        "done",
        Text("Đã xong", "Done"),
        Mood.GOOD,
        (Stage.ACKNOWLEDGED, Stage.RECONCILED, Stage.DOCUMENT_ACCEPTED, Stage.PUBLISHED, Stage.UNCHANGED),
    ),
    Group(
        "closed",
        Text("Đã khép lại", "Closed"),
        Mood.QUIET,
        (Stage.CORRECTED, Stage.CANCELLED, Stage.SUPERSEDED, Stage.RECALLED),
    ),
)

STAGES_OF: Mapping[str, tuple[Stage, ...]] = {group.name: group.stages for group in GROUPS} | {
    stage.value: (stage,) for stage in Stage
}


def look(x: Exchange) -> Look:
    return LOOKS[x.stage]
