"""What a look at a signature can find, in Vietnamese and in English, and the fault that ends the look.

Circular 15/2025/TT-BKHCN wants the result, the signer, the time and the integrity said in Vietnamese.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from gateway.domain.verdict import Check, Indication, Outcome, SubIndication

SENTENCES: Mapping[str, tuple[str, str]] = {
    # message
    "policy.unknown": ("Không có chính sách ký số “{name}”.", "There is no signature policy “{name}”."),
    "signed.none": ("Tài liệu chưa được ký số.", "The document is not signed."),
    "signed.found": ("Tìm thấy {count} chữ ký.", "{count} signature(s) found."),
    "required.missing": ("Thiếu chữ ký bắt buộc: {name}.", "The required signature {name} is missing."),
    "required.same": (
        "Một chứng thư ký cho nhiều vai trò: {name}.",
        "One certificate signs for more than one role: {name}.",
    ),
    "format.parse": ("Không đọc được tài liệu XML: {reason}.", "The XML cannot be read: {reason}."),
    "format.other": (
        "Tệp không mang chữ ký thuộc dạng mà chính sách nhận ({names}).",
        "The file bears no signature of the formats that the policy takes ({names}).",
    ),
    "format.limit": ("Vượt giới hạn {what}: {found} > {limit}.", "Over the limit for {what}: {found} > {limit}."),
    "format.duplicate_id": ("Định danh “{id}” bị lặp.", "The identifier “{id}” occurs more than once."),
    "coverage.whole": (
        "Chữ ký bao trùm toàn bộ nội dung theo chính sách.",
        "Everything the policy wants signed is signed.",
    ),
    "coverage.partial": ("Ngoài phạm vi ký: {paths}.", "Outside the signed scope: {paths}."),
    "coverage.wrapping": (
        "Phần tử trùng tên với phần đã ký nằm ngoài phạm vi ký: {paths}.",
        "An unsigned element bears the name of a signed one: {paths}.",
    ),
    # one signature
    "structure.sound": ("Cấu trúc chữ ký hợp lệ.", "The signature's structure is sound."),
    "structure.wrong": ("Sai cấu trúc chữ ký: {reason}.", "The signature's structure is wrong: {reason}."),
    "structure.not_der": (
        "Thuộc tính đã ký không theo thứ tự DER; giá trị chữ ký vẫn đúng.",
        "The signed attributes are not in DER's order; the value is right all the same.",
    ),
    "structure.repaired": (
        "Tệp PDF có lỗi cấu trúc đã được đọc bỏ qua: {reason}.",
        "The PDF has a fault of structure that was read over: {reason}.",
    ),
    "changes.none": ("Không có thay đổi nào sau chữ ký.", "Nothing was added after the signature."),
    "changes.allowed": (
        "Sau chữ ký chỉ có cập nhật được phép: {what}.",
        "After the signature only what may be added was: {what}.",
    ),
    "changes.refused": (
        "Tài liệu bị thay đổi sau khi ký, ngoài phạm vi cho phép: {reason}.",
        "The document was changed after signing, beyond what is allowed: {reason}.",
    ),
    "ranges.right": ("Chữ ký bao trùm toàn bộ tệp tại thời điểm ký.", "The signature covers the whole file as signed."),
    "ranges.wrong": ("Chữ ký không bao trùm toàn bộ tệp: {reason}.", "The signature leaves something out: {reason}."),
    "position.right": ("Chữ ký ở đúng vị trí {path}.", "The signature stands at {path}, as expected."),
    "position.wrong": ("Chữ ký ở vị trí không mong đợi: {path}.", "A signature stands at an unexpected place: {path}."),
    "position.further": (
        "Chữ ký thêm của {signer}, ngoài các chữ ký bắt buộc.",
        "A further signature, beside the required ones: {signer}.",
    ),
    "algorithm.unknown": ("Không nhận thuật toán {name}.", "The algorithm {name} is not taken."),
    "algorithm.outdated": ("Thuật toán {name} không còn được chấp nhận.", "{name} is no longer accepted."),
    "algorithm.accepted": ("Thuật toán được chấp nhận: {names}.", "Accepted algorithms: {names}."),
    "algorithm.pkcs1": (
        "Dùng RSA PKCS#1 v1.5; Thông tư 15/2025 yêu cầu RSASSA-PSS.",
        "RSA PKCS#1 v1.5 is used; circular 15/2025 names RSASSA-PSS.",
    ),
    "certificate.none": ("Không có chứng thư của người ký.", "The signer's certificate is not there."),
    "certificate.unreadable": ("Không đọc được chứng thư: {reason}.", "The certificate cannot be read: {reason}."),
    "certificate.read": ("Người ký: {subject}.", "Signer: {subject}."),
    "signature_value.right": ("Giá trị chữ ký đúng.", "The signature value is right."),
    "signature_value.wrong": ("Giá trị chữ ký sai.", "The signature value is wrong."),
    "references.right": ("Nội dung không bị thay đổi sau khi ký.", "Nothing was changed after signing."),
    "references.changed": ("Nội dung đã bị thay đổi sau khi ký: {path}.", "Changed after signing: {path}."),
    "references.not_found": ("Không tìm thấy nội dung được ký “{uri}”.", "The signed content “{uri}” is not there."),
    "references.elsewhere": (
        "Chữ ký không ký đúng phần {expected}: “{uri}”.",
        "The signature does not cover {expected} but “{uri}”.",
    ),
    "references.hidden": (
        "Chú thích hoặc chỉ thị xử lý nằm trong giá trị đã ký tại {path}.",
        "A comment or instruction splits a signed value at {path}.",
    ),
    "binding.right": ("Chữ ký ràng buộc đúng chứng thư người ký.", "The signature binds the signer's certificate."),
    "binding.wrong": (
        "Chứng thư không phải là chứng thư đã được ràng buộc khi ký.",
        "The certificate is not the one that was bound when signing.",
    ),
    "policy.named": (
        "Chữ ký nêu chính sách riêng “{name}”; hệ thống xét theo chính sách của mình.",
        "The signature names a policy of its own, {name}; it is judged by ours.",
    ),
    "properties.passed_over": ("Không xét các thuộc tính: {names}.", "Properties not judged: {names}."),
    "format.refused": ("Chính sách không nhận định dạng {name}.", "The policy does not take the format {name}."),
    "timestamp.unreadable": ("Dấu thời gian không hợp lệ: {reason}.", "A time-stamp is not sound: {reason}."),
    "timestamp.imprint": (
        "Dấu thời gian {at} không thuộc nội dung này.",
        "The time-stamp of {at} is over other content.",
    ),
    "timestamp.future": ("Dấu thời gian {at} muộn hơn lúc tiếp nhận.", "The time-stamp of {at} is later than receipt."),
    "timestamp.order": ("Thứ tự các dấu thời gian sai ({at}).", "The time-stamps are out of order ({at})."),
    "timestamp.required": (
        "Chính sách yêu cầu dấu thời gian tin cậy.",
        "The policy requires a time-stamp that can be believed.",
    ),
    "timestamp.not_judged": (
        "Có dấu thời gian {at}; không xét độ tin cậy.",
        "There is a time-stamp of {at}; its trust is not judged.",
    ),
    "timestamp.unproven": (
        "Dấu thời gian {at} của {authority} chưa tin cậy được: {reason}",
        "The time-stamp of {at} by {authority} cannot be believed: {reason}",
    ),
    "timestamp.proven": (
        "Dấu thời gian {at} của {authority} chứng minh chữ ký đã có trước đó.",
        "The time-stamp of {at} by {authority} proves that the signature existed before.",
    ),
    "binding.absent": (
        "Chữ ký không ràng buộc chứng thư người ký.",
        "A plain signature: it does not bind its certificate.",
    ),
    "trust.not_judged": (
        "Chính sách chỉ kiểm tra toàn vẹn, không xét độ tin cậy.",
        "The policy looks at integrity only; trust is not judged.",
    ),
    "path.found": ("Chuỗi chứng thư tới {anchor}.", "The certificate chains to {anchor}."),
    "path.none": ("Không lập được chuỗi tới tổ chức tin cậy.", "No chain leads to a trusted authority."),
    "path.expired": ("Chuỗi chứng thư đã hết hạn: {reason}", "The path has expired: {reason}"),
    "path.early": ("Chuỗi chứng thư chưa có hiệu lực: {reason}", "The path is not yet valid: {reason}"),
    "path.constraint": ("Chuỗi chứng thư vi phạm ràng buộc: {reason}.", "The chain breaks a constraint: {reason}."),
    "validity.within": ("Chứng thư còn hiệu lực lúc ký nhận.", "The certificate was valid at the time of receipt."),
    "validity.early": ("Chứng thư chưa có hiệu lực (từ {at}).", "The certificate is not yet valid (from {at})."),
    "validity.expired": ("Chứng thư hết hạn từ {at}.", "The certificate expired on {at}."),
    "usage.right": ("Chứng thư được dùng để ký.", "The certificate may be used to sign."),
    "usage.wrong": ("Chứng thư không dùng để ký: {found}.", "The certificate is not for signing: {found}."),
    "usage.stamping": ("Chứng thư dành cho cấp dấu thời gian.", "The certificate is for time-stamping."),
    "organisation.right": ("Chứng thư của cơ quan {found}.", "The certificate belongs to {found}."),
    "organisation.wrong": (
        "Chứng thư không thuộc cơ quan đã đăng ký (có “{found}”, cần {expected}).",
        "The certificate is not the registered organisation's (has “{found}”, expected {expected}).",
    ),
    "revocation.good": ("Chứng thư không bị thu hồi ({by}).", "The certificate is not revoked ({by})."),
    "revocation.revoked": ("Chứng thư đã bị thu hồi từ {at} ({by}).", "The certificate was revoked on {at} ({by})."),
    "revocation.later": (
        "Chứng thư bị thu hồi sau khi tiếp nhận, từ {at} ({by}).",
        "The certificate was revoked after receipt, on {at} ({by}).",
    ),
    "revocation.unknown": (
        "Chưa biết chứng thư có bị thu hồi hay không: {reason}.",
        "Whether the certificate is revoked is not known: {reason}.",
    ),
    "revocation.stale": (
        "Chưa hỏi được tình trạng mới; lần cuối chứng thư còn tốt: {at} ({by}). Lý do: {reason}.",
        "No fresh state to be had; last known good: {at} ({by}). Reason: {reason}.",
    ),
    "revocation.disagree": (
        "Các nguồn trả lời khác nhau về việc thu hồi; lấy câu trả lời xấu nhất ({by}).",
        "Sources disagree about revocation; the worst counts ({by}).",
    ),
    "revocation.not_asked": ("Chính sách không yêu cầu kiểm tra thu hồi.", "The policy does not ask for revocation."),
}

_FAILED = frozenset(
    {
        SubIndication.FORMAT_FAILURE,
        SubIndication.HASH_FAILURE,
        SubIndication.SIG_CRYPTO_FAILURE,
        SubIndication.REVOKED,
        SubIndication.NOT_YET_VALID,
    }
)
# Worst first. TRY_LATER is last: waiting helps only where nothing else is wrong.
_WORST = (
    SubIndication.FORMAT_FAILURE,
    SubIndication.HASH_FAILURE,
    SubIndication.SIG_CRYPTO_FAILURE,
    SubIndication.REVOKED,
    SubIndication.NOT_YET_VALID,
    SubIndication.SIGNED_DATA_NOT_FOUND,
    SubIndication.NO_SIGNING_CERTIFICATE_FOUND,
    SubIndication.NO_CERTIFICATE_CHAIN_FOUND,
    SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
    SubIndication.SIG_CONSTRAINTS_FAILURE,
    SubIndication.TIMESTAMP_ORDER_FAILURE,
    SubIndication.EXPIRED,
    SubIndication.OUT_OF_BOUNDS_NO_POE,
    SubIndication.REVOKED_NO_POE,
    SubIndication.TRY_LATER,
)


_SHORT = 200  # characters


class Unsound(Exception):
    """Ends the look at one signature. Never leaves this room: the verdict says what it found."""

    def __init__(self, sub: SubIndication, code: str, outcome: Outcome = Outcome.FAILED, **details: Any) -> None:
        super().__init__(code)
        self.sub = sub
        self.check = finding(code, outcome, **details)


def finding(code: str, outcome: Outcome, **details: Any) -> Check:
    """The check named by the part of `code` before the dot. Unknown code: KeyError."""
    if not details:
        return plain(code, outcome)
    told = tuple(details.items())
    for one in details.values():
        if len(one) > _SHORT if isinstance(one, str) else not isinstance(one, int):
            return _told(code, outcome, told)
    return _short_finding(code, outcome, told)


@cache
def plain(code: str, outcome: Outcome) -> Check:
    """`finding` without details, the same value every time: most findings of a good signature have no details."""
    vi, en = SENTENCES[code]
    return Check(code.partition(".")[0], outcome, vi, en)


def _told(code: str, outcome: Outcome, details: tuple[tuple[str, Any], ...]) -> Check:
    vi, en = SENTENCES[code]
    values = dict(details)
    return Check(code.partition(".")[0], outcome, vi.format(**values), en.format(**values))


# A sender's are the same in every message. Long details are a stranger's, and memory is not for those.
_short_finding = lru_cache(maxsize=1024)(_told)


def indication_of(sub: SubIndication | None) -> Indication:
    """EN 319 102-1 table 5: which sub-indications fail for good and which leave it open."""
    if sub is None:
        return Indication.TOTAL_PASSED
    return Indication.TOTAL_FAILED if sub in _FAILED else Indication.INDETERMINATE


def worst(subs: list[SubIndication]) -> SubIndication | None:
    return min(subs, key=_WORST.index, default=None)


def malformed(reason: str) -> Unsound:
    return Unsound(SubIndication.FORMAT_FAILURE, "structure.wrong", reason=reason)


def unknown_algorithm(name: str) -> Unsound:
    return Unsound(SubIndication.CRYPTO_CONSTRAINTS_FAILURE, "algorithm.unknown", Outcome.UNDETERMINED, name=name)
