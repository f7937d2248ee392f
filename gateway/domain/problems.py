"""Every problem this house can name: code, who acts, and two sentences in each language.

Families (first letter): A connection · B credentials, permission, trust · C shape of a message ·
D catalogues and mapping · E figures sent back · F quota, busy, internal · G outcome not known.
The mapping heart's own conflict codes (M101 …) and the verification findings stand in their rooms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Owner(StrEnum):
    """Who acts next on a problem."""

    SENDER = "sender"  # đơn vị báo cáo
    OPERATOR = "operator"  # vận hành
    INTEGRATOR = "integrator"  # đơn vị tích hợp
    NATIONAL = "national"  # hệ thống quốc gia
    GATEWAY = "gateway"  # phần mềm tự xử lý


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence, as an office would write it and in English."""

    vi: str
    en: str

    def filled(self, details: Mapping[str, str]) -> Text:
        known = _Blank(details)
        return Text(self.vi.format_map(known), self.en.format_map(known))


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"


@dataclass(frozen=True, slots=True)
class Problem:
    """What happened (`title`), what to do next (`advice`), who does it, and the facts of the case."""

    code: str
    title: Text
    advice: Text
    owner: Owner
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    owner: Owner
    title: Text
    advice: Text


def problem(code: str, **details: Any) -> Problem:
    """The problem of that code with `details` filled into its sentences. Unknown code: KeyError."""
    entry = PROBLEMS[code]
    facts = {name: str(value) for name, value in details.items()}
    return Problem(code, entry.title.filled(facts), entry.advice.filled(facts), entry.owner, facts)


def _of(owner: Owner, vi: str, en: str, do_vi: str, do_en: str) -> Entry:
    return Entry(owner, Text(vi, en), Text(do_vi, do_en))


