"""Keeping a deployment for years: backups and recovery, the journal checked, made anew, carried elsewhere.

Only `cli` and `bench` come in. Beside `wiring`, because nothing here drains: most of it wants the gateway at rest.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.adapters.http import HttpFetcher
from gateway.adapters.sql import EmbeddedPostgres
from gateway.adapters.sql.backup import Base, Tell, bases, prune, take
from gateway.adapters.sql.check import Checked, check
from gateway.adapters.sql.keeping import keeper
from gateway.adapters.sql.origin import doubt_here, sign
from gateway.adapters.sql.portable import bring_in, examine, export
from gateway.adapters.sql.purging import Due, Purged, due, purge
from gateway.adapters.sql.rebuild import rebuild
from gateway.adapters.sql.restore import Restored, checked, choose, forget_recovery, laid_out, put_in_place, revived
from gateway.adapters.sql.trail import (
    Act,
    Day,
    acts,
    anchored,
    changed_days,
    close_days,
    closed_days,
    owing_days,
    stamp_days,
)
from gateway.adapters.sql.wal import Plan, Stream
from gateway.domain.calendar import VIETNAM
from gateway.domain.chain import Anchored
from gateway.domain.errors import Misconfigured, Unavailable, problem
from gateway.schemas.settings import Settings, settings
from gateway.signing.create.stamp import Stamping

_NAMED = 31  # days that one sentence lists

__all__ = ["Checked", "Restored", "Upkeep", "examine", "upkeep"]


@dataclass(frozen=True, slots=True)
class Verified:
    """A backup brought to life in a throw-away server: what it holds is whole. `seconds`: from copy to writable."""

    restored: Restored
    checked: Checked
    seconds: float


class Upkeep:
    """The deployment in `home`, at work or at rest."""

    def __init__(self, read: Settings) -> None:
        self._read = read
        self._server = EmbeddedPostgres(read.var / "postgres")

    @property
    def store(self) -> Path:
        """Where its backups are."""
        return self._read.home / self._read.backup.folder

    # ── backups ──────────────────────────────────────────────────────────────────────────────────
    def take(self, tell: Tell) -> Base:
        """A fresh base copy of the running server; the oldest ones beyond `keep` go."""
        with self._url() as url:
            base = take(url, self.store, tell)
        prune(self.store, self._read.backup.keep)
        return base

    def follow(self, stop: threading.Event, heard: Callable[[str], None]) -> None:
        """Stream every change until `stop`, with a fresh base copy every so often."""
        given = self._read.backup
        plan = Plan(timedelta(hours=given.every_hours), given.keep, given.synchronous)
        with self._url() as url:
            Stream(url, self.store, plan, heard).run(stop)

    def backups(self) -> list[Base]:
        return bases(self.store)

    def verify(self, name: str, tell: Tell) -> Verified:
        """Bring a backup to life beside the real one, check every chain and byte in it, throw it away."""
        base = choose(self.store, None, name)
        checked(base, self.store, tell)
        began = datetime.now(UTC)
        with self._place("verifying") as place, revived(base, self.store, place, None, tell) as (url, restored):
            seconds = (datetime.now(UTC) - began).total_seconds()
            with keeper(url) as connection:
                return Verified(restored, check(connection, tell).insist(), seconds)

    def restore(
        self, until: datetime | None, name: str, who: tuple[str, str], tell: Tell
    ) -> tuple[Restored, Path]:  # fmt: skip
        """Put the embedded server back to `until`, or to the newest there is; where the data went that was there.

        `who`: the person and the reason, kept with the new origin.

        Raises `Misconfigured` (F-021): somebody uses it, or the database is a server's, whose data is not ours to put.
        """
        if self._read.database_url is not None:
            raise Misconfigured(problem("F-021", reason="GATEWAY_DATABASE_URL: gateway restore --into DIR"))
        base = choose(self.store, until, name)
        checked(base, self.store, tell)
        with self._server.at_rest() as place:
            fresh = place / "restoring"
            with revived(base, self.store, fresh, until, tell) as (url, restored), keeper(url) as connection:
                sign(connection, restored.identity, *who)
            forget_recovery(fresh / "data")
            before = put_in_place(place, fresh / "data", datetime.now(UTC))
            shutil.rmtree(fresh)
        return restored, before

    def lay_out(self, folder: Path, until: datetime | None, name: str, tell: Tell) -> Base:
        """A data folder for a server of that major version: its owner starts it, and it recovers by itself."""
        base = choose(self.store, until, name)
        checked(base, self.store, tell)
        if folder.exists() and any(folder.iterdir()):
            raise Misconfigured(problem("F-021", reason=f"{folder} is not empty"))
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        laid_out(base, self.store, folder.absolute(), until, tell)
        return base

    # ── the journal ──────────────────────────────────────────────────────────────────────────────
    def check(self, tell: Tell) -> Checked:
        with self.connected() as connection:
            return check(connection, tell)

    def rebuild(self, tell: Tell) -> int:
        with self.connected() as connection:
            return rebuild(connection, tell)

    def export(self, file: Path, tell: Tell) -> Checked:
        with self.connected() as connection:
            return export(connection, file, tell)

    def bring_in(self, file: Path, tell: Tell) -> Checked:
        with self.connected() as connection:
            return bring_in(connection, file, tell)

    # ── who did what, and how long it is kept ────────────────────────────────────────────────────
    def acts(self, since: datetime, until: datetime) -> list[Act]:
        with self.connected() as connection:
            return acts(connection, since, until)

    def anchor(self) -> list[Day]:
        """Close the days that are over, and have them time-stamped where an authority is declared; all closed days.

        Raises `Unavailable` (A-006): no time-stamp to be had; the days are closed, and those that owe one are named.
        """
        with self.connected() as connection:
            close_days(connection)
            if self._read.anchor_tsa is not None:
                stamping = Stamping(self._read.anchor_tsa, HttpFetcher(self._read.fetch_hosts))
                try:
                    stamp_days(connection, stamping.token_over)
                except Unavailable as error:
                    raise _owing(owing_days(connection), error) from error
            return closed_days(connection)

    def anchored(self, exchange: str) -> list[Anchored]:
        """The closed days that an exchange is in, with its way to each one's root."""
        with self.connected() as connection:
            return anchored(connection, exchange)

    def audit(self, tell: Tell) -> tuple[Checked, int]:
        """Every chain, and every closed day against its anchor; how many days that were."""
        with self.connected() as connection:
            seen = check(connection, tell)
            seen.faults += changed_days(connection)
            return seen, len(closed_days(connection))

    def over(self, declared: Iterable[str]) -> list[Due]:
        """What has been kept as long as was declared, of the agreements `declared`; empty where nothing was."""
        years = {name: kept for name in declared if (kept := self._read.retention.of(name)) is not None}
        with self.connected() as connection:
            return due(connection, years, datetime.now(VIETNAM).date())

    def purge(self, going: Iterable[Due], who: tuple[str, str], tell: Tell) -> Purged:
        with self.connected() as connection:
            return purge(connection, going, who, tell)

    def doubt(self) -> int:
        """Put in doubt what is owed: after a recovery that PostgreSQL does not number, as from copied files."""
        with self.connected() as connection:
            return doubt_here(connection)

    @contextmanager
    def connected(self) -> Iterator[Any]:
        """One connection to the journal's database, its schema brought up to date."""
        with self._url() as url, keeper(url) as connection:
            yield connection

    @contextmanager
    def _url(self) -> Iterator[str]:
        if self._read.database_url is not None:
            yield self._read.database_url
        else:
            with self._server as url:
                yield url

    @contextmanager
    def _place(self, name: str) -> Iterator[Path]:
        """A folder that a server can run in, gone afterwards."""
        place = self._server.beside(name)
        try:
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)


def upkeep(home: Path, environment: Mapping[str, str]) -> Upkeep:
    """Of the deployment in `home`. Raises `Misconfigured` (F-005)."""
    return Upkeep(settings(home, environment))


def _owing(days: list[Day], why: Unavailable) -> Unavailable:
    """What `why` says of sending again is true of reports, not of a verb that nobody runs twice."""
    reason = ", ".join((why.problem.code, *why.problem.details.values()))
    named = ", ".join([*(one.day.isoformat() for one in days[:_NAMED]), *(["…"] if len(days) > _NAMED else [])])
    return Unavailable(problem("A-006", count=len(days), days=named, reason=reason))
