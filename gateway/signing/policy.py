"""What a kind of message must be signed with: one YAML file per profile, hashed into every verdict.

``signs`` and ``signature_at`` are absolute positions such as ``/p:Packet/p:Body``; prefixes come from
``namespaces``. Dates say until when an algorithm is good, judged on the day of receipt in Vietnam.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from gateway.domain.errors import Misconfigured, problem
from gateway.signing import limits
from gateway.signing.algorithms import DIGESTS, SCHEMES
from gateway.signing.declared import Days, Declared, good_on, read_yaml, refuse
from gateway.signing.limits import Limits
from gateway.signing.pki.names import OIDS

VIETNAM = timezone(timedelta(hours=7))
Position = tuple[str, ...]  # names from the root, each {namespace}local

_ROLES = frozenset({"person", "organisation"})
_FORMATS = frozenset({"XMLDSIG"})
_USAGES = {"nonRepudiation": "non_repudiation", "digitalSignature": "digital_signature"}
_DUTIES = frozenset({"required", "if_named", "none"})


@dataclass(frozen=True, slots=True)
class Slot:
    """One required signature: who (`role`), over what (`signs`), standing where (`signature_at`).

    `detached`: it may come beside the message instead, over its very bytes.
    """

    name: str
    role: str
    signs: Position
    signature_at: Position
    detached: bool


@dataclass(frozen=True, slots=True)
class Algorithms:
    """Last good day per digest, signature family and RSA size in bits."""

    digest: Days
    signature: Days
    rsa_min: Mapping[int, date | None]

    def rsa_good(self, bits: int, day: date) -> bool:
        return any(bits >= size and good_on(until, day) for size, until in self.rsa_min.items())

    def good(self, table: Days, name: str, day: date) -> bool:
        return name in table and good_on(table[name], day)


@dataclass(frozen=True, slots=True)
class Binding:
    """Whose certificate an organisation's must be: subject attribute `oid` is one of `registered`."""

    oid: str
    registered: frozenset[str]


@dataclass(frozen=True, slots=True)
class RevocationRules:
    """`end_entity`, `ca`: required | if_named (where the certificate names a service) | none.

    A good answer counts while it is younger than `max_age` at the time of receipt.
    """

    end_entity: str
    ca: str
    prefer: tuple[str, ...]
    max_age: timedelta


@dataclass(frozen=True, slots=True)
class Policy:
    """Without `trust` only integrity is judged; such a policy can never pass and no agreement may name it."""

    id: str
    version: int
    digest: str
    trust: bool
    formats: tuple[str, ...]
    slots: tuple[Slot, ...]
    unsigned: frozenset[Position]
    limits: Limits
    algorithms: Algorithms
    key_usage_any: frozenset[str]
    anchors: frozenset[str]
    organisation: Binding | None
    revocation: RevocationRules


def day_of(at: datetime) -> date:
    return at.astimezone(VIETNAM).date()


def check_policy(path: Path) -> None:
    """Raises `Misconfigured` (F-005) with every fault of a deployment's policy, ``<id>.yaml``."""
    policy = read_policy(path)
    if policy.id != path.stem:
        raise Misconfigured(problem("F-005", file=path.name, key="id", reason=f"{policy.id!r} is not the file's name"))


def policy_file(path: Path) -> str:
    """The name under which `XmlVerifier(path, …)` knows the one policy of a file. Raises `Misconfigured`."""
    return read_policy(path).id


def read_policies(source: Path) -> dict[str, Policy]:
    """All ``*.yaml`` of a folder, or one file, by id. Raises `Misconfigured` with every fault."""
    policies = [read_policy(path) for path in ([source] if source.is_file() else sorted(source.glob("*.yaml")))]
    found = {policy.id: policy for policy in policies}
    if len(found) < len(policies):
        raise Misconfigured(problem("F-005", file="policies", key="id", reason="two policies have the same id"))
    return found


