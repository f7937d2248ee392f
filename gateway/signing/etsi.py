"""A XAdES signature's properties, judged: the bound certificate, the claimed time, the time-stamps and their level."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import datetime

from gateway.domain.verdict import Outcome, SubIndication
from gateway.signing.algorithms import digest, digester
from gateway.signing.findings import Unsound
from gateway.signing.look import Look, Setting
from gateway.signing.pki.tsp import Token
from gateway.signing.policy import VIETNAM
from gateway.signing.stamping import elsewhere, proven_time, token_of
from gateway.signing.xml.c14n import EXCLUSIVE
from gateway.signing.xml.parse import Document
from gateway.signing.xml.weight import Sink
from gateway.signing.xml.xades import Properties, Stamp

_LEVELS = ("B", "T", "LT", "LTA")


def look_at_properties(
    found: Look, properties: Properties, token_for: Callable[[Stamp], Token], setting: Setting
) -> list[tuple[Stamp, Token]]:
    """Notes what the properties say; the time-stamps, each over the right bytes (`token_over`). Raises `Unsound`."""
    found.format = "XADES"
    found.brought = properties.brought
    found.others += setting.readable(properties.brought.certificates)
    found.claimed = time_of(properties.signing_time)
    _judge_binding(found, properties)
    if properties.policy is not None:
        found.warn("policy.named", name=properties.policy)
    if properties.passed_over:
        found.warn("properties.passed_over", names=", ".join(properties.passed_over))
    tokens = [(stamp, token_for(stamp)) for stamp in properties.stamps]
    found.level = _level(tokens, properties)
    return tokens


def token_over(stamp: Stamp, write: Callable[[Sink], None], document: Document, setting: Setting) -> Token:
    """The token of `stamp`, over what `write` writes of `document`: digested as it comes, and counted.

    Raises `Unsound`.
    """
    document.weigh(inclusive=stamp.method.uri != EXCLUSIVE)
    token = token_of(stamp.token, setting)
    made = digester(token.digest)
    write(Sink(made.update, document.work))
    if not hmac.compare_digest(made.digest(), token.imprint):
        raise elsewhere(token)
    return token


def judge_stamps(found: Look, tokens: list[tuple[Stamp, Token]], setting: Setting) -> None:
    """From the outermost in: an archive time-stamp proves the older tokens, they prove the signature."""
    existed = setting.at
    for _, token in reversed([one for one in tokens if one[0].kind == "archive"]):
        existed = _earlier(proven_time(found, token, setting, existed), existed)
    times = [proven_time(found, token, setting, existed) for stamp, token in tokens if stamp.kind == "value"]
    proven = [at for at in times if at is not None]
    for stamp, token in tokens:
        if stamp.kind == "content" and proven and token.at > min(proven):
            found.note(Unsound(SubIndication.TIMESTAMP_ORDER_FAILURE, "timestamp.order", at=token.at.isoformat()))
    if proven and min(proven) > existed:
        found.note(Unsound(SubIndication.TIMESTAMP_ORDER_FAILURE, "timestamp.order", at=min(proven).isoformat()))
    best = min([*proven, existed])
    found.best = best if best < setting.at else None


def judge_format(found: Look, setting: Setting) -> None:
    """Whether the policy takes this format; a level includes those below it."""
    formats = setting.policy.formats
    names = {found.format}
    if found.level in _LEVELS:
        names = {f"{found.format}_{level}" for level in _LEVELS[: _LEVELS.index(found.level) + 1]}
    if not names & formats:
        name = f"{found.format} {found.level}"
        found.note(Unsound(SubIndication.SIG_CONSTRAINTS_FAILURE, "format.refused", Outcome.UNDETERMINED, name=name))


def time_of(text: str) -> datetime | None:
    """xs:dateTime; without a zone it is Vietnam's. None where it cannot be read."""
    try:
        claimed = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return claimed if claimed.tzinfo is not None else claimed.replace(tzinfo=VIETNAM)


def _judge_binding(found: Look, properties: Properties) -> None:
    assert found.signer is not None
    if not properties.bound:
        found.warn("binding.absent")
        return
    first = properties.bound[0]
    if not hmac.compare_digest(digest(first.digest, found.signer.der), first.value):
        raise Unsound(SubIndication.NO_SIGNING_CERTIFICATE_FOUND, "binding.wrong")
    found.good("binding.right")


def _level(tokens: list[tuple[Stamp, Token]], properties: Properties) -> str:
    kinds = {stamp.kind for stamp, _ in tokens}
    if "value" not in kinds and "archive" not in kinds:
        return "B"
    if not (properties.brought.crls or properties.brought.ocsps):
        return "T"
    return "LTA" if "archive" in kinds else "LT"


def _earlier(proven: datetime | None, existed: datetime) -> datetime:
    return existed if proven is None else min(proven, existed)
