-- What goes first, and whether a line rests. Order is by what the law asks: live before replayed, then by deadline.

ALTER TABLE work
    ADD COLUMN replayed    boolean NOT NULL DEFAULT false,  -- yields to what is live
    ADD COLUMN deadline    timestamptz,                     -- the last admissible instant, where there is one
    ADD COLUMN divert_from timestamptz;                     -- from then on a line that rests may be gone around

-- What may go at once is found in its order, however much waits for a time of its own; and the other way round.
DROP INDEX work_order, work_due;
CREATE INDEX work_ready ON work (destination, stage, agreement, replayed, deadline, ordinal) WHERE due = '-infinity';
CREATE INDEX work_timed ON work (destination, due) WHERE due > '-infinity';
CREATE INDEX work_diverting ON work (destination, divert_from) WHERE divert_from IS NOT NULL;

-- A line that failed several times rests; then one message tries it. Shared by every worker, on this clock.
ALTER TABLE line ADD COLUMN rest_until timestamptz;
