"""What a reader asked the list for. It all stands in the address, so that a link shows the same list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Self

from gateway.console.stages import STAGES_OF
from gateway.domain.errors import Rejected, problem
from gateway.domain.exchange import Exchange, Kind
from gateway.ports import Query
from gateway.text import folded

_NAME = re.compile(r"[\w.,/:|-]{1,100}")
_MOST = 1 << 62  # beyond any ordinal


@dataclass(frozen=True, slots=True)
class Filters:
    """Empty fields do not restrict. `stage` names a stage or a group of stages."""

    stage: str = ""
    kind: str = ""
    agreement: str = ""
    destination: str = ""
    q: str = ""
    before: str = ""

    @classmethod
    def asked(cls, given: Mapping[str, str]) -> Self:
        """The filters in an address. Raises `Rejected` (C-012) for what no form of ours sends."""
        filters = cls(**{name: given.get(name, "").strip()[:100] for name in cls.__slots__})
        faulty = [name for name in cls.__slots__ if not _holds(name, getattr(filters, name))]
        if faulty:
            raise Rejected(*(problem("C-012", reason=f"{name}={getattr(filters, name)!r}") for name in faulty))
        return filters

    def query(self, limit: int) -> Query:
        return Query(
            stages=STAGES_OF.get(self.stage, ()),
            kinds=(Kind(self.kind),) if self.kind else (),
            agreements=(self.agreement,) if self.agreement else (),
            destination=self.destination,
            before=int(self.before) if self.before else None,
            limit=limit,
        )

    @property
    def params(self) -> dict[str, str]:
        """As they stand in an address."""
        return {name: value for name, value in asdict(self).items() if value}

    def but(self, **changes: str) -> dict[str, str]:
        """The address' parameters with some of them changed."""
        return replace(self, **changes).params

    @property
    def restrict(self) -> bool:
        return bool(self.but(before=""))


def exchange_id(text: str) -> bool:
    """Whether `text` can be the id of an exchange at all; the journal is not asked about anything else."""
    return re.fullmatch(r"[\w.-]{1,64}", text) is not None


def matches(x: Exchange, wanted: str) -> bool:
    """Whether a search word stands in what names the exchange, whatever its case or tone placement."""
    names = [x.id, x.key, x.destination, x.agreement, x.lane or "", x.paper or "", x.axis_id or ""]
    if x.receipt:
        names.append(x.receipt.reference)
    if x.numbered:
        names.append(f"{x.numbered.number}/{x.numbered.notation}")
    needle = folded(wanted)
    return any(needle in folded(name) for name in names)


def _holds(name: str, value: str) -> bool:
    known = {"stage": STAGES_OF.keys(), "kind": {kind.value for kind in Kind}}
    if not value or name == "q":
        return value.isprintable()
    if name == "before":
        return value.isascii() and value.isdigit() and int(value) < _MOST
    return value in known[name] if name in known else _NAME.fullmatch(value) is not None
