-- Which document was given a number and symbol (128/BC-UBND), found without reading all documents.
CREATE INDEX fact_numbered ON fact (((body ->> 'number') || '/' || (body ->> 'notation'))) WHERE name = 'Numbered';
