"""``python -m fallback``: the verbs of the desk, for a machine on which nothing else may be alive.

argparse, not Typer: it is in the standard library, and a desk needs the fewest parts there can be.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from fallback.desk import Desk, Refusal
from fallback.wiring import opened
from gateway.domain.errors import (
    Conflict,
    GatewayError,
    InDoubt,
    NotFound,
    Overtaken,
    Problem,
    Rejected,
    Unavailable,
    problem,
)
from gateway.domain.exchange import STAGE_WORDS, Exchange, Stage
from gateway.domain.record import plain
from gateway.journey.accept import Incoming
from gateway.journey.attribute import Told
from gateway.journey.operate import Person

_KINDS = {
    ".json": "application/json",
    ".xml": "application/xml",
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xls": "application/vnd.ms-excel",
}
_EXITS: Sequence[tuple[type[GatewayError], int]] = (
    (NotFound, 5),
    (Conflict, 6),
    (Overtaken, 6),
    (Unavailable, 7),
    (InDoubt, 3),
    (GatewayError, 1),
)
_BECAUSE = "trục liên thông báo cáo ngừng hoạt động"
_EXAMPLE = "Ví dụ / example: python -m fallback accept bao-cao.json --as ktxh-thang --key T11-2026"

Opened = Callable[[Path], AbstractContextManager[Desk]]


def main(arguments: Sequence[str] | None = None, desk_of: Opened = opened) -> int:
    """Run one verb; its exit code (0 ok, 1 failed, 2 usage, 3 partly, 5 not found, 6 conflict, 7 store full)."""
    told = _parser().parse_args(arguments)
    try:
        with desk_of(told.home) as desk:
            answer, code = _run(desk, told)
    except GatewayError as error:
        answer, code = {"ok": False, "problems": plain(error.problems)}, _code(error)
        for each in error.problems:
            _say(each)
    except OSError as error:
        wrong = problem("F-005", file=error.filename or told.home, key="-", reason=error.strerror or error)
        answer, code = {"ok": False, "problems": plain([wrong])}, 1
        _say(wrong)
    if told.json:
        sys.stdout.write(json.dumps(plain(answer), ensure_ascii=False, indent=2) + "\n")
    return code


def _run(desk: Desk, told: argparse.Namespace) -> tuple[dict[str, Any], int]:
    verb: Callable[[Desk, argparse.Namespace], tuple[dict[str, Any], int]] = told.verb
    return verb(desk, told)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m fallback",
        description="Bàn dự phòng: nhận báo cáo và lập văn bản khi trục ngừng / the desk when the gateway is away.",
        epilog=_EXAMPLE,
    )
    shared = argparse.ArgumentParser(add_help=False)
    home = Path(os.environ.get("FALLBACK_HOME", "."))
    shared.add_argument("--home", type=Path, default=home, help="thư mục của bàn / the desk's folder (FALLBACK_HOME)")
    shared.add_argument("--json", action="store_true", help="một tài liệu JSON trên stdout / one JSON document")
    shared.add_argument("--by", default=os.environ.get("GATEWAY_OPERATOR", "văn thư"), help="ai thao tác / who acts")
    verbs = parser.add_subparsers(required=True, metavar="accept|export|receipts|assign|status")
    _accept_verb(verbs, shared)
    export = verbs.add_parser("export", parents=[shared], help="lập văn bản trình ký / write the documents")
    export.add_argument("--because", default=_BECAUSE, help="lý do gửi dự phòng / why")
    export.add_argument("--hand-over", action="store_true", help="đóng sổ và niêm phong để bàn giao / close and seal")
    export.set_defaults(verb=_export)
    receipts = verbs.add_parser("receipts", parents=[shared], help="đọc cap-so, trang-thai / what people brought")
    receipts.set_defaults(verb=_receipts)
    _assign_verb(verbs, shared)
    status = verbs.add_parser("status", parents=[shared], help="tình trạng / how it stands")
    status.set_defaults(verb=_status)
    return parser


def _accept_verb(verbs: Any, shared: argparse.ArgumentParser) -> None:
    accept = verbs.add_parser("accept", parents=[shared], help="nhận báo cáo / take reports in", epilog=_EXAMPLE)
    accept.add_argument("files", nargs="+", type=Path, metavar="FILE")
    accept.add_argument("--as", dest="agreement", required=True, help="thoả thuận / agreement")
    accept.add_argument("--key", help="khoá chống lặp; mặc định là tên tệp / idempotency key; else the file's name")
    accept.add_argument("--signature", type=Path, help="chữ ký rời / detached signature")
    accept.add_argument("--because", default="", help="nhận dù trục có thể đã gửi / although it may have been sent")
    accept.set_defaults(verb=_accept)


def _assign_verb(verbs: Any, shared: argparse.ArgumentParser) -> None:
    example = "Ví dụ / example: python -m fallback assign vb-01… 7f3a.xml --because 'G22 trả lời qua điện thoại'"
    told = "gói trạng thái này là của văn bản nào / which document a status is about"
    assign = verbs.add_parser("assign", parents=[shared], help=told, epilog=example)
    assign.add_argument("document", help="văn bản / document (vb-…)")
    assign.add_argument("package", help="mã gói trạng thái / id of the status package")
    assign.add_argument("--because", required=True, help="căn cứ / why")
    for name, told in (("status", "mã trạng thái / 01 … 16"), ("recipient", "cơ quan / office"), ("at", "lúc / when")):
        assign.add_argument(f"--{name}", default="", help=f"khi gói không ghi / where it does not say: {told}")
    assign.set_defaults(verb=_assign)


# ── the verbs ────────────────────────────────────────────────────────────────────────────────────
def _accept(desk: Desk, told: argparse.Namespace) -> tuple[dict[str, Any], int]:
    if len(told.files) > 1 and (told.key or told.signature):
        raise Rejected(problem("C-012", reason="--key, --signature: một tệp / one file"))
    taken, refused, code = [], [], 0
    signature = told.signature.read_bytes() if told.signature else None
    for path in told.files:
        kind = _KINDS.get(path.suffix.lower(), "application/octet-stream")
        incoming = Incoming(told.agreement, told.key or path.stem, told.by, kind, path.read_bytes(), signature)
        try:
            x, is_new = desk.accept(incoming, told.because)
        except GatewayError as error:
            refused.append(Refusal(path.name, error.problems))
            code = max(code, _code(error))
            continue
        taken.append({**_seen(desk, x), "new": is_new})
        _tell(f"✓ {x.id}  {path.name}")
    _refusals(refused)
    return {"accepted": taken, "refused": refused}, code


def _export(desk: Desk, told: argparse.Namespace) -> tuple[dict[str, Any], int]:
    refused = desk.prepare(told.because)
    laid_out = desk.lay_out()
    for folder in laid_out:
        _tell(f"✓ trình ký / to be signed: {folder}")
    _refusals(refused)
    answer = {
        "to_sign": [
            {**_seen(desk, x), "folder": str(desk.home / "trinh-ky" / x.id)} for x in desk.documents(Stage.PREPARED)
        ],
        "not_ready": [_seen(desk, x) for x in desk.reports() if x.stage not in (Stage.DIVERTED,)],
        "refused": refused,
    }
    if told.hand_over:
        bundle = desk.hand_over()
        _tell(f"✓ bàn giao / hand over: {bundle}")
        return {**answer, "bundle": str(bundle)}, 3 if refused else 0
    if desk.reports():
        answer["list"] = str(desk.list_for_the_gateway())
    return answer, 3 if refused else 0


def _receipts(desk: Desk, told: argparse.Namespace) -> tuple[dict[str, Any], int]:
    numbered, refused = desk.register(told.by)
    aside, unclaimed = desk.follow()
    for each in numbered:
        _tell(f"✓ {each.document}: {each.number}/{each.notation}")
    _refusals(refused)
    for each_file in aside:
        _tell(f"✕ {each_file.path}: {each_file.why.title.vi}")
    documents = [_seen(desk, x) for x in desk.documents()]
    answer = {
        "numbered": numbered,
        "documents": documents,
        "refused": refused,
        "set_aside": [_aside(a.path, a.why) for a in aside],
        "unclaimed": unclaimed,
    }
    for why in unclaimed:
        _say(why)
    return answer, 3 if refused or aside or unclaimed else 0


def _assign(desk: Desk, told: argparse.Namespace) -> tuple[dict[str, Any], int]:
    word = Told(told.recipient, told.status, told.at)
    x = desk.assign(told.document, told.package, word, Person(told.by, told.because))
    _tell(f"✓ {x.id}  {STAGE_WORDS[x.stage]}")
    return _seen(desk, x), 0


def _status(desk: Desk, _told: argparse.Namespace) -> tuple[dict[str, Any], int]:
    age = desk.doors.clock.now() - desk.standby.made_at
    hours = round(age.total_seconds() / 3600, 1)
    documents = desk.documents()
    _tell(f"Bản sao dự phòng / standby copy: {hours} giờ / hours")
    for x in documents:
        _tell(f"{x.id}  {STAGE_WORDS[x.stage]}")
    standby = {"made_at": desk.standby.made_at, "age_hours": hours, "authentic": desk.standby.authentic}
    return {
        "standby": standby,
        "counts": desk.ledger.count(),
        "reports": [_seen(desk, x) for x in desk.reports()],
        "documents": [_seen(desk, x) for x in documents],
    }, 0


# ── speaking ─────────────────────────────────────────────────────────────────────────────────────
def _seen(desk: Desk, x: Exchange) -> dict[str, Any]:
    about = {
        "exchange": x.id,
        "agreement": x.agreement,
        "key": x.key,
        "stage": x.stage,
        "stage_vi": STAGE_WORDS[x.stage],
    }
    why = {"why": plain(x.trouble)} if x.trouble and x.stage in (Stage.REFUSED, Stage.PARKED) else {}
    parent = {"report": x.parent, "number": _number(x)} if x.parent else {}
    return {**about, **parent, "deadline": desk.deadline(x), **why}


def _number(x: Exchange) -> str | None:
    return f"{x.numbered.number}/{x.numbered.notation}" if x.numbered else None


def _aside(path: Path, why: Problem) -> dict[str, Any]:
    return {"file": str(path), "problem": plain(why)}


def _refusals(refused: Sequence[Refusal]) -> None:
    for each in refused:
        _tell(f"✕ {each.what}")
        for found in each.problems:
            _say(found)


def _say(found: Problem) -> None:
    _tell(f"✕ {found.code}  {found.title.vi}\n  → {found.advice.vi}\n  {found.title.en} {found.advice.en}")


def _tell(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


def _code(error: GatewayError) -> int:
    return next(code for kind, code in _EXITS if isinstance(error, kind))


if __name__ == "__main__":
    sys.exit(main())
