"""edXML (QCVN 102:2016): the canonical writer and the tolerant reader of document packages.

`adapters/documents`, `fallback` and `sandbox` come in. It touches no wire.
"""
