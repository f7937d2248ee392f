-- The time-stamp (RFC 3161) over a closed day's line, from an authority outside: proof of when the day was so.
ALTER TABLE anchor ADD COLUMN token bytea;

CREATE FUNCTION refuse_other_anchor() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.day, NEW.root, NEW.exchanges, NEW.closed_at) IS DISTINCT FROM (OLD.day, OLD.root, OLD.exchanges, OLD.closed_at)
       OR OLD.token IS NOT NULL THEN
        RAISE EXCEPTION 'a closed day is kept as it was' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER anchor_is_kept BEFORE UPDATE ON anchor FOR EACH ROW EXECUTE FUNCTION refuse_other_anchor();
