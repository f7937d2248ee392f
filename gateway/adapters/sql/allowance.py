"""The pace agreed with partners, kept by all workers together on the database's clock."""

from __future__ import annotations

from gateway.adapters.sql.journal import SqlJournal
from gateway.domain.rate import share

# What was handed out stands before `next_at`; a slice is one statement, whatever it is worth.
_MOMENTS = """
INSERT INTO allowance AS a (destination, next_at)
VALUES (%(destination)s, clock_timestamp() + make_interval(secs => %(worth)s))
ON CONFLICT (destination) DO UPDATE
   SET next_at = greatest(a.next_at, clock_timestamp()) + make_interval(secs => %(worth)s)
RETURNING extract(epoch FROM next_at - clock_timestamp())::float - %(worth)s::float
"""
_SHUT = """
INSERT INTO allowance AS a (destination, next_at)
VALUES (%(destination)s, clock_timestamp() + make_interval(secs => %(seconds)s))
ON CONFLICT (destination) DO UPDATE SET next_at = greatest(a.next_at, excluded.next_at)
"""
# The line rests for every worker, until the time they named; afterwards one message tries it, and its answer lets the
# others go on. That time stands though the line was to rest for longer: whoever tries a line keeps the others off for
# half a minute, and a 429 is the answer that ends this.
_REST = """
INSERT INTO line AS l (destination, failures, since, rest_until)
SELECT destination, 1, clock_timestamp(), next_at FROM allowance WHERE destination = %(destination)s
ON CONFLICT (destination) DO UPDATE
   SET failures = greatest(l.failures, 1), since = coalesce(l.since, excluded.since), rest_until = excluded.rest_until
"""
_ONE_AFTER_ANOTHER = "SELECT pg_advisory_xact_lock(hashtextextended('seat ' || %s, 0))"
_OTHERS = "SELECT seats FROM seat WHERE destination = %s AND worker <> %s AND until > clock_timestamp()"
_SIT = """
INSERT INTO seat (destination, worker, seats, until)
VALUES (%s, %s, %s, clock_timestamp() + make_interval(secs => %s))
ON CONFLICT (destination, worker) DO UPDATE SET seats = excluded.seats, until = excluded.until
"""
_LEAVE = "DELETE FROM seat WHERE destination = %s AND (worker = %s OR until <= clock_timestamp())"


class SqlAllowance:
    """`ports.Allowance`, in the journal's database; `worker` names this process."""

    def __init__(self, journal: SqlJournal, worker: str) -> None:
        self._journal = journal
        self._worker = worker

    def moments(self, destination: str, interval: float, count: int) -> float:
        with self._journal.connection() as c:
            row = c.execute(_MOMENTS, {"destination": destination, "worth": interval * count}).fetchone()
        assert row is not None
        return max(0.0, float(row[0]))

    def seats(self, destination: str, wanted: int, most: int, sitting: int, seconds: float) -> int:
        with self._journal.connection() as c, c.transaction():
            c.execute(_ONE_AFTER_ANOTHER, [destination])
            c.execute(_LEAVE, [destination, self._worker])
            if not wanted:
                return 0
            others = [seats for (seats,) in c.execute(_OTHERS, [destination, self._worker])]
            granted = share(wanted, most, sitting, others)
            c.execute(_SIT, [destination, self._worker, granted, seconds])
        return granted

    def rest(self, destination: str, seconds: float) -> None:
        with self._journal.connection() as c, c.transaction():
            for statement in (_SHUT, _REST):
                c.execute(statement, {"destination": destination, "seconds": seconds})
