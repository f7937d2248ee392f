"""form ls · record · draft · test · activate · end: the life of forms, with its dates and who told them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.options import HERE, Because, By, Home, Json
from gateway.cli.speech import document, instant, say, table, when
from gateway.domain.errors import Conflict, Rejected, problem
from gateway.domain.forms import STATE_WORDS, FormVersion, to_draft, to_end, to_test, to_use, used_already
from gateway.domain.record import plain

HELP = "Vòng đời biểu mẫu: lập, kiểm thử, đưa vào sử dụng, kết thúc / the life of forms."
EXAMPLE = "Ví dụ: gateway form draft bieu-mau.xml --requested 2026-11-20T08:00 --because 'theo CV 12/VPCP'"
_USED = "Ví dụ: gateway form record bieu-mau.xml --since 2025-01-01 --document 9/QĐ-UBND --because 'dùng từ trước'"
_ACT = "--by 'Lê Thị Mẫu' --because 'đã kiểm thử'"
Form = Annotated[str, typer.Argument(metavar="BIỂU", help="Mã biểu mẫu, ví dụ 01/KTXH.")]
Version = Annotated[str, typer.Argument(metavar="BẢN", help="Bản của biểu mẫu.")]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Gói tin biểu mẫu (gói 2) / packet 2.")]
Since = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Dùng chính thức từ ngày / in use from.")]
Notice = Annotated[str, typer.Option("--document", help="Số văn bản thông báo, ví dụ 15/TB-VP.")]
_DAYS = ["%Y-%m-%d"]


def register(app: typer.Typer) -> None:
    app.command("ls", epilog="Ví dụ: gateway form ls --json")(list_forms)
    app.command("record", epilog=_USED)(record_used)
    app.command(epilog=EXAMPLE)(draft)
    app.command("test", epilog=f"Ví dụ: gateway form test 01/KTXH 2 {_ACT}")(begin_test)
    app.command(epilog=f"Ví dụ: gateway form activate 01/KTXH 2 --since 2026-12-01 --document 15/TB-VP {_ACT}")(
        activate
    )
    app.command(epilog=f"Ví dụ: gateway form end 01/KTXH 1 --last 2026-11-30 --document 15/TB-VP {_ACT}")(end)


def list_forms(home: Home = HERE, as_json: Json = False) -> None:
    """Các bản biểu mẫu, hạn lập và kiểm thử / versions, and the time promised for them."""
    from gateway.journey.forms import forms_of
    from gateway.wiring import opened

    with opened(home) as gateway:
        found, now = forms_of(gateway.register), gateway.doors.clock.now()
    if as_json:
        document([_shown(one, now) for one in found])
        return
    rows = [
        (one.form, one.version, STATE_WORDS[one.state], str(one.valid_from or "–"), when(one.test_until))
        for one in found
    ]
    table("Biểu mẫu", ("Biểu", "Bản", "Trạng thái", "Dùng từ", "Kiểm thử đến"), rows)
    for one in found:
        if one.built_late or one.tested_late(now):
            say(f"⚠ {one.subject}: quá hạn {'kiểm thử' if one.tested_late(now) else 'lập biểu mẫu'}")


def record_used(
    file: File, since: Since, notice: Notice, because: Because, by: By = "cli", home: Home = HERE, as_json: Json = False
) -> None:
    """Ghi bản đã dùng từ trước khi có sổ này / a version in use since before this register was kept."""
    from gateway.journey.forms import forms_of
    from gateway.wiring import opened

    said = _read(file)
    with opened(home) as gateway:
        now, known = gateway.doors.clock.now(), forms_of(gateway.register)
        first = FormVersion(said.code, said.version, said.name, said.rows, now, now)
        if any(one.subject == first.subject for one in known):
            raise Conflict(problem("C-018", subject=first.subject, stands="gateway form ls"))
        made = used_already(first, since.date(), notice, known)
        _written(gateway, "record", made, (by, because), notice, as_json=as_json)


def draft(
    file: File,
    because: Because,
    requested: Annotated[datetime | None, typer.Option(help="Nhận yêu cầu lúc nào, giờ Việt Nam.")] = None,
    is_new: Annotated[bool, typer.Option("--new", help="Chưa bản nào được dùng / no version was ever in use.")] = False,
    by: By = "cli",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Lập bản biểu mẫu, hoặc sửa bản đang kiểm thử / draft a version, or mend the one under test."""
    from gateway.journey.forms import forms_of, must_be_known
    from gateway.wiring import opened

    said = _read(file)
    with opened(home) as gateway:
        now = gateway.doors.clock.now()
        came = instant(requested) if requested else now
        known = [one for one in forms_of(gateway.register) if (one.form, one.version) == (said.code, said.version)]
        if known:
            made = to_draft(known[0], said.rows, said.name, now)
        else:
            if not is_new:
                must_be_known(gateway.doors, said.code)
            until = gateway.calendar.form_promise("form_build", came)
            made = FormVersion(said.code, said.version, said.name, said.rows, came, now, until)
        _written(gateway, "draft", made, (by, because), as_json=as_json)


