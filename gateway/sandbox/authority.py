"""A small certification authority: a root, an issuing CA below it, CRLs, OCSP answers and time-stamps.

Made at the first start, kept in the folder, worth nothing anywhere else. Beside it, when asked for, authorities
shaped as the real ones (`ca_generations`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from gateway.sandbox.ca_der import Key, revocation_list
from gateway.sandbox.ca_generations import GENERATIONS, Issuer, issuing_of, leaf, root_of
from gateway.sandbox.ca_stamps import answered
from gateway.sandbox.store import Store

ROLES = ("leader", "agency", "tsa")
_YEARS = timedelta(days=3650)
_TERM = timedelta(days=730)
_FRESH = timedelta(hours=12)
_FILLING = 1 << 150  # numbers of certificates that are nobody's


class Authority:
    """`url` is where certificates send their readers for CRL and OCSP."""

    def __init__(self, folder: Path, store: Store, url: str) -> None:
        self._store = store
        self._url = url
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.root = _kept(folder, "root") or _made(folder, "root", None, url)
        self.issuing = _kept(folder, "issuing") or _made(folder, "issuing", self.root, url)
        self._issuers = {one.name: one for one in (self.root, self.issuing)}

    def issuer(self, name: str) -> Issuer | None:
        """root, issuing, or `<generation>` and `<generation>-issuing`."""
        generation = name.removesuffix("-issuing")
        if generation in GENERATIONS:
            if name == generation:
                return root_of(self._folder, name)
            return issuing_of(self._folder, generation, self._url)
        return self._issuers.get(name)

    def issue_as(self, generation: str, role: str, code: str, key: rsa.RSAPrivateKey) -> x509.Certificate:
        """A certificate as that generation of authorities writes it."""
        return leaf(self._folder, generation, self._url, key.public_key(), role=role, code=code)

    def issue(self, role: str, code: str, key: Key) -> x509.Certificate:
        """A certificate under the issuing CA: a leader's (person), an agency's, or a time-stamping one."""
        builder = _begun(_subject(role, code), self.issuing.certificate.subject, key.public_key(), _TERM)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_signing_usage(), critical=True)
        if role == "tsa":
            builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        return _signed(_pointing(builder, "issuing", self._url), self.issuing)

    def revoke(self, serial: int) -> None:
        now = datetime.now(UTC).timestamp()
        self._store.rows("INSERT OR IGNORE INTO revoked VALUES (?, ?)", str(serial), now)

    def crl(self, issuer: Issuer, entries: int = 0) -> bytes:
        """DER. All CAs list every revoked number: numbers are random, none is given twice. At least `entries` long."""
        now = _now()
        revoked = [(int(serial), datetime.fromtimestamp(at, UTC)) for serial, at in self._revoked()]
        filling = ((_FILLING + number, now) for number in range(max(entries - len(revoked), 0)))
        name = issuer.certificate.subject
        return revocation_list(name, issuer.key, [*revoked, *filling], now, now + _FRESH, sha1=issuer.sha1)

    def ocsp(self, issuer: Issuer, question: bytes, manner: str = "right") -> bytes:
        """The DER answer, signed by the issuer itself; `manner`: right, stale, unknown, wrong_signer."""
        try:
            asked = ocsp.load_der_ocsp_request(question)
        except ValueError:
            return _unsuccessful(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
        if not _asked_of(issuer, asked):
            return _unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED)
        revoked = self._store.rows("SELECT at FROM revoked WHERE serial = ?", str(asked.serial_number))
        at = datetime.fromtimestamp(revoked[0][0], UTC) if revoked else None
        made = _now() - (timedelta(days=30) if manner == "stale" else timedelta(0))
        status = ocsp.OCSPCertStatus.REVOKED if at else ocsp.OCSPCertStatus.GOOD
        builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
            asked.issuer_name_hash,
            asked.issuer_key_hash,
            asked.serial_number,
            asked.hash_algorithm,
            ocsp.OCSPCertStatus.UNKNOWN if manner == "unknown" else status,
            made,
            made + _FRESH,
            at if manner != "unknown" else None,
            None,
        )
        wrong = self.root if issuer is not self.root else self.issuing
        signer = wrong if manner == "wrong_signer" else issuer
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, signer.certificate)
        return builder.sign(signer.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def stamp(self, question: bytes, manner: str = "right") -> bytes:
        """The TimeStampResp; `manner`: right or wrong_imprint. Raises `ValueError` for what is no question."""
        key, certificate = self._stamping()
        chain = [certificate, self.issuing.certificate]
        return answered(question, key, chain, datetime.now(UTC), wrong=manner == "wrong_imprint")

    def _stamping(self) -> tuple[Key, x509.Certificate]:
        kept = _kept(self._folder, "tsa")
        if kept is None:
            key = ec.generate_private_key(ec.SECP256R1())
            kept = _keep(self._folder, "tsa", key, self.issue("tsa", "TSA", key))
        return kept.key, kept.certificate

    def _revoked(self) -> Sequence[tuple[str, float]]:
        return self._store.rows("SELECT serial, at FROM revoked")


def pem(key: Key) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _kept(folder: Path, name: str) -> Issuer | None:
    key_file, file = folder / f"{name}.key", folder / f"{name}.pem"
    if not file.exists():
        return None
    key = load_pem_private_key(key_file.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return Issuer(name, key, x509.load_pem_x509_certificate(file.read_bytes()))


def _made(folder: Path, name: str, above: Issuer | None, url: str) -> Issuer:
    key = ec.generate_private_key(ec.SECP256R1())
    title = "Sandbox Root CA" if above is None else "Sandbox Issuing CA"
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Sandbox, not for real use"),
            x509.NameAttribute(NameOID.COMMON_NAME, title),
        ]
    )
    builder = _begun(subject, above.certificate.subject if above else subject, key.public_key(), _YEARS)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0 if above else 1), critical=True)
    builder = builder.add_extension(_ca_usage(), critical=True)
    if above is None:
        certificate = builder.sign(key, hashes.SHA256())
    else:
        certificate = _signed(_pointing(builder, "root", url), above)
    return _keep(folder, name, key, certificate)


def _keep(folder: Path, name: str, key: Key, certificate: x509.Certificate) -> Issuer:
    (folder / f"{name}.key").touch(mode=0o600)
    (folder / f"{name}.key").write_text(pem(key), "ascii")
    (folder / f"{name}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    return Issuer(name, key, certificate)


def _subject(role: str, code: str) -> x509.Name:
    """An agency is bound to its code by organizationIdentifier; a person's certificate names it as a unit only."""
    country = x509.NameAttribute(NameOID.COUNTRY_NAME, "VN")
    if role == "leader":
        return x509.Name(
            [
                country,
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, f"Cơ quan {code}"),
                x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, code),
                x509.NameAttribute(NameOID.TITLE, "Người đứng đầu"),
                x509.NameAttribute(NameOID.COMMON_NAME, "Nguyễn Văn Thử"),
            ]
        )
    return x509.Name(
        [
            country,
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, f"Cơ quan {code}"),
            x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, code),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{'TSA' if role == 'tsa' else 'Cơ quan'} {code}"),
        ]
    )


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey, term: timedelta
) -> x509.CertificateBuilder:
    now = _now()
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=30)).not_valid_after(now + term)
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)


