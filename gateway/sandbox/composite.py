"""A composite report (báo cáo liên kết) as the national side looks at it: whole, or not at all.

The figures' packet names the narrative's by its SHA-256, and that one names every file by its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from lxml import etree

from gateway.sandbox.packets import NAMESPACE, Head, Unfit, checked, parsed


@dataclass(frozen=True, slots=True)
class Enclosure:
    """One part beside the figures, as it is kept. `role` of the packet of the words is ``words``."""

    name: str
    role: str
    media_type: str
    content: bytes


def whole(head: Head, narrative: bytes, files: Sequence[bytes]) -> list[Enclosure]:
    """Everything that came with the packet of `head`. Raises `Unfit` (22): what is missing, foreign or other bytes."""
    if not head.narrative:
        if narrative or files:
            raise Unfit("22", "parts that the packet does not name")
        return []
    if sha256(narrative).hexdigest() != head.narrative:
        raise Unfit("22", "Narrative: digest does not fit, or it did not come")
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