def begin_test(
    form: Form, version: Version, because: Because, by: By = "cli", home: Home = HERE, as_json: Json = False
) -> None:
    """Bắt đầu kiểm thử với đơn vị liên quan / testing with the units begins."""
    from gateway.journey.forms import form_version
    from gateway.wiring import opened

    with opened(home) as gateway:
        now = gateway.doors.clock.now()
        until = gateway.calendar.form_promise("form_test", now)
        made = to_test(form_version(gateway.register, form, version), now, until)
        _written(gateway, "test", made, (by, because), as_json=as_json)


def activate(
    form: Form,
    version: Version,
    since: Since,
    notice: Notice,
    because: Because,
    by: By = "cli",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Đưa vào sử dụng chính thức theo văn bản thông báo / in use, as a written notice says."""
    from gateway.journey.forms import form_version, forms_of
    from gateway.wiring import opened

    with opened(home) as gateway:
        tested, others = form_version(gateway.register, form, version), forms_of(gateway.register)
        made = to_use(tested, gateway.doors.clock.now(), since.date(), notice, others)
        _written(gateway, "activate", made, (by, because), notice, as_json=as_json)


def end(
    form: Form,
    version: Version,
    last: Annotated[datetime, typer.Option(formats=_DAYS, help="Ngày cuối còn dùng / the last day of use.")],
    because: Because,
    notice: Notice = "",
    by: By = "cli",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Thôi sử dụng / used no more."""
    from gateway.journey.forms import form_version
    from gateway.wiring import opened

    with opened(home) as gateway:
        made = to_end(form_version(gateway.register, form, version), last.date(), notice)
        _written(gateway, "end", made, (by, because), notice, as_json=as_json)


def _read(file: Path) -> Any:
    from gateway.domain.form import FormDefinition
    from gateway.schemas.national import packet

    said = packet.read(file.read_bytes()).content
    if not isinstance(said, FormDefinition):
        path = "/Packet/@packet"
        raise Rejected(problem("C-005", path=path, line="-", reason=type(said).__name__, expected="form"))
    return said


def _written(
    gateway: Any, act: str, made: FormVersion, who: tuple[str, str], notice: str = "", *, as_json: bool
) -> None:
    from gateway.journey.arrange import Clerk
    from gateway.journey.forms import record
    from gateway.journey.operate import Person
    from gateway.schemas.http import DeedShown

    clerk = Clerk(gateway.register, Person(*who), gateway.doors.clock.now(), notice)
    deed = record(gateway.doors, clerk, act, made)
    if as_json:
        document(DeedShown.of(deed).model_dump(mode="json"))
    since = f", dùng từ {made.valid_from:%d/%m/%Y}" if made.valid_from else ""
    say(f"✓ {made.subject}: {STATE_WORDS[made.state].lower()}{since}")


def _shown(one: FormVersion, now: datetime) -> dict[str, Any]:
    return {**plain(one), "built_late": one.built_late, "tested_late": one.tested_late(now)}
