"""The keys a deployment signs with, put together: apart from `wiring`, for few processes sign and all of them start."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateway.adapters.http import HttpFetcher
from gateway.domain.errors import Misconfigured, problem
from gateway.ports import Signer
from gateway.schemas.settings import settings
from gateway.schemas.signers import pin_of
from gateway.signing import SignatureVerifier
from gateway.signing.create.opening import Form, guarded, key_in_file, key_in_token
from gateway.signing.create.pades import PadesSigner
from gateway.signing.keys import HeldKey


def signer_of(home: Path, profile: str, environment: Mapping[str, str]) -> Signer:
    """The signer that ``[signers.<profile>]`` declares; what it makes has passed the deployment's own verifier.

    Raises `Misconfigured` (F-005): no such profile, no key, or a key that cannot sign so.
    """
    read = settings(home, environment)
    told = read.signers.get(profile)
    if told is None:
        known = ", ".join(sorted(read.signers)) or "-"
        raise Misconfigured(problem("F-005", file="gateway.toml", key=f"signers.{profile}", reason=f"known: {known}"))
    fetcher = HttpFetcher(read.fetch_hosts)
    verifier = SignatureVerifier(home / "policies", home / "trust", fetcher)
    pin = pin_of(home, profile, told, environment)
    if told.key_file is not None:
        key = key_in_file(home / told.key_file, pin)
    else:
        key = key_in_token(home / (told.module or ""), told.token or "", told.label or "", pin or "")
    form = Form(told.format, told.policy, told.role, told.algorithm, told.tsa, told.seal)
    return guarded(key, form, verifier, fetcher)


def signed_papers(issue: Callable[[str, str], tuple[Any, Any]], code: str, papers: Sequence[bytes]) -> list[bytes]:
    """PDFs as the agency `code` signs them: the report by its leader and itself, the annexes by itself alone.

    issue  a key and its certificate for (role, agency code), as the sandbox's authority gives them
    """
    pens = {role: PadesSigner(HeldKey(*issue(role, code))) for role in ("leader", "agency")}
    made = []
    for number, paper in enumerate(papers):
        for role in ("leader", "agency") if number == 0 else ("agency",):
            paper = pens[role].sign(paper, datetime.now(UTC))  # noqa: PLW2901  signed over and over
        made.append(paper)
    return made
