"""How fast each destination takes what is sent, by the minute: counted once, by whoever looks after it is over.

Writers pay nothing for it. Refused: counting in the transaction of every delivery, and counting the facts of the last
hour at every look.
"""

from __future__ import annotations

from psycopg import Connection

# A minute is closed when its facts are there for certain: their times are carried on by hosts. Where nobody looked for
# a while, the last hour is made up for; what waited then is not known. The empty name marks a minute without traffic.
_CLOSE = """
WITH span AS (
    SELECT greatest(coalesce((SELECT max(minute) + interval '1 minute' FROM pace), '-infinity'),
                    upto - interval '1 hour') AS since, upto
      FROM (SELECT date_trunc('minute', clock_timestamp() - interval '5 seconds') AS upto) now
), done AS (
    SELECT x.destination, date_trunc('minute', f.at) AS minute, count(*) AS delivered
      FROM span JOIN fact f ON f.at >= span.since AND f.at < span.upto
      JOIN exchange x ON x.id = f.exchange
     WHERE f.name IN ('Delivered', 'Backfilled', 'Sent') GROUP BY 1, 2
), waits AS (
    SELECT w.destination, span.upto - interval '1 minute' AS minute, count(*) AS waiting
      FROM span, work w WHERE w.due <= clock_timestamp() AND w.stage = 'packaged' GROUP BY 1, 2
), looked AS (
    SELECT upto - interval '1 minute' AS minute FROM span
)
INSERT INTO pace (destination, minute, delivered, waiting)
SELECT destination, minute, coalesce(delivered, 0),
       CASE WHEN minute = (SELECT minute FROM looked) THEN coalesce(waiting, 0) END
  FROM done FULL JOIN waits USING (destination, minute)
 WHERE (SELECT since < upto FROM span)
 UNION ALL
SELECT '', minute, 0, 0 FROM looked WHERE (SELECT since < upto FROM span)
ON CONFLICT DO NOTHING
"""
_FORGET = "DELETE FROM pace WHERE minute < clock_timestamp() - interval '1 day'"
_ALONE = "SELECT pg_try_advisory_xact_lock(hashtextextended('pace', 0))"

# While something waits the line shows what it can; its outages count. Where nothing waited in the last hour, what it
# did in its busiest minute of the day is the least that it can do.
_RATES = """
SELECT destination,
       coalesce(sum(delivered) FILTER (WHERE busy) / nullif(60.0 * count(*) FILTER (WHERE busy), 0),
                max(delivered) / 60.0)::float
  FROM (SELECT *, minute >= clock_timestamp() - interval '61 minutes'
                  AND CASE WHEN waiting IS NULL THEN delivered > 0 ELSE waiting > 0 END AS busy
          FROM pace WHERE destination <> '') p
 GROUP BY destination HAVING count(*) FILTER (WHERE busy) > 0 OR max(delivered) > 0
"""


def rates(c: Connection) -> dict[str, float]:
    """Deliveries a second by destination, as of the last whole minute; a name is missing where nothing ever went."""
    with c.transaction():
        if c.execute(_ALONE).fetchone() == (True,):
            c.execute(_CLOSE)
            c.execute(_FORGET)
    return dict(c.execute(_RATES).fetchall())
