"""The doctor: the machine, the database, the partners' lines, trust and backups, each with one way to mend it.

It looks and changes nothing. ✓ well · ⚠ works, and will not for ever · ✕ does not work.
"""

from __future__ import annotations

import shutil
import socket
import ssl
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from fallback.paper import typeset
from fallback.spool import Spools
from gateway.adapters.sql import EmbeddedPostgres
from gateway.adapters.sql.backup import bases
from gateway.adapters.sql.looking import Looked, look
from gateway.adapters.tls import trust
from gateway.clock import SystemClock
from gateway.domain.calendar import clock_face
from gateway.domain.errors import GatewayError, Problem, problem
from gateway.domain.problems import Owner, Text
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
_SERVER = Text("PostgreSQL máy chủ", "PostgreSQL server")
_EMBEDDED = Text("PostgreSQL nhúng", "embedded PostgreSQL")
_RIGHT_VERSION = Text(
    "CSDL thuộc phiên bản khác: dùng đúng phiên bản của cổng.",
    "The database is of another version: use the gateway of that version.",
)
_NAME = Text(
    "Không phân giải được tên miền: kiểm tra DNS, tệp hosts.", "The name leads nowhere: check DNS and the hosts file."
)
_AUTHORITY = Text(
    "Chứng thư máy chủ không được tin: xem ca_file trong tệp của đối tác.",
    "The server certificate is not trusted: see ca_file in the partner's file.",
)
_ADDRESS = Text(
    "Kiểm tra tường lửa và địa chỉ trong tệp của đối tác.", "Check the firewall, and the address in the partner's file."
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, in both languages, and what is wrong with it, where something is."""

    what: Text
    state: Literal["ok", "warning", "fault"] = "ok"
    problem: Problem | None = None


def examine(home: Path, environment: Mapping[str, str]) -> list[Finding]:
    """The machine and the deployment, looked at as a doctor would."""
    found = [*_machine(home)]
    broken = [_fault(one) for one in faults(home, environment)]
    if broken:
        return [*found, *broken]
    read = settings(home, environment)
    declared = declarations(home / "partners", read.local)
    looks: Iterable[Callable[[], Iterable[Finding]]] = (
        lambda: _stores(read, declared),
        lambda: _backups(read),
        lambda: _spools(read),
        lambda: _trusted(home),
        *(lambda partner=partner: line_of(home, partner) for partner in declared.partners.values()),
    )
    for look_at in looks:
        found += look_at()
    return found


def ahead(seconds: float) -> str:
    """How far a clock is ahead; a right one is neither ahead nor behind."""
    told = f"{seconds:+.1f}"
    return told if float(told) else told[1:]


def _well(vi: str, en: str = "") -> Finding:
    """Names and numbers alone are the same in both languages."""
    return Finding(Text(vi, en or vi))


def _fault(found: Problem, what: Text | None = None) -> Finding:
    return Finding(what or found.title, "fault", found)


def _warning(found: Problem, what: Text | None = None) -> Finding:
    return Finding(what or found.title, "warning", found)


def _machine(home: Path) -> Iterator[Finding]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    supported = (3, 11) <= sys.version_info[:2] <= (3, 13)
    yield _well(f"Python {version}") if supported else _fault(problem("F-041", version=version))
    free = shutil.disk_usage(home if home.exists() else Path()).free
    short = problem("F-042", found=free >> 20)
    if free < _LEAST_FREE:
        yield _fault(short)
    elif free < _LOW_FREE:
        yield _warning(short)
    else:
        yield _well(f"Đĩa trống {free >> 20} MiB", f"{free >> 20} MiB of disk are free")
    try:
        sheet = typeset("Sở Kế hoạch: ắ ợ ữ ỷ", {"title": "thử", "agency": "thử"}, (), datetime.now(UTC))
        well = sheet.startswith(b"%PDF")
    except Exception:  # whatever a broken package raises, that is the finding
        well = False
    yield _well("Bộ dựng văn bản PDF và phông chữ", "typesetter and fonts") if well else _fault(problem("F-043"))


# ── the database ─────────────────────────────────────────────────────────────────────────────────
def _stores(read: Settings, declared: Declarations) -> Iterator[Finding]:
    if read.database_url is not None:
        yield from _looked_at(_SERVER, read.database_url, declared)
        return
    yield _warning(problem("F-044"))
    if (read.var / "postgres").is_dir():
        with EmbeddedPostgres(read.var / "postgres") as url:
            yield from _looked_at(_EMBEDDED, url, declared)


def _looked_at(what: Text, url: str, declared: Declarations) -> Iterator[Finding]:
    try:
        seen = look(url)
    except GatewayError as error:
        yield _fault(error.problem, what)
        return
    version = seen.version // 10000
    if seen.version < _OLDEST_SERVER:
        reason = f"{version} < {_OLDEST_SERVER // 10000}"
        yield _fault(problem("F-005", file="PostgreSQL", key="server_version", reason=reason), what)
    elif not seen.lasting:
        yield _fault(_unlasting(), what)
    else:
        yield _well(f"{what.vi} {version}", f"{what.en} {version}")
    yield _schema(seen)
    yield _clock(seen)
    yield from _catalogues(seen, declared)


def _unlasting() -> Problem:
    """A report that was taken must be on disk."""
    return problem("F-005", file="PostgreSQL", key="fsync, synchronous_commit", reason="off")


def _schema(seen: Looked) -> Finding:
    what = Text("Lược đồ dữ liệu", "schema")
    if seen.strange:
        strange = problem("F-005", file="PostgreSQL", key=", ".join(seen.strange), reason="not of this version")
        return _fault(replace(strange, advice=_RIGHT_VERSION), what)
    return _warning(problem("F-045", count=len(seen.pending)), what) if seen.pending else Finding(what)


def _clock(seen: Looked) -> Finding:
    off, told = abs(seen.skew), ahead(seen.skew)
    if off <= _SKEW_TOLD:
        return _well(f"Đồng hồ lệch máy chủ dữ liệu {told} giây", f"clock and database differ by {told} s")
    wrong = problem("F-046", seconds=told)
    return _fault(wrong) if off > _SKEW_MOST else _warning(wrong)


def _catalogues(seen: Looked, declared: Declarations) -> Iterator[Finding]:
    for name in sorted({name for agreed in declared.agreements.values() for name in agreed.catalogues}):
        if name not in seen.catalogues:
            yield _warning(problem("D-003", catalogue=name))
            continue
        came = seen.catalogues[name]
        at = f": {clock_face(came)}" if came else ""
        if came is not None and datetime.now(UTC) - came > _OLD_CATALOGUE:
            yield _warning(problem("D-014", catalogue=name, at=clock_face(came)))
        else:
            yield _well(f"Danh mục {name}{at}", f"catalogue {name}{at}")


def _backups(read: Settings) -> Iterator[Finding]:
    """A server of its own is backed up by whoever owns it, unless it was begun here."""
    store = read.home / read.backup.folder
    if not store.is_dir() and (read.database_url is not None or not (read.var / "postgres").is_dir()):
        return
    newest = next(iter(bases(store)), None)
    if newest is None:
        yield _warning(problem("F-024"))
    elif datetime.now(UTC) - newest.ended > timedelta(hours=2 * read.backup.every_hours):
        yield _warning(problem("F-025", at=clock_face(newest.ended)))
    else:
        at = clock_face(newest.ended)
        yield _well(f"Sao lưu {at}", f"backup {at}")


def _spools(read: Settings) -> Iterator[Finding]:
    """What processes of this host left when they went; what a living one has is its own affair."""
    for path, standing in Spools(read.var / "spool", SystemClock(), most=read.server.spool_bytes).standing():
        if isinstance(standing, int):
            yield _warning(problem("F-049", file=path.name, count=standing))
        else:
            why = standing.problem.details
            yield _fault(problem("F-050", file=path.name, reason=f"{why['key']}: {why['reason']}"))


# ── trust and lines ──────────────────────────────────────────────────────────────────────────────
def _trusted(home: Path) -> Iterator[Finding]:
    """What has ended or soon will; where that is nothing, what ends first."""
    if not (home / "trust").is_dir():
        return
    store, now = read_store(home / "trust"), datetime.now(UTC)
    stops = runway(store, (), now)
    near = [stop for stop in stops if stop.at < now + _SOON]
    for stop in near:
        yield _warning(problem("B-014", what_vi=stop.vi, what_en=stop.en, until=clock_face(stop.at)))
    if not near:
        count, first = len(store.anchors), clock_face(stops[0].at) if stops else "–"
        vi, en = f"{count} neo, mốc hết hạn gần nhất {first}", f"{count} anchors, the first end at {first}"
        yield _well(f"Kho tin cậy: {vi}", f"trust store: {en}")


def line_of(home: Path, partner: PartnerText) -> Iterator[Finding]:
    """Name, connection, and for TLS the certificate; nothing is asked of the partner itself."""
    parts = urlsplit(partner.url)
    name, port = f"{partner.id} ({parts.hostname})", parts.port or (443 if parts.scheme == "https" else 80)
    try:
        address = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)[0][4]
    except OSError as error:
        yield _down(name, error.strerror or type(error).__name__, _NAME)
        return
    try:
        with socket.create_connection((str(address[0]), port), timeout=_PATIENCE) as plain:
            if parts.scheme == "https":
                roots = home / partner.ca_file if partner.ca_file else None
                yield _certificate(name, plain, str(parts.hostname), roots)
            elif str(address[0]).startswith("127.") or address[0] == "::1":
                yield _well(name)
            else:
                yield _warning(problem("A-008", destination=name))
    except ssl.SSLCertVerificationError as error:
        yield _down(name, error.verify_message, _AUTHORITY)
    except OSError as error:
        yield _down(name, error.strerror or type(error).__name__, _ADDRESS)


def _down(name: str, reason: str, advice: Text) -> Finding:
    """Of a line of reports A-001 says that it is tried again; here a person mends it."""
    found = problem("A-001", destination=name, reason=reason)
    return _fault(replace(found, advice=advice, owner=Owner.OPERATOR))


def _certificate(name: str, plain: socket.socket, host: str, roots: Path | None) -> Finding:
    context = trust(roots) if roots else ssl.create_default_context()
    with context.wrap_socket(plain, server_hostname=host) as secured:
        seen = secured.getpeercert() or {}
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(seen["notAfter"])), UTC)
    if ends - datetime.now(UTC) < _SOON:
        return _warning(problem("A-009", destination=name, until=clock_face(ends)))
    return _well(f"{name}: chứng thư tới {clock_face(ends)}", f"{name}: certificate until {clock_face(ends)}")
