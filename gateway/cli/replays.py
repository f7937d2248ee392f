"""replay ID · replay plan · run · status: a new linked exchange from the kept payload, one or many of them."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from gateway.cli.exchanges import agreements_of, media_type_of
from gateway.cli.operating import did
from gateway.cli.options import HERE, Because, By, ExchangeId, Home, Json
from gateway.cli.speech import Exit, document, instant, say, table, when
from gateway.domain.exchange import STAGE_WORDS, Stage

HELP = "Phát lại từ nội dung đã lưu, theo đúng đường đi ban đầu / replay from the kept payload."
EXAMPLE = (
    'Ví dụ: gateway replay gd-01… --because "đã sửa gói ánh xạ" · gateway replay plan --regime KTXH-THANG --because "…"'
)

PlanId = Annotated[str, typer.Argument(metavar="PLAN", help="Mã kế hoạch / plan id.")]
Pack = Annotated[str | None, typer.Option(help="Gói khác, hoặc bản khác: tên@3 / another pack or version.")]


class OneOrMany(TyperGroup):
    """``gateway replay ID`` is ``gateway replay one ID``; everything else is a verb of the group."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, *ctx.help_option_names):
            args = ["one", *args]
        return super().parse_args(ctx, args)


KIND = OneOrMany


def register(app: typer.Typer) -> None:
    """Verbs of the group `replay`."""
    app.command(epilog='Ví dụ: gateway replay one gd-01… --rejected --corrected sua.json --because "…"')(one)
    app.command(epilog='Ví dụ: gateway replay plan --stage returned --since 2026-11-01 --because "…"')(plan)
    app.command(epilog="Ví dụ: gateway replay run kh-01…")(run)
    app.command(epilog="Ví dụ: gateway replay status kh-01… --json")(status)


def one(
    exchange: ExchangeId,
    because: Because,
    pack: Pack = None,
    rejected: Annotated[
        bool, typer.Option("--rejected", help="Chỉ phần nơi nhận từ chối / only what was rejected.")
    ] = False,
    corrected: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Tệp đã sửa, với --rejected / corrected.")
    ] = None,
    signature: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Chữ ký rời của tệp đã sửa / its signature.")
    ] = None,
    by: By = "cli",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Phát lại một giao dịch thành giao dịch mới có liên kết / one exchange as a new linked one."""
    if (corrected and not rejected) or (signature and not corrected):
        raise typer.BadParameter("cần --rejected và --corrected / needs both", param_hint="--corrected")
    if not rejected:
        did(home, as_json, lambda g, p: g.replay(exchange, p, pack), by, because)
        return
    from gateway.journey.operate import Corrected

    handed_in = (
        Corrected(media_type_of(corrected), corrected.read_bytes(), signature.read_bytes() if signature else None)
        if corrected
        else None
    )
    did(home, as_json, lambda g, p: g.replay_rejected(exchange, p, handed_in, pack), by, because)


def plan(
    because: Because,
    stage: Annotated[
        list[Stage] | None, typer.Option(metavar="STAGE", help="Trạng thái / stage; lặp lại được.")
    ] = None,
    agreement: Annotated[str, typer.Option(help="Thoả thuận / agreement.")] = "",
    partner: Annotated[str, typer.Option(help="Nơi nhận / destination.")] = "",
    regime: Annotated[str, typer.Option(help="Chế độ báo cáo / regime.")] = "",
    since: Annotated[datetime | None, typer.Option(help="Từ lúc, giờ Việt Nam / Vietnam time.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="Nhiều nhất / at most.")] = 100_000,
    pack: Pack = None,
    by: By = "cli",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Chốt một tập giao dịch để phát lại, chưa gửi gì / freeze a set, send nothing."""
    from gateway.journey import replaying
    from gateway.journey.operate import Person
    from gateway.ports import Query
    from gateway.wiring import opened

    given = {"stage": ",".join(stage or ()), "agreement": agreement, "partner": partner, "regime": regime}
    asked = {name: said for name, said in {**given, "since": str(since or "")}.items() if said}
    with opened(home) as gateway:
        query = Query(
            stages=tuple(stage or ()),
            agreements=agreements_of(gateway.declarations.agreements, agreement, regime),
            destination=partner,
            since=instant(since) if since else None,
            limit=limit,
        )
        person = Person(by, because)
        frozen = replaying.plan(gateway.doors, gateway.plans, query, asked, person, gateway.known(pack))
    if as_json:
        groups = [{"agreement": name, "stage": at, "count": number} for name, at, number in frozen.groups]
        counts = {"planned": frozen.planned, "left_out": frozen.left_out, "groups": groups}
        document({"plan": frozen.plan.id, **counts, "pack": pack, "asked": asked})
    else:
        rows = [(name, STAGE_WORDS[Stage(at)], str(number)) for name, at, number in frozen.groups]
        table(frozen.plan.id, ("Thoả thuận", "Trạng thái", "Số lượng"), rows)
    say(f"✓ {frozen.plan.id}: {frozen.planned} giao dịch, bỏ ra {frozen.left_out} (đang đi, đã huỷ hoặc đã thay thế)")
    say(f"  → gateway replay run {frozen.plan.id}")


def run(plan: PlanId, home: Home = HERE, as_json: Json = False) -> None:
    """Mở phần chưa phát lại; chạy lại được, nhường báo cáo đang nộp / open what is left; may be repeated."""
    from gateway.journey import replaying
    from gateway.wiring import opened

    with opened(home) as gateway:
        ran = replaying.run(gateway.doors, gateway.plans, plan, gateway.bell.ring, time.sleep)
    if as_json:
        document({**_counts(plan, ran.progress), "refused": dict(ran.refused), "stalled": ran.stalled})
    say(f"{'✓' if not ran.progress.left else '⚠'} {plan}: đã mở {ran.progress.opened}/{ran.progress.planned}")
    for code, number in sorted(ran.refused.items()):
        say(f"  {code}: {number} không nhận lại được / not taken again")
    if ran.stalled:
        say("  Không tiến trình nào đang đọc báo cáo; chạy gateway serve rồi chạy lại lệnh này / nobody is at work")
    if ran.progress.left:
        raise typer.Exit(Exit.UNDECIDED)


def status(plan: PlanId, home: Home = HERE, as_json: Json = False) -> None:
    """Đếm kế hoạch: đã mở, còn lại, đang ở đâu / how far a plan is."""
    from gateway.wiring import opened

    with opened(home) as gateway:
        frozen, progress = gateway.plans.read(plan), gateway.plans.progress(plan)
    if as_json:
        document({**_counts(plan, progress), "by": frozen.by, "because": frozen.because, "at": frozen.at.isoformat()})
        return
    rows = [(STAGE_WORDS[Stage(at)], str(number)) for at, number in progress.stages.items()]
    table(
        f"{plan} · {frozen.by} · {when(frozen.at)}",
        ("Trạng thái", "Số lượng"),
        [*rows, ("Chưa mở", str(progress.left))],
    )
    say(f"{plan}: đã mở {progress.opened}/{progress.planned}")


def _counts(plan: str, progress: Any) -> dict[str, Any]:
    return {
        "plan": plan,
        "planned": progress.planned,
        "opened": progress.opened,
        "left": progress.left,
        "stages": dict(progress.stages),
    }
