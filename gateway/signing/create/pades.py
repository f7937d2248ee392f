"""PAdES-B-B and B-T (EN 319 142-1) by pyHanko, the key anywhere. A first signature may seal the file (DocMDP)."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, TypeVar

from asn1crypto import algos, tsp
from asn1crypto import x509 as asn1
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, PdfTimeStamper, Signer
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.timestamps import TimeStamper

from gateway.domain.errors import Rejected, problem
from gateway.signing.algorithms import Scheme
from gateway.signing.create.stamp import Stamping
from gateway.signing.keys import Key, scheme_of

T = TypeVar("T")

# Hex digits to reserve. Readers take them one by one, so no more than needed.
_VALUE = 2 * 2048
_TOKEN = 2 * 10 * 1024


class PadesSigner:
    """`ports.Signer` of PDFs. `stamps` None: level B-B. `permits`: certify, which the first signature alone may do;
    DocMDP 1: nothing may follow, 2: signatures and forms, 3: annotations too (ISO 32000-1 12.8.2.2)."""

    def __init__(
        self, key: Key, *, stamps: Stamping | None = None, permits: int | None = None, algorithm: str | None = None
    ) -> None:
        self._key, self._permits = key, permits
        self._scheme = scheme_of(key.certificate, algorithm)
        self._stamps = _Stamper(stamps) if stamps is not None else None

    def sign(self, document: bytes, at: datetime) -> bytes:
        """The file with one more signature. Raises `Rejected` (C-005) for what is no PDF, `Unavailable` for the TSA."""
        try:
            writer = IncrementalPdfFileWriter(io.BytesIO(document))
            taken = {name for name, _, _ in enumerate_sig_fields(writer.prev)}
            told = self._metadata(_free(taken))
            signer = PdfSigner(told, _Bridge(self._key, self._scheme), timestamper=self._stamps)
            return _done(_signed(signer, writer, at, self._room()))
        except (PdfError, SigningError, ValueError, KeyError, AssertionError) as error:
            raise _no_pdf(error) from error

    def _room(self) -> int:
        certificates = (self._key.certificate.public_bytes(Encoding.DER), *self._key.chain)
        return _VALUE + 2 * sum(map(len, certificates)) + (_TOKEN if self._stamps is not None else 0)

    def _metadata(self, field: str) -> PdfSignatureMetadata:
        return PdfSignatureMetadata(
            field_name=field,
            md_algorithm=self._scheme.digest.replace("-", "").lower(),
            subfilter=SigSeedSubFilter.PADES,
            certify=self._permits is not None,
            docmdp_permissions=MDPPerm(self._permits or MDPPerm.FILL_FORMS.value),
        )


def stamped(document: bytes, stamps: Stamping) -> bytes:
    """The PDF with a document time-stamp, which proves everything in it. Errors as for `PadesSigner.sign`."""
    try:
        writer = IncrementalPdfFileWriter(io.BytesIO(document))
        stamper = PdfTimeStamper(_Stamper(stamps))
        output = _done(stamper.async_timestamp_pdf(writer, "sha256", bytes_reserved=_TOKEN))
        output.seek(0)
        return bytes(output.read())
    except (PdfError, SigningError, ValueError, KeyError, AssertionError) as error:
        raise _no_pdf(error) from error


async def _signed(signer: PdfSigner, writer: IncrementalPdfFileWriter, at: datetime, room: int) -> bytes:
    """As `async_sign_pdf`, with the time handed in (PAdES claims it in /M) and room for a token not asked for yet."""
    session = signer.init_signing_session(writer)
    session.system_time = at
    prepared = session.prepare_tbs_document(validation_info=None, bytes_reserved=room)
    made, output = prepared.digest_tbs_document()
    finished = await prepared.perform_signature(made.document_digest, PdfCMSSignedAttributes(signing_time=at))
    await finished.post_signature_processing(output)
    output.seek(0)
    return bytes(output.read())


class _Bridge(Signer):
    """pyHanko's signer over our key."""

    def __init__(self, key: Key, scheme: Scheme) -> None:
        chain = [asn1.Certificate.load(der) for der in key.chain]
        super().__init__(
            signing_cert=asn1.Certificate.load(key.certificate.public_bytes(Encoding.DER)),
            signature_mechanism=_mechanism(scheme),
            prefer_pss=scheme.family == "RSA-PSS",
        )
        for one in chain:
            self.cert_registry.register(one)
        self._key, self._scheme = key, scheme

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        return self._key.sign(data, self._scheme)


class _Stamper(TimeStamper):
    def __init__(self, stamps: Stamping) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._stamps = stamps

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        return self._stamps.answer(req)


def _mechanism(scheme: Scheme) -> algos.SignedDigestAlgorithm:
    name = scheme.digest.replace("-", "").lower()
    if scheme.family == "ECDSA":
        return algos.SignedDigestAlgorithm({"algorithm": f"{name}_ecdsa"})
    if scheme.family != "RSA-PSS":
        return algos.SignedDigestAlgorithm({"algorithm": f"{name}_rsa"})
    hashed = algos.DigestAlgorithm({"algorithm": name})
    mask = algos.MaskGenAlgorithm({"algorithm": "mgf1", "parameters": hashed})
    salt = int(scheme.digest.partition("-")[2]) // 8
    parameters = algos.RSASSAPSSParams({"hash_algorithm": hashed, "mask_gen_algorithm": mask, "salt_length": salt})
    return algos.SignedDigestAlgorithm({"algorithm": "rsassa_pss", "parameters": parameters})


def _free(taken: set[str]) -> str:
    number = 1
    while f"Signature{number}" in taken:
        number += 1
    return f"Signature{number}"


def _done(running: Coroutine[Any, Any, T]) -> T:
    """pyHanko's coroutine on a loop of its own, in a thread of its own: whoever signs may be on a loop already."""
    with ThreadPoolExecutor(1) as beside:
        return beside.submit(asyncio.run, running).result()


def _no_pdf(error: BaseException) -> Rejected:
    reason = f"{type(error).__name__}: {error}"
    return Rejected(problem("C-005", path="PDF", line="-", reason=reason, expected="PDF"))
