-- What was handed in since a day is found without reading what came before it. As summaries of page ranges: they cost
-- next to nothing to keep, and a change of stage leaves them alone.
CREATE INDEX exchange_opened ON exchange USING brin (opened_at) WITH (pages_per_range = 32, autosummarize = on);
