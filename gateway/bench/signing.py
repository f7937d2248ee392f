"""XML signatures and revocation lists, beside one raw RSA-2048 verification and, where it is there, python-xmlsec.

The baseline, ours and theirs are measured by turns in one run: a busy machine moves them together. Each has some rounds
in a row at its turn, so that none of them pays for what another left in the processor's caches.

Three figures of ours: `xml_*_ms` is a whole verdict in two languages under `integrity-only`, from the bytes, the
certificate read and everything said that was found; `xml_10kb_engine_ms` is what python-xmlsec does too, with the key
given: reading, the value, the references; `on_the_tree` is the same where the message is read already. Theirs reads
with one parser for all, registers every Id, verifies, and says yes or no.
"""

from __future__ import annotations

import base64
import hashlib
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree

from gateway.sandbox.ca_der import revocation_list
from gateway.sandbox.ca_generations import Issuer, issuing_of, leaf
from gateway.signing import SignatureVerifier
from gateway.signing.algorithms import signed_by
from gateway.signing.gathered import Gathered
from gateway.signing.limits import Budget, Limits
from gateway.signing.pki.certificate import read
from gateway.signing.pki.question import Question
from gateway.signing.pki.revocation import Revocations
from gateway.signing.pki.store import store_of
from gateway.signing.xml.c14n import canonical
from gateway.signing.xml.parse import Document, parse
from gateway.signing.xml.references import Expected, check_references
from gateway.signing.xml.shape import read_shape

_SIZES = {"10kb": 10_000, "1mb": 1_000_000, "10mb": 10_000_000}
_DS = "http://www.w3.org/2000/09/xmldsig#"
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_ORACLE = Path(".venv-oracle/bin/python")
_LIMITS = Limits(bytes=64 << 20)
_THEIRS = """
import json, sys, time, xmlsec
from lxml import etree
key, parser = xmlsec.Key.from_file(sys.argv[1], xmlsec.constants.KeyDataFormatPem), etree.XMLParser(huge_tree=True)
data = open(sys.argv[2], "rb").read()

def verified():
    root = etree.fromstring(data, parser)
    xmlsec.tree.add_ids(root, ["Id"])
    context = xmlsec.SignatureContext()
    context.key = key
    context.verify(xmlsec.tree.find_node(root, "Signature"))

for line in sys.stdin:
    spent = []
    for _ in range(int(line)):
        began = time.process_time()
        verified()
        spent.append(time.process_time() - began)
    print(json.dumps(spent), flush=True)
"""
_TURNS = 7
Timed = Callable[[int], list[float]]  # so many rounds: seconds of CPU of each


def measure() -> dict[str, Any]:
    """Milliseconds of CPU (medians) and ratios: to a raw RSA-2048 verification, to lxml's parsing, to xmlsec."""
    with TemporaryDirectory() as folder:
        key = rsa.generate_private_key(65537, 2048)
        made = leaf(Path(folder), "national", "http://127.0.0.1:1", key.public_key(), role="agency", code="H56")
        issuer = issuing_of(Path(folder), "national", "http://127.0.0.1:1")
        figures = _documents(Path(folder), key, made.public_bytes(Encoding.DER))
        return {**figures, **_lists(issuer, made.public_bytes(Encoding.DER))}


