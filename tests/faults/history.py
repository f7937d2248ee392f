"""What clients were told, on disk before it counts; and what the journal says, as the checker reads it."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self

from gateway.domain.exchange import Exchange, Kind, Stage
from gateway.domain.facts import Recorded, Superseded, intact
from gateway.domain.record import canonical, plain
from gateway.ports import Journal, Query


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the history.

    asked      before the first byte goes out; `other` where the key was given to other content before, on purpose
    promised   a 202 with this id, `spooled` where the answer says so
    declined   any answer that is neither a promise nor “come again”
    receipt    `digest` of the receipt as /receipt gave it
    """

    what: str
    key: str
    digest: str = ""
    id: str = ""
    values: int = 0
    status: int = 0
    other: bool = False
    spooled: bool = False


class History:
    """A file of JSON lines; a line that `tell` returned from is on disk."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._one_at_a_time = threading.Lock()
        self.path = path

    def tell(self, told: Told) -> None:
        with self._one_at_a_time:
            self._file.write(json.dumps(asdict(told)) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())

    def read(self) -> list[Told]:
        return [Told(**json.loads(line)) for line in self.path.read_text("utf-8").splitlines()]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()


@dataclass(frozen=True, slots=True)
class Journalled:
    """An exchange as the journal has it. `account`: received, mapped, held, excluded; `tally`: received, and the sum
    of everything it was told to consist of."""

    id: str
    key: str
    content: str
    stage: Stage
    settled: bool
    facts: tuple[str, ...]
    intact: bool
    ordinal: int = 0  # the journal's order of opening
    before: Stage | None = None
    due: float | None = None  # seconds since the epoch
    owner: str | None = None  # who acts next on its trouble
    packet: str | None = None  # digest of what goes over the wire
    account: tuple[int, int, int, int] | None = None
    tally: tuple[int, int] | None = None
    receipt: str | None = None  # digest, as of the receipts of the history
    beside: str | None = None  # of what was spooled under a key that was in use: the exchange that stands for it


def every(journal: Journal) -> Iterator[Journalled]:
    """Every outbound exchange, through the journal's own door."""
    before: int | None = None
    while found := journal.find(Query(kinds=(Kind.OUTBOUND,), limit=200, before=before)):
        for x in found:
            yield journalled(x, journal.history(x.id))
        before = found[-1].ordinal


def journalled(x: Exchange, history: list[Recorded]) -> Journalled:
    account, said = x.account, x.acknowledgement.tally if x.acknowledgement else None
    parts = (said.accepted + said.updated + said.unchanged + said.rejected + said.ignored) if said else 0
    whole = intact(history) and bool(history) and (history[-1].seq, history[-1].digest) == (x.seq, x.head_digest)
    return Journalled(
        id=x.id,
        key=x.key,
        content=x.content,
        stage=x.stage,
        settled=x.settled,
        facts=tuple(entry.name for entry in history),
        intact=whole,
        ordinal=x.ordinal,
        before=x.before,
        due=x.due.timestamp() if x.due else None,
        owner=x.trouble.owner.value if x.trouble else None,
        packet=x.parcel.body.digest if x.parcel else None,
        account=(account.received, account.mapped, account.held, account.excluded) if account else None,
        tally=(said.received, parts) if said else None,
        receipt=digest_of_receipt(plain(x.receipt)) if x.receipt else None,
        beside=_stands_for(x, history) if x.key == f"spool:{x.id}" else None,
    )


def _stands_for(x: Exchange, history: list[Recorded]) -> str:
    """The earlier exchange of the same question; itself where the question was another, and refused."""
    return next((entry.fact.by for entry in history if isinstance(entry.fact, Superseded)), x.id)


def digest_of_receipt(shown: object) -> str:
    return sha256(canonical(shown)).hexdigest()
