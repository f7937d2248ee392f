"""A JWS header under our rules: what may stand in it, what must be protected, and whose certificate it names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from gateway.signing.algorithms import Scheme
from gateway.signing.findings import malformed, unknown_algorithm
from gateway.signing.jose.text import decoded, der, listed, mapped, members, text
from gateway.signing.limits import Limits, within

SCHEMES: Mapping[str, Scheme] = {
    f"{short}{bits}": Scheme("", family, f"SHA-{bits}")
    for short, family in (("RS", "RSA-PKCS1v15"), ("PS", "RSA-PSS"), ("ES", "ECDSA"))
    for bits in (256, 384, 512)
}
DIGESTS: Mapping[str, str] = {
    "S256": "SHA-256", "S384": "SHA-384", "S512": "SHA-512",
    "S3_256": "SHA3-256", "S3_384": "SHA3-384", "S3_512": "SHA3-512",
}  # fmt: skip
# A key or an address of one, chosen by the sender; and the payload in another form than is hashed.
_REFUSED = frozenset({"jku", "jwk", "x5u", "b64"})
_UNDERSTOOD = frozenset({"sigT", "sigD", "sigPl", "sigPId", "srCms", "x5t#o", "sigX5ts"})
_KNOWN = _UNDERSTOOD | {"alg", "typ", "cty", "kid", "x5c", "x5t", "x5t#S256", "crit", "iat", "srAts", "adoTst"}
_LARGEST = 64 * 1024


@dataclass(frozen=True, slots=True)
class Header:
    """`bound`: (digest, value) of the signer's certificate. `objects`: JAdES `sigD`, where content is named."""

    algorithm: str
    scheme: Scheme
    certificates: tuple[bytes, ...]
    bound: tuple[str, bytes] | None
    claimed: datetime | None
    objects: Mapping[str, Any] | None
    policy: str | None
    passed_over: tuple[str, ...]


def read_header(segment: bytes, allowed: Sequence[str], limits: Limits) -> Header:
    """From the protected header as it stands in the signature. Raises `Unsound`."""
    within("header", len(segment), _LARGEST)
    found = members(decoded(segment, "header"), "header")
    if not _REFUSED.isdisjoint(found):
        raise malformed(f"{min(_REFUSED & found.keys())} in the header")
    _judge_critical(found)
    algorithm = text(found.get("alg"), "alg")
    if algorithm not in SCHEMES or algorithm not in allowed:
        raise unknown_algorithm(algorithm)
    chain = listed(found["x5c"], "x5c") if "x5c" in found else []
    within("certificates", len(chain), limits.certificates)
    return Header(
        algorithm=algorithm,
        scheme=SCHEMES[algorithm],
        certificates=tuple(_certificate(text(one, "x5c")) for one in chain),
        bound=_bound(found),
        claimed=_claimed(found),
        objects=mapped(found["sigD"], "sigD") if "sigD" in found else None,
        policy=str(mapped(found["sigPId"], "sigPId").get("id", "?")) if "sigPId" in found else None,
        passed_over=tuple(sorted(found.keys() - _KNOWN)),
    )


@lru_cache(maxsize=256)
def _certificate(written: str) -> bytes:
    """A partner's is the same in every message."""
    return der(written, "x5c")


def _judge_critical(header: Mapping[str, Any]) -> None:
    """RFC 7515 section 4.1.11: every name there, once, and understood."""
    if "crit" not in header:
        return
    names = listed(header["crit"], "crit")
    for name in names:
        if not isinstance(name, str) or name not in _UNDERSTOOD or name not in header:
            raise malformed(f"crit: {name}")
    if len(set(names)) != len(names):
        raise malformed("crit: a name twice")


def _bound(header: Mapping[str, Any]) -> tuple[str, bytes] | None:
    if "x5t#S256" in header:
        return "SHA-256", decoded(text(header["x5t#S256"], "x5t#S256").encode(), "x5t#S256")
    if "x5t#o" in header:
        return _other(mapped(header["x5t#o"], "x5t#o"))
    if "sigX5ts" in header:
        return _other(mapped(listed(header["sigX5ts"], "sigX5ts")[0], "sigX5ts"))
    return None


def _other(told: Mapping[str, Any]) -> tuple[str, bytes]:
    name = text(told.get("digAlg"), "digAlg")
    if name not in DIGESTS:
        raise unknown_algorithm(name)
    return DIGESTS[name], decoded(text(told.get("digVal"), "digVal").encode(), "digVal")


def _claimed(header: Mapping[str, Any]) -> datetime | None:
    """`iat` in seconds, or JAdES' older `sigT`, RFC 3339 in UTC. Unreadable: none is claimed."""
    told = header.get("iat", header.get("sigT"))
    try:
        if isinstance(told, int) and not isinstance(told, bool):
            return datetime.fromtimestamp(told, UTC)
        at = datetime.fromisoformat(told) if isinstance(told, str) else None
    except (ValueError, OverflowError, OSError):
        return None
    return at if at is None or at.tzinfo is not None else at.replace(tzinfo=UTC)


def refuse_unprotected(header: Mapping[str, Any]) -> list[Any]:
    """JAdES' unsigned properties; nothing else may stand outside the protected header. Raises `Unsound`."""
    if header.keys() - {"etsiU"}:
        raise malformed(f"unprotected: {', '.join(sorted(header.keys() - {'etsiU'}))}")
    return listed(header["etsiU"], "etsiU") if "etsiU" in header else []
