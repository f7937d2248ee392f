"""XML signatures and revocation lists, beside one raw RSA-2048 verification and, where it is there, python-xmlsec.

The baseline, ours and theirs are measured by turns in one run: a busy machine moves them together.
"""

from __future__ import annotations

import base64
import hashlib
import json
import statistics
import subprocess
import time
from collections.abc import Callable
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
from gateway.signing.limits import Limits
from gateway.signing.pki.certificate import read
from gateway.signing.pki.question import Question
from gateway.signing.pki.revocation import Revocations
from gateway.signing.pki.store import store_of
from gateway.signing.xml.c14n import canonical
from gateway.signing.xml.parse import parse
from gateway.signing.xml.references import Expected, check_references
from gateway.signing.xml.shape import read_shape

_SIZES = {"10kb": 10_000, "1mb": 1_000_000, "10mb": 10_000_000}
_DS = "http://www.w3.org/2000/09/xmldsig#"
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_ORACLE = Path(".venv-oracle/bin/python")
_LIMITS = Limits(bytes=64 << 20)
_THEIRS = """
import json, statistics, sys, time, xmlsec
from lxml import etree
key = xmlsec.Key.from_file(sys.argv[1], xmlsec.constants.KeyDataFormatPem)
for line in sys.stdin:
    file, rounds = json.loads(line)
    data, spent = open(file, "rb").read(), []
    for _ in range(rounds):
        began = time.process_time()
        root = etree.fromstring(data, etree.XMLParser(huge_tree=True))
        xmlsec.tree.add_ids(root, ["Id"])
        context = xmlsec.SignatureContext()
        context.key = key
        context.verify(xmlsec.tree.find_node(root, "Signature"))
        spent.append(time.process_time() - began)
    print(json.dumps(statistics.median(spent)), flush=True)
"""


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
    figures: dict[str, Any] = {"raw_rsa2048_ms": _raw(key)}
    for name, size in _SIZES.items():
        signed, rounds = _signed(size, key, certificate), max(5, 3_000_000 // size)
        theirs = _theirs(folder, signed, key, rounds)
        mine, parsing, tree = _by_turns(
            rounds,
            partial(_passed, verifier, signed, now),
            partial(etree.fromstring, signed, etree.XMLParser(huge_tree=True)),
            _on_tree(signed, key),
        )
        figures |= {f"xml_{name}_ms": round(mine, 3), f"xml_{name}_parse_ms": round(parsing, 3)}
        figures |= {f"xml_{name}_ratio_to_parse": round(mine / parsing, 2)}
        if name == "10kb":
            figures["xml_10kb_ratio_to_raw"] = round(mine / figures["raw_rsa2048_ms"], 1)
            figures["xml_10kb_on_the_tree_ratio_to_raw"] = round(tree / figures["raw_rsa2048_ms"], 1)
        if theirs is not None:
            figures[f"xml_{name}_ratio_to_xmlsec"] = round(mine / theirs, 2)
    figures["xml_10mb_to_1mb"] = round(figures["xml_10mb_ms"] / figures["xml_1mb_ms"], 1)
    return figures


def _passed(verifier: SignatureVerifier, signed: bytes, now: datetime) -> None:
    if verifier.verify(signed, None, "integrity-only", now).integrity != "passed":
        raise RuntimeError("the document that was signed here does not verify")


def _on_tree(signed: bytes, key: rsa.RSAPrivateKey) -> Callable[[], object]:
    """Verification where the gateway has parsed the message already."""
    document = parse(signed, _LIMITS)
    element, public = document.signatures()[0], key.public_key()

    def verified() -> None:
        document.digests.clear()
        shape = read_shape(element, _LIMITS)
        if not signed_by(public, shape.scheme, shape.value, canonical(shape.signed_info, shape.method)):
            raise RuntimeError("the signature made here does not verify")
        check_references(shape, Expected(document, None, "/", {}), _LIMITS)

    return verified


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


def _raw(key: rsa.RSAPrivateKey) -> float:
    public, data, scheme = key.public_key(), b"x" * 300, hashes.SHA256()
    value = key.sign(data, padding.PKCS1v15(), scheme)
    [median] = _by_turns(3000, lambda: public.verify(value, data, padding.PKCS1v15(), scheme))
    return round(median, 4)


def _theirs(folder: Path, signed: bytes, key: rsa.RSAPrivateKey, rounds: int) -> float | None:
    """Milliseconds of python-xmlsec, in its own environment; None where that is not there."""
    if not _ORACLE.exists():
        return None
    (folder / "signed.xml").write_bytes(signed)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / "public.pem").write_bytes(public)
    asked = json.dumps([str(folder / "signed.xml"), rounds]) + "\n"
    command = [str(_ORACLE), "-c", _THEIRS, str(folder / "public.pem")]
    done = subprocess.run(command, input=asked, capture_output=True, text=True, check=True)  # noqa: S603  # our own words
    return float(json.loads(done.stdout)) * 1000


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
    return first, _by_turns(300, lambda: answers.ask(question))[0]


class _Shop:
    """`ports.Fetcher` of one list."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def get(self, url: str) -> bytes:
        return self._data

    def post(self, url: str, body: bytes, media_type: str) -> bytes:
        return self._data


def _by_turns(rounds: int, *works: Callable[[], object]) -> list[float]:
    """Median milliseconds of CPU of each, one after the other in every round."""
    spent: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for kept, work in zip(spent, works, strict=True):
            began = time.process_time()
            work()
            kept.append(time.process_time() - began)
    return [statistics.median(kept) * 1000 for kept in spent]
