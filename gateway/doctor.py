"""The doctor: the machine, the database, the partners' lines, trust and backups, each with one way to mend it.

It looks and changes nothing. ✓ well · ⚠ works, and will not for ever · ✕ does not work.
"""

from __future__ import annotations

import shutil
import socket
import ssl
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from fallback.paper import typeset
from gateway.adapters.sql import EmbeddedPostgres
from gateway.adapters.sql.backup import bases
from gateway.adapters.sql.looking import Looked, look
from gateway.adapters.tls import trust
from gateway.domain.calendar import clock_face
from gateway.domain.errors import GatewayError
from gateway.schemas.declarations import Declarations, PartnerText, declarations
from gateway.schemas.settings import Settings, settings
from gateway.signing import read_store
from gateway.signing.runway import runway
from gateway.soundness import faults

_LEAST_FREE = 1 << 30
_LOW_FREE = 5 << 30
_SKEW_TOLD, _SKEW_MOST = 1.0, 30.0  # seconds
_SOON = timedelta(days=30)
_OLD_CATALOGUE = timedelta(days=30)
_PATIENCE = 5.0  # seconds for a partner's line
_OLDEST_SERVER = 150000


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    state: Literal["ok", "warning", "fault"]
    advice: str = ""


def examine(home: Path, environment: Mapping[str, str]) -> list[Finding]:
    """The machine and the deployment, looked at as a doctor would."""
    found = [*_machine(home)]
    broken = faults(home, environment)
    found += [Finding(f"{p.code} {p.title.vi}", "fault", p.advice.vi) for p in broken]
    if broken:
        return found
    read = settings(home, environment)
    declared = declarations(home / "partners", read.local)
    looks: Iterable[Callable[[], Iterable[Finding]]] = (
        lambda: _stores(read, declared),
        lambda: _backups(read),
        lambda: _trusted(home),
        *(lambda partner=partner: _line(home, partner) for partner in declared.partners.values()),
    )
    for look_at in looks:
        found += look_at()
    return found


def _machine(home: Path) -> Iterator[Finding]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    supported = (3, 11) <= sys.version_info[:2] <= (3, 13)
    yield Finding(f"Python {version}", "ok" if supported else "fault", "" if supported else "Cần Python 3.11–3.13.")
    free = shutil.disk_usage(home if home.exists() else Path()).free
    what = f"Đĩa trống {free >> 20} MiB"
    if free < _LEAST_FREE:
        yield Finding(what, "fault", "Giải phóng đĩa ngay: dưới 1 GiB không nhận báo cáo mới.")
    elif free < _LOW_FREE:
        yield Finding(what, "warning", "Còn dưới 5 GiB: mở rộng đĩa, hoặc chuyển backups/ sang đĩa khác.")
    else:
        yield Finding(what, "ok")
    try:
        sheet = typeset("Sở Kế hoạch: ắ ợ ữ ỷ", {"title": "thử", "agency": "thử"}, (), datetime.now(UTC))
        well = sheet.startswith(b"%PDF")
    except Exception:  # whatever a broken package raises, that is the finding
        well = False
    yield Finding("Bộ dựng văn bản PDF và phông chữ", "ok" if well else "fault", "" if well else "Cài lại gói typst.")


# ── the database ─────────────────────────────────────────────────────────────────────────────────
def _stores(read: Settings, declared: Declarations) -> Iterator[Finding]:
    if read.database_url is not None:
        yield from _looked_at("PostgreSQL máy chủ", read.database_url, declared)
        return
    yield Finding(
        "PostgreSQL nhúng (var/postgres)",
        "warning",
        "Vận hành thật: đặt GATEWAY_DATABASE_URL tới máy chủ PostgreSQL có sao lưu.",
    )
    if (read.var / "postgres").is_dir():
        with EmbeddedPostgres(read.var / "postgres") as url:
            yield from _looked_at("PostgreSQL nhúng", url, declared)


def _looked_at(what: str, url: str, declared: Declarations) -> Iterator[Finding]:
    try:
        seen = look(url)
    except GatewayError as error:
        yield Finding(what, "fault", error.problem.advice.vi)
        return
    if seen.version < _OLDEST_SERVER:
        yield Finding(f"{what} {seen.version // 10000}", "fault", "Cần PostgreSQL 15 trở lên.")
    elif not seen.lasting:
        yield Finding(what, "fault", "Bật fsync và synchronous_commit: báo cáo đã nhận phải nằm trên đĩa.")
    else:
        yield Finding(f"{what} {seen.version // 10000}", "ok")
    yield _schema(seen)
    yield _clock(seen)
    yield from _catalogues(seen, declared)


