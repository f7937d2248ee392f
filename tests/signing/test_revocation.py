"""Answers about revocation: kept while they last, renewed before they end, never believed from who may not give them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from gateway.domain.verdict import Outcome
from gateway.sandbox.ca_der import revocation_list
from gateway.signing.gathered import Gathered
from gateway.signing.pki.certificate import Certificate, read
from gateway.signing.pki.crl_index import Lists, Unusable
from gateway.signing.pki.question import Question, State
from gateway.signing.pki.revocation import Revocations
from gateway.signing.pki.store import store_of
from tests.signing.authority import DAY, HOST, NOW, Authority
from tests.signing.conftest import Room, outcome

HOUR = timedelta(hours=1)
AT_ONCE: Callable[[Callable[[], None]], None] = lambda work: work()  # noqa: E731


class Asked:
    """One signer's certificate, its issuer, and the answers about it."""

    def __init__(
        self, kept: Path | None = None, *, with_ocsp: bool = False, authority: Authority | None = None
    ) -> None:
        self.authority = authority or Authority()
        self.raw = self.authority.issue("Người ký", with_ocsp=with_ocsp)[1]
        self.leaf, self.issuer = (_read(one) for one in (self.raw, self.authority.sub.certificate))
        self.seconds = 0.0
        self.answers = Revocations(
            self.authority, store_of([], hosts=[HOST]), kept, ticks=lambda: self.seconds, spawn=AT_ONCE
        )

    def question(self, at: datetime = NOW, **changes: object) -> Question:
        given: dict[str, object] = {"max_age": DAY, "prefer": ("ocsp", "crl"), "grace": 3 * DAY, **changes}
        return Question(self.leaf, self.issuer, at, **given)  # type: ignore[arg-type]

    def state(self, at: datetime = NOW, **changes: object) -> State:
        return self.answers.ask(self.question(at, **changes)).state


def _read(certificate: x509.Certificate) -> Certificate:
    return read(certificate.public_bytes(Encoding.DER))


def test_past_half_its_life_an_answer_is_renewed_beside_those_who_ask() -> None:
    asked = Asked()
    for hours in (0, 5, 11):
        asked.authority.now = NOW + hours * HOUR
        assert asked.state(NOW + hours * HOUR) is State.GOOD
    assert len(asked.authority.asked) == 1
    asked.authority.now = NOW + 15 * HOUR  # a list lives for the policy's 24 hours, of which more than half is gone
    assert asked.state(NOW + 15 * HOUR) is State.GOOD
    assert len(asked.authority.asked) == 2


def test_an_outage_of_hours_goes_unnoticed_then_it_waits_and_says_what_was_known_last() -> None:
    asked = Asked()
    assert asked.state() is State.GOOD
    asked.authority.down = True
    assert asked.state(NOW + 20 * HOUR) is State.GOOD
    asked.seconds = 1000
    late = asked.answers.ask(asked.question(NOW + 30 * HOUR))
    assert late.state is State.STALE
    assert late.since == NOW - HOUR
    asked.seconds = 5000
    assert asked.state(NOW + 5 * DAY) is State.UNKNOWN


def test_answers_outlive_the_process_and_are_proven_again(tmp_path: Path) -> None:
    first = Asked(tmp_path)
    assert first.state() is State.GOOD
    second = Revocations(None, store_of([], hosts=[HOST]), tmp_path, spawn=AT_ONCE)
    assert second.ask(first.question()).state is State.GOOD
    for file in tmp_path.glob("*.der"):
        file.write_bytes(Authority("Kẻ lạ").sub.crl(NOW))
    third = Revocations(None, store_of([], hosts=[HOST]), tmp_path, spawn=AT_ONCE)
    assert third.ask(first.question()).state is State.UNKNOWN


def test_one_asks_for_all_that_wait() -> None:
    asked = Asked()
    gate, inside = threading.Event(), threading.Event()
    served = asked.authority.get

    def slow(url: str) -> bytes:
        inside.set()
        gate.wait(120)
        return served(url)

    asked.authority.get = slow  # type: ignore[method-assign]
    found: list[State] = []
    crowd = [threading.Thread(target=lambda: found.append(asked.state())) for _ in range(8)]
    for one in crowd:
        one.start()
    assert inside.wait(120)
    gate.set()
    for one in crowd:
        one.join(120)
    assert found == [State.GOOD] * 8
    assert len(asked.authority.asked) == 1


