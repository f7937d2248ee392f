"""Whom a line believes: the system's anchors, or those that were declared for its destination."""

from __future__ import annotations

import ssl
from functools import cache
from pathlib import Path

from gateway.domain.errors import Misconfigured, problem


def trust(ca_file: Path | None = None, certificate: tuple[Path, Path] | None = None) -> ssl.SSLContext:
    """TLS that always verifies: the system's anchors or `ca_file`, and our (certificate, key) for mTLS."""
    try:
        context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
        if certificate:
            context.load_cert_chain(*map(str, certificate))
    except OSError as error:
        named = ca_file if certificate is None else certificate[0]
        raise Misconfigured(problem("F-005", file=named or "-", key="ca_file", reason=error)) from error
    return context


@cache
def system_trust() -> ssl.SSLContext:
    """The system's anchors, read once for all lines: it takes longer than a delivery, on the loop that delivers."""
    return trust()
