-- Which document an agency gave a number and symbol to in a year (Decree 30/2020 art. 15): once, whoever asks at the same
-- moment. The name is spelled by gateway.domain.numbering. Made from the facts, and made again from them by a rebuild;
-- what was numbered before this step has no row and is found by the index `fact_numbered`.
CREATE TABLE number_given (
    name     text PRIMARY KEY,
    document text NOT NULL
);

CREATE INDEX number_given_document ON number_given (document);
