"""A status package as the way sees it, whichever road it came by."""

from __future__ import annotations

from base64 import b64decode

from gateway.domain.errors import Problem, Rejected, problem
from gateway.ports import DocumentStatus
from gateway.schemas.edxml.elements import days_of
from gateway.schemas.edxml.reader import read_status


def status_in(axis_id: str, encoded: str) -> DocumentStatus:
    """The package that a hub hands out in base64; one that cannot be read, as what is wrong with it (`unread`)."""
    try:
        raw = b64decode(encoded, validate=True)
    except ValueError:
        why = problem("C-005", path="data", line="-", reason="base64", expected="edXML")
        return DocumentStatus("", "", "", "", "", axis_id, encoded.encode(), unread=why)
    try:
        return document_status(axis_id, raw)
    except Rejected as error:
        return DocumentStatus("", "", "", "", "", axis_id, raw, unread=error.problem)


def withheld(axis_id: str, why: Problem) -> DocumentStatus:
    """A package that the hub lists and does not hand out; it hides no other."""
    return DocumentStatus("", "", "", "", "", axis_id, b"", unread=why)


def document_status(axis_id: str, raw: bytes) -> DocumentStatus:
    """`raw` understood. Raises `Rejected` when it is no status.

    One bus in the field loses the DocumentId on the way: number and day are handed on, to know the document by.
    """
    status = read_status(raw)
    about = status.about
    likeliest, *others = days_of(about.written) or (about.written,)
    return DocumentStatus(
        document_id=about.document_id,
        recipient=status.sender.id,
        code=status.code,
        description=status.description,
        at=status.at,
        axis_id=axis_id,
        raw=raw,
        about=about.code,
        issued=likeliest,
        otherwise=others[0] if others else "",
    )
