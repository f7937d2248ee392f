"""Where a deployment runs: ``gateway.toml``, ``clients.toml``, ``local.toml`` and the environment.

Environment wins over ``local.toml``, which wins over ``gateway.toml``. A secret comes as `X` or
`X_FILE`; a file that cannot be read stops the start.
"""

from __future__ import annotations

import ssl
import tomllib
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import reduce
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from gateway.domain.errors import Misconfigured, Problem, problem
from gateway.schemas.declarations import Declarations, faults_of, merged
from gateway.schemas.signers import SignerText

Network = IPv4Network | IPv6Network
_THIS_MACHINE: tuple[Network, ...] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Server(_Declared):
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    max_bytes: int = Field(default=64 * 1024 * 1024, gt=0)
    spool_bytes: int = Field(default=1024 * 1024 * 1024, gt=0)  # taken in while the store is away
    desk_from: tuple[Network, ...] = _THIS_MACHINE  # from where the desk and /metrics may be looked at


class Work(_Declared):
    batch: int = Field(default=16, ge=1, le=512)
    lease_seconds: float = Field(default=60, gt=0)
    sweep_seconds: float = Field(default=2, gt=0)


class Permission(_Declared):
    """The Provincial Committee's permission for a sector's vertical system to connect (Lào Cai 11.5.b, Sóc Trăng
    13.4.b): the number of its document, the day it was given, and until when it holds where it says so.
    """

    document: str = Field(pattern=r"^\d+[/-]\S+$")
    issued: date
    valid_to: date | None = None
    scope: str = ""

    def holds_on(self, day: date) -> bool:
        return self.issued <= day and (self.valid_to is None or day <= self.valid_to)


class Backup(_Declared):
    """Where `gateway backup` keeps its copies: on another disk, better in another building."""

    folder: Path = Path("backups")  # relative to the deployment
    keep: int = Field(default=7, ge=1)
    every_hours: float = Field(default=24, gt=0)
    synchronous: bool = False  # a report is accepted only once the backup's disk has it, too


class Retention(_Declared):
    """Years an exchange is kept after the one it ended in; none named: for ever. Never less than paper is kept."""

    years: int | None = Field(default=None, ge=1)
    agreements: dict[str, int] = {}

    def of(self, agreement: str) -> int | None:
        return self.agreements.get(agreement, self.years)


class Webhook(_Declared):
    """Where a system is told what waits in its inbox (Standard Webhooks). Each file holds one secret, ``whsec_`` and
    base64; with two of them every message is signed by both, so that a secret is changed without a gap.
    """

    url: str = Field(pattern=r"^https?://[^@]+$")
    secret_files: tuple[Path, ...] = Field(min_length=1)
    ca_file: Path | None = None
    deadline_seconds: float = Field(default=15, gt=0, le=60)

    def secrets(self, home: Path, faults: list[str]) -> tuple[bytes, ...]:
        """The keys themselves; what is wrong with a file is told, never what it holds."""
        found: list[bytes] = []
        for path in self.secret_files:
            try:
                found.append(_webhook_key((home / path).read_text("utf-8").strip()))
            except OSError as error:
                faults.append(f"{path}: {error.strerror or 'unreadable'}")
            except ValueError:
                faults.append(f"{path}: “whsec_” and the base64 of 24 to 64 bytes are expected")
        return tuple(found)

    def faults(self, home: Path) -> Iterator[tuple[str, str]]:
        """The key and what is wrong with it."""
        wrong: list[str] = []
        self.secrets(home, wrong)
        yield from (("secret_files", reason) for reason in wrong)
        try:
            if self.ca_file:
                ssl.create_default_context(cafile=str(home / self.ca_file))
        except OSError as error:
            yield "ca_file", f"{self.ca_file}: {error.strerror or 'no certificates'}"


def _webhook_key(text: str) -> bytes:
    key = b64decode(text.removeprefix("whsec_"), validate=True)
    if not text.startswith("whsec_") or not 24 <= len(key) <= 64:
        raise ValueError
    return key


class Client(_Declared):
    """A system that hands in reports: its key's SHA-256, and which agreements it may use.

    `kind` sector is a ministry's or sector's vertical system (hệ thống ngành dọc) inside the province; a partner's key
    only tells what became of what was sent to that `partner`.
    """

    id: str
    key_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    agreements: tuple[str, ...] = ()
    kind: Literal["province", "sector", "partner"] = "province"
    partner: str = ""
    permission: Permission | None = None
    webhook: Webhook | None = None

    @model_validator(mode="after")
    def _is_one_or_the_other(self) -> Self:
        if self.kind == "partner" and (not self.partner or self.agreements or self.webhook):
            raise ValueError("a partner's key names its partner, no agreements and no webhook")
        if self.kind != "partner" and (self.partner or "agreements" not in self.model_fields_set):
            raise ValueError("a client names its agreements and no partner")
        return self