def read_policy(path: Path) -> Policy:
    """One policy file. Raises `Misconfigured` (F-005) naming every wrong or unknown key."""
    declared, data = read_yaml(path)
    trust = declared.take("trust", bool, True)
    namespaces = _namespaces(declared)
    policy = Policy(
        id=declared.take("id", str),
        version=declared.take("version", int),
        digest=hashlib.sha256(data).hexdigest(),
        trust=trust,
        formats=declared.words("formats", _FORMATS),
        slots=tuple(_slot(one, namespaces) for one in declared.each("required_signatures")),
        unsigned=frozenset(_position(declared, "unsigned", path, namespaces) for path in declared.words("unsigned")),
        limits=limits.read(declared.inner("limits")),
        algorithms=_algorithms(declared.inner("algorithms")),
        key_usage_any=_usage(declared.inner("certificate")),
        anchors=frozenset(declared.words("anchors")),
        organisation=_binding(declared.inner("organisation")) if declared.has("organisation") else None,
        revocation=_revocation(declared.inner("revocation")),
    )
    _agree(declared, policy)
    declared.done()
    refuse(declared.faults)
    return policy


def _agree(declared: Declared, policy: Policy) -> None:
    roles = {slot.role for slot in policy.slots}
    if policy.trust and not policy.slots:
        declared.fault("required_signatures", "a policy that judges trust must require a signature")
    if "organisation" in roles and policy.trust and policy.organisation is None:
        declared.fault("organisation", "an organisation's signature is required but none is registered")
    if len({slot.signature_at for slot in policy.slots}) < len(policy.slots):
        declared.fault("required_signatures", "two signatures at one place")


def _namespaces(declared: Declared) -> dict[str, str]:
    table = declared.inner("namespaces")
    found = {prefix: table.take(prefix, str) for prefix in list(declared.take("namespaces", dict, {}))}
    table.done()
    return found


def _position(declared: Declared, key: str, text: str, namespaces: Mapping[str, str]) -> Position:
    steps = text.split("/")
    if len(steps) < 2 or steps[0] or not all(steps[1:]):
        declared.fault(key, f"{text!r} is not an absolute position")
        return ()
    return tuple(_step(declared, key, step, namespaces) for step in steps[1:])


def _step(declared: Declared, key: str, step: str, namespaces: Mapping[str, str]) -> str:
    prefix, colon, local = step.rpartition(":")
    if not colon:
        return local
    if prefix not in namespaces:
        declared.fault(key, f"prefix {prefix!r} is not declared under namespaces")
    return f"{{{namespaces.get(prefix, '')}}}{local}"


def _slot(declared: Declared, namespaces: Mapping[str, str]) -> Slot:
    role = declared.take("role", str)
    if role not in _ROLES:
        declared.fault("role", f"must be one of {', '.join(sorted(_ROLES))}")
    slot = Slot(
        name=declared.take("name", str),
        role=role,
        signs=_position(declared, "signs", declared.take("signs", str), namespaces),
        signature_at=_position(declared, "signature_at", declared.take("signature_at", str), namespaces),
        detached=declared.take("detached", bool, False),
    )
    declared.done()
    return slot


def _algorithms(declared: Declared) -> Algorithms:
    sizes = declared.days("rsa_min")
    for size in sizes:
        if not size.isdigit():
            declared.fault(f"rsa_min.{size}", "must be a number of bits")
    algorithms = Algorithms(
        digest=declared.days("digest", frozenset(DIGESTS.values())),
        signature=declared.days("signature", frozenset(scheme.family for scheme in SCHEMES.values())),
        rsa_min={int(size): until for size, until in sizes.items() if size.isdigit()},
    )
    declared.done()
    return algorithms


def _usage(declared: Declared) -> frozenset[str]:
    names = declared.words("key_usage_any", frozenset(_USAGES))
    declared.done()
    return frozenset(_USAGES[name] for name in names if name in _USAGES)


def _binding(declared: Declared) -> Binding:
    attribute = declared.take("attribute", str)
    registered = declared.words("registered")
    if attribute not in OIDS:
        declared.fault("attribute", f"must be one of {', '.join(sorted(OIDS))}")
    if not registered:
        declared.fault("registered", "no organisation is registered")
    declared.done()
    return Binding(OIDS.get(attribute, ""), frozenset(registered))


def _revocation(declared: Declared) -> RevocationRules:
    duties = {key: declared.take(key, str, "none") for key in ("end_entity", "ca")}
    for key, duty in duties.items():
        if duty not in _DUTIES:
            declared.fault(key, f"must be one of {', '.join(sorted(_DUTIES))}")
    rules = RevocationRules(
        end_entity=duties["end_entity"],
        ca=duties["ca"],
        prefer=declared.words("prefer", frozenset({"ocsp", "crl"})),
        max_age=timedelta(hours=declared.take("max_age_hours", int, 24)),
    )
    declared.done()
    return rules
