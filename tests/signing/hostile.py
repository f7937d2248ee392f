"""Files that ask for far more work than they are large, and a process of their own to judge them in.

Run as a program it judges, one after the other, each file named on standard input: in a fork whose processor time and
memory the kernel bounds, so that what takes too much ends by a signal and not by somebody's patience.
"""

from __future__ import annotations

import base64
import json
import os
import re
import resource
import sys
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from gateway.signing import SignatureVerifier
from tests.signing.authority import Authority
from tests.signing.pdf_files import report, updated

SECONDS, MEMORY = 5, 500 * 1024 * 1024
_DS = "http://www.w3.org/2000/09/xmldsig#"
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
BASE64 = f"{_DS}base64"
_XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
_BARE = f'<ds:Transform Algorithm="{_XPATH}"><ds:XPath>not(ancestor-or-self::ds:Signature)</ds:XPath></ds:Transform>'
_ENVELOPED = f'<ds:Transform Algorithm="{_DS}enveloped-signature"/>'


@dataclass(frozen=True, slots=True)
class Hand:
    """Somebody with a certificate of his own, who may sign whatever he likes: his SignedInfo is always right."""

    key: ec.EllipticCurvePrivateKey
    certificate: str

    @classmethod
    def of(cls, authority: Authority) -> Hand:
        key, certificate = authority.issue("Kẻ lạ")
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return cls(key, base64.b64encode(certificate.public_bytes(Encoding.DER)).decode())

    def signature(
        self,
        method: str = _EXCLUSIVE,
        *,
        first: str = _ENVELOPED,
        prefixes: str = "",
        uri: str = "",
        references: int = 1,
        more: str = "",
        digest: bytes = bytes(32),
    ) -> str:
        """Over the whole document; the digest, if none is given, is wrong: it is made all the same before that is known."""
        listed = f'<ec:InclusiveNamespaces xmlns:ec="{_EXCLUSIVE}" PrefixList="{prefixes}"/>' if prefixes else ""
        steps = f'<ds:Transforms>{first}<ds:Transform Algorithm="{method}">{listed}</ds:Transform></ds:Transforms>'
        told = base64.b64encode(digest).decode()
        reference = (
            f'<ds:Reference URI="{uri}">{steps}<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
            f"<ds:DigestValue>{told}</ds:DigestValue></ds:Reference>"
        )
        info = (
            f'<ds:SignedInfo xmlns:ds="{_DS}"><ds:CanonicalizationMethod Algorithm="{_EXCLUSIVE}"/>'
            '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"/>'
            f"{reference * references}</ds:SignedInfo>"
        )
        return (
            f'<ds:Signature xmlns:ds="{_DS}">{info}<ds:SignatureValue>{self._value(info)}</ds:SignatureValue>'
            f"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{self.certificate}</ds:X509Certificate></ds:X509Data>"
            f"</ds:KeyInfo>{more}</ds:Signature>"
        )

    def _value(self, info: str) -> str:
        data = etree.tostring(etree.fromstring(info), method="c14n", exclusive=True)
        r, s = decode_dss_signature(self.key.sign(data, ec.ECDSA(hashes.SHA256())))
        return base64.b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode()


def _namespaces(count: int) -> str:
    return " ".join(f'xmlns:a{number}="u:{number}"' for number in range(count))


def _attributes(count: int, prefix: str = "a") -> str:
    return " ".join(f'{prefix}{number}=""' for number in range(count))


def _levels(inside: str) -> str:
    """`inside` ninety levels that say the same prefixes anew, each with another meaning than above."""
    for level in range(90):
        said = " ".join(f'xmlns:a{name}="u:{name}:{level % 2}"' for name in range(1, 60))
        inside = f"<l {said}>{inside}</l>"
    return inside


def _wide() -> str:
    return f"<b {_attributes(200, 'a0:x')}/>"


def _objects() -> str:
    return f"<ds:Object>{'<a/>' * 500_000}</ds:Object>"


FILES: Mapping[str, Callable[[Hand], str]] = {
    "20,000 namespaces, all to be written": lambda hand: f"<r {_namespaces(20_000)}>{hand.signature(_INCLUSIVE)}</r>",
    "namespaces in scope of many elements": lambda hand: (
        f"<r {_namespaces(500)}>{'<a/>' * 200_000}{hand.signature(_INCLUSIVE)}</r>"
    ),
    "prefixes asked for at every element": lambda hand: (
        f"<r {_namespaces(62)}>{'<a/>' * 500_000}"
        f"{hand.signature(prefixes=' '.join(f'a{number % 62}' for number in range(20_000)))}</r>"
    ),
    "prefixes said anew at every level": lambda hand: (
        f'<r xmlns:a0="u:0">{_levels(_wide() * 2_000)}{hand.signature()}</r>'
    ),
    "attributes on one element": lambda hand: f"<r><b {_attributes(200_000)}/>{hand.signature()}</r>",
    "attributes beyond memory": lambda hand: f"<r>{f'<b {_attributes(30)}/>' * 60_000}{hand.signature()}</r>",
    "a namespace written out again and again": lambda hand: (
        f'<r xmlns:p="u:{"u" * 1_000_000}">{"<p:a/>" * 2_000}{hand.signature()}</r>'
    ),
    "comments deep inside": lambda hand: f"<r>{'<a>' * 90}{'<!---->' * 500_000}{'</a>' * 90}{hand.signature()}</r>",
    "instructions in one place": lambda hand: f"<r>{'<?a?>' * 150_000}{hand.signature()}</r>",
    "signatures inside a signature": lambda hand: (
        f'<r xmlns:ds="{_DS}"><ds:Signature><CounterSignature>{"<ds:Signature/>" * 200_000}</CounterSignature>'
        f"</ds:Signature>{hand.signature(first=_BARE)}</r>"
    ),
    "objects looked through for every reference": lambda hand: (
        f"<r>{hand.signature(uri='#x', references=16, more=_objects())}</r>"
    ),
    "copies for every reference": lambda hand: (
        f'<r xmlns:p="u:1" xmlns:q="u:1"><p:a/>{hand.signature(references=16, more=_objects())}</r>'
    ),
    "900 references": lambda hand: f"<r>{hand.signature(references=900)}</r>",
    "900 transforms": lambda hand: f"<r>{hand.signature(first=_ENVELOPED * 900)}</r>",
    "200,000 elements inside one another": lambda hand: f"<r>{'<a>' * 200_000}{'</a>' * 200_000}{hand.signature()}</r>",
}


