"""Whose key it was: certificates, pinned anchors, paths and revocation.

Comes in through `gateway.signing.trust`. Asks the wire only through `ports.Fetcher`; learns no anchor.
"""
