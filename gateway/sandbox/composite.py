"""A composite report (báo cáo liên kết) as the national side looks at it: whole, or not at all.

The figures' packet names the narrative's by its SHA-256, and that one names every file by its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256

from lxml import etree
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from gateway.sandbox.packets import NAMESPACE, Head, Unfit, checked, parsed

MOST = 209_715_200  # bytes of all files together, as the wire profile says


@dataclass(frozen=True, slots=True)
class Came:
    """What came in one request, each part as its bytes; empty where it did not come as a file."""

    body: bytes
    kind: str
    narrative: bytes
    files: list[bytes]


class _Form(MultiPartParser):
    """Knows whether the closing boundary came: a hub that lost the tail must not make a smaller report of it."""

    ended = False

    def on_end(self) -> None:
        self.ended = True

    def close(self) -> None:
        for file in self._files_to_close_on_error:
            file.close()


async def came(request: Request) -> Came:
    """Raises `Unfit` (10) for a body that is no multipart, or cut off."""
    try:
        with closing(_Form(request.headers, request.stream())) as form:
            said = await form.parse()
            if not form.ended:
                raise Unfit("10", "multipart: the closing boundary is missing")
            files = [await _content(each) for each in said.getlist("attachmentFile")]
            body, narrative = [await _content(said.get(name)) for name in ("packetFile", "narrativeFile")]
            return Came(body, str(said.get("messageType")), narrative, files)
    except (MultiPartException, KeyError) as error:
        raise Unfit("10", f"multipart: {error}") from error


async def _content(part: UploadFile | str | None) -> bytes:
    return await part.read() if isinstance(part, UploadFile) else b""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """One part beside the figures, as it is kept. `role` of the packet of the words is ``words``."""

    name: str
    role: str
    media_type: str
    content: bytes


def digests(parts: Sequence[Enclosure]) -> list[str]:
    return [sha256(part.content).hexdigest() for part in parts]


def whole(head: Head, narrative: bytes, files: Sequence[bytes]) -> list[Enclosure]:
    """Everything that came with the packet of `head`. Raises `Unfit` (22): what is missing, foreign or other bytes."""
    if not head.narrative:
        if narrative or files:
            raise Unfit("22", "parts that the packet does not name")
        return []
    if sha256(narrative).hexdigest() != head.narrative:
        raise Unfit("22", "Narrative: digest does not fit, or it did not come")
    if (together := sum(map(len, files))) > MOST:
        raise Unfit("22", f"Attachments: {together} bytes, at most {MOST}")
    told = _told(narrative, head)
    there = {sha256(content).hexdigest(): content for content in files}
    named = [e.get("digest", "") for e in told]
    if sorted(named) != sorted(sha256(content).hexdigest() for content in files):
        raise Unfit("22", "Attachments: what is named is not what came")
    parts = [Enclosure("narrative.xml", "words", "application/xml", narrative)]
    for e in told:
        content = there[e.get("digest", "")]
        if e.get("size") != str(len(content)):
            raise Unfit("22", f"Attachment {e.get('name')}: size {len(content)}")
        parts.append(Enclosure(e.get("name", ""), e.get("role", ""), e.get("mediaType", ""), content))
    return parts


def _told(narrative: bytes, head: Head) -> list[etree._Element]:
    """The files that the words' packet names, once it is one, and one of the same report."""
    if checked(narrative).kind != "narrative":
        raise Unfit("22", "Narrative: another packet")
    found = parsed(narrative).find(f"./{{{NAMESPACE}}}Body/{{{NAMESPACE}}}Narrative")
    if found is None:
        raise Unfit("22", "Narrative: the packet has none")
    period, said = found.find(f"{{{NAMESPACE}}}Period"), found.findtext
    code = "" if period is None else f"{period.get('regime')}:{period.get('code')}"
    of = code, said(f"{{{NAMESPACE}}}Reporter"), said(f"{{{NAMESPACE}}}Revision")
    if of != (head.period, head.reporter, str(head.revision)):
        raise Unfit("22", "Narrative: of another report")
    return found.findall(f"{{{NAMESPACE}}}Attachments/{{{NAMESPACE}}}Attachment")
