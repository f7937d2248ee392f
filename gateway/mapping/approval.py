"""Approval (duyệt) of one version of a pack by somebody who did not write it; kept beside it, not in its version."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from gateway.domain.errors import Rejected, problem
from gateway.mapping.examples import tried
from gateway.mapping.loading import load
from gateway.mapping.pack import Pack
from gateway.text import folded

FILE = "phe_duyet.json"


@dataclass(frozen=True, slots=True)
class Approval:
    """`number` counts the approvals of a pack from 1; with the name it is what people call a version."""

    number: int
    digest: str
    by: str
    at: str
    because: str = ""


def approvals(folder: Path) -> list[Approval]:
    """Every approval of the pack in `folder`, oldest first. Raises `Rejected` (D-005) for a file that is none."""
    file = folder / FILE
    if not file.is_file():
        return []
    try:
        return [Approval(**said) for said in json.loads(file.read_text("utf-8"))]
    except (ValueError, TypeError) as error:
        raise Rejected(problem("D-005", pack=folder.name, reason=f"{FILE}: {error}")) from None


def approved(folder: Path, pack: Pack) -> Approval | None:
    """The approval of just this version."""
    return next((one for one in reversed(approvals(folder)) if one.digest == pack.digest), None)


def approve(folder: Path, by: str, at: datetime, because: str = "") -> Approval:
    """Approve the pack as it stands. Raises `Rejected` (D-005): no author named, the same person, an example that
    fails or none at all."""
    pack = load(folder)
    given = approved(folder, pack)
    if given:
        return given
    reason = _against(pack, by)
    if reason:
        raise Rejected(problem("D-005", pack=pack.name, reason=reason))
    before = approvals(folder)
    fresh = Approval(len(before) + 1, pack.digest, by.strip(), at.isoformat(), because)
    text = json.dumps([asdict(one) for one in (*before, fresh)], ensure_ascii=False, indent=2)
    aside = folder / f".{FILE}"
    aside.write_text(f"{text}\n", "utf-8")
    aside.replace(folder / FILE)  # whole or not at all
    return fresh


def authors(pack: Pack) -> list[str]:
    """Whoever wrote a row, and whoever pack.yaml says prepared it."""
    named = {line["nguoi_lap"] for lines in pack.lines.values() for line in lines}
    return sorted(filter(None, named | {pack.settings.get("prepared_by", "")}))


def _against(pack: Pack, by: str) -> str:
    wrote = authors(pack)
    if not by.strip():
        return "không ghi người duyệt / nobody approves"
    if not wrote:
        return "không dòng nào ghi nguoi_lap, pack.yaml không ghi prepared_by / nobody is named as its author"
    if folded(by) in map(folded, wrote):
        return f"{by} là người lập / is an author of it"
    outcomes = tried(pack)
    if not outcomes:
        return "chưa có ví dụ / there is no example (vi_du)"
    return "; ".join(f"{one.place} “{one.name}”: {one.fault}" for one in outcomes if not one.passed)
