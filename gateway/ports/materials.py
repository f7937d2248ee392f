"""The doors to materials: shapes, mapping, signatures, rules, catalogues. Plain calls, no wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from gateway.domain.account import Account
from gateway.domain.agreement import Agreement
from gateway.domain.calendar import Period
from gateway.domain.catalogue import Catalogue
from gateway.domain.deadlines import Due, Window
from gateway.domain.errors import GatewayError
from gateway.domain.facts import HeldGroup
from gateway.domain.forms import FormVersion
from gateway.domain.maintenance import Maintenance
from gateway.domain.obligations import Stop
from gateway.domain.outline import Narrative
from gateway.domain.parcel import Backfill, Blob, Enclosed
from gateway.domain.register import Deed, Sheet
from gateway.domain.report import Columns, Cover, Report, ReportHead
from gateway.domain.standing import Standing
from gateway.domain.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Header:
    """What every national packet carries (`gateway/schemas/national`)."""

    message_id: str
    packet: str
    created: datetime
    sender_code: str
    sender_old_code: str
    receiver_code: str
    receiver_old_code: str
    correlation_id: str = ""
    reply_to: str = ""


class Reader(Protocol):
    def read(self, payload: bytes, media_type: str) -> tuple[str, Report]:
        """The submission as (schema name, report). Raises `Rejected` with every fault found."""

    def read_narrative(
        self,
        payload: bytes,
        media_type: str,
        head: ReportHead,
        files: Sequence[Enclosed],
        agreed: Agreement,
        *,
        figures: Columns | None = None,
    ) -> Narrative:
        """The words beside the figures of `head`, which name each of `files` and follow an outline that was agreed.

        With `figures`, as they are mapped, the words state those that their outline has them quote.

        Raises `Rejected` with every fault found.
        """

    def figures(self, content: bytes, media_type: str) -> Sequence[Report]:
        """Every report that a signed file holds as data; none where it is words alone."""

    def read_catalogue(self, payload: bytes, sender: str = "") -> Catalogue:
        """Raises `Rejected` for what is none (C-005), also one of another sender than that agency code, where given."""


@dataclass(frozen=True, slots=True)
class FormRead:
    """A form as a report; `findings` is canonical JSON: conflicts with their cells, decoded text, what was left out."""

    schema: str
    report: Report
    findings: bytes


class Forms(Protocol):
    """Workbooks as people send them, read by declared layouts."""

    def read(self, payload: bytes, media_type: str, cover: Cover) -> FormRead | None:
        """None where no layout is declared for such a file. Raises `Rejected` with every fault found."""


class Writer(Protocol):
    def write(self, header: Header, report: Report, backfill: Backfill | None, narrative: Blob | None = None) -> bytes:
        """The report-data packet, valid against its own schema; of a composite it names the `narrative` packet."""

    def write_narrative(self, header: Header, narrative: Narrative) -> bytes: ...  # which names the files

    def keep(self, report: Report) -> bytes: ...  # the translated report as the journal keeps it
    def recall(self, kept: bytes) -> Report: ...


@dataclass(frozen=True, slots=True)
class Translation:
    """The outcome of a mapping run. `report` is national; `findings` is canonical JSON.

    `approval` is the number of the pack's version, `content` what the journal keeps of it (`pack_digest` its SHA-256).
    """

    report: Report
    pack: str
    pack_digest: str
    account: Account
    held: tuple[HeldGroup, ...]
    findings: bytes
    approval: int = 0
    content: bytes = b""


class Translator(Protocol):
    def translate(self, report: Report, pack: str, catalogue: Catalogue | None) -> Translation: ...

    def translate_many(
        self, reports: Sequence[Report], pack: str, catalogue: Catalogue | None
    ) -> Sequence[Translation | GatewayError]:
        """Each report as `translate` would take it alone, in one run; an error in place of what it would raise.

        Raises what concerns them all (`Misconfigured`).
        """


@dataclass(frozen=True, slots=True)
class Earlier:
    """The figures that went up for the period before, as translated: by which exchange, and their digest."""

    exchange: str
    document: str
    columns: Columns


class Previous(Protocol):
    """What stands for the period before a report's own (kỳ trước), to be compared with."""

    def before(self, heads: Sequence[ReportHead]) -> list[Earlier | None]: ...  # None: nothing went up


@dataclass(frozen=True, slots=True)
class Proven:
    """A verdict with its evidence: canonical JSON, and the bytes named there by their SHA-256."""

    verdict: Verdict
    record: bytes
    materials: tuple[bytes, ...]


class Verifier(Protocol):
    def verify(self, payload: bytes, signature: bytes | None, policy: str, at: datetime) -> Verdict:
        """Never raises on what is in `payload`; everything wrong is in the verdict."""

    def prove(self, payload: bytes, signature: bytes | None, policy: str, at: datetime) -> Proven:
        """The same, with what is needed to judge again years later, offline."""


class Fetcher(Protocol):
    """Certificates' own services (CRL, OCSP, TSA) from allow-listed hosts, size- and time-bound."""

    def get(self, url: str) -> bytes: ...  # Unavailable
    def post(self, url: str, body: bytes, media_type: str) -> bytes: ...  # Unavailable


class Signer(Protocol):
    def sign(self, document: bytes, at: datetime) -> bytes: ...


class Deadlines(Protocol):
    """When reports are due, by the province's regulation or by what was agreed; and when nobody may send."""

    def of(self, agreement: Agreement, covers: Period) -> Due | None: ...
    def owed(self, agreement: Agreement, first: date, last: date) -> list[Due]: ...  # both days inclusive, by time
    def window(self, agreement: Agreement, covers: Period, at: datetime) -> Window | None: ...  # what a notice recorded
    def opener(self) -> str: ...  # who may open and close the intake
    def versions(self, form: str) -> Sequence[FormVersion]: ...  # all that are recorded of a form; mostly none
    def rest(self, destination: str, at: datetime) -> Maintenance | None: ...  # announced maintenance under way
    def stops(self, destination: str) -> list[Stop]: ...  # incidents and maintenance, for whose doing lateness is


class Outlook(Protocol):
    """The journal as whoever watches it needs it, every few seconds."""

    def look(self) -> Standing: ...


class Register(Protocol):
    """The register of operations: deeds are added, none is changed. Safe between threads and processes.

    What another process wrote is seen within a second.
    """

    def write(self, deed: Deed, tell: Sequence[str] = ()) -> Deed:
        """Add `deed`, and a bulletin of it for the systems behind the agreements `tell`, in one transaction.

        Raises `Conflict` (C-018) when somebody wrote about the subject since `deed.follows`.
        """

    def standing(self, sheet: Sheet) -> Mapping[str, Deed]: ...  # by subject, what is not taken back
    def last(self, sheet: Sheet, subject: str) -> Deed | None: ...  # the subject's newest deed, taken back or not
    def acknowledged(self, sheet: Sheet) -> Mapping[int, Mapping[str, tuple[datetime, str] | None]]:
        """By deed and agreement it was told to: when its system took note, and which client; None while it has not."""

    def told(self, sheet: Sheet | None = None, subject: str = "", limit: int = 100) -> list[Deed]: ...  # newest first


class Catalogues(Protocol):
    """The catalogues published here. Each is in force from its own day on, until one of a later day is."""

    def current(self, name: str) -> Catalogue | None: ...  # in force today
    def on(self, name: str, day: date) -> Catalogue | None: ...  # in force on that day, as known now
    def version(self, name: str, version: str) -> Catalogue | None: ...  # of that version, in force or not
    def publish(self, catalogue: Catalogue, exchange: str) -> None: ...
