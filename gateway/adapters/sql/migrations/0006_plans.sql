-- Replays in bulk, how fast lines are, and what was agreed about how fast they may be asked.

-- A frozen set of exchanges to be replayed. What became of each is read from the exchange that its key opened.
CREATE TABLE plan (
    id      text PRIMARY KEY,
    by      text NOT NULL,
    because text NOT NULL,
    at      timestamptz NOT NULL,
    pack    text,
    asked   json NOT NULL          -- the filters it was chosen by
);

CREATE TABLE plan_item (
    plan      text NOT NULL REFERENCES plan,
    ordinal   bigint NOT NULL,     -- that of the exchange: the oldest goes first
    exchange  text NOT NULL,
    agreement text NOT NULL,
    key       text NOT NULL,       -- under which it is opened again, once
    PRIMARY KEY (plan, ordinal)
);

CREATE TRIGGER plan_is_kept BEFORE UPDATE OR DELETE ON plan FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER plan_item_is_kept BEFORE UPDATE OR DELETE ON plan_item FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Deliveries by the minute, counted from the facts once the minute is over, by whoever looks first.
CREATE TABLE pace (
    destination text NOT NULL,
    minute      timestamptz NOT NULL,
    delivered   bigint NOT NULL,
    waiting     bigint,            -- what was ready to go then; NULL where nobody looked at the time
    PRIMARY KEY (destination, minute)
);

-- The pace at which a destination may be asked, handed out to workers in slices; and the seats for calls at once.
CREATE TABLE allowance (
    destination text PRIMARY KEY,
    next_at     timestamptz NOT NULL DEFAULT '-infinity'   -- from then on nothing is handed out yet
);

CREATE TABLE seat (
    destination text NOT NULL,
    worker      text NOT NULL,
    seats       integer NOT NULL,
    until       timestamptz NOT NULL,
    PRIMARY KEY (destination, worker)
);
