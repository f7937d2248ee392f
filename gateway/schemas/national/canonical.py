"""Packets are written in canonical form from the first byte: attributes sorted, nothing self-closed.

So the body's digest is taken from the very text that is written, without a second serialisation.
Agreement with libxml2's exclusive canonicalisation is a test.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from gateway.schemas.national.wire import Wire

_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;"})
_ATTRIBUTE = str.maketrans({"&": "&amp;", "<": "&lt;", '"': "&quot;", "\t": "&#x9;", "\n": "&#xA;", "\r": "&#xD;"})
_DIGEST_OF = "Body"


def element(tag: str, content: str | Iterable[str] = "", **attributes: str | None) -> str:
    """One element; `content` text is escaped, an iterable holds elements already written.

    Attributes that are None or empty are left out.
    """
    inner = text(content) if isinstance(content, str) else "".join(content)
    said = "".join(attribute(key, attributes[key]) for key in sorted(attributes))
    return f"<{tag}{said}>{inner}</{tag}>"


def text(content: str) -> str:
    """What stands between tags."""
    return content.translate(_TEXT)


def attribute(name: str, content: str | None) -> str:
    """``␣name="content"``; nothing where there is nothing to say."""
    return f' {name}="{content.translate(_ATTRIBUTE)}"' if content else ""


def optional(name: str, text: str) -> str:
    """The element, or nothing where there is nothing to say."""
    return element(name, text) if text else ""


def body(content: str) -> str:
    return element("Body", (content,), Id="body")


def body_digest(written: str, profile: Wire) -> str:
    """SHA-256 of the exclusive C14N of a body written by `body`, where it stands in a packet."""
    start = f"<{_DIGEST_OF}"
    alone = f'{start} xmlns="{profile.namespace}"{written[len(start) :]}'
    return sha256(alone.encode()).hexdigest()
