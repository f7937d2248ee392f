"""From values that were held to conflicts: grouped by cause and object, all row numbers kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import polars as pl

from gateway.mapping import figures
from gateway.mapping.batch import CODES, Batch
from gateway.mapping.conflicts import Conflict


def conflicts(batch: Batch, held: pl.DataFrame, dropped: pl.DataFrame) -> dict[int, list[Conflict]]:
    """The conflicts of each report, by its number."""
    found: dict[int, list[Conflict]] = defaultdict(list)
    if held.height:
        for number in held["against"].unique(maintain_order=True).to_list():
            for report, conflict in _of_code(batch, CODES[number], held.filter(pl.col("against") == number)):
                found[report].append(conflict)
    if dropped.height:
        for report, conflict in _of_code(batch, "M602", dropped):
            found[report].append(conflict)
    if any(scaling.differs for scaling in batch.scalings):
        differing = [n for n, scaling in enumerate(batch.scalings) if scaling.differs]
        said = batch.frame.filter((pl.col("against") == 0) & pl.col("scaling").is_in(differing))
        for report, conflict in _of_code(batch, "M303", said):
            found[report].append(conflict)
    return found


def _of_code(batch: Batch, code: str, values: pl.DataFrame) -> Iterator[tuple[int, Conflict]]:
    """One conflict for each report and object; objects that read alike are one."""
    keys = _keys(code)
    groups = values.group_by(["report", *keys], maintain_order=True).agg("row")
    merged: dict[tuple[int, str, str], list[int]] = defaultdict(list)
    for group in groups.iter_rows(named=True):
        what, proposal = _object(batch, code, group)
        merged[group["report"], what, proposal] += group["row"]
    for (report, what, proposal), rows in merged.items():
        yield report, Conflict(code, what, tuple(sorted(rows)), proposal)


def _keys(code: str) -> list[str]:
    match code[:2]:
        case "M3":
            return ["scaling"]
        case "M5" if code != "M505":
            return ["place"]
        case "M6":
            return ["rule", "place"]
        case "M9":
            return ["value"]
        case _:
            return ["rule"]


def _object(batch: Batch, code: str, group: dict[str, int]) -> tuple[str, str]:
    """What the conflict is about, and a proposal for a person."""
    match _keys(code):
        case ["scaling"]:
            return batch.scaling_names[group["scaling"]], batch.scalings[group["scaling"]].proposal
        case ["place"]:
            return batch.place_names[group["place"]], batch.places[group["place"]].proposal
        case ["rule", "place"]:
            said = (
                batch.rule_names[group["rule"]],
                batch.place_names[group["place"]],
                batch.rule_values[group["rule"]],
            )
            return " ".join(filter(None, said)), ""
        case ["value"]:
            text = str(group["value"])
            return text, figures.meant(text, batch.convention) if code == "M901" else ""
        case _:
            rule = batch.rules[group["rule"]]
            return rule.what or batch.rule_names[group["rule"]], rule.proposal
