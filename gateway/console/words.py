"""The sentences of the pages, all of them in both languages; problems bring their own.

One table instead of gettext catalogues: both languages side by side for whoever changes one, nothing to compile.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from gateway.domain.exchange import Kind
from gateway.domain.problems import Owner, Text

Tongue = Literal["vi", "en"]

OWNERS: Mapping[Owner, Text] = {
    Owner.SENDER: Text("Đơn vị báo cáo", "The reporting unit"),
    Owner.OPERATOR: Text("Vận hành", "Operators"),
    Owner.INTEGRATOR: Text("Đơn vị tích hợp", "The integrating unit"),
    Owner.NATIONAL: Text("Hệ thống quốc gia", "The national system"),
    Owner.GATEWAY: Text("Phần mềm tự xử lý", "The gateway itself"),
}

KINDS: Mapping[Kind, Text] = {
    Kind.OUTBOUND: Text("Báo cáo gửi lên", "Report going up"),
    Kind.DOCUMENT: Text("Báo cáo đi bằng văn bản", "Report as a document"),
    Kind.INBOUND: Text("Dữ liệu nhận về", "What comes down"),
}

# Steps of a deadline (chặng) by the code a regulation's declaration gives them; another code is shown as it stands.
STEPS: Mapping[str, Text] = {
    "gui": Text("gửi báo cáo", "submission"),
    "don-vi": Text("đơn vị nộp", "units hand in"),
    "tong-hop": Text("tổng hợp", "compilation"),
    "nien-giam": Text("số liệu niên giám", "yearbook figures"),
    "dau-nam-hoc": Text("số liệu đầu năm học", "start of the school year"),
    "cuoi-nam-hoc": Text("số liệu cuối năm học", "end of the school year"),
}

SENTENCES: Mapping[str, Text] = {
    # the frame
    "skip": Text("Tới nội dung", "Skip to content"),
    "exchanges": Text("Giao dịch", "Exchanges"),
    "other_language": Text("English", "Tiếng Việt"),
    "zone": Text("Giờ Việt Nam (UTC+07:00)", "Vietnam time (UTC+07:00)"),
    "as_of": Text("Số liệu lúc", "As of"),
    "read_only": Text(
        "Trang này chỉ để xem, trừ việc cấp số văn bản; thao tác khác làm bằng lệnh gateway, có ghi người và lý do.",
        "This desk only shows, but for numbers of documents; all else is a gateway command naming person and reason.",
    ),
    "catalogues": Text("Danh mục, biểu mẫu", "Catalogues, forms"),
    "documents": Text("Cấp số văn bản", "Numbers of documents"),
    # the list
    "counts": Text("Số giao dịch theo trạng thái", "Exchanges by stage"),
    "total": Text("tổng cộng {count}", "{count} in all"),
    "lines": Text("Tình trạng liên thông", "Lines"),
    "line_up": Text("thông", "up"),
    "line_down": Text("lỗi {failures} lần từ {since}", "{failures} failures since {since}"),
    "filter": Text("Lọc", "Filter"),
    "clear": Text("Bỏ lọc", "Clear"),
    "search": Text("Tìm mã, khoá, chế độ, kỳ, số văn bản", "Find an id, key, regime, period, document number"),
    "state": Text("Trạng thái", "State"),
    "any": Text("Tất cả", "All"),
    "whole_group": Text("cả nhóm", "the whole group"),
    "kind": Text("Loại", "Kind"),
    "agreement": Text("Thoả thuận", "Agreement"),
    "destination": Text("Nơi nhận", "Destination"),
    "id": Text("Mã giao dịch", "Id"),
    "report": Text("Báo cáo", "Report"),
    "sender": Text("Đơn vị gửi", "Sender"),
    "time": Text("Thời điểm", "Time"),
    "attempts": Text("Lần gửi", "Attempts"),
    "cause": Text("Nguyên nhân", "Cause"),
    "unread": Text("chưa đọc nội dung", "not read yet"),
    "held_short": Text("giữ lại {count} giá trị", "{count} values held"),
    "newest": Text("← Mới nhất", "← Newest"),
    "older": Text("Cũ hơn →", "Older →"),
    "empty": Text("Chưa có giao dịch nào.", "There are no exchanges yet."),
    "empty_how": Text(
        "Gửi thử một báo cáo: gateway submit bao-cao.json --as {agreement}",
        "Hand in a report: gateway submit report.json --as {agreement}",
    ),
    "none_found": Text("Không có giao dịch nào khớp bộ lọc.", "No exchange matches these filters."),
    "searched": Text(
        "Đã tìm trong {count} giao dịch, từ mới đến cũ.", "{count} exchanges were searched, newest first."
    ),
    "search_on": Text("Tìm tiếp trong giao dịch cũ hơn →", "Search older ones →"),
    # one exchange
    "back": Text("Danh sách giao dịch", "All exchanges"),
    "next": Text("Tiếp theo", "Next"),
    "due": Text("hẹn", "due"),
    "deadline": Text("Hạn báo cáo", "Deadline"),
    "deadline_left": Text("còn {days} ngày {hours} giờ", "{days} days {hours} hours left"),
    "deadline_over": Text("đã qua", "passed"),
    "what": Text("Chuyện gì", "What happened"),
    "why": Text("Vì sao", "Why"),
    "who": Text("Ai xử lý", "Who acts"),
    "how": Text("Làm gì tiếp", "What to do"),
    "journey": Text("Hành trình", "Journey"),
    "reached": Text("đã qua", "passed"),
    "here": Text("đang ở đây", "here now"),
    "ahead": Text("chưa tới", "ahead"),
    "account": Text("Số liệu: nhận = ánh xạ + giữ lại + loại trừ", "Values: received = mapped + held + excluded"),
    "received": Text("nhận", "received"),
    "mapped": Text("ánh xạ", "mapped"),
    "held": Text("giữ lại", "held"),
    "excluded": Text("loại trừ", "excluded"),
    "parts": Text("Phần kèm theo số liệu (báo cáo liên kết)", "Beside the figures (composite report)"),
    "outline": Text("Đề cương", "Outline"),
    "part": Text("Phần", "Part"),
    "part_narrative": Text("Phần lời", "Narrative"),
    "role": Text("Vai trò", "Role"),
    "role_narrative": Text("Bản báo cáo đã ký", "Signed report"),
    "role_form": Text("Biểu số liệu", "Form"),
    "role_annex": Text("Phụ lục", "Annex"),
    "media_type": Text("Loại nội dung", "Content type"),
    "bytes": Text("Số byte", "Bytes"),
    "held_groups": Text("Giá trị giữ lại, theo nguyên nhân", "Values held, by cause"),
    "code": Text("Mã", "Code"),
    "values": Text("Giá trị", "Values"),
    "rows": Text("Dòng (đếm từ 0)", "Rows (from 0)"),
    "more_rows": Text("và {count} dòng nữa", "and {count} more"),
    "findings": Text("Cảnh báo khi đọc và ánh xạ số liệu", "Warnings of reading and mapping"),
    "warning": Text("Cảnh báo", "Warning"),
    "info": Text("Thông tin", "Note"),
    "places": Text("Ô, hoặc dòng (đếm từ 0)", "Cells, or rows (from 0)"),
    "more_places": Text("và {count} chỗ nữa", "and {count} more"),
    "more_findings": Text(
        "Còn {count} mục nữa: gateway show … --blob findings.", "{count} more: gateway show … --blob findings."
    ),
    "left_out": Text("Bỏ ra {count} số liệu, theo bố cục: {why}", "{count} figures left out by the layout: {why}"),
    "decoded": Text("Đã chuyển mã {count} ô chữ mã cũ.", "{count} cells of legacy text were decoded."),
    "checked": Text(
        "Quy tắc kiểm tra: {passed} đạt, {failed} không đạt, {open} chưa kiểm tra được.",
        "Rules: {passed} passed, {failed} failed, {open} not evaluated.",
    ),
    "compared": Text("So với kỳ trước", "Compared with the period before"),
    "not_compared": Text("Không có số liệu kỳ trước để so.", "There are no figures of the period before."),
    "pack": Text("Gói ánh xạ", "Mapping pack"),
    "timeline": Text("Dòng thời gian", "Timeline"),
    "receipt": Text("Biên nhận và phản hồi", "Receipt and answer"),
    "reference": Text("Số tham chiếu nơi nhận", "Receiver's reference"),
    "received_at": Text("Nơi nhận ghi lúc", "Received at"),
    "their_digest": Text("Mã băm nơi nhận giữ", "Digest as stored there"),
    "digests_agree": Text("khớp gói đã gửi", "as sent"),
    "digests_differ": Text("KHÁC gói đã gửi", "DIFFERS from what was sent"),
    "judgement": Text("Kết quả", "Judgement"),
    "answered_at": Text("Phản hồi lúc", "Answered at"),
    "tally": Text(
        "nhận {t.received} = mới {t.accepted} + cập nhật {t.updated} + không đổi {t.unchanged}"
        " + từ chối {t.rejected} + bỏ qua {t.ignored}",
        "received {t.received} = new {t.accepted} + updated {t.updated} + unchanged {t.unchanged}"
        " + rejected {t.rejected} + ignored {t.ignored}",
    ),
    "count": Text("Số giá trị", "Count"),
    "reasons": Text("Lý do", "Reasons"),
    "no_receipt": Text("Chưa có biên nhận.", "There is no receipt yet."),
    "relations": Text("Quan hệ", "Relations"),
    "parent": Text("Báo cáo gốc", "Parent"),
    "paper": Text("Văn bản đi thay", "Document sent instead"),
    "replay_of": Text("Phát lại từ", "Replay of"),
    "superseded_by": Text("Bản mới thay thế", "Superseded by"),
    "corrected_by": Text("Bản đính chính", "Corrected by"),
    "child": Text("Giao dịch liên kết", "Linked exchange"),
    "revision": Text("Bản {revision} của cùng báo cáo", "Revision {revision} of the same report"),
    "no_relations": Text("Không có.", "There are none."),
    "particulars": Text("Chi tiết", "Particulars"),
    "regime": Text("Chế độ báo cáo", "Regime"),
    "form": Text("Biểu mẫu", "Form"),
    "period": Text("Kỳ báo cáo", "Period"),
    "handed_in_by": Text("Hệ thống nộp", "Handed in by"),
    "key": Text("Khoá chống lặp", "Idempotency key"),
    "opened_at": Text("Nhận lúc", "Opened at"),
    "changed_at": Text("Thay đổi gần nhất", "Last change"),
    "document_number": Text("Số, ký hiệu văn bản", "Document number"),
    "signer": Text("Người ký", "Signed by"),
    "document_id": Text("Mã văn bản điện tử", "Document id"),
    "axis_id": Text("Mã trên trục", "Id on the axis"),
    "files": Text("Tệp", "Files"),
    "catalogue": Text("Danh mục", "Catalogue"),
    "evidence": Text("Chứng cứ", "Evidence"),
    "payload_digest": Text("Mã băm báo cáo nhận được (SHA-256)", "Digest of what was handed in (SHA-256)"),
    "packet_digest": Text("Mã băm gói tin gửi đi (SHA-256)", "Digest of the packet (SHA-256)"),
    "head_digest": Text("Mã băm cuối chuỗi", "Digest of the last fact"),
    "chain": Text("Chuỗi sự kiện", "Chain of facts"),
    "chain_intact": Text("nguyên vẹn, {count} sự kiện", "intact; facts on it: {count}"),
    "chain_broken": Text(
        "ĐÃ BỊ THAY ĐỔI: báo ngay cho vận hành, không dùng làm chứng cứ",
        "ALTERED: tell the operators now; this is no evidence",
    ),
    "command": Text("Lệnh tương đương", "The same as a command"),
    "stage_of": Text("Chặng", "Stage"),
    "late": Text("Trễ hạn", "Late"),
    "resting": Text("Nơi nhận đang bảo trì đến", "The receiver is under maintenance until"),
    # the calendar
    "calendar": Text("Lịch hạn báo cáo", "Deadlines"),
    "month": Text("tháng {month}/{year}", "{month}/{year}"),
    "this_month": Text("Tháng này", "This month"),
    "subscribe": Text("Đưa vào phần mềm lịch (.ics)", "Subscribe (.ics)"),
    "weekdays": Text(
        "Thứ Hai · Thứ Ba · Thứ Tư · Thứ Năm · Thứ Sáu · Thứ Bảy · Chủ nhật", "Mon · Tue · Wed · Thu · Fri · Sat · Sun"
    ),
    "off": Text("nghỉ", "off"),
    "worked": Text("làm bù", "worked"),
    "obligations": Text("Thời hạn và nghĩa vụ báo cáo", "Deadlines and what is owed"),
    "no_deadlines": Text(
        "Tháng này không có thời hạn nào được khai báo.", "No deadline that is declared falls into this month."
    ),
    "incidents": Text("Sự cố", "Incidents"),
    "no_incidents": Text("Không có sự cố đang mở.", "No incident is open."),
    "everywhere": Text("toàn hệ thống", "everywhere"),
    "promised": Text("đã thông báo hoàn thành", "completion told for"),
    "clock_support": Text("Phải xử lý xong trước", "To be answered by"),
    "clock_recovery": Text("Phải khôi phục trước", "To be recovered by"),
    "clock_left": Text("còn {hours} giờ {minutes} phút", "{hours} h {minutes} min left"),
    "clock_over": Text("QUÁ HẠN", "OVERDUE"),
    "at_risk": Text("{count} báo cáo có nguy cơ trễ", "{count} reports at risk"),
    "maintenance": Text("Bảo trì đã báo trước", "Announced maintenance"),
    "no_maintenance": Text("Không có đợt bảo trì nào sắp tới.", "No maintenance is announced."),
    "due_within": Text("hạn nằm trong thời gian bảo trì", "falls due within it:"),
    "windows": Text("Mở, đóng ngoài thời gian quy định", "Opened and closed by notice"),
    "no_windows": Text("Không có thông báo nào; {who} có thể mở, đóng.", "No notice stands; {who} may give one."),
    # when there is no page
    "not_found": Text("Không tìm thấy “{name}”", "There is no “{name}” here"),
    "not_found_how": Text(
        "Kiểm tra lại mã giao dịch, hoặc tìm trong danh sách.", "Check the id, or look for it in the list."
    ),
    "not_asked": Text("Không hiểu địa chỉ này", "This address cannot be understood"),
    "not_yet": Text("Báo cáo còn trong sổ tạm", "The report waits in a spool"),
    "away": Text("Kho lưu không trả lời", "The store does not answer"),
    "away_why": Text(
        "Không mất gì: báo cáo đã nhận vẫn ở trong kho. Báo cáo gửi tới lúc này chỉ được nhận khi có trả lời 202.",
        "Nothing is lost: what was taken is in the store. What is handed in now is taken only if the answer is 202.",
    ),
    "away_how": Text(
        "Mở lại trang sau {seconds} giây. Nếu kéo dài, vận hành kiểm tra PostgreSQL: gateway doctor",
        "Open the page again in {seconds} seconds. If it lasts, operators check PostgreSQL: gateway doctor",
    ),
    "fault": Text("Lỗi phần mềm", "A fault of ours"),
    "fault_how": Text(
        "Giao dịch không bị ảnh hưởng. Báo vận hành địa chỉ trang này và thời điểm ở trên.",
        "Exchanges are not affected. Tell the operators this page's address and the time above.",
    ),
}
