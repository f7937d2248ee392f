"""The hand on the switches: a small client of the control port."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from gateway.sandbox.ca_generations import GENERATIONS
from gateway.sandbox.credentials import Credentials


@dataclass(frozen=True, slots=True)
class Registered:
    """What the agency's document system gave back: number, date (yyyy-mm-dd), signer, and the files by name."""

    number: str
    notation: str
    issued: str
    signer: str
    position: str
    files: dict[str, bytes]


class Client:
    """One control port at `base_url`. Every method raises `httpx.HTTPError` when it is not obeyed."""

    def __init__(self, base_url: str) -> None:
        self._http = httpx.Client(base_url=base_url, timeout=30, trust_env=False)
        self.control_url = base_url
        try:
            about = self._get("about")
        except httpx.HTTPError:
            self.close()
            raise
        self.national_url: str = about["national_url"]
        self.axis_url: str = about["axis_url"]
        self.lgsp_url: str = about["lgsp_url"]
        self.credentials = Credentials(**about["credentials"])

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def fault(self, name: str, times: int | None = None, seconds: float | None = None) -> None:
        """Begin a fault: for the next `times` packets, or until `clear`.

        seconds  slow: how long · too_many: Retry-After · drip: between bytes · refuse, hang: when it ends by itself
        """
        self._post("fault", name=name, times=times, seconds=seconds)

    def clear(self) -> None:
        """End every fault; modes and judgements stay."""
        self._post("clear")

    def mode(self, **changes: bool | float | str) -> None:
        """unaskable, alter_statements, deduplicate, documented; judge_after, office_after (seconds); of the CA:
        ocsp (right, stale, unknown, wrong_signer, stalled, stopped), tsa (right, wrong_imprint, stopped),
        crl_entries."""
        self._post("mode", **changes)

    def office(self, manner: str) -> None:
        """How the receiving office answers the next documents: a name in `office.MANNERS`."""
        self._post("mode", office=manner)

    def office_says(self, document_id: str, *codes: str) -> int:
        """Whoever received that document says these status codes now; how many they are."""
        return int(self._post("office_says", document=document_id, codes=list(codes)))

    def answering(self) -> int:
        """Requests that have come in and are not answered to their end, whoever sent them may be gone since."""
        return int(self._get("answering"))

    def count(self, message_id: str) -> int:
        """Arrivals stored under this message id (on the axis: DocumentId)."""
        return int(self._get("count", message_id=message_id))

    def arrivals(self) -> list[dict[str, Any]]:
        """Packets taken: messageId, docId, digest, receivedAt, packet, form, period, reporter, revision, backfill…"""
        found: list[dict[str, Any]] = self._get("arrivals")
        return found

    def documents(self) -> list[dict[str, Any]]:
        """Every package taken by the axis: docId, kind, from, to, documentId, notation, title, digest, receivedAt."""
        found: list[dict[str, Any]] = self._get("documents")
        return found

    def judge(self, form: str, period: str, answer: str) -> None:
        """Judge the next packets of this form and period (“ND09:2025M06”) as accepted, partly or returned."""
        self._post("judge", form=form, period=period, answer=answer)

    def judge_normally(self) -> None:
        self._post("judge_normally")

    def add_indicator(self, code: str, name: str, unit: str, *, replaces: Sequence[str] = (), since: str = "") -> str:
        """A new version of the indicator catalogue; its number. `replaces`: codes that go, and whose place it takes;
        `since`: the day from which the version holds (yyyy-mm-dd)."""
        gone = " ".join(replaces)
        return str(self._post("add_indicator", code=code, name=name, unit=unit, replaces=gone, since=since))

    def withdraw_indicators(self, *codes: str, since: str = "") -> str:
        """A new version of the indicator catalogue without these; its number."""
        return str(self._post("withdraw_indicators", codes=list(codes), since=since))

    def announce(self, xml: str) -> str:
        """A regime, an outline or a KPI set (its element alone), in place of what was announced so far; its name."""
        return str(self._post("announce", xml=xml))

    def register(self, subject: str, files: Sequence[tuple[str, bytes]]) -> Registered:
        """Have a document numbered, dated and signed by the agency's document system."""
        sent = {name: base64.b64encode(content).decode() for name, content in files}
        said = self._post("register", subject=subject, files=sent)
        back = {name: base64.b64decode(content) for name, content in said.pop("files").items()}
        return Registered(**said, files=back)

    def issue(
        self, role: str, code: str, *, kind: str = "ec", generation: str = ""
    ) -> tuple[ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, x509.Certificate]:
        """A key (`kind` ec or rsa) and a certificate for role leader, agency or tsa of the agency `code`.

        `generation` g1, g2 or national: as those authorities write theirs, RSA.
        """
        said = self._post("issue", role=role, code=code, rsa=kind == "rsa", generation=generation)
        key = load_pem_private_key(said["key"].encode(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey)
        return key, x509.load_pem_x509_certificate(said["certificate"].encode())

    def revoke(self, certificate: x509.Certificate) -> None:
        """From now on in the CRL and in OCSP."""
        self._post("revoke", serial=str(certificate.serial_number))

    def write_trust(self, folder: Path, *generations: str) -> None:
        """A trust folder that believes this CA, the root pinned, the issuing CA in the pool; and `generations`."""
        (folder / "pool").mkdir(parents=True, exist_ok=True)
        anchors = [self._anchor(folder, "root", "issuing", "sandbox-root")]
        anchors += [self._anchor(folder, name, f"{name}-issuing", f"sandbox-{name}") for name in generations]
        hosts = {host: "127.0.0.1" for name in generations for host in GENERATIONS[name].hosts or ()}
        (folder / "anchors.yaml").write_text(
            "# CA giả lập, chỉ để thử.\nversion: 1\nanchors:\n" + "".join(anchors) + "pool: pool\n"
            f"hosts: [127.0.0.1]\nhost_map: {json.dumps(hosts)}\n",
            "utf-8",
        )

    def _anchor(self, folder: Path, root: str, issuing: str, name: str) -> str:
        """Its line in ``anchors.yaml``; the files are written."""
        pem = self._answer(self._http.get(f"/pki/{root}.pem")).content
        (folder / f"{name}.pem").write_bytes(pem)
        below = self._answer(self._http.get(f"/pki/{issuing}.pem")).content
        (folder / "pool" / f"sandbox-{issuing}.pem").write_bytes(below)
        pin = sha256(x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)).hexdigest()
        old = ", sha1_until: 2030-03-05" if root == "g1" else ""
        return f"  - {{id: {name}, role: root, file: {name}.pem, sha256: {pin}{old}}}\n"

    def _get(self, act: str, **params: str) -> Any:
        return self._answer(self._http.get(f"/control/{act}", params=params)).json()

    def _post(self, act: str, **said: Any) -> Any:
        return self._answer(self._http.post(f"/control/{act}", json=said)).json()

    def _answer(self, response: httpx.Response) -> httpx.Response:
        if response.status_code == 422:
            raise httpx.HTTPStatusError(response.text, request=response.request, response=response)
        return response.raise_for_status()
