"""Policy files: one YAML file per profile, hashed into every verdict, unknown keys refused by name.

``signs`` and ``signature_at`` are absolute positions such as ``/p:Packet/p:Body``; prefixes come from ``namespaces``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from gateway.domain.errors import Misconfigured, problem
from gateway.signing import limits
from gateway.signing.algorithms import DIGESTS, SCHEMES
from gateway.signing.declared import Declared, read_yaml, refuse
from gateway.signing.jose.header import SCHEMES as JWS_SCHEMES
from gateway.signing.pki.names import OIDS
from gateway.signing.policy import (
    Algorithms,
    Binding,
    PdfRules,
    Policy,
    Position,
    RevocationRules,
    Slot,
    TimestampRules,
)

XML_FORMATS = frozenset({"XMLDSIG", "XADES_B", "XADES_T", "XADES_LT", "XADES_LTA"})
FORMATS = XML_FORMATS | {
    "PADES_B", "PADES_T", "PADES_LT", "PADES_LTA", "PKCS7",
    "CMS", "CADES_B", "CADES_T", "CADES_LT", "CADES_LTA",
    "JWS", "JADES_B", "JADES_T",
}  # fmt: skip
_ROLES = frozenset({"person", "organisation"})
_USAGES = {"nonRepudiation": "non_repudiation", "digitalSignature": "digital_signature"}
_DUTIES = frozenset({"required", "if_named", "none"})
_AFTER_SIGNING = frozenset({"LTA", "SIGNATURE_FIELD"})


def check_policy(path: Path) -> None:
    """Raises `Misconfigured` (F-005) with every fault of a policy, ``<id>.yaml``, that an agreement names."""
    policy = read_policy(path)
    if policy.id != path.stem:
        raise Misconfigured(problem("F-005", file=path.name, key="id", reason=f"{policy.id!r} is not the file's name"))
    if not policy.trust:
        reason = "judges integrity only; no agreement may name it"
        raise Misconfigured(problem("F-005", file=path.name, key="trust", reason=reason))


def policy_file(path: Path) -> str:
    """The name under which `SignatureVerifier(path, …)` knows the one policy of a file. Raises `Misconfigured`."""
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
    namespaces = _namespaces(declared)
    formats = frozenset(declared.words("formats", FORMATS))
    algorithms = _algorithms(declared.inner("algorithms"))
    policy = Policy(
        id=declared.take("id", str),
        version=declared.take("version", int),
        digest=hashlib.sha256(data).hexdigest(),
        source=data,
        trust=declared.take("trust", bool, True),
        formats=formats,
        slots=tuple(_slot(one, namespaces) for one in declared.each("required_signatures")),
        unsigned=frozenset(_position(declared, "unsigned", path, namespaces) for path in declared.words("unsigned")),
        limits=limits.read(declared.inner("limits")),
        algorithms=algorithms,
        key_usage_any=_usage(declared.inner("certificate")),
        anchors=frozenset(declared.words("anchors")),
        organisation=_binding(declared.inner("organisation")) if declared.has("organisation") else None,
        revocation=_revocation(declared.inner("revocation")),
        timestamp=_timestamp(declared.inner("timestamp")),
        pdf=_pdf(declared.inner("pdf")),
        jws_algorithms=_jws(declared.inner("jws"), algorithms),
    )
    _agree(declared, policy)
    declared.done()
    refuse(declared.faults)
    return policy


def _agree(declared: Declared, policy: Policy) -> None:
    if not policy.formats:
        declared.fault("formats", "no format is named")
    if policy.trust and not policy.slots:
        declared.fault("required_signatures", "a policy that judges trust must require a signature")
    if policy.trust and policy.organisation is None and any(slot.role == "organisation" for slot in policy.slots):
        declared.fault("organisation", "an organisation's signature is required but none is registered")
    places = [slot.signature_at for slot in policy.slots if slot.signature_at]
    if len(set(places)) < len(places):
        declared.fault("required_signatures", "two signatures at one place")
    if policy.formats <= XML_FORMATS and any(not slot.signature_at for slot in policy.slots):
        declared.fault("required_signatures", "a signature in XML needs signs and signature_at")


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
    if declared.has("signs") is not declared.has("signature_at"):
        declared.fault("signs", "signs and signature_at belong together")
    signs, place = (
        _position(declared, key, declared.take(key, str), namespaces) if declared.has(key) else ()
        for key in ("signs", "signature_at")
    )
    slot = Slot(declared.take("name", str), role, signs, place, declared.take("detached", bool, False))
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
        grace=timedelta(hours=declared.take("grace_hours", int, 72)),
    )
    declared.done()
    return rules


def _timestamp(declared: Declared) -> TimestampRules:
    rules = TimestampRules(
        required=declared.take("required", bool, False),
        anchors=frozenset(declared.words("anchors")),
        skew=timedelta(seconds=declared.take("skew_seconds", int, 60)),
    )
    declared.done()
    return rules


def _pdf(declared: Declared) -> PdfRules:
    blank = PdfRules()
    after = declared.words("after_last_signature", _AFTER_SIGNING)
    rules = PdfRules(
        after_last_signature=frozenset(after) if declared.has("after_last_signature") else blank.after_last_signature,
        form_fill=frozenset(declared.words("form_fill")),
        annotations=declared.take("annotations", bool, False),
    )
    if rules.annotations:
        declared.fault("annotations", "no reader of ours tells a harmless annotation from one that covers the text")
    declared.done()
    return rules


def _jws(declared: Declared, algorithms: Algorithms) -> tuple[str, ...]:
    """What was agreed; where nothing was, whatever the table of algorithms knows."""
    agreed = declared.words("algorithms", frozenset(JWS_SCHEMES))
    declared.done()
    known = (name for name, one in JWS_SCHEMES.items() if one.family in algorithms.signature)
    return agreed or tuple(name for name in known if JWS_SCHEMES[name].digest in algorithms.digest)
