-- What keeping the journal for years needs: where it came from, what its days amounted to, what was let go and why.

-- The databases this journal has lived in, by system identifier and time line. A backup restored, or a standby
-- promoted, goes on under a new one; whatever it may have missed is asked after before anything is sent.
CREATE TABLE origin (
    identity text PRIMARY KEY,
    since    timestamptz NOT NULL DEFAULT clock_timestamp(),
    doubted  bigint NOT NULL,   -- unsettled exchanges that were put in doubt for it
    by       text,              -- who brought it here by gateway restore, and why
    why      text
);

-- The day's anchor as it was when the day was closed (gateway/domain/chain.py).
CREATE TABLE anchor (
    day       date PRIMARY KEY,
    root      text NOT NULL,
    exchanges bigint NOT NULL,
    closed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- What was let go after its term: enough to prove that it was there, and who let it go.
CREATE TABLE purged (
    exchange   text PRIMARY KEY,
    agreement  text NOT NULL,
    head       text NOT NULL,
    days       date[] NOT NULL,   -- the days it had facts on, and the head it had at the end of each
    heads      text[] NOT NULL,
    kept_until date NOT NULL,
    by         text NOT NULL,
    why        text NOT NULL,
    at         timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE FUNCTION refuse_early_purge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.kept_until >= (clock_timestamp() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date THEN
        RAISE EXCEPTION '% is kept until %', NEW.exchange, NEW.kept_until USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (SELECT f.body ->> 'held' FROM fact f WHERE f.exchange = NEW.exchange AND f.name = 'Retained'
         ORDER BY f.seq DESC LIMIT 1) = 'true' THEN
        RAISE EXCEPTION '% is under a legal hold', NEW.exchange USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER no_early_purge BEFORE INSERT OR UPDATE ON purged FOR EACH ROW EXECUTE FUNCTION refuse_early_purge();

-- A fact goes only with a whole exchange that was let go; everything else is kept as it was written.
CREATE FUNCTION refuse_forgetting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM purged p WHERE p.exchange = OLD.exchange) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'what is in % is kept as it was written', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;

DROP TRIGGER fact_is_kept ON fact;
CREATE TRIGGER fact_is_kept BEFORE UPDATE ON fact FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER fact_is_not_forgotten BEFORE DELETE ON fact FOR EACH ROW EXECUTE FUNCTION refuse_forgetting();

-- Bytes go only when they were named as nobody's any more, in the transaction that found that out.
CREATE TABLE unnamed (
    digest text PRIMARY KEY,
    at     timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE FUNCTION refuse_losing_bytes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM unnamed u WHERE u.digest = OLD.digest) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'what is in % is kept as it was written', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;

DROP TRIGGER blob_is_kept ON blob;
CREATE TRIGGER blob_is_kept BEFORE UPDATE ON blob FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER blob_is_not_lost BEFORE DELETE ON blob FOR EACH ROW EXECUTE FUNCTION refuse_losing_bytes();

-- Large bytes come compressed from the gateway (zstandard): the server need not try again.
ALTER TABLE blob ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- What people did, found without reading what machines did.
CREATE INDEX fact_of_people ON fact (at)
    WHERE name IN ('Released', 'Cancelled', 'Retained', 'Numbered', 'RecallAsked', 'Parked', 'Diverted');
