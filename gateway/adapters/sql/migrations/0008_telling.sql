-- Which events of the inbox a system was told by its webhook. Only the inbox is the truth: a row is made while its event
-- waits there and goes with it, so that to lose this table costs a few events told again under the same id.

CREATE TABLE telling (
    client   text NOT NULL,
    event    text NOT NULL,        -- the id of the notice or bulletin
    attempts integer NOT NULL DEFAULT 0,
    due      timestamptz NOT NULL DEFAULT clock_timestamp(),
    told_at  timestamptz,
    PRIMARY KEY (client, event)
);

CREATE INDEX telling_due ON telling (client, due) WHERE told_at IS NULL;
