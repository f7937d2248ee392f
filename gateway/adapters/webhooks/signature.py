"""Standard Webhooks 1.0: who sent this, when, and that nobody touched it.

The signature is over ``id.timestamp.body`` (symmetric, ``v1``: HMAC-SHA-256), so that neither an old message can be
told again under a new id nor a body be put under another's.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256


def headers(event: str, at: datetime, body: bytes, secrets: Sequence[bytes]) -> Mapping[str, str]:
    """The three headers; one signature for each secret, parted by spaces, so that a consumer may know only one."""
    stamp = str(int(at.timestamp()))
    signed = f"{event}.{stamp}.".encode() + body
    made = (b64encode(hmac.new(key, signed, sha256).digest()).decode() for key in secrets)
    return {"webhook-id": event, "webhook-timestamp": stamp, "webhook-signature": " ".join(f"v1,{one}" for one in made)}
