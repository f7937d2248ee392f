-- What the system that handed in a report is to be told. Written with the facts, settled when it was taken note of.

CREATE TABLE notice (
    exchange   text NOT NULL,
    seq        integer NOT NULL,   -- the fact's place in its exchange
    agreement  text NOT NULL,
    fact       text NOT NULL,
    at         timestamptz NOT NULL,
    settled_at timestamptz,
    settled_by text,
    PRIMARY KEY (exchange, seq)
);

CREATE INDEX notice_waiting ON notice (agreement, at) WHERE settled_at IS NULL;