class Settings(_Declared):
    """Paths are relative to `home`, the deployment folder."""

    home: Path
    name: str = "Trục liên thông báo cáo"
    province: str = ""
    server: Server = Server()
    work: Work = Work()
    backup: Backup = Backup()
    retention: Retention = Retention()
    desks: tuple[Path, ...] = ()  # folders of fallback desks that can be looked into from here
    fetch_hosts: tuple[str, ...] = ()  # hosts that CRL and OCSP may be fetched from
    anchor_tsa: str | None = None  # address of the authority that time-stamps closed days (RFC 3161)
    clients: tuple[Client, ...] = ()
    partners: dict[str, dict[str, Any]] = {}  # what differs here from partners/*.toml
    agreements: dict[str, dict[str, Any]] = {}
    signers: dict[str, SignerText] = {}
    database_url: str | None = Field(default=None, repr=False)
    redis_url: str | None = Field(default=None, repr=False)

    @property
    def local(self) -> dict[str, Any]:
        return {"partners": self.partners, "agreements": self.agreements}

    @property
    def var(self) -> Path:
        return self.home / "var"


def settings(home: Path, environment: Mapping[str, str]) -> Settings:
    """The deployment in `home`. Raises `Misconfigured` with every fault (F-005)."""
    faults: list[Problem] = []
    files = _files(home, faults)
    found = _laid(files)
    for key, variable in (("database_url", "GATEWAY_DATABASE_URL"), ("redis_url", "GATEWAY_REDIS_URL")):
        value = _secret(environment, variable, faults)
        if value:
            found[key] = value
    try:
        read = Settings.model_validate({**found, "home": home})
    except ValidationError as error:
        raise Misconfigured(*faults, *_faults_where_they_stand(error, files)) from None
    if faults:
        raise Misconfigured(*faults)
    return read


def overrides(home: Path) -> dict[str, dict[str, Any]]:
    """`Settings.local`, however wrong the rest of the settings is."""
    found = _laid(_files(home, []))
    tables = ((kind, found.get(kind)) for kind in ("partners", "agreements"))
    return {
        kind: {name: changes for name, changes in table.items() if isinstance(changes, dict)}
        for kind, table in tables
        if isinstance(table, dict)
    }


def disagreements(read: Settings, declared: Declarations) -> Iterator[Problem]:
    """What is right by itself and wrong together (F-005)."""
    for partner in declared.partners.values():
        if partner.deadline_seconds >= read.work.lease_seconds:
            reason = f"lease_seconds is {read.work.lease_seconds:g}: an attempt must end before its lease does"
            yield problem("F-005", file="partners/", key=f"{partner.id}.deadline_seconds", reason=reason)
    for agreed in declared.agreements.values():
        for name in agreed.fallback.signers if agreed.fallback else ():
            if name not in read.signers:
                key = f"{agreed.id}.fallback.signers"
                yield problem("F-005", file="partners/", key=key, reason=f"no [signers.{name}] in gateway.toml")
    for client in read.clients:
        for name in client.agreements:
            if name not in declared.agreements:
                yield problem("F-005", file="clients.toml", key=client.id, reason=f"no agreement “{name}”")
        if client.partner and client.partner not in declared.partners:
            yield problem("F-005", file="clients.toml", key=client.id, reason=f"no partner “{client.partner}”")
        for key, reason in client.webhook.faults(read.home) if client.webhook else ():
            yield problem("F-005", file="clients.toml", key=f"{client.id}.webhook.{key}", reason=reason)


def warnings(declared: Declarations) -> Iterator[Problem]:
    """What may be meant and is dangerous: a person looks at it, nothing is stopped by it."""
    for agreed in declared.agreements.values():
        terms, line = agreed.fallback, declared.partners[agreed.partner].deadline_seconds
        for key, policy in (("policy", terms.policy), ("annex_policy", terms.annex_policy)) if terms else ():
            if not policy:
                yield problem("F-118", agreement=agreed.id, key=f"fallback.{key}")
        if agreed.settles_after.total_seconds() <= line:
            yield problem("F-119", agreement=agreed.id, seconds=f"{agreed.settles_after.total_seconds():g}", line=line)


def _files(home: Path, faults: list[Problem]) -> dict[str, dict[str, Any]]:
    """What each file says; a later one wins."""
    found: dict[str, dict[str, Any]] = {}
    for name in ("gateway.toml", "clients.toml", "local.toml"):
        path = home / name
        if path.exists():
            found[name] = _toml(path, faults)
        elif name == "gateway.toml":
            faults.append(problem("F-005", file=name, key="-", reason=f"not found in {home}"))
    return found


def _laid(files: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """The files over one another."""
    return reduce(merged, files.values(), {})


def _faults_where_they_stand(error: ValidationError, files: Mapping[str, dict[str, Any]]) -> Iterator[Problem]:
    """As `faults_of`, each under the file that says it: of two that do, the later one wins."""
    told = error.errors(include_url=False, include_input=False)
    for fault, named in zip(told, faults_of("", error), strict=True):
        file = max(reversed(list(files)), key=lambda name: _depth(files[name], fault["loc"]))
        yield problem("F-005", **{**named.details, "file": file})


def _depth(said: Any, place: Sequence[int | str]) -> int:
    """How much of the way to `place` there is."""
    for depth, part in enumerate(place):
        try:
            said = said[part]
        except (LookupError, TypeError):
            return depth
    return len(place)


def _toml(path: Path, faults: list[Problem]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        faults.append(problem("F-005", file=path.name, key="-", reason=error))
        return {}


def _secret(environment: Mapping[str, str], name: str, faults: list[Problem]) -> str | None:
    if name in environment:
        return environment[name]
    file = environment.get(f"{name}_FILE")
    if file is None:
        return None
    try:
        return Path(file).read_text("utf-8").strip()
    except OSError as error:
        faults.append(problem("F-005", file=file, key=f"{name}_FILE", reason=error.strerror or "unreadable"))
        return None
