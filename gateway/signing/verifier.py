"""`ports.Verifier` for signatures in XML, PDF, CMS and JWS: policies and anchors as of their last good reading."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gateway.domain.errors import Misconfigured
from gateway.domain.verdict import Indication, Integrity, Outcome, SubIndication, Verdict
from gateway.ports import Fetcher, Proven
from gateway.signing.evidence import Judged, record_of
from gateway.signing.findings import finding
from gateway.signing.gathered import NOTHING, Gathered
from gateway.signing.judging import examine
from gateway.signing.look import Setting
from gateway.signing.message import Examined
from gateway.signing.pdf.process import PdfReaders
from gateway.signing.pki.certificate import Certificates
from gateway.signing.pki.revocation import Revocations
from gateway.signing.pki.store import Store, read_store
from gateway.signing.policies import read_policies
from gateway.signing.policy import Policy
from gateway.signing.trust import Trust

log = logging.getLogger(__name__)
_LOOKED_AT_EVERY = 5.0  # seconds: a changed policy or anchor counts within these, and a look costs as much as a digest


@dataclass(frozen=True, slots=True)
class _Read:
    """Policies and trust of one reading: a verdict rests on one of them, never on parts of two."""

    seen: object  # what the folders looked like
    policies: Mapping[str, Policy]
    store: Store
    trust: Trust


class SignatureVerifier:
    """Safe between threads. `policies`: a folder of ``<id>.yaml`` or one such file; `trust`: the folder with
    ``anchors.yaml`` (absent: nobody is trusted); `fetcher` None: offline; `kept`: a folder where revocation answers
    outlive the process; `ticks`: seconds that only grow, by which a host that failed is left in peace.

    Both folders are read again when something in them has changed. A change with a fault in it is told in the log and
    not taken: the last good reading stays. Raises `Misconfigured` (F-005) with every fault when made, and nothing
    afterwards.
    """

    def __init__(
        self,
        policies: Path,
        trust: Path,
        fetcher: Fetcher | None,
        kept: Path | None = None,
        *,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folders, self._fetcher, self._kept, self._ticks = (policies, trust), fetcher, kept, ticks
        self._certificates = Certificates()
        self._readers = PdfReaders()
        self._lock = threading.Lock()
        self._looked = ticks()
        self._faulty: object = None  # what the folders looked like when they could not be read
        self._read = self._reading(_looks(self._folders))

    def verify(self, payload: bytes, signature: bytes | None, policy: str, at: datetime) -> Verdict:
        """The verdict on `payload` (with a detached `signature` beside it) under `policy`, judged at `at`."""
        return self.examine(payload, signature, policy, at).verdict

    def prove(self, payload: bytes, signature: bytes | None, policy: str, at: datetime) -> Proven:
        """The same, with the record by which it can be had again offline (`evidence_replay`)."""
        read = self._latest()
        known = read.policies.get(policy)
        examined = self._examined(payload, signature, self._setting(read, policy, at, NOTHING), policy)
        anchors = tuple(one for one in read.store.anchors.values() if one.id in examined.gathered.anchors)
        source = known.source if known is not None else b""
        judged = Judged(payload, signature, source, at, examined.verdict, examined.gathered, anchors)
        return Proven(examined.verdict, *record_of(judged))

    def examine(
        self, payload: bytes, signature: bytes | None, policy: str, at: datetime, given: Gathered = NOTHING
    ) -> Examined:
        """The same, with everything the verdict rests on; `given` is believed like what a signature brings along."""
        return self._examined(payload, signature, self._setting(self._latest(), policy, at, given), policy)

    def files_of(self, pdf: bytes) -> list[tuple[str, bytes]]:
        """(name, content) of each data file in `pdf`, read in the processes that read its signatures."""
        return self._readers.files(pdf)

    def _examined(self, payload: bytes, signature: bytes | None, setting: Setting | None, policy: str) -> Examined:
        if setting is None:
            return Examined(_no_policy(policy), NOTHING)
        return examine(payload, signature, setting, self._readers.read)

    def _setting(self, read: _Read, policy: str, at: datetime, given: Gathered) -> Setting | None:
        known = read.policies.get(policy)
        return Setting(known, at, read.trust, self._certificates, given) if known is not None else None

    def _latest(self) -> _Read:
        """What is read of both folders, read again where they changed. Never raises."""
        if self._ticks() - self._looked < _LOOKED_AT_EVERY or not self._lock.acquire(blocking=False):
            return self._read
        try:
            self._looked = self._ticks()
            seen = _looks(self._folders)
            if seen not in (self._read.seen, self._faulty):
                self._read = self._reading(seen)
                log.info("trust read again", extra={"trust_version": self._read.store.version})
        except (Misconfigured, OSError) as error:
            self._faulty = seen
            log.error("trust not read again", extra={"why": str(error)})
        finally:
            self._lock.release()
        return self._read

    def _reading(self, seen: object) -> _Read:
        policies, trust = self._folders
        store = read_store(trust)
        revocations = Revocations(self._fetcher, store, self._kept, ticks=self._ticks)
        return _Read(seen, read_policies(policies), store, Trust(store, revocations, self._kept))


def _looks(folders: Iterable[Path]) -> object:
    """Names, sizes and times of everything in `folders`, or of a file."""
    found: list[tuple[str, int, int]] = []
    for folder in folders:
        for one in (folder, *sorted(folder.rglob("*"))):
            with suppress(FileNotFoundError):
                told = one.stat()
                found.append((str(one), told.st_size, told.st_mtime_ns))
    return tuple(found)


def _no_policy(name: str) -> Verdict:
    check = finding("policy.unknown", Outcome.UNDETERMINED, name=name)
    sub = SubIndication.SIGNATURE_POLICY_NOT_AVAILABLE
    return Verdict(Indication.INDETERMINATE, sub, Integrity.UNDETERMINED, (), name, "", (check,))
