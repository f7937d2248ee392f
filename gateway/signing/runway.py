"""The trust runway: one clock for every certificate, list, answer and algorithm. What stops, when, for whom.

What-if: with OCSP or lists out of reach, or the time-stamping authority, from when on verdicts begin to wait.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path

from cryptography import x509
from cryptography.x509 import ocsp

from gateway.signing.pki.certificate import Certificate, Unreadable, read_any
from gateway.signing.pki.store import Anchor, Store
from gateway.signing.policy import VIETNAM, Policy
from gateway.signing.trust import STAMPER

OUTAGES = frozenset({"ocsp", "crl", "tsa"})


@dataclass(frozen=True, slots=True)
class Stop:
    """At `at` something ends: `kind` names which clock, `what` the thing, `whom` who is hit; sentences for people."""

    at: datetime
    kind: str
    what: str
    whom: tuple[str, ...]
    vi: str
    en: str


_SAID = {
    "anchor": ("Neo tin cậy {what} hết hạn.", "The anchor {what} ends."),
    "anchor-sha1": ("Không còn tin SHA-1 dưới neo {what}.", "SHA-1 below the anchor {what} is no longer believed."),
    "intermediate": ("Chứng thư trung gian {what} hết hạn.", "The intermediate {what} ends."),
    "certificate": ("Chứng thư {what} hết hạn.", "The certificate {what} ends."),
    "tsa": ("Chứng thư cấp dấu thời gian {what} hết hạn.", "The time-stamping certificate {what} ends."),
    "crl": ("Danh sách thu hồi của {what} hết hiệu lực.", "The revocation list of {what} ends."),
    "ocsp": ("Câu trả lời OCSP về {what} hết hiệu lực.", "The OCSP answer about {what} ends."),
    "algorithm": ("Thuật toán {what} không còn được nhận.", "The algorithm {what} is no longer taken."),
    "outage-crl": (
        "Nếu không tải được CRL: từ lúc này chữ ký dưới {what} phải chờ.",
        "Without new lists: from now on signatures below {what} wait.",
    ),
    "outage-ocsp": (
        "Nếu không hỏi được OCSP: từ lúc này chữ ký của {what} phải chờ.",
        "Without OCSP: from now on signatures of {what} wait.",
    ),
    "leaning-crl": (
        "Nếu không tải được CRL: từ lúc này chữ ký dưới {what} chỉ còn trông vào OCSP; chứng thư không nêu OCSP: chờ.",
        "Without new lists: from now on signatures below {what} rest on OCSP; whose certificate names none waits.",
    ),
    "leaning-ocsp": (
        "Nếu không hỏi được OCSP: từ lúc này chữ ký của {what} chỉ còn trông vào CRL; chứng thư không nêu CRL: chờ.",
        "Without OCSP: from now on signatures of {what} rest on lists; if the certificate names none they wait.",
    ),
    "outage-tsa": (
        "Nếu không có dấu thời gian: chính sách {what} không cho đạt chữ ký mới.",
        "Without time-stamps: no new signature passes under {what}.",
    ),
}


def runway(
    store: Store,
    policies: Iterable[Policy],
    at: datetime,
    *,
    kept: Path | None = None,
    certificates: Iterable[Certificate] = (),
    without: frozenset[str] = frozenset(),
) -> list[Stop]:
    """Everything that ends, the next first; what has ended stands at the top.

    `kept`: the folder of revocation answers. `certificates`: signers, seals and servers to watch besides.
    """
    known = tuple(policies)
    found = [*_anchors(store, known), *_intermediates(store, known), *_algorithms(known)]
    found += [_stop("certificate", one.not_after, one.said, _policies_below(store, one, known)) for one in certificates]
    found += _answers(kept, store, known, without)
    found += [_stop("tsa", one.not_after, one.said, _stamped_by(store, one, known)) for one in _stampers(kept, store)]
    if "tsa" in without:
        found += [_stop("outage-tsa", at, one.id, (one.id,)) for one in known if one.timestamp.required]
    return sorted(found, key=lambda stop: (stop.at, stop.kind, stop.what))


def read_certificates(paths: Iterable[Path]) -> list[Certificate]:
    """Of files and folders; what is no certificate is passed over."""
    found: list[Certificate] = []
    for path in paths:
        for file in sorted(path.iterdir()) if path.is_dir() else [path]:
            try:
                found += read_any(file.read_bytes())
            except (Unreadable, OSError):
                continue
    return found


def _anchors(store: Store, policies: tuple[Policy, ...]) -> Iterator[Stop]:
    for anchor in store.anchors.values():
        whom = tuple(one.id for one in policies if _uses(one, anchor))
        ends = anchor.certificate.not_after
        if anchor.valid_until is not None:
            ends = min(ends, _end_of(anchor.valid_until))
        yield _stop("anchor", ends, anchor.id, whom)
        if anchor.sha1_until is not None:
            yield _stop("anchor-sha1", _end_of(anchor.sha1_until), anchor.id, whom)


def _intermediates(store: Store, policies: tuple[Policy, ...]) -> Iterator[Stop]:
    for certificates in store.by_subject.values():
        for one in certificates:
            if one.sha256 not in store.anchors and not _stamps(one):
                yield _stop("intermediate", one.not_after, one.said, _policies_below(store, one, policies))


def _stampers(kept: Path | None, store: Store) -> list[Certificate]:
    """Time-stamping authorities: those in the pool, and those whose time-stamps were believed here."""
    found = {one.sha256: one for some in store.by_subject.values() for one in some if _stamps(one)}
    seen = read_certificates(sorted(kept.glob(f"*{STAMPER}"))) if kept is not None else []
    return list({**found, **{one.sha256: one for one in seen}}.values())


def _stamps(certificate: Certificate) -> bool:
    return not certificate.ca and certificate.extended_usage == frozenset({"time_stamping"})


def _stamped_by(store: Store, certificate: Certificate, policies: tuple[Policy, ...]) -> tuple[str, ...]:
    """The policies that believe a time-stamp of this authority."""
    above = _anchors_above(store, certificate)
    return tuple(
        one.id
        for one in policies
        if one.trust and any(not one.timestamp.anchors or anchor.id in one.timestamp.anchors for anchor in above)
    )


def _algorithms(policies: tuple[Policy, ...]) -> Iterator[Stop]:
    ends: dict[tuple[str, date], list[str]] = {}
    for policy in policies:
        rules = policy.algorithms
        sizes = {f"RSA {size}": until for size, until in rules.rsa_min.items()}
        for name, until in {**rules.digest, **rules.signature, **sizes}.items():
            if until is not None and policy.trust:
                ends.setdefault((name, until), []).append(policy.id)
    for (name, until), whom in ends.items():
        yield _stop("algorithm", _end_of(until), name, tuple(whom))


def _answers(kept: Path | None, store: Store, policies: tuple[Policy, ...], without: frozenset[str]) -> Iterator[Stop]:
    """Of the answers at hand. They are not proven here: nothing is decided by them."""
    for file in sorted(kept.glob("*.der")) if kept is not None and kept.is_dir() else ():
        told = _list(file.read_bytes()) or _answer(file.read_bytes())
        if told is None:
            continue
        kind, what, _, ends = told
        asking = tuple(one for one in policies if kind in one.revocation.prefer)
        yield _stop(kind, ends, what, tuple(one.id for one in asking))
        if kind in without:
            yield from _outage(told, asking, without)


def _outage(
    told: tuple[str, str, datetime, datetime], asking: tuple[Policy, ...], without: frozenset[str]
) -> Iterator[Stop]:
    """From when on an answer that cannot be renewed is too old: for whom nothing else is left, and who may ask
    otherwise."""
    kind, what, made, ends = told
    left = {one.id: bool(frozenset(one.revocation.prefer) & {"crl", "ocsp"} - without) for one in asking}
    for said, elsewhere in ((f"outage-{kind}", False), (f"leaning-{kind}", True)):
        hit = [one for one in asking if left[one.id] is elsewhere]
        if hit:
            at = min(ends, made + min(one.revocation.max_age for one in hit))
            stop = _stop(said, at, what, tuple(one.id for one in hit))
            yield replace(stop, kind=f"outage-{kind}")


def _list(data: bytes) -> tuple[str, str, datetime, datetime] | None:
    try:
        found = x509.load_der_x509_crl(data)
        ends = found.next_update_utc
        return None if ends is None else ("crl", found.issuer.rfc4514_string(), found.last_update_utc, ends)
    except (ValueError, TypeError):
        return None


def _answer(data: bytes) -> tuple[str, str, datetime, datetime] | None:
    try:
        found = next(iter(ocsp.load_der_ocsp_response(data).responses))
        made = found.this_update_utc
        return "ocsp", f"{found.serial_number:x}", made, found.next_update_utc or made
    except (ValueError, TypeError, StopIteration):
        return None


def _policies_below(store: Store, certificate: Certificate, policies: tuple[Policy, ...]) -> tuple[str, ...]:
    """The policies that rest on an anchor above `certificate`, by names alone."""
    anchors = _anchors_above(store, certificate)
    return tuple(one.id for one in policies if any(_uses(one, anchor) for anchor in anchors))


def _anchors_above(store: Store, certificate: Certificate) -> list[Anchor]:
    above, seen = [certificate], set()
    anchors: list[Anchor] = []
    while above:
        one = above.pop()
        for issuer in store.named(one.issuer):
            if issuer.sha256 in store.anchors:
                anchors.append(store.anchors[issuer.sha256])
            elif issuer.sha256 not in seen:
                seen.add(issuer.sha256)
                above.append(issuer)
    return anchors


def _uses(policy: Policy, anchor: Anchor) -> bool:
    named = policy.timestamp.anchors if anchor.role == "tsa" else policy.anchors
    return policy.trust and anchor.role in ("root", "tsa") and (not named or anchor.id in named)


def _end_of(day: date) -> datetime:
    """The last instant of a day that still counts, in Vietnam."""
    return datetime.combine(day, time.max, VIETNAM).replace(microsecond=0)


def _stop(kind: str, at: datetime, what: str, whom: tuple[str, ...]) -> Stop:
    vi, en = _SAID[kind]
    return Stop(at, kind, what, whom, vi.format(what=what), en.format(what=what))
