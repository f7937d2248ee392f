-- The register of operations: what people set beside the declarations. Deeds are only ever added.

CREATE TABLE deed (
    ordinal  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sheet    text NOT NULL,
    subject  text NOT NULL,
    act      text NOT NULL,
    by       text NOT NULL,
    because  text NOT NULL,
    document text NOT NULL,
    at       timestamptz NOT NULL,
    before   json,
    after    json,                 -- NULL: taken back
    follows  bigint NOT NULL,      -- the subject's deed before this one, 0 for the first: of two writers one gives way
    UNIQUE (sheet, subject, follows)
);

CREATE TRIGGER deed_is_kept BEFORE UPDATE OR DELETE ON deed FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER deeds_are_kept BEFORE TRUNCATE ON deed FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Which deeds the systems that hand in reports are to be told.
CREATE TABLE bulletin (
    deed       bigint NOT NULL REFERENCES deed,
    agreement  text NOT NULL,
    settled_at timestamptz,
    settled_by text,
    PRIMARY KEY (deed, agreement)
);

CREATE INDEX bulletin_waiting ON bulletin (agreement, deed) WHERE settled_at IS NULL;
