"""Keys that this deployment signs with, by profile: ``[signers.<profile>]`` of ``gateway.toml``.

A PIN or passphrase stands in a file (`pin_file`), or comes as ``GATEWAY_SIGNER_<PROFILE>_PIN`` or ``…_PIN_FILE``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

from gateway.domain.errors import Misconfigured, problem


class SignerText(BaseModel):
    """`format`: what is made; `policy`: by which what was made is verified before anybody sees it; `role`: whose place
    in a packet it takes. Either `key_file` (PKCS#12) or a token (`module`, `token`, `label`). Paths are relative to the
    deployment. `tsa`: address of a time-stamp service; without it nothing is stamped. `seal`: a PDF nobody may add to.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["xades", "pades", "jws", "jws-detached"]
    policy: str
    role: Literal["leader", "agency"] = "agency"
    key_file: str | None = None
    module: str | None = None
    token: str | None = None
    label: str | None = None
    pin_file: str | None = None
    algorithm: Literal["RSA-PSS", "RSA-PKCS1v15", "ECDSA"] | None = None
    tsa: str | None = None
    seal: bool = False

    @model_validator(mode="after")
    def _one_key(self) -> Self:
        place = [self.module, self.token, self.label]
        if (self.key_file is None) is not all(place) or (self.key_file is not None and any(place)):
            raise ValueError("either key_file, or module, token and label")
        return self


def pin_of(home: Path, profile: str, text: SignerText, environment: Mapping[str, str]) -> str | None:
    """The PIN or passphrase; None where none is named. Raises `Misconfigured` (F-005) for a file that is not there."""
    variable = f"GATEWAY_SIGNER_{profile.upper().replace('-', '_')}_PIN"
    if variable in environment:
        return environment[variable]
    named = environment.get(f"{variable}_FILE", text.pin_file)
    if named is None:
        return None
    try:
        return (home / named).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "unreadable"
        raise Misconfigured(problem("F-005", file=named, key=f"signers.{profile}.pin_file", reason=reason)) from None
