"""Authorities shaped as the real ones are: both government generations and the national root (facts: public files).

Each is made when first asked for, and kept: large RSA keys take seconds.
"""

from __future__ import annotations

import secrets
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from gateway.sandbox.ca_der import Key, over_sha1

_TAX_CODE = x509.ObjectIdentifier("0.9.2342.19200300.100.1.1")
_ISSUER_ALT_NAME = x509.ObjectIdentifier("2.5.29.18")
_POLICY = "2.16.704.1.1.1.1.1"
_YEARS = timedelta(days=3650)
_TERM = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class Generation:
    """`hosts`: the (internal) names under which its certificates say CRL and OCSP are; None: ours."""

    root: str
    issuing: str
    bits: int
    sha1: bool = False
    hosts: tuple[str, str] | None = None


GENERATIONS = {
    "g1": Generation(
        "Co quan chung thuc so chuyen dung thu nghiem (RootCA)", "Cơ quan chứng thực số thử nghiệm Bộ Tài chính",
        2048, sha1=True, hosts=("ca.btc.thu-nghiem", "ocsp.ca.btc.thu-nghiem"),
    ),
    "g2": Generation("RootCA chuyên dùng thử nghiệm G2", "CA phục vụ các cơ quan Nhà nước thử nghiệm G2", 3072),
    "national": Generation("Vietnam National Root CA (sandbox)", "Nhà cung cấp công cộng thử nghiệm", 2048),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Issuer:
    """One CA: `name` is that of its addresses."""

    name: str
    key: Key
    certificate: x509.Certificate
    sha1: bool = False


def root_of(folder: Path, name: str) -> Issuer:
    """The self-signed root `name`, kept in `folder`."""
    shape = GENERATIONS[name]
    return _kept(folder, name, shape) or _made(folder, name, shape)


def issuing_of(folder: Path, name: str, url: str) -> Issuer:
    """The issuing CA below it."""
    shape, title = GENERATIONS[name], f"{name}-issuing"
    return _kept(folder, title, shape) or _made(folder, title, shape, root_of(folder, name), url)


def leaf(folder: Path, name: str, url: str, key: rsa.RSAPublicKey, *, role: str, code: str) -> x509.Certificate:
    """A signer's certificate of that generation, with what is peculiar to it."""
    issuer, shape = issuing_of(folder, name, url), GENERATIONS[name]
    builder = _begun(_subject(name, role, code), issuer.certificate.subject, key, _TERM)
    builder = builder.serial_number(secrets.randbits(23) + 1 if name == "g1" else x509.random_serial_number())
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=False)
    # G1: nonRepudiation alone, not critical; purposes of logging in, none of documents; an empty issuerAltName.
    builder = builder.add_extension(_usage(signature=name != "g1"), critical=name != "g1")
    if name == "g1":
        purposes = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION]
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        builder = builder.add_extension(x509.UnrecognizedExtension(_ISSUER_ALT_NAME, b"\x30\x00"), critical=False)
    return _signed(_pointing(builder, issuer, shape, url), issuer)


def _subject(name: str, role: str, code: str) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COUNTRY_NAME, "VN")]
    if name == "national":
        parts.append(x509.NameAttribute(_TAX_CODE, f"MST:{code}"))
        title = f"Công ty trách nhiệm hữu hạn một thành viên thử nghiệm chữ ký số và báo cáo {code}"
        with warnings.catch_warnings():  # longer than 64 letters, as real ones are
            warnings.simplefilter("ignore")
            return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, title, _validate=False)])
    parts.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, f"Cơ quan {code}"))
    if role == "agency":
        parts.append(x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, code))
    person = "Nguyễn Văn Thử" if role == "leader" else f"Cơ quan {code}"
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, person)])


def _made(folder: Path, name: str, shape: Generation, above: Issuer | None = None, url: str = "") -> Issuer:
    folder.mkdir(parents=True, exist_ok=True)
    key = rsa.generate_private_key(65537, shape.bits)
    title = shape.issuing if above else shape.root
    subject = x509.Name(
        [x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"), x509.NameAttribute(NameOID.COMMON_NAME, title)]
    )
    builder = _begun(subject, above.certificate.subject if above else subject, key.public_key(), _YEARS)
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0 if above else None), critical=True)
    builder = builder.add_extension(_authority_usage(), critical=True)
    if above is None:
        issuer = Issuer(name, key, builder.sign(key, hashes.SHA256()), shape.sha1)
        certificate = over_sha1(issuer.certificate, key) if shape.sha1 else issuer.certificate
    else:
        policy = x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier(_POLICY), None)])
        builder = builder.add_extension(policy, critical=False)
        certificate = _signed(_pointing(builder, above, shape, url), above)
    _keep(folder, name, key, certificate)
    return Issuer(name, key, certificate, shape.sha1)


def _begun(subject: x509.Name, issuer: x509.Name, key: rsa.RSAPublicKey, term: timedelta) -> x509.CertificateBuilder:
    now = datetime.now(UTC).replace(microsecond=0)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    builder = builder.not_valid_before(now - timedelta(days=30)).not_valid_after(now + term)
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)


def _pointing(builder: x509.CertificateBuilder, issuer: Issuer, shape: Generation, url: str) -> x509.CertificateBuilder:
    """Where CRL and OCSP of the issuer are; for the old generation under names that only the inside can resolve."""
    port = url.rpartition(":")[2]
    lists, answers = (f"http://{host}:{port}" for host in shape.hosts) if shape.hosts else (url, url)
    crl = x509.UniformResourceIdentifier(f"{lists}/pki/{issuer.name}.crl")
    service = x509.UniformResourceIdentifier(f"{answers}/pki/{issuer.name}/ocsp")
    point = x509.DistributionPoint(full_name=[crl], relative_name=None, reasons=None, crl_issuer=None)
    access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, service)
    builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
    return builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)


def _signed(builder: x509.CertificateBuilder, by: Issuer) -> x509.Certificate:
    named = x509.AuthorityKeyIdentifier.from_issuer_public_key(by.key.public_key())
    certificate = builder.add_extension(named, critical=False).sign(by.key, hashes.SHA256())
    if not by.sha1:
        return certificate
    assert isinstance(by.key, rsa.RSAPrivateKey)
    return over_sha1(certificate, by.key)


def _kept(folder: Path, name: str, shape: Generation) -> Issuer | None:
    file = folder / f"{name}.pem"
    if not file.exists():
        return None
    key = load_pem_private_key((folder / f"{name}.key").read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return Issuer(name, key, x509.load_pem_x509_certificate(file.read_bytes()), shape.sha1)


def _keep(folder: Path, name: str, key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> None:
    (folder / f"{name}.key").touch(mode=0o600)
    (folder / f"{name}.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / f"{name}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))


def _usage(*, signature: bool) -> x509.KeyUsage:
    return x509.KeyUsage(signature, True, False, False, False, False, False, False, False)


def _authority_usage() -> x509.KeyUsage:
    return x509.KeyUsage(True, False, False, False, False, True, True, False, False)  # digitalSignature: OCSP itself