def _schema(seen: Looked) -> Finding:
    if seen.strange:
        return Finding(
            f"Lược đồ: {', '.join(seen.strange)}", "fault", "CSDL thuộc phiên bản khác: dùng đúng phiên bản."
        )
    if seen.pending:
        return Finding(f"Lược đồ: còn {len(seen.pending)} bước", "warning", "Được áp dụng khi cổng khởi động lần tới.")
    return Finding("Lược đồ", "ok")


def _clock(seen: Looked) -> Finding:
    off = abs(seen.skew)
    what = f"Đồng hồ lệch máy chủ dữ liệu {seen.skew:+.1f} giây"
    if off > _SKEW_MOST:
        return Finding(what, "fault", "Đồng bộ giờ (chrony, systemd-timesyncd) trên cả hai máy.")
    return Finding(
        what, "warning" if off > _SKEW_TOLD else "ok", "Đồng bộ giờ trên cả hai máy." if off > _SKEW_TOLD else ""
    )


def _catalogues(seen: Looked, declared: Declarations) -> Iterator[Finding]:
    for name in sorted({name for agreed in declared.agreements.values() for name in agreed.catalogues}):
        advice = f"gateway catalogue sync --as … --name {name}"
        if name not in seen.catalogues:
            yield Finding(f"Danh mục {name}: chưa đồng bộ", "warning", advice)
            continue
        came = seen.catalogues[name]
        old = came is not None and datetime.now(UTC) - came > _OLD_CATALOGUE
        told = f"Danh mục {name}: {clock_face(came)}" if came else f"Danh mục {name}"
        yield Finding(told, "warning" if old else "ok", advice if old else "")


def _backups(read: Settings) -> Iterator[Finding]:
    """A server of its own is backed up by whoever owns it, unless it was begun here."""
    store = read.home / read.backup.folder
    if not store.is_dir() and (read.database_url is not None or not (read.var / "postgres").is_dir()):
        return
    newest = next(iter(bases(store)), None)
    if newest is None:
        yield Finding("Chưa có bản sao lưu nào", "warning", "gateway backup --verify; rồi chạy gateway backup follow.")
        return
    late = datetime.now(UTC) - newest.ended > timedelta(hours=2 * read.backup.every_hours)
    advice = "Bản mới nhất đã cũ: kiểm tra dịch vụ gateway backup follow." if late else ""
    yield Finding(f"Sao lưu {clock_face(newest.ended)}", "warning" if late else "ok", advice)


# ── trust and lines ──────────────────────────────────────────────────────────────────────────────
def _trusted(home: Path) -> Iterator[Finding]:
    if not (home / "trust").is_dir():
        return
    now = datetime.now(UTC)
    for stop in runway(read_store(home / "trust"), (), now):
        if stop.at < now:
            yield Finding(
                f"{stop.vi} {clock_face(stop.at)}", "warning", "Nhập neo, chứng thư mới: gateway trust import."
            )
        elif stop.at < now + _SOON:
            yield Finding(f"{stop.vi} {clock_face(stop.at)}", "warning", "Xin chứng thư mới trước ngày đó.")


def _line(home: Path, partner: PartnerText) -> Iterator[Finding]:
    """Name, connection, and for TLS the certificate; nothing is asked of the partner itself."""
    parts = urlsplit(partner.url)
    what, port = f"{partner.id} ({parts.hostname})", parts.port or (443 if parts.scheme == "https" else 80)
    try:
        address = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)[0][4]
    except OSError:
        yield Finding(what, "fault", "Không phân giải được tên miền: kiểm tra DNS, tệp hosts.")
        return
    try:
        with socket.create_connection((str(address[0]), port), timeout=_PATIENCE) as plain:
            if parts.scheme == "https":
                yield _certificate(
                    what, plain, str(parts.hostname), home / partner.ca_file if partner.ca_file else None
                )
            else:
                here = str(address[0]).startswith("127.") or address[0] == "::1"
                advice = "" if here else "Đường truyền không mã hoá: dùng https, hoặc proxy TLS trên máy này."
                yield Finding(what, "ok" if here else "warning", advice)
    except ssl.SSLCertVerificationError as error:
        yield Finding(what, "fault", f"Chứng thư máy chủ không được tin ({error.verify_message}): xem ca_file.")
    except OSError as error:
        yield Finding(
            what, "fault", f"Không kết nối được ({error.strerror or type(error).__name__}): tường lửa, địa chỉ."
        )


def _certificate(what: str, plain: socket.socket, host: str, roots: Path | None) -> Finding:
    context = trust(roots) if roots else ssl.create_default_context()
    with context.wrap_socket(plain, server_hostname=host) as secured:
        seen = secured.getpeercert() or {}
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(seen["notAfter"])), UTC)
    soon = ends - datetime.now(UTC) < _SOON
    told = f"{what}: chứng thư tới {clock_face(ends)}"
    return Finding(told, "warning" if soon else "ok", "Nhắc đối tác gia hạn chứng thư." if soon else "")
