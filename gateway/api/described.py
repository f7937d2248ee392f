"""What the OpenAPI document tells beside the routes: the forms of a report, headers, and what a webhook is told.

By hand, because none of it passes through FastAPI: a report is kept as bytes and read later, and a webhook is a call
that we make. The tests hand the examples in, and hold the schemas against the reader.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from gateway.domain.exchange import SETTLED, STAGE_WORDS
from gateway.schemas.national.wire import wire

ABOUT = (
    "Mọi lệnh gọi dưới `/v1/` cần `Authorization: Bearer KHOÁ`. Lỗi là tài liệu RFC 9457 có mã, chuyện gì, ai xử lý, "
    "làm gì tiếp; tiếng Việt, hoặc tiếng Anh khi có `Accept-Language: en`. Thời gian theo RFC 3339.\n\n"
    "Every call below `/v1/` needs `Authorization: Bearer KEY`. Errors are RFC 9457 documents with a code, what "
    "happened, who acts and what to do; in Vietnamese or, with `Accept-Language: en`, in English. Times are RFC 3339."
)
_HEAD = {"regime": "KTXH-THANG", "form": "01/KTXH", "period": "LICH:2024-9T", "reporter": "H56"}
_VALUE = {"indicator": "T0101", "organisation": "38", "unit": "%", "value": "12.46"}
_CSV = """# che_do=KTXH-THANG
# bieu=01/KTXH
# ky=LICH:2024M09
# don_vi=H56
chi_tieu,to_chuc,don_vi_tinh,gia_tri
T0101,38,%,12.46
"""
_TABLE_VI = (
    "Đầu mục: `che_do` (chế độ), `bieu`, `ky`, `don_vi` bắt buộc; `sua_doi` (lần sửa đổi), `nguoi_duyet`, `ghi_chu` "
    "tuỳ chọn. Bảng: `chi_tieu`, `to_chuc`, `don_vi_tinh`, `gia_tri`; mỗi cột thêm là một chiều phân tổ."
)
_TABLE_EN = (
    "Head: `che_do` (regime), `bieu` (form), `ky` (period), `don_vi` (reporter) are needed; `sua_doi` (revision), "
    "`nguoi_duyet` (approver), `ghi_chu` (note) are not. Table: `chi_tieu` (indicator), `to_chuc` (organisation), "
    "`don_vi_tinh` (unit), `gia_tri` (value); each further column is a dimension of the breakdown."
)
_BYTES = {"type": "string", "format": "binary"}
_SHORT = "#/components/schemas/ShortReport"
_STATUSES = (
    "400 C-007 · 401 B-002 · 403 B-006, B-009 · 404 B-005 · 409 C-008 · 413 C-003 · 415 C-006 · 422 "
    "phần khác của yêu cầu / the rest of the request · 503 chưa nhận, gửi lại với cùng khoá / not taken, send again "
    "with the same key. Sai bên trong tệp được biết sau 202, ở trạng thái `refused` / what is wrong inside the file is "
    "known after the 202, as stage `refused`."
)


def completed(document: dict[str, Any]) -> dict[str, Any]:
    """`document` with what it could not know of itself."""
    document["info"]["description"] = ABOUT
    document["components"]["schemas"] |= _schemas()
    document["components"]["schemas"]["Stage"]["description"] = _stages()
    document["webhooks"] = {"event": {"post": _webhook()}}
    report = deepcopy(document["paths"]["/v1/reports"]["post"])
    _of_reports(report)
    document["paths"]["/v1/reports"]["post"] = report
    for item in document["paths"].values():
        for operation in item.values():
            _worded(operation)
    return document


def _of_reports(operation: dict[str, Any]) -> None:
    """Bodies by their media type, and what the answers carry."""
    operation["description"] += f"\n\n{_STATUSES}"
    operation["responses"]["202"]["headers"]["Idempotent-Replayed"] = {
        "description": "true: khoá đã dùng, đây là giao dịch cũ / the key was used, this is the exchange of then.",
        "schema": {"type": "boolean"},
    }
    content = operation["requestBody"]["content"]
    content["application/json"] = {
        "schema": {
            "anyOf": [
                {"$ref": _SHORT},
                {
                    "type": "object",
                    "required": ["packet"],
                    "description": "Gói 4 dạng JSON / packet 4 as its JSON twin (docs/packets.md).",
                },
            ]
        },
        "example": {**_HEAD, "values": [_VALUE]},
    }
    content["application/xml"] = _told(
        "Gói 4, không gian tên urn:report-gateway:national:1 (docs/packets.md, gateway/schemas/national/v1); chữ ký "
        "nằm trong tệp, hoặc là phần `signature`.",
        "Packet 4 (report-data) of that namespace; its signature is inside, or is the part `signature`.",
    )
    content["text/csv"] = {**_told(f"UTF-8. {_TABLE_VI}", f"UTF-8. {_TABLE_EN}"), "example": _CSV}
    for kind in ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/vnd.ms-excel"):
        content[kind] = _told(
            f"Trang `dau_muc` (khoá, giá trị) và trang `so_lieu`. {_TABLE_VI} Hoặc biểu có bố cục khai ở bảng bieu_mau "
            "của gói ánh xạ: biểu không tự ghi kỳ thì thêm `?period=`.",
            f"Sheet `dau_muc` (name, value) and sheet `so_lieu`. {_TABLE_EN} Or a form whose layout the mapping pack "
            "declares (bieu_mau): where it does not name its period, add `?period=`.",
        )
    parts = content["multipart/form-data"]["schema"]["properties"]
    for name, vi, en in (
        ("report", "số liệu, một trong các dạng trên", "the figures, in one of the forms above"),
        ("signature", "chữ ký rời XML của `report`", "the detached XML signature of `report`"),
        ("narrative", "phần lời: gói 6, hoặc dạng ngắn (docs/packets.md)", "packet 6, or its short form"),
        ("attachment", "tệp kèm theo, lặp lại được", "a file, any number"),
    ):
        parts[name] = {**parts[name], "description": f"{vi} / {en}"}
    content["multipart/form-data"]["schema"]["description"] = (
        "Mỗi phần phải có tên tệp (filename); `report` và `narrative` phải có Content-Type. / Every part needs a "
        "filename, `report` and `narrative` a Content-Type."
    )


def _told(vi: str, en: str) -> dict[str, Any]:
    return {"schema": {**_BYTES, "description": f"{vi} / {en}"}}


def _schemas() -> dict[str, Any]:
    """The short form of a report, as `gateway.schemas.submissions` reads it."""
    text = {"type": "string", "minLength": 1}
    value = {
        "type": "object",
        "required": ["indicator", "organisation", "unit"],
        "additionalProperties": False,
        "properties": {
            "indicator": {**text, "description": "Mã chỉ tiêu của tỉnh / the province's code."},
            "organisation": {**text, "description": "Mã đơn vị, địa bàn / code of the unit or territory."},
            "unit": {**text, "description": "Đơn vị tính / unit of measure."},
            "value": {
                "anyOf": [{"type": "string"}, {"type": "number"}],
                "description": "Số, giữ nguyên như đã ghi / the figure, kept as it is written.",
            },
            "state": {
                "type": "string",
                "enum": sorted(wire().marks),
                "description": "Thay cho `value` khi không có số / instead of `value`, where there is no figure.",
            },
            "breakdown": {
                "type": "object",
                "additionalProperties": text,
                "description": "Chiều phân tổ và giá trị / dimensions and their values.",
            },
        },
        "oneOf": [{"required": ["value"]}, {"required": ["state"]}],
    }
    report = {
        "type": "object",
        "description": "Dạng ngắn của một báo cáo / a report in its short form.",
        "required": ["regime", "form", "period", "reporter", "values"],
        "additionalProperties": False,
        "properties": {
            "regime": {**text, "description": "Chế độ báo cáo của thoả thuận / the agreement's regime."},
            "form": {**text, "description": "Mã biểu / code of the form."},
            "period": {
                **text,
                "description": "LỊCH:MÃ, ví dụ / CALENDAR:CODE, such as LICH:2024, LICH:2024Q1, LICH:2024H1, "
                "LICH:2024-9T, LICH:2024M09, ND09:2025M06, NAMHOC:2024-2025; `gateway period`.",
            },
            "reporter": {**text, "description": "Mã định danh đơn vị báo cáo / code of the reporting unit."},
            "revision": {"type": "integer", "minimum": 1, "maximum": 9999, "default": 1},
            "approver": {"type": "string"},
            "note": {"type": "string"},
            "values": {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/ShortValue"}},
        },
    }
    return {"ShortReport": report, "ShortValue": value}


def _stages() -> str:
    words = " · ".join(f"`{stage.value}` {word}" for stage, word in STAGE_WORDS.items())
    settled = ", ".join(f"`{stage.value}`" for stage in STAGE_WORDS if stage in SETTLED)
    return f"{words}\n\nTự nó không đi tiếp nữa / goes no further by itself: {settled}"


def _webhook() -> dict[str, Any]:
    """What a client with a `webhook` in clients.toml is sent: Standard Webhooks, symmetric."""
    signed = (
        "`v1,` rồi base64 của HMAC-SHA256 trên `ID.GIÂY.` nối thân nguyên văn; khoá là phần base64 sau `whsec_`; nhiều "
        "chữ ký cách nhau bằng dấu cách / `v1,` and the base64 of HMAC-SHA256 over `ID.SECONDS.` and the body as it "
        "came; the key is the base64 behind `whsec_`; several are separated by a space"
    )
    return {
        "summary": "Báo một việc trong hộp thư / an event of the inbox is told",
        "description": (
            "Từng việc một, cũ trước; gửi lại tới khi nhận 2xx. Việc vẫn nằm trong `GET /v1/inbox` tới khi được ghi "
            "nhận. Cùng `webhook-id` là cùng một việc.\n\nOne at a time, oldest first, again until a 2xx. The event "
            "stays in `GET /v1/inbox` until it is taken note of. The same `webhook-id` is the same event."
        ),
        "operationId": "event_told",
        "security": [],
        "parameters": [
            _header("webhook-id", {"type": "string"}, "Mã sự kiện, như `id` trong thân / the event's `id`."),
            _header("webhook-timestamp", {"type": "integer"}, "Giây Unix lúc gửi / Unix seconds of this sending."),
            _header("webhook-signature", {"type": "string"}, signed),
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/cloudevents+json": {
                    "schema": {
                        "anyOf": [
                            {"$ref": "#/components/schemas/BulletinShown"},
                            {"$ref": "#/components/schemas/NoticeShown"},
                        ]
                    }
                }
            },
        },
        "responses": {"2XX": {"description": "Đã nhận; trả lời không được đọc / taken, the answer is not read."}},
    }


def _header(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": True, "schema": schema, "description": description}


def _worded(operation: dict[str, Any]) -> None:
    """A generated summary is the name of a function of ours; the first line of its description says more."""
    if " / " not in operation["summary"]:
        operation["summary"] = operation["description"].partition("\n")[0]
    for answer in operation["responses"].values():
        if answer["description"] == "Successful Response":
            answer["description"] = "Trả lời / the answer."
