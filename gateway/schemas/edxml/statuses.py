"""A status package as the way sees it, whichever road it came by."""

from __future__ import annotations

from gateway.ports import DocumentStatus
from gateway.schemas.edxml.reader import read_status


def document_status(axis_id: str, raw: bytes) -> DocumentStatus:
    """`raw` understood. Raises `Rejected` when it is no status.

    One bus in the field loses the DocumentId on the way: number and day are handed on, to know the document by.
    """
    status = read_status(raw)
    about = status.about
    return DocumentStatus(
        document_id=about.document_id,
        recipient=status.sender.id,
        code=status.code,
        description=status.description,
        at=status.at,
        axis_id=axis_id,
        raw=raw,
        about=about.code,
        issued=about.issued,
    )
