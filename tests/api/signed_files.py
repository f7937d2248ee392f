"""Files as the document system hands them over: signed by both, with the figures in them; and the words that name them."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

from pyhanko.pdf_utils import embed
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from gateway.sandbox import Sandbox
from gateway.signing.create.pades import PadesSigner
from gateway.signing.keys import HeldKey


def by_both(other_side: Sandbox, document: bytes) -> bytes:
    """Signed by the leader and by the agency, as the document system does."""
    for role in ("leader", "agency"):
        key, certificate = other_side.issue(role, "H56")
        document = PadesSigner(HeldKey(key, certificate)).sign(document, datetime.now(UTC))
    return document


def holding(document: bytes, data: bytes) -> bytes:
    """The PDF with a data file in it."""
    writer = IncrementalPdfFileWriter(io.BytesIO(document))
    stream = embed.EmbeddedFileObject.from_file_data(writer, data)
    embed.embed_file(writer, embed.FileSpec("so-lieu.xml", "so-lieu.xml", embedded_data=stream))
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def words(*files: tuple[str, str]) -> bytes:
    attached = [{"name": name, "role": role, **({"form": "01/KTXH"} if role == "form" else {})} for name, role in files]
    return json.dumps({"outline": "DC-01", "version": "1", "sections": [], "attachments": attached}).encode()
