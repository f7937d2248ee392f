"""The wire profile: how packets are called and written, as data beside the schemas (``wire-*.toml``).

The only profile shipped is *assumed*: the field tables of QCVN 125:2021/BTTTT are not public.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Wire:
    """`bodies`: packet name → its body element; `states`: mark in a table → its code on the wire.

    `most_attached` is in bytes, all files of one report together.
    """

    label: str
    statement: str
    namespace: str
    schema: str
    version: str
    numbers: Mapping[str, int]
    bodies: Mapping[str, str]
    states: Mapping[str, str]
    most_attached: int

    @property
    def marks(self) -> Mapping[str, str]:
        """Code on the wire → mark in a table."""
        return {code: mark for mark, code in self.states.items()}


@cache
def wire(name: str = "assumed") -> Wire:
    """The profile of that name."""
    read = tomllib.loads((files("gateway.schemas.national") / f"wire-{name}.toml").read_text("utf-8"))
    packets = read["packets"]
    return Wire(
        label=read["label"],
        statement=read["statement"],
        namespace=read["namespace"],
        schema=read["schema"],
        version=read["version"],
        numbers={packet: entry["number"] for packet, entry in packets.items()},
        bodies={packet: entry["body"] for packet, entry in packets.items()},
        states=read["states"],
        most_attached=read["limits"]["attached_bytes"],
    )
