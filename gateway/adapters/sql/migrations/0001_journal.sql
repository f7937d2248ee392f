-- The journal. Facts and bytes are only ever added; everything else can be made again from them.

CREATE TABLE exchange (
    id          text PRIMARY KEY,
    ordinal     bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    kind        text NOT NULL,
    agreement   text NOT NULL,
    key         text NOT NULL,
    content     text NOT NULL,
    destination text NOT NULL,
    parent      text,
    opened_at   timestamptz,
    stage       text NOT NULL,
    lane        text,              -- SHA-256 of the lane's name: a name may be longer than an index entry
    seq         integer NOT NULL,
    head        text NOT NULL,
    state       json NOT NULL,     -- the folded exchange; json, not jsonb: it is read whole or not at all
    UNIQUE (agreement, key)
) WITH (fillfactor = 70);

CREATE INDEX exchange_stage ON exchange (stage, ordinal);
CREATE INDEX exchange_lane ON exchange (lane, ordinal) WHERE lane IS NOT NULL;
CREATE INDEX exchange_parent ON exchange (parent) WHERE parent IS NOT NULL;

CREATE TABLE fact (
    exchange text NOT NULL,
    seq      integer NOT NULL,
    name     text NOT NULL,
    at       timestamptz NOT NULL,
    body     json NOT NULL,        -- json keeps the text as it was written: the digest is over that text
    previous text NOT NULL,
    digest   text NOT NULL,
    PRIMARY KEY (exchange, seq)
);

CREATE INDEX fact_at ON fact USING brin (at);

CREATE TABLE blob (
    digest text PRIMARY KEY,
    bytes  bytea NOT NULL
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what is in % is kept as it was written', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER fact_is_kept BEFORE UPDATE OR DELETE ON fact FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER facts_are_kept BEFORE TRUNCATE ON fact FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER blob_is_kept BEFORE UPDATE OR DELETE ON blob FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER blobs_are_kept BEFORE TRUNCATE ON blob FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What is still to be done: one narrow row per exchange that is not settled.
CREATE TABLE work (
    exchange    text PRIMARY KEY,
    ordinal     bigint NOT NULL,
    destination text NOT NULL,
    agreement   text NOT NULL,
    stage       text NOT NULL,
    lane        text,
    blocks      boolean NOT NULL,  -- younger ones of the lane wait behind it
    due         timestamptz,       -- NULL: a person has it
    worker      text,
    fence       bigint NOT NULL DEFAULT 0,
    lease_until timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

CREATE INDEX work_order ON work (destination, ordinal);
CREATE INDEX work_due ON work (destination, due);
CREATE INDEX work_lane ON work (lane, ordinal) WHERE blocks AND lane IS NOT NULL;
CREATE INDEX work_unread ON work (agreement, ordinal) WHERE stage = 'accepted';

CREATE SEQUENCE fence;

CREATE TABLE line (
    destination text PRIMARY KEY,
    failures    integer NOT NULL,
    since       timestamptz
);

-- Exchanges by stage. One row per stage and slot, so that writers do not queue for one counter.
CREATE TABLE tally (
    stage text NOT NULL,
    slot  smallint NOT NULL,
    n     bigint NOT NULL,
    PRIMARY KEY (stage, slot)
) WITH (fillfactor = 50);

CREATE TABLE catalogue (
    ordinal    bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    name       text NOT NULL,
    version    text NOT NULL,
    valid_from date NOT NULL,
    exchange   text PRIMARY KEY,
    content    json NOT NULL
);

CREATE INDEX catalogue_name ON catalogue (name, ordinal DESC);