def test_an_older_answer_never_replaces_a_newer_one() -> None:
    asked = Asked()
    assert asked.state() is State.GOOD
    asked.authority.now = NOW - 2 * HOUR  # replayed
    assert asked.state(NOW + 15 * HOUR) is State.GOOD
    newest = [found for _, found in asked.answers.known()]
    assert [found.this_update for found in newest] == [NOW - HOUR]


def test_a_host_that_fails_three_times_is_left_in_peace_as_a_whole() -> None:
    asked = Asked(with_ocsp=True)
    asked.authority.down = True
    for seconds in (0, 100, 400):
        asked.seconds = seconds
        assert asked.state() is State.UNKNOWN
    tried = len(asked.authority.asked)
    asked.authority.down = False
    assert asked.state() is State.UNKNOWN
    assert len(asked.authority.asked) == tried
    asked.seconds = 2000
    assert asked.state() is State.GOOD


def test_the_worst_answer_wins_and_the_disagreement_is_told(room: Room) -> None:
    room.agency = room.authority.issue("Uỷ ban", "H56", with_ocsp=True)
    verifier, signed = room.verifier(), room.signed()
    room.authority.revoke(room.agency[1], NOW - DAY)
    room.authority.ocsp_down = True
    assert outcome(verifier.verify(signed, None, "vn-report-xml-agency", NOW)) != "TOTAL-PASSED"
    room.authority.ocsp_down, room.seconds = False, 100.0
    room.authority.forgets = True  # its OCSP service says good
    verdict = verifier.verify(signed, None, "vn-report-xml", NOW)
    assert outcome(verdict) == "TOTAL-FAILED REVOKED"
    checks = [check for one in verdict.signatures for check in one.checks if check.name == "revocation"]
    assert Outcome.WARNING in {check.outcome for check in checks}


def test_an_internal_host_is_asked_under_its_mapped_name() -> None:
    asked = Asked()
    answers = Revocations(asked.authority, store_of([], hosts=["outside.example"], host_map={HOST: "outside.example"}))
    assert answers.ask(asked.question()).state is State.GOOD
    assert asked.authority.asked == ["http://outside.example/sub.crl"]


def _ocsp(asked: Asked, status: ocsp.OCSPCertStatus, made: datetime, key: object, responder: x509.Certificate,
          carried: list[x509.Certificate] | None = None, issuer: x509.Certificate | None = None) -> bytes:  # fmt: skip
    revoked = status is ocsp.OCSPCertStatus.REVOKED
    builder = ocsp.OCSPResponseBuilder().add_response(
        asked.raw, issuer or asked.authority.sub.certificate, hashes.SHA256(), status, made, made + DAY,
        made if revoked else None, x509.ReasonFlags.certificate_hold if revoked else None,
    )  # fmt: skip
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.NAME, responder)
    if carried:
        builder = builder.certificates(carried)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)  # type: ignore[arg-type]


GOOD = ocsp.OCSPCertStatus.GOOD


