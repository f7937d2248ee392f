"""trust: what is believed, who decided it, what stops when, and a path looked at alone."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.options import HERE, Because, By, Home, Json
from gateway.cli.speech import Exit, document, instant, line, say, table, when
from gateway.domain.calendar import VIETNAM
from gateway.domain.verdict import Indication

HELP = "Neo tin cậy, thời hạn, chuỗi chứng thư / what is trusted."
EXAMPLE = "Ví dụ: gateway trust runway --days 90"

_EXITS = {Indication.TOTAL_PASSED: Exit.OK, Indication.TOTAL_FAILED: Exit.FAILED}
Folder = Annotated[Path | None, typer.Option("--trust", file_okay=False, help="Thư mục neo; mặc định HOME/trust.")]
At = Annotated[datetime | None, typer.Option("--at", help="Thời điểm xét, giờ Việt Nam; mặc định bây giờ.")]


def register(app: typer.Typer) -> None:
    app.command("ls", epilog="Ví dụ: gateway trust ls --json")(listed)
    app.command("import", epilog="Ví dụ: gateway trust import goc.pem --id vgca-g2 --sha256 f04b… --by an")(propose)
    app.command("remove", epilog="Ví dụ: gateway trust remove vgca-g1 --by an --because 'hết hạn'")(remove)
    app.command("approve", epilog="Ví dụ: gateway trust approve vgca-g2 --by binh")(approve)
    app.command("runway", epilog="Ví dụ: gateway trust runway --without ocsp --json")(runway)
    app.command("path", epilog="Ví dụ: gateway trust path ky.pem --anchor goc.pem --pool trung-gian/ --crl crl/")(path)


def listed(home: Home = HERE, trust: Folder = None, as_json: Json = False) -> None:
    """Neo đang tin, chứng thư trung gian, đề xuất chờ duyệt / anchors, intermediates, proposals."""
    from gateway.signing import read_store
    from gateway.signing.pki.changing import proposals

    folder = trust or home / "trust"
    store, waiting = read_store(folder), proposals(folder)
    anchors: list[dict[str, Any]] = [
        {
            "id": one.id,
            "role": one.role,
            "subject": one.certificate.said,
            "sha256": one.certificate.sha256,
            "valid_from": one.valid_from or one.certificate.not_before,
            "valid_until": one.valid_until or one.certificate.not_after,
            "sha1_until": one.sha1_until,
            "proposed_by": one.proposed_by,
            "approved_by": one.approved_by,
        }
        for one in store.anchors.values()
    ]
    pool: list[dict[str, Any]] = [
        {"subject": one.said, "sha256": one.sha256, "valid_until": one.not_after}
        for found in store.by_subject.values()
        for one in found
        if one.sha256 not in store.anchors
    ]
    if as_json:
        document({"version": store.version, "anchors": anchors, "pool": pool, "proposals": waiting})
        return
    rows = [
        (
            one.get("id", "–"),
            one.get("role", "trung gian"),
            one["sha256"][:16],
            _day(one["valid_until"]),
            one["subject"],
        )
        for one in (*anchors, *pool)
    ]
    table(f"Phiên bản {store.version[:16]}", ("id", "vai trò", "sha256", "đến", "chủ thể"), rows)
    for waits in waiting:
        say(f"Chờ phê duyệt: {waits.id} ({waits.proposed_by}): {waits.because}")


def _day(until: date) -> str:
    """As an office writes it; of a moment its day in Vietnam."""
    return f"{until.astimezone(VIETNAM) if isinstance(until, datetime) else until:%d/%m/%Y}"


def propose(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="PEM hoặc DER.")],
    by: By,
    anchor: Annotated[str, typer.Option("--id", help="Tên ngắn của neo.")] = "",
    role: Annotated[str, typer.Option(help="root · tsa · tls")] = "root",
    sha256: Annotated[str, typer.Option(help="Dấu vân tay SHA-256, tự gõ từ nguồn khác.")] = "",
    because: Because = "",
    valid_until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Chỉ tin đến ngày.")] = None,
    sha1_until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Tin SHA-1 đến ngày.")] = None,
    pool: Annotated[bool, typer.Option("--pool", help="Chứng thư trung gian, không phải neo.")] = False,
    home: Home = HERE,
    trust: Folder = None,
    as_json: Json = False,
) -> None:
    """Đề xuất một neo (người khác phê duyệt), hoặc thêm chứng thư trung gian / propose an anchor."""
    from gateway.signing.pki.changing import Proposal, add_to_pool
    from gateway.signing.pki.changing import propose as proposed

    folder = trust or home / "trust"
    if pool:
        added = [one.said for one in add_to_pool(folder, file)]
        document({"pool": added}) if as_json else line("\n".join(added))
        return
    if not anchor or not sha256:
        raise typer.BadParameter("--id và --sha256 là bắt buộc với một neo", param_hint="--sha256")
    pin = sha256.replace(":", "").replace(" ", "").lower()
    days = {"valid_until": valid_until and valid_until.date(), "sha1_until": sha1_until and sha1_until.date()}
    proposal = Proposal(anchor, role, pin, by, datetime.now(UTC), because, **days)
    certificate = proposed(folder, proposal, file)
    assert certificate is not None
    if as_json:
        document({"proposed": proposal, "subject": certificate.said})
    say(f"Đã đề xuất {anchor}: {certificate.said}. Người khác chạy: gateway trust approve {anchor} --by …")


def remove(
    anchor: Annotated[str, typer.Argument(metavar="ID", help="Tên ngắn của neo / the short name of an anchor.")],
    by: By,
    because: Because,
    home: Home = HERE,
    trust: Folder = None,
    as_json: Json = False,
) -> None:
    """Đề xuất thôi tin một neo / propose that an anchor is no longer believed."""
    from gateway.signing.pki.changing import Proposal
    from gateway.signing.pki.changing import propose as proposed

    proposal = Proposal(anchor, "", "", by, datetime.now(UTC), because)
    proposed(trust or home / "trust", proposal, None)
    if as_json:
        document({"proposed": proposal})
    say(f"Đã đề xuất bỏ {anchor}. Người khác chạy: gateway trust approve {anchor} --by …")


def approve(
    anchor: Annotated[str, typer.Argument(metavar="ID", help="Tên ngắn của neo / the short name of an anchor.")],
    by: By,
    home: Home = HERE,
    trust: Folder = None,
    as_json: Json = False,
) -> None:
    """Phê duyệt đề xuất của người khác / put another person's proposal in force."""
    from gateway.signing.pki.changing import approve as approved

    version = approved(trust or home / "trust", anchor, by, datetime.now(UTC))
    if as_json:
        document({"id": anchor, "version": version})
    say(f"Đã có hiệu lực: {anchor}; phiên bản {version[:16]}. Cổng đang chạy tự đọc lại, không phải khởi động lại.")


