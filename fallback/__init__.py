"""THE HOUSE ACROSS THE STREET: a report as a document, and the desk that stands when the gateway does not.

`wiring` and `python -m fallback` come in. It touches no database, Redis or HTTP client.
"""