def test_the_responders_that_may_answer_and_those_that_may_not() -> None:
    asked = Asked(with_ocsp=True)
    sub, root = asked.authority.sub, asked.authority.root
    delegated_key, delegated = asked.authority.issue_responder()
    signer_key, signer = asked.authority.issue("Không phải OCSP")
    stranger, namesake = Authority("Kẻ lạ"), Authority()
    answers = {
        "the issuer": (_ocsp(asked, GOOD, NOW, sub.key, sub.certificate), State.GOOD),
        "its delegate": (_ocsp(asked, GOOD, NOW, delegated_key, delegated, [delegated]), State.GOOD),
        "a signer of the same issuer": (_ocsp(asked, GOOD, NOW, signer_key, signer, [signer]), State.UNKNOWN),
        "the root": (_ocsp(asked, GOOD, NOW, root.key, root.certificate, [root.certificate]), State.UNKNOWN),
        "a stranger": (_ocsp(asked, GOOD, NOW, stranger.sub.key, stranger.sub.certificate), State.UNKNOWN),
        "a namesake": (_ocsp(asked, GOOD, NOW, namesake.sub.key, namesake.sub.certificate), State.UNKNOWN),
        "about another issuer's": (
            _ocsp(asked, GOOD, NOW, sub.key, sub.certificate, issuer=root.certificate), State.UNKNOWN
        ),
        "on hold": (_ocsp(asked, ocsp.OCSPCertStatus.REVOKED, NOW, sub.key, sub.certificate), State.ON_HOLD),
        "unknown": (_ocsp(asked, ocsp.OCSPCertStatus.UNKNOWN, NOW, sub.key, sub.certificate), State.UNKNOWN),
        "two days old": (_ocsp(asked, GOOD, NOW - 2 * DAY, sub.key, sub.certificate), State.UNKNOWN),
        "nonsense": (b"\x30\x03\x0a\x01\x00", State.UNKNOWN),
    }  # fmt: skip
    offline = Revocations(None, store_of([]))
    for who, (data, expected) in answers.items():
        found = offline.ask(asked.question(given=Gathered(ocsps=(data,)), prefer=()))
        assert found.state in {expected, State.UNNAMED if expected is State.UNKNOWN else expected}, who


def test_an_answer_from_after_the_certificates_end_says_nothing() -> None:
    asked = Asked()
    late = NOW + 400 * DAY
    given = Gathered(crls=(asked.authority.sub.crl(late),))
    assert Revocations(None, store_of([])).ask(asked.question(late, given=given, best=NOW)).state is not State.GOOD


def test_a_list_is_read_once_whether_it_was_fetched_or_came_along() -> None:
    asked, lists = Asked(), Lists()
    sub = asked.authority.sub
    others = [(number * 7919 + 1, NOW - DAY) for number in range(50_000)]
    data = revocation_list(sub.name, sub.key, others, NOW - HOUR, NOW + DAY)
    first = lists.index(data, asked.issuer, sha1=False)
    assert lists.index(bytes(bytearray(data)), asked.issuer, sha1=False) is first  # the same bytes, come again
    assert lists.index(data, asked.issuer, sha1=True) is not first  # read under another belief
    with pytest.raises(Unusable):
        lists.index(data[:100] + bytes([data[100] ^ 1]) + data[101:], asked.issuer, sha1=False)  # the same end
    assert asked.state() is State.GOOD
    fetched = dict(asked.answers.known())
    assert asked.state() is State.GOOD
    assert all(fetched[about] is found for about, found in asked.answers.known())


def test_lists_that_came_along_are_kept_within_bounds() -> None:
    asked = Asked()
    sub = asked.authority.sub
    several = [revocation_list(sub.name, sub.key, [(1, NOW)], NOW, NOW + number * DAY) for number in range(1, 5)]
    lists = Lists(most=2 * max(map(len, several)))
    kept = [lists.index(one, asked.issuer, sha1=False) for one in several]
    again = [lists.index(one, asked.issuer, sha1=False) for one in reversed(several)]
    assert [one is other for one, other in zip(reversed(kept), again, strict=True)] == [True, True, False, False]


@pytest.mark.parametrize("entries", [1_000, 50_000])
def test_lists_of_any_length_are_believed_and_looked_up(entries: int) -> None:
    asked = Asked()
    sub = asked.authority.sub
    others = ((number * 7919 + 1, NOW - DAY) for number in range(entries))
    good = revocation_list(sub.name, sub.key, others, NOW - HOUR, NOW + DAY)
    others = ((number * 7919 + 1, NOW - DAY) for number in range(entries))
    bad = revocation_list(sub.name, sub.key, [*others, (asked.leaf.serial, NOW - DAY)], NOW - HOUR, NOW + DAY)
    offline = Revocations(None, store_of([]))
    assert offline.ask(asked.question(given=Gathered(crls=(good,)))).state is State.GOOD
    assert offline.ask(asked.question(given=Gathered(crls=(bad,)))).state is State.REVOKED
    spoilt = good[:-1] + bytes([good[-1] ^ 1])
    assert offline.ask(asked.question(given=Gathered(crls=(spoilt,)))).state is not State.GOOD