def runway(
    days: Annotated[int, typer.Option(min=0, help="Chỉ những gì dừng trong số ngày này; 0: tất cả.")] = 0,
    certificates: Annotated[
        list[Path] | None, typer.Option("--certs", exists=True, help="Chứng thư cần theo dõi.")
    ] = None,
    without: Annotated[list[str] | None, typer.Option(help="Giả định mất: ocsp · crl · tsa.")] = None,
    policies: Annotated[Path | None, typer.Option("--policies", exists=True, help="Mặc định HOME/policies.")] = None,
    at: At = None,
    home: Home = HERE,
    trust: Folder = None,
    as_json: Json = False,
) -> None:
    """Cái gì dừng, khi nào, ai bị ảnh hưởng / what stops, when, for whom."""
    from datetime import timedelta

    from gateway.signing import read_policies, read_store
    from gateway.signing.runway import OUTAGES, read_certificates
    from gateway.signing.runway import runway as stops
    from gateway.wiring import kept_answers

    missing = frozenset(without or ())
    if missing - OUTAGES:
        raise typer.BadParameter(", ".join(sorted(OUTAGES)), param_hint="--without")
    now = instant(at) if at else datetime.now(UTC)
    found = stops(
        read_store(trust or home / "trust"),
        read_policies(policies or home / "policies").values(),
        now,
        kept=kept_answers(home, os.environ),
        certificates=read_certificates(certificates or ()),
        without=missing,
    )
    if days:
        found = [one for one in found if one.at <= now + timedelta(days=days)]
    if as_json:
        document({"at": now, "without": sorted(missing), "stops": found})
        return
    rows = [[when(one.at), one.kind, one.vi, ", ".join(one.whom)] for one in found]
    table("Thời hạn", ("lúc", "loại", "việc", "chính sách"), rows)


def path(
    certificate: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, metavar="CERT", help="PEM hoặc DER / PEM or DER.")
    ],
    anchor: Annotated[list[Path], typer.Option(exists=True, dir_okay=False, help="Neo tin cậy.")],
    pool: Annotated[Path | None, typer.Option(exists=True, help="Chứng thư trung gian: tệp hoặc thư mục.")] = None,
    crl: Annotated[
        Path | None, typer.Option(exists=True, help="CRL: tệp hoặc thư mục; không có thì không xét.")
    ] = None,
    at: At = None,
    as_json: Annotated[bool, typer.Option("--json", help="Mặc định.")] = True,
) -> None:
    """Xét riêng chuỗi chứng thư và thu hồi / a path and its revocation alone: 0 đạt, 1 không đạt, 3 chưa kết luận."""
    from gateway.signing.pki.path_alone import judge_path

    moment = instant(at).astimezone(UTC) if at else datetime.now(UTC)
    lists = _contents(crl) if crl is not None else None
    found = judge_path(certificate.read_bytes(), [one.read_bytes() for one in anchor], _contents(pool), lists, moment)
    document(found)
    say(f"{found.indication} {found.sub_indication or ''} {certificate}")
    raise typer.Exit(_EXITS.get(found.indication, Exit.UNDECIDED))


def _contents(place: Path | None) -> list[bytes]:
    if place is None:
        return []
    files = sorted(one for one in place.iterdir() if one.is_file()) if place.is_dir() else [place]
    return [file.read_bytes() for file in files]