def _pointing(builder: x509.CertificateBuilder, issuer: str, url: str) -> x509.CertificateBuilder:
    """Where the issuer's CRL and OCSP are."""
    crl = x509.UniformResourceIdentifier(f"{url}/pki/{issuer}.crl")
    answers = x509.UniformResourceIdentifier(f"{url}/pki/{issuer}/ocsp")
    point = x509.DistributionPoint(full_name=[crl], relative_name=None, reasons=None, crl_issuer=None)
    access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, answers)
    builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
    return builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)


def _signed(builder: x509.CertificateBuilder, by: Issuer) -> x509.Certificate:
    return builder.add_extension(_issued_by(by), critical=False).sign(by.key, hashes.SHA256())


def _issued_by(issuer: Issuer) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())


def _asked_of(issuer: Issuer, asked: ocsp.OCSPRequest) -> bool:
    """Whether the question names this issuer, by name and key, in whichever hash it was asked."""
    point = _key_bits(issuer.key)
    mine = (_hashed(asked, issuer.certificate.subject.public_bytes()), _hashed(asked, point))
    return mine == (asked.issuer_name_hash, asked.issuer_key_hash)


def _key_bits(key: Key) -> bytes:
    """What responders hash to name an issuer's key: the bits of the key, without the algorithm."""
    if isinstance(key, rsa.RSAPrivateKey):
        return key.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _hashed(asked: ocsp.OCSPRequest, data: bytes) -> bytes:
    digest = hashes.Hash(asked.hash_algorithm)
    digest.update(data)
    return digest.finalize()


def _unsuccessful(status: ocsp.OCSPResponseStatus) -> bytes:
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(Encoding.DER)


def _signing_usage() -> x509.KeyUsage:
    return _usage(digital_signature=True, content_commitment=True)


def _ca_usage() -> x509.KeyUsage:
    return _usage(digital_signature=True, key_cert_sign=True, crl_sign=True)  # digitalSignature: it answers OCSP itself


def _usage(**granted: bool) -> x509.KeyUsage:
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: granted.get(name, False) for name in names})


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
