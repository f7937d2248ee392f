-- Documents and catalogues are few among the reports: the desk lists them without reading those.
CREATE INDEX exchange_beside ON exchange (kind, ordinal) WHERE kind <> 'outbound';