def _field(value: str) -> dict[int, bytes]:
    """A form with one signature field whose signature is `value`."""
    return {
        6: b"<< /Fields [20 0 R] /SigFlags 3 >>",
        20: b"<< /FT /Sig /T (a) /V 21 0 R /Type /Annot /Subtype /Widget /Rect [0 0 0 0] /P 3 0 R >>",
        21: f"<< /Type /Sig /SubFilter /ETSI.CAdES.detached /ByteRange [0 9 19 9] /Contents {value} >>".encode(),
    }


def _packed(megabytes: int) -> bytes:
    """An object stream of spaces that is a thousandth of its size."""
    packing = zlib.compressobj(9)
    packed = b"".join(packing.compress(b" " * 1024 * 1024) for _ in range(megabytes)) + packing.flush()
    head = b"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n" % len(packed)
    return head + packed + b"\nendstream"


def _within_a_stream(stream: bytes) -> bytes:
    """The form stands in an object stream, as a cross-reference stream says."""
    pdf = report()
    place = len(pdf)
    body = pdf + b"20 0 obj\n" + stream + b"\nendobj\n"
    entries = b"\2" + (20).to_bytes(4, "big") + b"\0" + b"\1" + place.to_bytes(4, "big") + b"\0"
    told = b"<< /Type /XRef /Size 22 /Root 1 0 R /Prev %d /W [1 4 1] /Index [6 1 20 1] /Length %d >>\nstream\n"
    previous = int(re.findall(rb"startxref\s+(\d+)", pdf)[-1])
    table = told % (previous, len(entries)) + entries + b"\nendstream"
    return body + b"21 0 obj\n" + table + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(body)


def _many_updates() -> bytes:
    pdf = report()
    parts, place, previous = [pdf], len(pdf), int(re.findall(rb"startxref\s+(\d+)", pdf)[-1])
    for _ in range(50_000):
        parts.append(
            b"xref\n0 0\ntrailer\n<< /Size 12 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (previous, place)
        )
        previous, place = place, place + len(parts[-1])
    return b"".join(parts)


def _fields(count: int) -> bytes:
    named = b" ".join(b"%d 0 R" % number for number in range(20, 20 + count))
    fields = {number: b"<< /FT /Sig /T (a%d) /V 6 0 R >>" % number for number in range(20, 20 + count)}
    return updated(report(), {6: b"<< /Fields [%b] /SigFlags 3 >>" % named, **fields})


def _kids(count: int) -> bytes:
    kids = {number: b"<< /T (a) /Kids [%d 0 R] >>" % (number + 1) for number in range(20, 20 + count)}
    last = {20 + count: b"<< /T (a) /FT /Sig /V 6 0 R >>"}
    return updated(report(), {6: b"<< /Fields [20 0 R] /SigFlags 3 >>", **kids, **last})


PDFS: Mapping[str, Callable[[], bytes]] = {
    "arrays inside one another": lambda: updated(report(), _field("[" * 500_000 + "]" * 500_000)),
    "a signature of fifteen megabytes": lambda: updated(report(), _field(f"<{'30' * 7_500_000}>")),
    "a form in a stream that unpacks to two gigabytes": lambda: _within_a_stream(_packed(2_000)),
    "50,000 updates": _many_updates,
    "50,000 signature fields": lambda: _fields(50_000),
    "fields below fields, 20,000 deep": lambda: _kids(20_000),
}


def told(line: str, verifier: SignatureVerifier) -> str:
    """`file` and `policy` of a line of JSON, judged in a fork `at` a time: the verdict as JSON, or how the fork ended."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        _judge_bounded(line, verifier, write)
    os.close(write)
    with os.fdopen(read, "rb") as answer:
        said = answer.read().decode()
    _, status = os.waitpid(child, 0)
    return said if status == 0 else json.dumps({"ended": os.waitstatus_to_exitcode(status)})


def _judge_bounded(line: str, verifier: SignatureVerifier, write: int) -> None:
    asked = json.loads(line)
    data = Path(asked["file"]).read_bytes()
    taken = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    spent = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(spent.ru_utime + spent.ru_stime) + 1 + SECONDS
    resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        verdict = verifier.verify(data, None, asked["policy"], datetime.fromisoformat(asked["at"]))
        said = {"indication": verdict.indication, "sub_indication": verdict.sub_indication, "passed": verdict.passed}
        os.write(write, json.dumps(said).encode())
    finally:
        os._exit(1 if sys.exc_info()[0] else 0)


if __name__ == "__main__":
    judge = SignatureVerifier(Path(sys.argv[1]), Path(sys.argv[2]), None)
    for asked_for in sys.stdin:
        print(told(asked_for, judge), flush=True)
