"""A signer put together from what a deployment declares: key, form, and the verifier that guards it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gateway.domain.errors import Misconfigured, problem
from gateway.ports import Fetcher, Signer, Verifier
from gateway.signing.create.guarded import GuardedSigner
from gateway.signing.create.jws import JwsSigner
from gateway.signing.create.pades import PadesSigner
from gateway.signing.create.stamp import Stamping
from gateway.signing.create.xades import XadesSigner
from gateway.signing.keys import Key, file_key
from gateway.signing.keys_token import Place, TokenKey

FORMATS = ("xades", "pades", "jws", "jws-detached")


@dataclass(frozen=True, slots=True)
class Form:
    """`name` of FORMATS; `policy` guards what is made; `role` leader or agency; `tsa` None: no time-stamp."""

    name: str
    policy: str
    role: str = "agency"
    algorithm: str | None = None
    tsa: str | None = None
    seal: bool = False


def key_in_file(path: Path, passphrase: str | None) -> Key:
    """PKCS#12. Raises `Misconfigured`."""
    return file_key(path, passphrase)


def key_in_token(module: Path, token: str, label: str, pin: str) -> TokenKey:
    """PKCS#11. Raises `Misconfigured`."""
    return TokenKey(Place(module, token, label, pin))


def guarded(key: Key, form: Form, verifier: Verifier, fetcher: Fetcher | None) -> GuardedSigner:
    """Raises `Misconfigured` (F-005): a form unknown, a key that cannot sign so, a TSA without a line."""
    signer = _signer(key, form, _stamps(form, fetcher))
    detached = form.name == "jws-detached"
    return GuardedSigner(signer, key.certificate, verifier, form.policy, detached=detached, named=form.algorithm)


def _signer(key: Key, form: Form, stamps: Stamping | None) -> Signer:
    if form.name == "xades":
        return XadesSigner(key, form.role, stamps=stamps, algorithm=form.algorithm)
    if form.name == "pades":
        return PadesSigner(key, stamps=stamps, permits=1 if form.seal else None, algorithm=form.algorithm)
    if form.name in FORMATS:
        return JwsSigner(key, detached=form.name == "jws-detached", algorithm=form.algorithm)
    raise _wrong("format", f"{form.name!r} is not one of {', '.join(FORMATS)}")


def _stamps(form: Form, fetcher: Fetcher | None) -> Stamping | None:
    if form.tsa is None:
        return None
    if fetcher is None:
        raise _wrong("tsa", "a time-stamp cannot be had offline")
    return Stamping(form.tsa, fetcher)


def _wrong(key: str, reason: str) -> Misconfigured:
    return Misconfigured(problem("F-005", file="gateway.toml", key=f"signers.{key}", reason=reason))
