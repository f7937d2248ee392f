"""Everything that can be wrong with the other side, each on a line of its own to a receiver of its own."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from gateway.sandbox import Sandbox
from tests.faults.proxy import Manner, Proxy


@dataclass
class There:
    """One receiver that does not deduplicate, the line to it, and (for `wrong_certificate`) what the line shows."""

    other_side: Sandbox
    line: Proxy
    shows: Certificates | None = None

    def fault(self, name: str, times: int | None = 1, seconds: float | None = None) -> None:
        self.other_side.fault(f"national:{name}", times=times, seconds=seconds)

    def show(self, which: str) -> None:
        assert self.shows is not None
        self.shows.show(which)


@dataclass(frozen=True, slots=True)
class Trouble:
    """`begin` is called before the report is handed in, `heal` once it was tried in vain.

    ends   the stage it comes to rest at
    facts  what the journal must say on the way there
    """

    begin: Callable[[There], object]
    heal: Callable[[There], object] = lambda _: None
    ends: str = "reconciled"
    facts: frozenset[str] = frozenset({"Delivered"})


def _line(manner: Manner, times: int | None = 1) -> Callable[[There], object]:
    return lambda there: there.line.begin(manner, times)


def _clear(there: There) -> None:
    there.line.clear()


_AGAIN = frozenset({"Undelivered", "Delivered"})

TROUBLES: Mapping[str, Trouble] = {
    "refuses": Trouble(lambda there: there.line.refuse(), _clear, facts=_AGAIN),
    "hangs": Trouble(lambda there: there.fault("hang"), facts=_AGAIN),
    "is slow and takes it after we have gone": Trouble(lambda there: there.fault("slow", seconds=1.0)),
    "drips its answer": Trouble(lambda there: there.fault("drip", seconds=0.1)),
    "resets before storing": Trouble(lambda there: there.fault("reset_before_storing"), facts=_AGAIN),
    "resets in the middle of its answer": Trouble(lambda there: there.fault("reset")),
    "answers 500 before storing": Trouble(lambda there: there.fault("fail_before_storing"), facts=_AGAIN),
    "answers 500 after storing": Trouble(lambda there: there.fault("fail_after_storing")),
    "asks to come again later": Trouble(lambda there: there.fault("too_many", seconds=2), facts=_AGAIN),
    "says that our token is wrong": Trouble(lambda there: there.fault("wrong_token", times=2), facts=_AGAIN),
    "redirects": Trouble(lambda there: there.fault("redirect"), facts=_AGAIN),
    "says that it has it, and has not": Trouble(lambda there: there.fault("duplicate"), facts=_AGAIN),
    "gives a receipt for other content": Trouble(
        lambda there: there.fault("lie"), ends="parked", facts=frozenset({"Discrepant"})
    ),
    "shows a wrong certificate": Trouble(
        lambda there: there.show("wrong"), lambda there: there.show("right"), facts=_AGAIN
    ),
    "the line breaks within our question": Trouble(_line(Manner("cut", size=300, way="up")), facts=_AGAIN),
    "the line swallows the answer": Trouble(_line(Manner("cut_reply"))),
    "the line breaks within the answer": Trouble(_line(Manner("cut", size=20, way="down"))),
    "the line drips our question": Trouble(_line(Manner("drip", seconds=0.01, way="up"), None), _clear, facts=_AGAIN),
    "the line is late": Trouble(_line(Manner("latency", seconds=0.1), None)),
    "the line keeps our question": Trouble(_line(Manner("hang", way="up"), None), _clear),
    "the line keeps the answer": Trouble(_line(Manner("hang", way="down"), None), _clear),
}


class Certificates:
    """What a TLS line shows: the certificate that is trusted, or one that is not, under the same name."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.trusted = folder / "trusted.pem"
        self._chains = {"right": _certified(self.trusted), "wrong": _certified(folder / "other.pem")}
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.show("right")

    def show(self, which: str) -> None:
        """From the next connection on."""
        self.context.load_cert_chain(self._chains[which])


def _certified(path: Path) -> Path:
    """A certificate for the loopback, signed by itself, at `path`; the file with its key beside it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, path.stem)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    public = made.public_bytes(Encoding.PEM)
    path.write_bytes(public)
    both = path.with_suffix(".both")
    both.write_bytes(public + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return both