def _documents(folder: Path, key: rsa.RSAPrivateKey, certificate: bytes) -> dict[str, Any]:
    policy = folder / "integrity-only.yaml"
    policy.write_bytes((files("gateway.profiles") / "thanh-hoa" / "policies" / "integrity-only.yaml").read_bytes())
    verifier, now = SignatureVerifier(policy, folder / "trust", None), datetime.now(UTC)
    figures: dict[str, Any] = {}
    for name, size in _SIZES.items():
        signed, rounds, parser = (
            _signed(size, key, certificate),
            max(1, 600_000 // size),
            etree.XMLParser(huge_tree=True),
        )
        works: tuple[Callable[[], object], ...] = (
            _raw(key),
            partial(_passed, verifier, signed, now),
            partial(etree.fromstring, signed, parser),
            _on_tree(signed, key),
            _engine(signed, key),
        )
        with _theirs(folder, signed, key) as theirs:
            *own, other = _medians(rounds, *map(_timed, works), theirs)
        raw, mine, parsing, tree, engine = own
        figures |= {f"xml_{name}_ms": round(mine, 3), f"xml_{name}_parse_ms": round(parsing, 3)}
        figures |= {f"xml_{name}_ratio_to_parse": round(mine / parsing, 2)}
        if name == "10kb":
            figures |= {"raw_rsa2048_ms": round(raw, 4), "xml_10kb_engine_ms": round(engine, 3)}
            told = {"": mine, "_engine": engine, "_on_the_tree": tree}
            figures |= {f"xml_10kb{which}_ratio_to_raw": round(spent / raw, 1) for which, spent in told.items()}
        if other:
            figures[f"xml_{name}_ratio_to_xmlsec"] = round(mine / other, 2)
            figures[f"xml_{name}_engine_ratio_to_xmlsec"] = round(engine / other, 2)
    figures["xml_10mb_to_1mb"] = round(figures["xml_10mb_ms"] / figures["xml_1mb_ms"], 1)
    return figures


def _passed(verifier: SignatureVerifier, signed: bytes, now: datetime) -> None:
    if verifier.verify(signed, None, "integrity-only", now).integrity != "passed":
        raise RuntimeError("the document that was signed here does not verify")


def _on_tree(signed: bytes, key: rsa.RSAPrivateKey) -> Callable[[], object]:
    """Verification where the gateway has parsed the message already, the key given."""
    document, public = parse(signed, _LIMITS), key.public_key()

    def verified() -> None:
        document.digests.clear()
        document.work = Budget("digested bytes", sys.maxsize)
        _holds(document, public)

    return verified


def _engine(signed: bytes, key: rsa.RSAPrivateKey) -> Callable[[], object]:
    """Verification from the bytes, the key given."""
    public = key.public_key()
    return lambda: _holds(parse(signed, _LIMITS), public)


def _holds(document: Document, public: rsa.RSAPublicKey) -> None:
    shape = read_shape(document.signatures()[0], _LIMITS)
    if not signed_by(public, shape.scheme, shape.value, canonical(shape.signed_info, shape.method)):
        raise RuntimeError("the signature made here does not verify")
    check_references(shape, Expected(document, None, "/", {}), _LIMITS)


def _signed(size: int, key: rsa.RSAPrivateKey, certificate: bytes) -> bytes:
    """An enveloped signature, exclusive C14N, prefixed namespaces, RSA PKCS#1 v1.5: as senders make them."""
    root = etree.Element("{urn:p}Packet", nsmap={"p": "urn:p"})
    body = etree.SubElement(root, "{urn:p}Body")
    row = '<p:Value xmlns:p="urn:p" indicator="0001" organisation="38" unit="ty_dong">100.5</p:Value>'
    body.extend(
        etree.fromstring(row)
        for _ in range(size // len('<p:Value indicator="" organisation="38">100.5</p:Value>') * 2 // 3)
    )
    digest = base64.b64encode(hashlib.sha256(_canonical(root)).digest()).decode()
    signature = etree.fromstring(
        f'<ds:Signature xmlns:ds="{_DS}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{_EXCLUSIVE}"/>'
        '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><ds:Reference URI="">'
        f'<ds:Transforms><ds:Transform Algorithm="{_DS}enveloped-signature"/><ds:Transform Algorithm="{_EXCLUSIVE}"/>'
        f'</ds:Transforms><ds:DigestMethod Algorithm="{_SHA256}"/><ds:DigestValue>{digest}</ds:DigestValue>'
        "</ds:Reference></ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:X509Data><ds:X509Certificate>"
        f"{base64.b64encode(certificate).decode()}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>"
    )
    root.append(signature)
    value = key.sign(_canonical(signature[0]), padding.PKCS1v15(), hashes.SHA256())
    signature[1].text = base64.b64encode(value).decode()
    return etree.tostring(root)


def _canonical(element: etree._Element) -> bytes:
    what = element if element.getparent() is not None else element.getroottree()
    return etree.tostring(what, method="c14n", exclusive=True)


def _raw(key: rsa.RSAPrivateKey) -> Callable[[], object]:
    public, data, scheme = key.public_key(), b"x" * 300, hashes.SHA256()
    value = key.sign(data, padding.PKCS1v15(), scheme)
    return lambda: public.verify(value, data, padding.PKCS1v15(), scheme)


@contextmanager
def _theirs(folder: Path, signed: bytes, key: rsa.RSAPrivateKey) -> Iterator[Timed]:
    """python-xmlsec, in its own environment; nothing is measured where that is not there."""
    if not _ORACLE.exists():
        yield lambda rounds: [0.0]
        return
    (folder / "signed.xml").write_bytes(signed)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / "public.pem").write_bytes(public)
    command = [str(_ORACLE), "-c", _THEIRS, str(folder / "public.pem"), str(folder / "signed.xml")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:  # noqa: S603  # our own words
        yield partial(_asked, running)


def _asked(running: subprocess.Popen[str], rounds: int) -> list[float]:
    assert running.stdin is not None
    assert running.stdout is not None
    running.stdin.write(f"{rounds}\n")
    running.stdin.flush()
    spent: list[float] = json.loads(running.stdout.readline())
    return spent


def _lists(issuer: Issuer, certificate: bytes) -> dict[str, Any]:
    """What a list of 1,000, 50,000 and 200,000 entries costs at first, and what it adds to a question afterwards."""
    figures: dict[str, Any] = {}
    short = 0.0
    for entries in (1_000, 50_000, 200_000):
        first, later = _list_of(entries, issuer, certificate)
        short = short or later
        figures |= {f"crl_{entries}_first_load_ms": round(first, 1), f"crl_{entries}_adds_ms": round(later - short, 4)}
    return figures


def _list_of(entries: int, issuer: Issuer, certificate: bytes) -> tuple[float, float]:
    now = datetime.now(UTC).replace(microsecond=0)
    revoked = ((number * 7919 + 1, now) for number in range(entries))
    data = revocation_list(issuer.certificate.subject, issuer.key, revoked, now, now + timedelta(days=1))
    leaf_read, above = read(certificate), read(issuer.certificate.public_bytes(Encoding.DER))
    answers = Revocations(_Shop(data), store_of([], hosts=["127.0.0.1"]))
    question = Question(leaf_read, above, now, timedelta(days=1), ("crl",), given=Gathered())
    began = time.process_time()
    answers.ask(question)
    first = (time.process_time() - began) * 1000
    return first, _medians(50, _timed(lambda: answers.ask(question)))[0]


class _Shop:
    """`ports.Fetcher` of one list."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def get(self, url: str) -> bytes:
        return self._data

    def post(self, url: str, body: bytes, media_type: str) -> bytes:
        return self._data


def _timed(work: Callable[[], object]) -> Timed:
    def timed(rounds: int) -> list[float]:
        spent: list[float] = []
        for _ in range(rounds):
            began = time.process_time()
            work()
            spent.append(time.process_time() - began)
        return spent

    return timed


def _medians(rounds: int, *works: Timed) -> list[float]:
    """Median milliseconds of CPU of each: so many rounds in a row, then the next one's turn."""
    spent: list[list[float]] = [[] for _ in works]
    for _ in range(_TURNS):
        for kept, work in zip(spent, works, strict=True):
            kept.extend(work(rounds))
    return [statistics.median(kept) * 1000 for kept in spent]
