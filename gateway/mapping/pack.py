"""A mapping pack (gói ánh xạ): sheets and ``pack.yaml``, compiled once; its version is its content.

Every fault is found before any data is: ties, overlaps, units of another quantity, dead rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml

from gateway.domain.errors import Misconfigured, problem
from gateway.mapping.sheets import Line, Sheets, canonical_sheet, read_sheets
from gateway.mapping.units import Units

_SETTINGS: Mapping[str, tuple[str, ...]] = {
    "as_of": ("period_end", "period_start"),
    "straddle": ("hold", "old", "new"),
    "unmapped": ("hold",),
    "figures": ("machine", "vietnamese"),
}
_RELATIONS = ("tuong_duong", "rong_hon", "hep_hon", "lien_quan", "khong_co")
_COLLAPSES = ("", "cong", "khong_gop")
FIELDS = {
    "che_do": "regime", "bieu": "form", "don_vi": "reporter", "nguoi_duyet": "approver", "ghi_chu": "note",
}  # fmt: skip


@dataclass(frozen=True)
class Pack:
    """`digest` is the SHA-256 of the canonical sheets and settings: equal packs are equal files."""

    name: str
    digest: str
    settings: Mapping[str, str]
    lines: Mapping[str, tuple[Line, ...]]
    units: Units

    @cached_property
    def indicators(self) -> dict[str, list[Line]]:
        return _grouped(self.lines["chi_tieu"], "nguon")

    @cached_property
    def organisations(self) -> dict[str, list[Line]]:
        return _grouped(self.lines["to_chuc"], "nguon")

    @cached_property
    def breakdowns(self) -> dict[tuple[str, str], list[Line]]:
        found: dict[tuple[str, str], list[Line]] = {}
        for line in self.lines["phan_to"]:
            found.setdefault((line["chieu"], line["nguon"]), []).append(line)
        return found

    @cached_property
    def exclusions(self) -> dict[str, list[Line]]:
        return _grouped(self.lines["loai_tru"], "chi_tieu")


def load(folder: Path) -> Pack:
    """The pack in `folder`. Raises `Misconfigured` (D-002) with every fault."""
    settings, faults = _settings(folder)
    sheets = read_sheets(folder)
    units = Units(sheets.lines["don_vi_tinh"])
    faults += [*sheets.faults, *units.faults, *_indicator_faults(sheets, units), *_other_faults(sheets)]
    if faults:
        raise Misconfigured(*(problem("D-002", pack=folder.name, reason=fault) for fault in faults))
    lines = {name: tuple(found) for name, found in sheets.lines.items()}
    return Pack(settings["pack"], _digest(folder), settings, lines, units)


def conditions(line: Line) -> dict[str, str]:
    """``nguon_von=NSNN;khu_vuc=TT`` of a row, as dimension → value."""
    parts = (part.partition("=") for part in line["phan_to"].split(";") if part.strip())
    return {name.strip(): value.strip() for name, _, value in parts}


def _settings(folder: Path) -> tuple[dict[str, str], list[str]]:
    try:
        read = yaml.safe_load((folder / "pack.yaml").read_text("utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        return {"pack": folder.name}, [f"pack.yaml: {error}"]
    if not isinstance(read, dict) or not isinstance(read.get("pack"), str):
        return {"pack": folder.name}, ["pack.yaml: needs at least “pack: name”"]
    return _checked_settings(read)


def _checked_settings(read: dict[str, Any]) -> tuple[dict[str, str], list[str]]:
    faults = [
        f"pack.yaml: {key}: “{read[key]}”; allowed: {', '.join(allowed)}"
        for key, allowed in _SETTINGS.items()
        if key in read and read[key] not in allowed
    ]
    unknown = read.keys() - _SETTINGS.keys() - {"pack", "source", "target", "note"}
    faults += [f"pack.yaml: unknown key “{key}”" for key in sorted(unknown)]
    return {key: allowed[0] for key, allowed in _SETTINGS.items()} | {k: str(v) for k, v in read.items()}, faults


def _indicator_faults(sheets: Sheets, units: Units) -> Iterator[str]:
    for line in sheets.lines["chi_tieu"]:
        yield from _one_indicator(line, units)
    for code, lines in _grouped(sheets.lines["chi_tieu"], "nguon").items():
        for one, other in combinations(lines, 2):
            if one.meets(other) and _could_tie(conditions(one), conditions(other)):
                yield f"{one.place} and {other.place}: both could be chosen for “{code}”; make one more specific"
    yield from _meetings(sheets.lines["chi_tieu"])


def _one_indicator(line: Line, units: Units) -> Iterator[str]:
    if line["quan_he"] not in _RELATIONS:
        yield f"{line.place}: quan_he “{line['quan_he']}”; allowed: {', '.join(_RELATIONS)}"
    if line["gop"] not in _COLLAPSES:
        yield f"{line.place}: gop “{line['gop']}”; allowed: {', '.join(filter(None, _COLLAPSES))}"
    if line["quan_he"] == "khong_co":
        return
    if not line["dich"]:
        yield f"{line.place}: dich is empty; where there is no counterpart say quan_he = khong_co"
    named = [(column, units.named(line[column])) for column in ("dvt_nguon", "dvt_dich")]
    missing = [column for column, unit in named if unit is None]
    if missing:
        yield f"{line.place}: {', '.join(missing)}: unit not in don_vi_tinh"
    elif len({unit.quantity for _, unit in named if unit}) > 1:
        yield f"{line.place}: {line['dvt_nguon']} and {line['dvt_dich']} measure different quantities"


def _could_tie(one: dict[str, str], other: dict[str, str]) -> bool:
    """Two rows of equal specificity that some value could satisfy both."""
    return len(one) == len(other) and all(other[name] == value for name, value in one.items() if name in other)


def _meetings(lines: list[Line]) -> Iterator[str]:
    """Two sources of one target may only meet where a row says how they combine."""
    for target, same in _grouped([line for line in lines if line["dich"]], "dich").items():
        silent = [line for line in same if line["gop"] != "cong"]
        sources = {line["nguon"] for line in same}
        if (
            silent
            and len(sources) > 1
            and any(a.meets(b) for a, b in combinations(same, 2) if a["nguon"] != b["nguon"])
        ):
            yield f"{silent[0].place}: “{target}” has several sources; say gop = cong on every one of its rows"


def _other_faults(sheets: Sheets) -> Iterator[str]:
    for sheet, keys in (("to_chuc", ("nguon", "dich")), ("phan_to", ("chieu", "nguon", "chieu_dich"))):
        for one, other in combinations_of_same(sheets.lines[sheet], keys):
            yield f"{one.place} and {other.place}: the same row twice on one day"
    for line in sheets.lines["to_chuc"]:
        if line["ty_trong"] not in ("", "1"):
            yield f"{line.place}: ty_trong “{line['ty_trong']}”: only 1, or empty where the share is not known"
    for line in sheets.lines["hang_so"]:
        if line["truong"] not in FIELDS:
            yield f"{line.place}: truong “{line['truong']}”; allowed: {', '.join(FIELDS)}"


def combinations_of_same(lines: list[Line], keys: tuple[str, ...]) -> Iterator[tuple[Line, Line]]:
    """Pairs of rows that say the same in `keys` and are valid together."""
    found: dict[tuple[str, ...], list[Line]] = {}
    for line in lines:
        found.setdefault(tuple(line[key] for key in keys), []).append(line)
    for same in found.values():
        yield from (pair for pair in combinations(same, 2) if pair[0].meets(pair[1]))


def _grouped(lines: Iterator[Line] | list[Line] | tuple[Line, ...], column: str) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(line[column], []).append(line)
    return found


def _digest(folder: Path) -> str:
    whole = sha256()
    for path in sorted((*folder.glob("*.csv"), folder / "pack.yaml"), key=lambda p: p.name):
        text = path.read_text("utf-8")
        content = canonical_sheet(text) if path.suffix == ".csv" else text.encode()
        whole.update(f"{path.name}\0{len(content)}\0".encode() + content)
    return whole.hexdigest()
