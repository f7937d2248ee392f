"""A tiny certification service made at run time: root, issuing CA, signers, revocation lists and OCSP answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from gateway.domain.errors import Unavailable, problem
from gateway.signing.xml.sign import PrivateKey

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
HOST = "crl.example"
DAY = timedelta(days=1)


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@dataclass
class Issuer:
    """One CA: its key, its certificate, and what it has revoked."""

    name: x509.Name
    key: PrivateKey
    certificate: x509.Certificate
    revoked: dict[int, datetime] = field(default_factory=dict)

    def crl(self, at: datetime) -> bytes:
        builder = x509.CertificateRevocationListBuilder(self.name, at - DAY / 24, at + 7 * DAY)
        for serial, since in self.revoked.items():
            entry = x509.RevokedCertificateBuilder(serial, since).build()
            builder = builder.add_revoked_certificate(entry)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)


def _name(common: str, organisation: str | None = None) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"), x509.NameAttribute(NameOID.COMMON_NAME, common)]
    if organisation:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, organisation))
    return x509.Name(parts)


class Authority:
    """`crl.example/<common name>.crl` serves the list of each CA."""

    def __init__(self, name: str = "Gốc thử nghiệm") -> None:
        key = new_key()
        subject = _name(name)
        self.root = Issuer(subject, key, self._ca(subject, key, subject, key, "root"))
        between, below = new_key(), _name(f"{name} cấp dưới")
        self.sub = Issuer(below, between, self._ca(below, between, subject, key, "root"))
        self.now = NOW
        self.down = False
        self.ocsp_down = False
        self.forgets = False  # OCSP says good of everything
        self.asked: list[str] = []

    @staticmethod
    def _ca(name: x509.Name, key: PrivateKey, issuer: x509.Name, by: PrivateKey, listed: str) -> x509.Certificate:
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        return (
            _builder(name, key, issuer, NOW - 3650 * DAY, NOW + 3650 * DAY, listed)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .sign(by, hashes.SHA256())
        )

    def issue(
        self,
        name: str,
        organisation: str | None = None,
        *,
        key: PrivateKey | None = None,
        since: datetime = NOW - 300 * DAY,
        until: datetime = NOW + 300 * DAY,
        signs: bool = True,
        with_ocsp: bool = False,
        listed: str | None = "sub",
    ) -> tuple[PrivateKey, x509.Certificate]:
        own = key or new_key()
        usage = x509.KeyUsage(signs, signs, not signs, False, False, False, False, False, False)
        builder = _builder(_name(name, organisation), own, self.sub.name, since, until, listed).add_extension(
            usage, critical=False
        )
        if with_ocsp:
            service = x509.UniformResourceIdentifier(f"http://{HOST}/ocsp")
            access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, service)
            builder = builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
        return own, builder.sign(self.sub.key, hashes.SHA256())

    def issue_tsa(
        self, *, until: datetime = NOW + 300 * DAY, critical: bool = True
    ) -> tuple[PrivateKey, x509.Certificate]:
        """For time-stamping and nothing else."""
        own = new_key()
        builder = _builder(_name("TSA"), own, self.sub.name, NOW - 300 * DAY, until, "sub")
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        return own, builder.add_extension(purpose, critical=critical).sign(self.sub.key, hashes.SHA256())

    def issue_responder(self) -> tuple[PrivateKey, x509.Certificate]:
        """For OCSP in the issuing CA's name."""
        own = new_key()
        builder = _builder(_name("OCSP"), own, self.sub.name, NOW - 30 * DAY, NOW + 30 * DAY, None)
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING])
        return own, builder.add_extension(purpose, critical=False).sign(self.sub.key, hashes.SHA256())

    def revoke(self, certificate: x509.Certificate, at: datetime) -> None:
        self.sub.revoked[certificate.serial_number] = at

    # ports.Fetcher
    def get(self, url: str) -> bytes:
        self._ask(url)
        return {"root": self.root, "sub": self.sub}[Path(url).stem].crl(self.now)

    def post(self, url: str, body: bytes, media_type: str) -> bytes:
        self._ask(url)
        assert media_type == "application/ocsp-request"
        if self.ocsp_down:
            raise Unavailable(problem("A-001", destination=url, reason="down"))
        request = ocsp.load_der_ocsp_request(body)
        since = None if self.forgets else self.sub.revoked.get(request.serial_number)
        return (
            ocsp.OCSPResponseBuilder()
            .add_response_by_hash(
                issuer_name_hash=request.issuer_name_hash,
                issuer_key_hash=request.issuer_key_hash,
                serial_number=request.serial_number,
                algorithm=request.hash_algorithm,
                cert_status=ocsp.OCSPCertStatus.REVOKED if since else ocsp.OCSPCertStatus.GOOD,
                this_update=self.now,
                next_update=self.now + DAY,
                revocation_time=since,
                revocation_reason=None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.NAME, self.sub.certificate)
            .sign(self.sub.key, hashes.SHA256())
            .public_bytes(Encoding.DER)
        )

    def _ask(self, url: str) -> None:
        self.asked.append(url)
        if self.down:
            raise Unavailable(problem("A-001", destination=url, reason="down"))

    def write_trust(self, folder: Path) -> Path:
        (folder / "pool").mkdir(parents=True)
        (folder / "root.pem").write_bytes(self.root.certificate.public_bytes(Encoding.PEM))
        (folder / "pool" / "sub.der").write_bytes(self.sub.certificate.public_bytes(Encoding.DER))
        pin = self.root.certificate.fingerprint(hashes.SHA256()).hex()
        (folder / "anchors.yaml").write_text(
            f"version: 1\nhosts: [{HOST}]\nanchors:\n  - {{id: test-root, role: root, file: root.pem, sha256: {pin}}}\n"
        )
        return folder


def _builder(
    name: x509.Name, key: PrivateKey, issuer: x509.Name, since: datetime, until: datetime, listed: str | None
) -> x509.CertificateBuilder:
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
    )
    if listed is None:
        return builder
    point = x509.UniformResourceIdentifier(f"http://{HOST}/{listed}.crl")
    points = x509.CRLDistributionPoints([x509.DistributionPoint([point], None, None, None)])
    return builder.add_extension(points, critical=False)


def new_rsa() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)
