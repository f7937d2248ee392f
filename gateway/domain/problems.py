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
    facts = {name: _writable(str(value)) for name, value in details.items()}
    return Problem(code, entry.title.filled(facts), entry.advice.filled(facts), entry.owner, facts)


def _writable(text: str) -> str:
    """What others said is quoted as it is, but for what no store has a place for: halves of a pair, and NUL."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


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
    "A-006": _of(
        Owner.OPERATOR,
        "{count} ngày đã khoá sổ còn nợ dấu thời gian ({days}): {reason}.",
        "{count} closed day(s) still owe a time-stamp ({days}): {reason}.",
        "Sổ đã khoá, không mất gì; lệnh không tự chạy lại: chạy `gateway audit anchor` khi máy chủ cấp dấu trả lời.",
        "The days are closed, nothing is lost; nothing runs by itself: run `gateway audit anchor` once it answers.",
    ),
    "A-007": _of(
        Owner.GATEWAY,
        "Tiến trình đứng yên {seconds} giây ngay trước khi gửi tới {destination}: chưa gửi gì.",
        "The process stood still for {seconds} seconds right before it sent to {destination}: nothing was sent.",
        "Hệ thống tự gửi lại; nếu lặp lại nhiều lần, xem máy chủ có quá tải không.",
        "It is sent again by itself; if this repeats, see whether the host is overloaded.",
    ),
    "A-008": _of(
        Owner.OPERATOR,
        "Đường truyền tới {destination} không mã hoá.",
        "The line to {destination} is not encrypted.",
        "Dùng https, hoặc proxy TLS trên máy này.",
        "Use https, or a TLS proxy on this machine.",
    ),
    "A-009": _of(
        Owner.OPERATOR,
        "Chứng thư máy chủ của {destination} hết hạn lúc {until}.",
        "The server certificate of {destination} ends at {until}.",
        "Nhắc đối tác gia hạn chứng thư trước lúc đó.",
        "Remind the partner to renew it before that.",
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
    "B-009": _of(
        Owner.INTEGRATOR,
        "Hệ thống {client} chưa có phép kết nối của UBND tỉnh ({article}).",
        "System {client} has no recorded permission of the Provincial Committee to connect ({article}).",
        "Xin phép qua {through}; vận hành ghi số văn bản cho phép vào clients.toml, mục permission.",
        "Ask through {through}; operators record the document's number in clients.toml under permission.",
    ),
    "B-010": _of(
        Owner.OPERATOR,
        "Chứng thư ký của hệ thống không dùng được ({subject}): {reason}.",
        "The gateway's signing certificate may not be used ({subject}): {reason}.",
        "Thay chứng thư còn hiệu lực trong cấu hình signers rồi ký lại.",
        "Put a valid certificate into the signers' settings, then sign again.",
    ),
    "B-011": _of(
        Owner.OPERATOR,
        "Chữ ký vừa tạo không đạt chính sách “{policy}” nên không được gửi đi: {reason}",
        "The signature just made does not pass the policy {policy} and is not let out: {reason}",
        "Xem lý do; sửa khoá, chứng thư hoặc neo tin cậy rồi ký lại.",
        "See the reason; mend key, certificate or anchors, then sign again.",
    ),
    "B-012": _of(
        Owner.OPERATOR,
        "{who} đã đề xuất thay đổi “{what}” nên không được tự phê duyệt.",
        "{who} proposed the change {what} and cannot approve it too.",
        "Nhờ người khác đối chiếu dấu vân tay rồi phê duyệt bằng gateway trust approve.",
        "Have another person compare the fingerprint and approve it with gateway trust approve.",
    ),
    "B-013": _of(
        Owner.INTEGRATOR,
        "Khoá của {client} không dùng cho việc này.",
        "The key of {client} is not for this.",
        "Nộp và tra cứu bằng khoá của hệ thống; khoá của nơi nhận chỉ để báo kết quả báo cáo gửi tới nơi nhận đó.",
        "Hand in and look up with a system's key; a receiver's key only tells what became of reports sent to it.",
    ),
    "B-014": _of(
        Owner.OPERATOR,
        "{what_vi} Thời điểm: {until}.",
        "{what_en} The moment: {until}.",
        "Xin chứng thư, neo mới rồi nhập bằng gateway trust import; xem trước mọi mốc: gateway trust runway.",
        "Obtain what takes its place and bring it in: gateway trust import; what ends next: gateway trust runway.",
    ),
    "B-020": _of(
        Owner.SENDER,
        "Tệp kèm theo “{name}” chưa ký số, trong khi thoả thuận {agreement} bắt buộc; cả báo cáo bị từ chối.",
        "Attached file “{name}” carries no signature, which agreement {agreement} requires; all of it is refused.",
        "Ký số tệp (người đứng đầu, cơ quan) rồi nộp lại toàn bộ báo cáo.",
        "Have the file signed (leader, agency) and hand the whole report in again.",
    ),
    "B-021": _of(
        Owner.SENDER,
        "Chữ ký của tệp kèm theo “{name}” không hợp lệ ({indication}): {reason}",
        "The signatures of attached file “{name}” do not pass ({indication}): {reason}",
        "Xem kết quả xác thực của tệp, ký lại rồi nộp lại toàn bộ báo cáo.",
        "Look at the file's verdict, sign it again and hand the whole report in again.",
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
        "Báo cáo: JSON, XML, XLSX hoặc CSV, theo thoả thuận; phần lời: JSON hoặc XML; gói tin của nơi nhận: XML.",
        "A report: JSON, XML, XLSX or CSV, as agreed; its words: JSON or XML; a receiver's packet: XML.",
    ),
    "C-007": _of(
        Owner.INTEGRATOR,
        "Khoá chống lặp (tiêu đề Idempotency-Key) thiếu hoặc dài quá 200 ký tự.",
        "The idempotency key (header Idempotency-Key) is missing or longer than 200 characters.",
        "Đặt cho mỗi báo cáo một khoá riêng, từ 1 đến 200 ký tự.",
        "Give each report a key of its own, of 1 to 200 characters.",
    ),
    "C-008": _of(
        Owner.INTEGRATOR,
        "Khoá {key} đã dùng cho nội dung khác: lần trước {before} lúc {at}, lần này {now} lúc {now_at}.",
        "Key {key} was used for other content: then {before} at {at}, now {now} at {now_at}.",
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
        "Đặt khoá khác, không bắt đầu bằng document:, replay: hoặc spool:.",
        "Choose another key that does not begin with document:, replay: or spool:.",
    ),
    "C-015": _of(
        Owner.GATEWAY,
        "Kỳ {period} chưa mở nhận báo cáo: mở từ {opens} ({notice}).",
        "Period {period} is not open yet: it opens at {opens} ({notice}).",
        "Báo cáo được giữ và đi tiếp khi mở; {who} có thể mở sớm hơn.",
        "The report is kept and goes on when it opens; {who} may open it sooner.",
    ),
    "C-016": _of(
        Owner.SENDER,
        "Kỳ {period} đã đóng nhận báo cáo từ {closes} ({notice}); báo cáo nộp lúc {at}.",
        "Period {period} was closed at {closes} ({notice}); the report was handed in at {at}.",
        "Đề nghị {who} mở lại và thông báo, rồi nộp lại.",
        "Ask {who} to open it again with a notice, then hand the report in again.",
    ),
    "C-017": _of(
        Owner.OPERATOR,
        "Bảo trì phải báo trước {notice} ({article}): không thể bắt đầu trước {earliest}, đề nghị {starts}.",
        "Maintenance is told {notice} ahead ({article}): it may not begin before {earliest}; asked for: {starts}.",
        "Chọn thời điểm bắt đầu từ {earliest} trở đi.",
        "Choose a start at {earliest} or later.",
    ),
    "C-018": _of(
        Owner.OPERATOR,
        "Đã có ghi nhận cho “{subject}”: {stands}.",
        "“{subject}” stands already: {stands}.",
        "Xem lại, gỡ ghi nhận cũ rồi ghi lại nếu đúng là cần thay.",
        "Look at it; take the old entry back first if it really has to give way.",
    ),
    "C-019": _of(
        Owner.SENDER,
        "Tệp bảng tính được đặt mật khẩu nên không đọc được.",
        "The workbook is locked by a password and cannot be read.",
        "Bỏ mật khẩu (Lưu thành…, Công cụ, Tuỳ chọn chung) rồi gửi lại.",
        "Take the password away (Save as…, Tools, General options) and send it again.",
    ),
    "C-020": _of(
        Owner.SENDER,
        "Biểu {form}, trang “{sheet}”: {what}; trong tệp có: {found}.",
        "Form {form}, sheet “{sheet}”: {what_en}; the file has: {found}.",
        "Dùng đúng mẫu đã ban hành; nếu mẫu đã đổi, vận hành khai bố cục mới ở bảng bieu_mau của gói {pack}.",
        "Use the form as issued; where it has changed, operators declare the new layout in bieu_mau of pack {pack}.",
    ),
    "C-021": _of(
        Owner.SENDER,
        "Chưa khai {what_vi} của báo cáo trong tệp bảng tính.{proposal_vi}",
        "The {what_en} of the report in this workbook is not told.{proposal_en}",
        "Gửi lại kèm {what} (gateway submit --{what} …, hoặc ?{what}=… trên /v1/reports).",
        "Send it again with {what} (gateway submit --{what} …, or ?{what}=… on /v1/reports).",
    ),
    "C-022": _of(
        Owner.INTEGRATOR,
        "Trái ràng buộc {constraint} tại {path} (dòng {line}): {what_vi}; trong gói tin: “{found}”.",
        "Constraint {constraint} is broken at {path} (line {line}): {what_en}; the packet has “{found}”.",
        "Sửa chỗ nêu trên; ràng buộc {constraint} được giải thích tại docs/packets.md.",
        "Mend that place; constraint {constraint} is explained in docs/packets.md.",
    ),
    "C-023": _of(
        Owner.SENDER,
        "Biểu mẫu {form} bản {version} không dùng cho kỳ {period}: {reason_vi} ({notice}).",
        "Version {version} of form {form} does not serve period {period}: {reason_en} ({notice}).",
        "Lập báo cáo theo biểu mẫu đang dùng cho kỳ này; nếu ngày hết sử dụng ghi sai, vận hành ghi lại bằng "
        "gateway form end rồi gateway replay.",
        "Report by the form in use for that period; where its last day is wrong, operators set it right with "
        "gateway form end, then gateway replay.",
    ),
    "C-024": _of(
        Owner.SENDER,
        "Biểu mẫu {form} bản {version} chưa dùng chính thức cho kỳ {period}: {reason_vi}.",
        "Version {version} of form {form} is not in official use for period {period}: {reason_en}.",
        "Gửi thử thì dùng gateway map, không gửi đi đâu; gửi chính thức khi có văn bản đưa vào sử dụng cho kỳ này.",
        "To try it use gateway map, which sends nothing; report by it once a written notice puts it in use for that "
        "period.",
    ),
    "C-030": _of(
        Owner.INTEGRATOR,
        "Thoả thuận {agreement} chỉ nhận số liệu, không nhận phần kèm theo ({found}); không phần nào được ghi nhận.",
        "Agreement {agreement} takes figures alone, nothing beside them ({found}); no part was kept.",
        "Nộp theo thoả thuận có báo cáo liên kết, hoặc đề nghị vận hành khai mục composite.",
        "Use an agreement with composite reports, or ask the operator to declare its composite section.",
    ),
    "C-031": _of(
        Owner.SENDER,
        "Tệp kèm theo “{name}”: {what_vi}; cả báo cáo bị từ chối.",
        "Attached file “{name}”: {what_en}; the whole report is refused.",
        "Sửa hoặc đổi tên tệp rồi nộp lại toàn bộ báo cáo.",
        "Mend or rename the file and hand the whole report in again.",
    ),
    "C-032": _of(
        Owner.SENDER,
        "Danh mục tệp trong phần lời và tệp kèm theo không khớp, “{name}”: {what_vi}.",
        "The narrative's list and the files attached do not fit, “{name}”: {what_en}.",
        "Nêu đúng từng tệp trong phần lời (attachments), đính kèm đủ, rồi nộp lại toàn bộ.",
        "Name every file in the narrative (attachments), attach each of them, and hand all of it in again.",
    ),
    "C-033": _of(
        Owner.SENDER,
        "Phần lời và phần số liệu không cùng một báo cáo: {what_vi} là {found}, phần số liệu ghi {expected}.",
        "Words and figures are not one report: {what_en} is {found}, the figures say {expected}.",
        "Sửa cho khớp rồi nộp lại toàn bộ báo cáo.",
        "Make both say the same and hand the whole report in again.",
    ),
    "C-034": _of(
        Owner.SENDER,
        "Đề cương {found} không có trong thoả thuận {agreement}; có: {expected}.",
        "Outline {found} is not among those of agreement {agreement}: {expected}.",
        "Dùng đúng đề cương và phiên bản đã ban hành.",
        "Use the outline and version that were issued.",
    ),
    "C-035": _of(
        Owner.SENDER,
        "Thoả thuận {agreement} yêu cầu phần lời nộp cùng số liệu ({article}), trong báo cáo không có.",
        "Agreement {agreement} wants the narrative together with the figures ({article}); there is none.",
        "Nộp lại số liệu kèm phần lời theo đề cương.",
        "Hand the figures in again, together with the narrative.",
    ),
    "C-036": _of(
        Owner.SENDER,
        "Số liệu trong tệp đã ký “{name}” không giống số liệu nộp: {reason}.",
        "The signed file “{name}” does not hold the figures handed in: {reason}.",
        "Ký lại tệp đúng số liệu, hoặc nộp đúng số liệu đã ký; nộp lại toàn bộ báo cáo.",
        "Sign the figures that are handed in, or hand in those that were signed; send all of it again.",
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
    "D-005": _of(
        Owner.OPERATOR,
        "Gói ánh xạ {pack} chưa duyệt được: {reason}.",
        "Mapping pack {pack} cannot be approved: {reason}.",
        "Sửa gói, chạy gateway pack check, rồi để người khác người lập duyệt.",
        "Mend the pack, run gateway pack check, then let somebody other than its author approve it.",
    ),
    "D-006": _of(
        Owner.OPERATOR,
        "Kế hoạch {plan} không còn đúng: đã đổi {changed}.",
        "Plan {plan} no longer holds: {changed} changed.",
        "Chạy thử lại, xem khác biệt rồi dùng mã kế hoạch mới.",
        "Try again, look at the differences, then use the new plan id.",
    ),
    "D-007": _of(
        Owner.OPERATOR,
        "Gói ánh xạ {pack} nay là bản {now}, báo cáo đã dùng bản {used}.",
        "Mapping pack {pack} is {now} now; the report was mapped with {used}.",
        "Khôi phục đúng bản gói đã dùng rồi hỏi lại.",
        "Put the pack that was used back, then ask again.",
    ),
    "D-008": _of(
        Owner.OPERATOR,
        "Bản {version} của gói ánh xạ {pack} chưa được duyệt; báo cáo chờ, chưa ánh xạ.",
        "Version {version} of mapping pack {pack} is not approved; the report waits and is not mapped.",
        "Người được giao duyệt gói, không phải người lập ({authors}), chạy gateway pack approve {pack} --by 'HỌ TÊN'; "
        "báo cáo tự đi tiếp.",
        "Whoever is to approve the pack, not its author ({authors}), runs gateway pack approve {pack} --by 'NAME'; "
        "the report goes on by itself.",
    ),
    "D-009": _of(
        Owner.OPERATOR,
        "Không có bản {version} của gói ánh xạ {pack}: {reason}.",
        "There is no version {version} of mapping pack {pack}: {reason}.",
        "Xem các bản đã duyệt bằng gateway pack check {pack}, rồi chọn lại (tên gói, hoặc tên@bản).",
        "See the approved versions with gateway pack check {pack}, then choose again (name, or name@version).",
    ),
    "D-010": _of(
        Owner.OPERATOR,
        "Bản gia tăng {version} của danh mục {catalogue} dựa trên bản {builds_on}, ở đây không có bản đó.",
        "Increment {version} of catalogue {catalogue} builds on version {builds_on}, which is not here.",
        "Đồng bộ lại toàn bộ: gateway catalogue sync, không kèm --incremental.",
        "Synchronise it whole: gateway catalogue sync, without --incremental.",
    ),
    "D-011": _of(
        Owner.OPERATOR,
        "Biểu mẫu {form} chưa chuyển sang bước này được: {reason_vi}.",
        "Form {form} cannot take this step: {reason_en}.",
        "Xem các bản của biểu mẫu bằng gateway form ls, rồi làm đúng thứ tự: lập, kiểm thử, đưa vào sử dụng.",
        "See its versions with gateway form ls; the order is draft, test, activate.",
    ),
    "D-012": _of(
        Owner.OPERATOR,
        "Phân bổ cho {unit} không thực hiện được: {reason_vi}.",
        "The allocation to {unit} cannot be made: {reason_en}.",
        "Đối chiếu với danh mục (gateway catalogue show) và biểu mẫu (gateway form ls), rồi phân bổ lại.",
        "Compare with the catalogue (gateway catalogue show) and the forms (gateway form ls), then allocate again.",
    ),
    "D-013": _of(
        Owner.OPERATOR,
        "Biểu mẫu {form} đang có trong thoả thuận {agreements} mà sổ chưa ghi bản nào đang dùng.",
        "Form {form} stands in agreement {agreements}, and no version in use is recorded.",
        "Ghi bản đang dùng trước bằng gateway form record, để báo cáo hiện nay không bị chặn; biểu mẫu hoàn toàn mới "
        "thì thêm --new.",
        "Record the version in use first with gateway form record, so that today's reports are not stopped; for a form "
        "that is altogether new add --new.",
    ),
    "D-014": _of(
        Owner.OPERATOR,
        "Danh mục {catalogue} tải về lần cuối đã lâu: {at}.",
        "Catalogue {catalogue} came down long ago: {at}.",
        "Chạy gateway catalogue sync, tốt nhất là theo lịch hằng ngày.",
        "Run gateway catalogue sync, best of all from a daily timer.",
    ),
    "D-020": _of(
        Owner.OPERATOR,
        "Báo cáo liên kết có {held} giá trị bị giữ lại: số liệu gửi đi sẽ thiếu so với bản đã ký.",
        "A composite report has {held} values held back: fewer figures would go than were signed.",
        "Bổ sung gói ánh xạ rồi huỷ và gửi lại từ bản lưu (replay); hoặc cho đi tiếp (release) phần đã ánh xạ.",
        "Complete the pack, cancel and replay; or release it to send what was mapped.",
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
    "E-010": _of(
        Owner.SENDER,
        "Bản đính chính phần bị từ chối của {exchange} không khớp: {reason} (≠ đổi số đã được nhận, – bỏ sót).",
        "The correction of what was rejected of {exchange} does not fit: {reason} (≠ changes what stands, – left out).",
        "Sửa đủ các giá trị bị từ chối và giữ nguyên giá trị đã được nhận; muốn đổi cả thì nộp bản sửa đổi toàn bộ.",
        "Correct every rejected value and leave what was taken as it is; to change that, hand in a whole revision.",
    ),
    "E-011": _of(
        Owner.OPERATOR,
        "Nơi nhận từ chối {expected} giá trị của {exchange} nhưng chỉ nêu {found}; không biết phần nào phải sửa.",
        "The receiver rejected {expected} values of {exchange} and names {found}; which part to correct is not known.",
        "Hỏi nơi nhận danh sách đầy đủ, hoặc nộp bản sửa đổi toàn bộ.",
        "Ask the receiver for the whole list, or hand in a whole revision.",
    ),
    "E-012": _of(
        Owner.OPERATOR,
        "Phần bị từ chối của {exchange} đã được gửi lại bằng {newer}.",
        "What was rejected of {exchange} has been sent again as {newer}.",
        "Xem gateway show {newer}; nếu phần đó lại bị từ chối một phần thì đính chính chính giao dịch ấy.",
        "See gateway show {newer}; where part of it was rejected again, correct that exchange.",
    ),
    "E-013": _of(
        Owner.SENDER,
        "{exchange} là báo cáo liên kết (số liệu, phần lời, tệp đã ký), không gửi lại riêng phần số liệu bị từ chối.",
        "{exchange} is a composite report (figures, words, signed files); rejected figures alone are not sent again.",
        "Nộp lại toàn bộ báo cáo với lần sửa đổi mới.",
        "Hand the whole report in again as a new revision.",
    ),
    "E-101": _of(
        Owner.OPERATOR,
        "Hệ thống nơi nhận đã có báo cáo này ({reference}) nhưng số liệu khác văn bản {document}: {reason}.",
        "The receiver has this report already ({reference}), with other figures than document {document}: {reason}.",
        "Đối chiếu với văn bản đã ký; sửa trên hệ thống hoặc gửi bản sửa đổi. Hệ thống không ghi đè.",
        "Compare with the signed document; mend it there or send a revision. Nothing is overwritten from here.",
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
        "Sửa mục nêu trên; là khai báo thì kiểm tra lại bằng gateway check.",
        "Mend what is named; a declaration is looked at again by gateway check.",
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
    # F-1xx  the document route and the desk across the street
    "F-101": _of(
        Owner.OPERATOR,
        "Báo cáo này có trong sổ {ledger} của bàn dự phòng, sổ chưa nhập về: chưa gửi.",
        "This report stands in ledger {ledger} of the fallback desk, which is not absorbed yet: nothing is sent.",
        "Nhập sổ bằng gateway fallback absorb; chỉ cho đi tiếp khi chắc chắn bàn dự phòng chưa gửi.",
        "Absorb it with gateway fallback absorb; release it only when the desk has certainly not sent it.",
    ),
    "F-102": _of(
        Owner.SENDER,
        "Thoả thuận {agreement} không quy định gửi dự phòng qua văn bản.",
        "Agreement {agreement} knows no document route.",
        "Chờ hệ thống hoạt động trở lại, hoặc hỏi đơn vị chủ trì chế độ báo cáo.",
        "Wait until the system is back, or ask who is in charge of the regime.",
    ),
    "F-103": _of(
        Owner.OPERATOR,
        "Bản sao dự phòng tại {folder} không dùng được: {reason}.",
        "The standby copy in {folder} cannot be used: {reason}.",
        "Lấy lại bản sao gần nhất do gateway fallback standby ghi.",
        "Fetch the last copy that gateway fallback standby wrote.",
    ),
    "F-104": _of(
        Owner.OPERATOR,
        "Báo cáo này tại trục đang ở trạng thái “{stage_vi}” (giao dịch {exchange}): bàn dự phòng không gửi.",
        "The gateway has this report as exchange {exchange}, {stage}: the desk does not send it.",
        "Hỏi nơi nhận; nếu chắc chắn chưa có, nộp lại kèm --because.",
        "Ask the receiver; if it certainly has nothing, hand it in again with --because.",
    ),
    "F-105": _of(
        Owner.OPERATOR,
        "Số {number}/{notation} năm {year} đã cấp cho văn bản {document} (“{subject}”), do {by} ghi.",
        "Number {number}/{notation} of {year} was given to document {document} (“{subject}”), recorded by {by}.",
        "Kiểm tra sổ văn bản đi và ghi đúng số.",
        "Look it up in the register of documents and record the right number.",
    ),
    "F-106": _of(
        Owner.OPERATOR,
        "Trạng thái {status} của {recipient} không khớp văn bản nào đã gửi ({reason}).",
        "Status {status} of {recipient} fits no document that was sent ({reason}).",
        "Đối chiếu số, ngày với nơi gửi trạng thái; nếu rõ là văn bản nào: fallback assign <văn bản> {package}.",
        "Compare number and date with its sender; where it is known which one: fallback assign <document> {package}.",
    ),
    "F-107": _of(
        Owner.OPERATOR,
        "Tệp {name} chưa có chữ ký số.",
        "File {name} carries no digital signature.",
        "Trình ký, đóng dấu số trên hệ thống quản lý văn bản rồi nộp lại đúng tệp đã ký.",
        "Have it signed and sealed in the document system, then hand in the signed file itself.",
    ),
    "F-108": _of(
        Owner.OPERATOR,
        "Tệp {name} hỏng vì bị chuyển như văn bản thuần ({count} ký tự U+FFFD).",
        "File {name} was ruined by being passed through text ({count} times U+FFFD).",
        "Lấy lại tệp gốc từ hệ thống quản lý văn bản, không mở rồi lưu lại.",
        "Fetch the original file from the document system; do not open and save it.",
    ),
    "F-109": _of(
        Owner.OPERATOR,
        "Tệp {name} khai báo {declared} nhưng nội dung là {found}.",
        "File {name} is declared {declared} and is {found}.",
        "Gửi lại đúng tệp đã ký số.",
        "Send the signed file itself.",
    ),
    "F-110": _of(
        Owner.OPERATOR,
        "Tệp {name} không do {expected} ký: {reason}",
        "File {name} is not signed by {expected}: {reason}",
        "Kiểm tra có lấy nhầm văn bản của cơ quan khác; nộp tệp do đúng cơ quan ban hành ký.",
        "See whether another agency's document was taken; hand in the file that the issuing agency signed.",
    ),
    "F-111": _of(
        Owner.OPERATOR,
        "Phiếu cấp số của văn bản {document} chưa đủ: {reason}.",
        "The slip of document {document} is incomplete: {reason}.",
        "Điền số, ký hiệu, ngày, người ký rồi đặt lại vào thư mục cap-so.",
        "Fill in number, symbol, date and signer, then put it into cap-so again.",
    ),
    "F-112": _of(
        Owner.OPERATOR,
        "Sổ {ledger} chưa bàn giao hoặc niêm phong không khớp: {reason}.",
        "Ledger {ledger} was not handed over, or its seal does not fit: {reason}.",
        "Tại bàn dự phòng, chạy python -m fallback export --hand-over rồi mang gói niêm phong tới.",
        "At the desk, run python -m fallback export --hand-over and bring the sealed bundle.",
    ),
    "F-113": _of(
        Owner.OPERATOR,
        "Báo cáo vừa ở bàn dự phòng vừa đã gửi qua trục: văn bản {document} cần thu hồi.",
        "The report went from the desk and through the gateway: document {document} is to be recalled.",
        "Liên hệ văn thư nơi nhận; chạy gateway fallback recall.",
        "Speak to the receiving office; run gateway fallback recall.",
    ),
    "F-114": _of(
        Owner.OPERATOR,
        "Chữ ký số trên tệp {name} không đạt ({indication}): {reason}",
        "The signatures of file {name} do not pass ({indication}): {reason}",
        "Lấy lại tệp gốc đã ký; nếu vẫn không đạt, ký lại rồi nộp. Số văn bản chưa được ghi.",
        "Fetch the signed original; if it does not pass either, have it signed again. No number was recorded.",
    ),
    "F-115": _of(
        Owner.OPERATOR,
        "Số, ký hiệu hoặc ngày của văn bản không ghi được: {reason}.",
        "Number, symbol or date of the document cannot be recorded: {reason}.",
        "Ghi đúng như sổ văn bản đi: số, ký hiệu (BC-…), ngày ban hành.",
        "Write them as they stand in the register: number, symbol (BC-…), date of issue.",
    ),
    "F-116": _of(
        Owner.OPERATOR,
        "Văn bản {document} đã được tiếp nhận; thoả thuận {agreement} không nêu điều nào buộc cập nhật bổ sung.",
        "Document {document} was accepted; agreement {agreement} names no article by which the system is updated.",
        "Muốn cập nhật lên hệ thống thì cho đi tiếp (gateway release) kèm lý do; không thì để nguyên.",
        "To have it entered all the same, release it with a reason; else leave it as it is.",
    ),
    "F-117": _of(
        Owner.OPERATOR,
        "Nơi nhận chính đã trả lại văn bản {document}; {offices} không đồng ý trả lại bản của mình.",
        "The addressee gave document {document} back; {offices} keep their copies.",
        "Thống nhất với các nơi đó, hoặc gửi văn bản thay thế; xong thì cho đi tiếp (gateway release) kèm lý do.",
        "Settle it with them, or send a document that replaces it; then release it with the reason.",
    ),
    "F-118": _of(
        Owner.OPERATOR,
        "Thoả thuận {agreement} có gửi dự phòng bằng văn bản nhưng không nêu {key}: chữ ký trả về không được xét.",
        "Agreement {agreement} lets a report go as a document and names no {key}: its signatures are not judged.",
        "Ghi chính sách xét chữ ký, ví dụ vn-report-pdf và vn-annex-pdf; để trống chỉ khi nơi khác đã xét.",
        "Name a signature policy, such as vn-report-pdf and vn-annex-pdf; none only where somebody else judges.",
    ),
    "F-119": _of(
        Owner.OPERATOR,
        "Thoả thuận {agreement} tin là chưa nhận sau {seconds} giây, khi một lần gửi còn có thể kéo dài {line} giây.",
        "Agreement {agreement} believes “never came” after {seconds} s, while one attempt may last {line} s.",
        "Bỏ settles_after_seconds để dùng mặc định, hoặc ghi lớn hơn hẳn deadline_seconds; quá ngắn thì gửi hai lần.",
        "Leave settles_after_seconds out, or set it well above deadline_seconds; too short, a report goes twice.",
    ),
    "F-120": _of(
        Owner.OPERATOR,
        "Trạng thái {status} của {recipient} không mang mã văn bản; {about} khớp nhiều văn bản: {documents}.",
        "Status {status} of {recipient} lost its DocumentId; {about} fits several documents: {documents}.",
        "Chưa tính cho văn bản nào. Hỏi {recipient} (ngày có thể viết tháng trước), rồi: fallback assign … {package}.",
        "It counts for none. Ask {recipient} (the month may stand first), then: fallback assign <document> {package}.",
    ),
    "F-121": _of(
        Owner.OPERATOR,
        "{recipient} báo trạng thái {status} về văn bản {document} nhưng không có trong nơi nhận: đã lưu, không tính.",
        "{recipient} told status {status} of document {document}, which was not sent to it: kept, and not counted.",
        "Hỏi nơi nhận có chuyển tiếp văn bản không; nếu mã cơ quan đã đổi, ghi mã mới vào thoả thuận.",
        "Ask whether the document was passed on; if that agency has a new code, put it into the agreement.",
    ),
    "F-122": _of(
        Owner.OPERATOR,
        "Gói trạng thái {package} không đọc được ({reason}); vẫn còn trên trục, chưa tính cho văn bản nào.",
        "Status package {package} cannot be read ({reason}); it stays on the axis and counts for nothing.",
        "Đề nghị phát lại gói đúng; nếu nơi nhận đã trả lời rõ: fallback assign … {package} --status --recipient --at.",
        "Have it sent again; where the office has answered: fallback assign … {package} --status --recipient --at.",
    ),
    "F-123": _of(
        Owner.OPERATOR,
        "Không có gói trạng thái {package} nào đang chờ trên {destination}.",
        "No status package {package} waits on {destination}.",
        "Xem các gói đang chờ bằng fallback status --collect (bàn dự phòng: fallback receipts).",
        "See what waits with fallback status --collect (at the desk: fallback receipts).",
    ),
    "F-124": _of(
        Owner.OPERATOR,
        "Gói trạng thái {package} ghi mã văn bản của {other}, không phải của {document}.",
        "Status package {package} carries the DocumentId of {other}, not of {document}.",
        "Kiểm tra lại; hệ thống tự ghi gói này cho {other} bằng fallback status --collect.",
        "Look again; the gateway counts it for {other} by itself: fallback status --collect.",
    ),
    "F-125": _of(
        Owner.OPERATOR,
        "Gói trạng thái {package} không cho biết đủ: {fields}.",
        "Status package {package} does not say: {fields}.",
        "Hỏi nơi nhận rồi ghi đúng như họ trả lời bằng các tuỳ chọn nêu trên; không ghi phỏng đoán.",
        "Ask the receiving office and give its answer with these options; never a guess.",
    ),
    "F-126": _of(
        Owner.OPERATOR,
        "Gói trạng thái {package} tự ghi khác ({fields}).",
        "Status package {package} itself says otherwise ({fields}).",
        "Bỏ tuỳ chọn đó; nếu gói sai, đề nghị nơi nhận phát lại gói đúng.",
        "Leave that option out; where the package is wrong, have the office send it again.",
    ),
    "F-127": _of(
        Owner.OPERATOR,
        "Gói trạng thái {package} đã được {by} xác định là của {other}, không phải của {document}.",
        "{by} found status package {package} to be about {other}, not about {document}.",
        "Hỏi lại {by}; nếu xác định nhầm, đề nghị nơi nhận phát lại gói ghi đúng mã văn bản.",
        "Ask {by}; where it was a mistake, have the office send a package again that carries the right DocumentId.",
    ),
    "F-012": _of(
        Owner.GATEWAY,
        "{destination} đang bảo trì theo thông báo {maintenance}, đến {until}.",
        "{destination} is under announced maintenance {maintenance} until {until}.",
        "Hệ thống tự gửi khi hết bảo trì; không cần thao tác.",
        "The gateway sends by itself when it is over; nothing to do.",
    ),
    "F-013": _of(
        Owner.GATEWAY,
        "Đã dùng hết mức gọi thoả thuận với {destination}; gửi tiếp sau {seconds} giây.",
        "What was agreed with {destination} is used up for now; it goes on in {seconds} s.",
        "Không cần làm gì. Nếu hàng chờ kéo dài, thoả thuận lại mức gọi trong tệp của đối tác.",
        "Nothing to do. If the queue stays long, agree on more and change it in the partner's file.",
    ),
    "F-030": _of(
        Owner.OPERATOR,
        "Kho dữ liệu không trả lời và sổ tạm của cổng đã đầy ({limit} byte); báo cáo CHƯA được nhận.",
        "The store does not answer and the gateway's spool is full ({limit} bytes); the report was NOT taken.",
        "Gửi lại cùng khoá sau {seconds} giây; quản trị cổng khôi phục PostgreSQL, sổ tạm sẽ tự chuyển vào.",
        "Send it again with the same key after {seconds} seconds; once PostgreSQL is back the spool empties itself.",
    ),
    "F-031": _of(
        Owner.SENDER,
        "Chưa thấy {exchange} trong kho dữ liệu; sổ tạm trên máy này còn báo cáo chưa chuyển vào.",
        "{exchange} is not in the store yet; reports wait in a spool of this host.",
        "Hỏi lại sau {seconds} giây; sổ tạm tự chuyển vào khi PostgreSQL trả lời.",
        "Ask again after {seconds} seconds; the spool empties itself once PostgreSQL answers.",
    ),
    "F-020": _of(
        Owner.OPERATOR,
        "Máy chủ PostgreSQL không cho sao lưu: {reason}.",
        "The PostgreSQL server does not allow a backup: {reason}.",
        "Quản trị CSDL cấp quyền REPLICATION, thêm dòng “host replication” vào pg_hba.conf, đặt wal_level = replica,"
        " max_wal_senders ≥ 4; rồi chạy lại gateway backup.",
        "The DBA grants REPLICATION, adds a “host replication” line to pg_hba.conf, sets wal_level = replica and"
        " max_wal_senders ≥ 4; then run gateway backup again.",
    ),
    "F-021": _of(
        Owner.OPERATOR,
        "Không khôi phục được: {reason}.",
        "It cannot be restored: {reason}.",
        "Dữ liệu đang có vẫn nguyên vẹn. Dừng cổng, xem gateway backup ls, chọn bản hoặc thời điểm khác.",
        "What is there is untouched. Stop the gateway, look at gateway backup ls, take another copy or another moment.",
    ),
    "F-022": _of(
        Owner.OPERATOR,
        "Bản sao lưu {base} hỏng hoặc thiếu {count} tệp: {found}.",
        "Backup {base} has {count} files damaged or missing: {found}.",
        "Tạo bản mới ngay bằng gateway backup; khôi phục thì dùng bản khác (gateway backup ls).",
        "Take a new one at once with gateway backup; to restore, use another one (gateway backup ls).",
    ),
    "F-023": _of(
        Owner.OPERATOR,
        "Nhật ký không nguyên vẹn: {count} sai lệch, sai lệch đầu tiên: {found}.",
        "The journal is not whole: {count} faults, the first one: {found}.",
        "Dừng cổng, giữ nguyên máy chủ dữ liệu để kiểm tra, khôi phục từ bản sao lưu đã kiểm tra gần nhất.",
        "Stop the gateway, keep the server as it is for examination, restore from the last backup that was verified.",
    ),
    "F-024": _of(
        Owner.OPERATOR,
        "Chưa có bản sao lưu nào.",
        "There is no backup yet.",
        "Chạy gateway backup --verify, rồi để gateway backup follow chạy thường trực.",
        "Run gateway backup --verify, then keep gateway backup follow running.",
    ),
    "F-025": _of(
        Owner.OPERATOR,
        "Bản sao lưu mới nhất đã cũ: {at}.",
        "The newest backup is old: {at}.",
        "Kiểm tra dịch vụ gateway backup follow.",
        "See whether the service gateway backup follow runs.",
    ),
    # F-04x  what the doctor finds about the machine and the store
    "F-041": _of(
        Owner.OPERATOR,
        "Python {version} không được hỗ trợ.",
        "Python {version} is not supported.",
        "Cài Python 3.11, 3.12 hoặc 3.13.",
        "Install Python 3.11, 3.12 or 3.13.",
    ),
    "F-042": _of(
        Owner.OPERATOR,
        "Đĩa chỉ còn trống {found} MiB.",
        "Only {found} MiB of the disk are free.",
        "Giải phóng hoặc mở rộng đĩa, hoặc chuyển backups/ sang đĩa khác; đĩa đầy thì không nhận được báo cáo.",
        "Free or extend it, or move backups/ to another disk; on a full disk no report can be taken.",
    ),
    "F-043": _of(
        Owner.OPERATOR,
        "Bộ dựng văn bản PDF hoặc phông chữ không chạy.",
        "The typesetter of documents or its fonts do not work.",
        "Cài lại gói typst.",
        "Install the package typst again.",
    ),
    "F-044": _of(
        Owner.OPERATOR,
        "Đang dùng PostgreSQL nhúng (var/postgres).",
        "The embedded PostgreSQL (var/postgres) is in use.",
        "Vận hành thật: đặt GATEWAY_DATABASE_URL tới máy chủ PostgreSQL có sao lưu.",
        "In production set GATEWAY_DATABASE_URL to a PostgreSQL server that is backed up.",
    ),
    "F-045": _of(
        Owner.GATEWAY,
        "Lược đồ dữ liệu còn {count} bước chưa áp dụng.",
        "{count} steps of the schema are not applied yet.",
        "Không cần thao tác: được áp dụng khi cổng khởi động lần tới.",
        "Nothing to do: they are applied when a gateway starts next.",
    ),
    "F-046": _of(
        Owner.OPERATOR,
        "Đồng hồ lệch máy chủ dữ liệu {seconds} giây.",
        "The clock differs from the database server's by {seconds} s.",
        "Đồng bộ giờ (chrony, systemd-timesyncd) trên cả hai máy.",
        "Synchronise both clocks (chrony, systemd-timesyncd).",
    ),
    "F-047": _of(
        Owner.OPERATOR,
        "Hệ thống {client} có {count} khoá hợp với yêu cầu: {found}.",
        "System {client} has {count} keys that fit: {found}.",
        "Nêu khoá cần huỷ bằng --digest và những chữ số đầu của mã băm (gateway key ls).",
        "Name the one to withdraw: --digest and the first digits of its digest (gateway key ls).",
    ),
    "F-048": _of(
        Owner.OPERATOR,
        "{file} viết theo cách không tự sửa an toàn được (dòng {line}); tệp được giữ nguyên.",
        "{file} is laid out in a way that cannot be changed safely (lines {line}); the file is as it was.",
        "Mở tệp, tự sửa các dòng đó (mỗi hệ thống một mục [[clients]]), rồi chạy gateway check.",
        "Edit these lines by hand, one [[clients]] for each key, then run gateway check.",
    ),
    "F-049": _of(
        Owner.OPERATOR,
        "Sổ tạm {file} còn {count} báo cáo và không tiến trình nào đang mở.",
        "{count} reports wait in {file}, and no process has it open.",
        "Chạy gateway serve hoặc gateway work trên máy này: sổ tự được chuyển vào kho.",
        "Run gateway serve or gateway work on this host: it is handed over by itself.",
    ),
    "F-050": _of(
        Owner.OPERATOR,
        "Sổ tạm {file} bị hỏng ({reason}); báo cáo trong đó có thể CHƯA vào kho.",
        "{file} is damaged ({reason}); reports in it may NOT be in the store.",
        "Giữ nguyên tệp, chép sang đĩa khác; đề nghị đơn vị nộp lại cùng khoá các báo cáo đã nhận với spooled = true.",
        "Keep a copy of the file; have what was answered with spooled = true handed in again under the same keys.",
    ),
    # G  outcome not known
    "F-140": _of(
        Owner.OPERATOR,
        "{exchange} là báo cáo liên kết; văn bản dự phòng chỉ mang số liệu nên không gửi thay được.",
        "{exchange} is a composite report; a fallback document carries figures alone and cannot stand for it.",
        "Chờ đường truyền, hoặc phát hành văn bản kèm đủ phần lời và tệp trên phần mềm quản lý văn bản.",
        "Wait for the line, or issue a document with its words and files in the document system.",
    ),
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
    "G-004": _of(
        Owner.OPERATOR,
        "{destination} báo các phần của báo cáo liên kết khác với phần đã gửi: {found}.",
        "{destination} names other parts of the composite report than were sent: {found}.",
        "Đối chiếu từng phần với nơi nhận theo mã băm SHA-256, rồi mới gửi bản sửa đổi.",
        "Compare each part with the receiver by its SHA-256 before sending a revision.",
    ),
    "G-005": _of(
        Owner.NATIONAL,
        "{destination} trả lời về gói tin khác: {theirs} thay vì {ours}.",
        "{destination} answers about another packet: {theirs} in place of {ours}.",
        "Câu trả lời đó không được tính, hệ thống sẽ hỏi lại; nếu lặp lại, báo nơi nhận kèm mã giao dịch.",
        "That answer does not count and is asked for again; if it persists, tell the receiver with the exchange id.",
    ),
}
