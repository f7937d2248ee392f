-- Which exchanges of a lane stand where, and of which revision: found without reading the others, however many revisions
-- a report has had. NULL: not read yet, or written by the version before, which may still be running beside; such a row
-- is read to see. Not filled in here, which would rewrite every row, and no expression over the state: JSON text may
-- hold what PostgreSQL refuses to take out of it (NUL). Numeric: no whole number is too large for it.
ALTER TABLE exchange ADD COLUMN revision numeric;
CREATE INDEX exchange_revision ON exchange (lane, stage, revision) WHERE lane IS NOT NULL;

-- The whole of a lane, and “is there another one?”, need its first column alone.
DROP INDEX exchange_lane;
