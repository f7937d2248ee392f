"""Throw-away credentials: made at the first start, kept beside the arrivals, never in code."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class Credentials(BaseModel):
    """What a partner shows: three for the national system and its login, two for the axis."""

    model_config = ConfigDict(frozen=True)

    national_system_id: str = Field(repr=False)
    national_system_secret: str = Field(repr=False)
    national_username: str = Field(repr=False)
    national_password: str = Field(repr=False)
    axis_system_id: str = Field(repr=False)
    axis_secret: str = Field(repr=False)


def kept(folder: Path) -> Credentials:
    """Those of `folder`, made when there are none."""
    path = folder / "credentials.json"
    if not path.exists():
        made = {name: secrets.token_urlsafe(24) for name in Credentials.model_fields}
        path.touch(mode=0o600)
        path.write_text(json.dumps(made), "utf-8")
    return Credentials.model_validate_json(path.read_bytes())