PROBLEMS: Mapping[str, Entry] = {
    # A  connection: infrastructure
    "A-001": _of(
        Owner.GATEWAY,
        "Không kết nối được tới {destination}: {reason}.",
        "{destination} cannot be reached: {reason}.",
        "Hệ thống tự gửi lại theo hạn báo cáo; nếu kéo dài, kiểm tra đường truyền.",
        "The gateway tries again by itself before the deadline; if it lasts, check the line.",
    ),
    "A-002": _of(
        Owner.GATEWAY,
        "{destination} báo lỗi máy chủ ({status}).",
        "{destination} answered with a server fault ({status}).",
        "Hệ thống tự gửi lại; không cần thao tác.",
        "The gateway tries again by itself; nothing to do.",
    ),
    "A-003": _of(
        Owner.GATEWAY,
        "Quá thời gian chờ {seconds} giây khi gọi {destination}.",
        "{destination} did not finish within {seconds} seconds.",
        "Hệ thống hỏi lại nơi nhận trước khi gửi lại.",
        "The gateway asks the receiver before it sends again.",
    ),
    "A-004": _of(
        Owner.NATIONAL,
        "{destination} trả lời không đọc được: {reason}.",
        "{destination} gave an answer that cannot be read: {reason}.",
        "Hệ thống hỏi lại; nếu kéo dài, gửi câu trả lời gốc cho nơi nhận.",
        "The gateway asks again; if it lasts, show the raw answer to the receiver.",
    ),
    "A-005": _of(
        Owner.NATIONAL,
        "{destination} báo nơi nhận đang bị khoá (mã {answer}: {reason}).",
        "{destination} says that the receiver is locked (code {answer}: {reason}).",
        "Liên hệ nơi nhận để mở khoá; hệ thống tự gửi lại.",
        "Ask the receiver to unlock it; the gateway sends again by itself.",
    ),
    # B  credentials, permission, trust
    "B-001": _of(
        Owner.OPERATOR,
        "{destination} không chấp nhận thông tin đăng nhập ({reason}).",
        "{destination} did not accept the credentials ({reason}).",
        "Kiểm tra mã hệ thống và khoá bí mật trong khai báo đối tác.",
        "Check the system id and the secret in the partner's declaration.",
    ),
    "B-002": _of(
        Owner.INTEGRATOR,
        "Thiếu hoặc sai khoá truy cập.",
        "The access key is missing or wrong.",
        "Gửi khoá trong tiêu đề Authorization: Bearer; xin cấp lại nếu đã mất.",
        "Send the key in the header Authorization: Bearer; ask for a new one if it is lost.",
    ),
    "B-003": _of(
        Owner.SENDER,
        "Chữ ký số không đạt: {indication}.",
        "The digital signature does not hold: {indication}.",
        "Ký lại đúng người, đúng chứng thư, trên đúng tệp rồi gửi lại.",
        "Have the right person sign the right file with a valid certificate, then send again.",
    ),
    "B-004": _of(
        Owner.SENDER,
        "Báo cáo chưa được ký số; thoả thuận {agreement} yêu cầu chữ ký.",
        "The report carries no digital signature; agreement {agreement} requires one.",
        "Ký số báo cáo rồi gửi lại.",
        "Sign the report and send it again.",
    ),
    "B-005": _of(
        Owner.INTEGRATOR,
        "Không có thoả thuận “{agreement}” hoặc khoá này không được dùng thoả thuận đó.",
        "There is no agreement “{agreement}”, or this key may not use it.",
        "Kiểm tra mã thoả thuận với đơn vị vận hành.",
        "Check the agreement's name with the operator.",
    ),
    "B-006": _of(
        Owner.SENDER,
        "Chế độ báo cáo {regime} được khai báo là {classification}: không được gửi qua trục này.",
        "Regime {regime} is declared {classification}: it may not travel through this gateway.",
        "Gửi theo đường riêng đúng quy định về bảo mật, thống kê hoặc nội bộ.",
        "Send it the way the law on secrets, statistics or internal papers prescribes.",
    ),
    "B-007": _of(
        Owner.GATEWAY,
        "Chưa kiểm tra được chữ ký số: {reason}.",
        "The signature cannot be judged yet: {reason}.",
        "Hệ thống tự kiểm tra lại khi dịch vụ chứng thực trả lời.",
        "The gateway checks again when the certification service answers.",
    ),
    "B-008": _of(
        Owner.OPERATOR,
        "{destination} không nhận ra đơn vị gửi hoặc nơi nhận (mã {answer}: {reason}).",
        "{destination} does not know the sender or the receiver (code {answer}: {reason}).",
        "Đăng ký mã định danh với nơi nhận, sửa thoả thuận rồi phát lại.",
        "Register the agency code with the receiver, mend the agreement, then replay.",
    ),
    # C  the shape of a message
    "C-001": _of(
        Owner.INTEGRATOR,
        "XML không đúng cú pháp tại dòng {line}: {reason}.",
        "The XML is malformed at line {line}: {reason}.",
        "Sửa tệp tại dòng nêu trên rồi gửi lại.",
        "Mend the file at that line and send it again.",
    ),
    "C-002": _of(
        Owner.INTEGRATOR,
        "Tệp chứa khai báo DTD hoặc thực thể; không được phép.",
        "The file holds a DTD or entities; neither is allowed.",
        "Xuất lại tệp không có DOCTYPE.",
        "Export the file again without a DOCTYPE.",
    ),
    "C-003": _of(
        Owner.INTEGRATOR,
        "Tệp vượt giới hạn {limit} ({what}: {found}).",
        "The file exceeds a limit ({what}: {found}, at most {limit}).",
        "Chia nhỏ báo cáo hoặc xin nâng giới hạn của thoả thuận.",
        "Split the report or ask for a higher limit in the agreement.",
    ),
    "C-004": _of(
        Owner.INTEGRATOR,
        "Tệp không phải UTF-8: {reason}.",
        "The file is not UTF-8: {reason}.",
        "Lưu tệp theo Unicode UTF-8 (TCVN 6909:2001) rồi gửi lại.",
        "Save the file as Unicode UTF-8 (TCVN 6909:2001) and send it again.",
    ),
    "C-005": _of(
        Owner.INTEGRATOR,
        "Sai cấu trúc tại {path} (dòng {line}): {reason}; cần: {expected}.",
        "Wrong structure at {path} (line {line}): {reason}; expected: {expected}.",
        "Sửa trường nêu trên theo lược đồ đã công bố.",
        "Mend that field according to the published schema.",
    ),
    "C-006": _of(
        Owner.INTEGRATOR,
        "Không nhận loại nội dung “{media_type}”.",
        "Content of type “{media_type}” is not taken.",
        "Gửi JSON, XML, XLSX hoặc CSV.",
        "Send JSON, XML, XLSX or CSV.",
    ),
    "C-007": _of(
        Owner.INTEGRATOR,
        "Thiếu tiêu đề Idempotency-Key.",
        "The header Idempotency-Key is missing.",
        "Thêm khoá chống lặp, mỗi báo cáo một khoá (tối đa 200 ký tự).",
        "Add one key for each report (at most 200 characters).",
    ),
    "C-008": _of(
        Owner.INTEGRATOR,
        "Khoá {key} đã dùng cho nội dung khác: lần trước {before} lúc {at}, lần này {now}.",
        "Key {key} was used for other content: then {before} at {at}, now {now}.",
        "Dùng khoá mới cho nội dung mới.",
        "Use a new key for new content.",
    ),
    "C-009": _of(
        Owner.INTEGRATOR,
        "JSON không đúng cú pháp: {reason}.",
        "The JSON is malformed: {reason}.",
        "Sửa tệp rồi gửi lại.",
        "Mend the file and send it again.",
    ),
    "C-010": _of(
        Owner.SENDER,
        "Bản sửa đổi {revision} đến sau bản {newer} của cùng báo cáo.",
        "Revision {revision} came after revision {newer} of the same report.",
        "Gửi bản có số sửa đổi lớn hơn.",
        "Send a revision with a higher number.",
    ),
    "C-011": _of(
        Owner.SENDER,
        "Báo cáo thuộc {what_vi} “{found}”, thoả thuận {agreement} chỉ nhận “{expected}”.",
        "The report's {what_en} is “{found}”; agreement {agreement} takes “{expected}” only.",
        "Chọn đúng thoả thuận hoặc sửa đầu mục báo cáo.",
        "Choose the right agreement or mend the report's head.",
    ),
    "C-012": _of(
        Owner.INTEGRATOR,
        "Yêu cầu không hợp lệ: {reason}.",
        "The request is not valid: {reason}.",
        "Sửa yêu cầu theo mô tả tại /openapi.json.",
        "Mend it as described at /openapi.json.",
    ),
    "C-013": _of(
        Owner.INTEGRATOR,
        "{destination} từ chối gói tin vì sai quy cách (mã {answer}: {reason}).",
        "{destination} refused the packet as malformed (code {answer}: {reason}).",
        "Đối chiếu gói tin với quy chuẩn của nơi nhận rồi phát lại.",
        "Compare the packet with the receiver's standard, then replay.",
    ),
    "C-014": _of(
        Owner.INTEGRATOR,
        "Khoá chống lặp {key} dùng tiền tố dành riêng cho hệ thống.",
        "Idempotency key {key} begins as only the gateway's own keys do.",
        "Đặt khoá khác, không bắt đầu bằng document: hoặc replay:.",
        "Choose another key that does not begin with document: or replay:.",
    ),
    # D  catalogues and mapping
    "D-001": _of(
        Owner.OPERATOR,
        "Không có giá trị nào ánh xạ được: nhận {received}, giữ lại {held}, loại trừ {excluded}.",
        "Nothing could be mapped: received {received}, held {held}, excluded {excluded}.",
        "Mở báo cáo ánh xạ, bổ sung gói ánh xạ rồi phát lại.",
        "Open the mapping report, complete the pack, then replay.",
    ),
    "D-002": _of(
        Owner.OPERATOR,
        "Gói ánh xạ {pack} có lỗi: {reason}.",
        "Mapping pack {pack} is faulty: {reason}.",
        "Sửa gói theo thông báo rồi kiểm tra bằng gateway check.",
        "Mend the pack as said, then run gateway check.",
    ),
    "D-003": _of(
        Owner.OPERATOR,
        "Danh mục {catalogue} chưa được đồng bộ.",
        "Catalogue {catalogue} was never synchronised.",
        "Chạy gateway catalogue sync.",
        "Run gateway catalogue sync.",
    ),
    "D-004": _of(
        Owner.OPERATOR,
        "Danh mục {catalogue} rút {withdrawn} mục, quá mức {limit} cho phép tự áp dụng.",
        "Catalogue {catalogue} withdraws {withdrawn} entries; only {limit} may go by themselves.",
        "Đối chiếu với nơi ban hành rồi cho phép tiếp tục.",
        "Check with the issuer, then release.",
    ),
    # E  figures sent back
    "E-001": _of(
        Owner.SENDER,
        "Nơi nhận trả lại báo cáo: {reason}.",
        "The receiver returned the report: {reason}.",
        "Sửa số liệu theo lý do nêu trên và gửi bản sửa đổi.",
        "Correct the figures and send a revision.",
    ),
    "E-002": _of(
        Owner.SENDER,
        "Nơi nhận từ chối {rejected} trên {received} giá trị.",
        "The receiver rejected {rejected} of {received} values.",
        "Sửa các giá trị bị từ chối và gửi bản sửa đổi.",
        "Correct the rejected values and send a revision.",
    ),
    "E-003": _of(
        Owner.OPERATOR,
        "Đối soát lệch: {reason}.",
        "Reconciliation disagrees: {reason}.",
        "Đối chiếu từng giá trị với hệ thống nơi nhận.",
        "Compare value by value with the receiver.",
    ),
    # F  quota, busy, internal
    "F-001": _of(
        Owner.GATEWAY,
        "{destination} yêu cầu chờ {seconds} giây.",
        "{destination} asks to wait {seconds} seconds.",
        "Hệ thống tự gửi lại đúng lúc.",
        "The gateway sends again in time.",
    ),
    "F-002": _of(
        Owner.GATEWAY,
        "Giao dịch {exchange} đang do tiến trình khác xử lý.",
        "Exchange {exchange} is held by another worker.",
        "Không cần thao tác.",
        "Nothing to do.",
    ),
    "F-003": _of(
        Owner.OPERATOR,
        "Kho lưu không trả lời; báo cáo CHƯA được nhận.",
        "The store does not answer; the report was NOT taken.",
        "Gửi lại cùng khoá sau {seconds} giây; vận hành kiểm tra PostgreSQL.",
        "Send again with the same key after {seconds} seconds; operators check PostgreSQL.",
    ),
    "F-004": _of(
        Owner.OPERATOR,
        "Lỗi phần mềm tại bước {step}: {reason}.",
        "A fault of ours at step {step}: {reason}.",
        "Giữ lại để xử lý; gửi mã giao dịch cho bộ phận phát triển.",
        "Kept for a person; send the exchange id to the developers.",
    ),
    "F-005": _of(
        Owner.OPERATOR,
        "Cấu hình sai: {file}, mục {key}: {reason}.",
        "Configuration fault: {file}, key {key}: {reason}.",
        "Sửa mục nêu trên rồi chạy gateway check.",
        "Mend that key, then run gateway check.",
    ),
    "F-006": _of(
        Owner.INTEGRATOR, "Không tìm thấy “{name}”.", "There is no “{name}” here.", "Kiểm tra lại mã.", "Check the id."
    ),
    "F-007": _of(
        Owner.OPERATOR,
        "Giao dịch {exchange} đang ở trạng thái “{stage_vi}”: không thể {verb}.",
        "Exchange {exchange} is {stage}: {verb} is not possible there.",
        "Xem trạng thái giao dịch rồi chọn thao tác phù hợp.",
        "Look at its stage and choose another verb.",
    ),
    "F-009": _of(
        Owner.OPERATOR,
        "{by} thao tác thủ công: {reason}.",
        "Done by {by}: {reason}.",
        "Xem lý do trong nhật ký giao dịch.",
        "The reason stands in the exchange's facts.",
    ),
    "F-010": _of(
        Owner.NATIONAL,
        "{destination} đã giữ báo cáo và đang xử lý.",
        "{destination} holds the report and is still judging it.",
        "Hệ thống tự hỏi lại sau {seconds} giây; không cần thao tác.",
        "The gateway asks again in {seconds} seconds; nothing to do.",
    ),
    "F-011": _of(
        Owner.OPERATOR,
        "Đang chờ văn bản {document} trên {destination} có kết quả.",
        "Waiting for the outcome of document {document} on {destination}.",
        "Nếu văn bản chưa có số, chữ ký: cấp số rồi ghi lại; còn lại hệ thống tự theo dõi.",
        "If it has no number and signature yet, record them; the rest is followed by itself.",
    ),
    # G  outcome not known
    "G-001": _of(
        Owner.GATEWAY,
        "Chưa rõ kết quả: đã gửi tới {destination} nhưng không nhận được trả lời ({reason}).",
        "Outcome unknown: sent to {destination}, no answer came back ({reason}).",
        "Hệ thống hỏi lại nơi nhận trước; không gửi lại khi chưa rõ.",
        "The gateway asks the receiver first and sends nothing again until it knows.",
    ),
    "G-002": _of(
        Owner.OPERATOR,
        "Chưa rõ kết quả và {destination} không cho hỏi lại.",
        "The outcome is unknown and {destination} cannot be asked.",
        "Đối chiếu với nơi nhận rồi cho phép gửi lại hoặc ghi nhận đã nhận.",
        "Check with the receiver, then release it for sending or record it as delivered.",
    ),
    "G-003": _of(
        Owner.OPERATOR,
        "{destination} báo đã có báo cáo này nhưng nội dung khác ({theirs} ≠ {ours}).",
        "{destination} already holds this report with other content ({theirs} ≠ {ours}).",
        "Đối chiếu nội dung hai bên trước khi gửi bản sửa đổi.",
        "Compare both contents before sending a revision.",
    ),
}
