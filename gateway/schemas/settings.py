"""Where a deployment runs: ``gateway.toml``, ``clients.toml``, ``local.toml`` and the environment.

Environment wins over ``local.toml``, which wins over ``gateway.toml``. A secret comes as `X` or
`X_FILE`; a file that cannot be read stops the start.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.domain.errors import Misconfigured, Problem, problem
from gateway.schemas.declarations import Declarations, faults_of, merged

Network = IPv4Network | IPv6Network
_THIS_MACHINE: tuple[Network, ...] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Server(_Declared):
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    max_bytes: int = Field(default=64 * 1024 * 1024, gt=0)
    desk_from: tuple[Network, ...] = _THIS_MACHINE  # from where the desk and /metrics may be looked at


class Work(_Declared):
    batch: int = Field(default=16, ge=1, le=512)
    lease_seconds: float = Field(default=60, gt=0)
    sweep_seconds: float = Field(default=2, gt=0)


class Client(_Declared):
    """A system that hands in reports: its key's SHA-256, and which agreements it may use."""

    id: str
    key_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    agreements: tuple[str, ...]


class Settings(_Declared):
    """Paths are relative to `home`, the deployment folder."""

    home: Path
    name: str = "Trục liên thông báo cáo"
    province: str = ""
    server: Server = Server()
    work: Work = Work()
    fetch_hosts: tuple[str, ...] = ()  # hosts that CRL and OCSP may be fetched from
    clients: tuple[Client, ...] = ()
    partners: dict[str, dict[str, Any]] = {}  # what differs here from partners/*.toml
    agreements: dict[str, dict[str, Any]] = {}
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
    found: dict[str, Any] = {}
    for name in ("gateway.toml", "clients.toml", "local.toml"):
        path = home / name
        if path.exists():
            found = merged(found, _toml(path, faults))
        elif name == "gateway.toml":
            faults.append(problem("F-005", file=name, key="-", reason=f"not found in {home}"))
    for key, variable in (("database_url", "GATEWAY_DATABASE_URL"), ("redis_url", "GATEWAY_REDIS_URL")):
        value = _secret(environment, variable, faults)
        if value:
            found[key] = value
    if faults:
        raise Misconfigured(*faults)
    try:
        return Settings.model_validate({**found, "home": home})
    except ValidationError as error:
        raise Misconfigured(*faults_of("gateway.toml", error)) from None


def disagreements(read: Settings, declared: Declarations) -> Iterator[Problem]:
    """What is right by itself and wrong together (F-005)."""
    for partner in declared.partners.values():
        if partner.deadline_seconds >= read.work.lease_seconds:
            reason = f"lease_seconds is {read.work.lease_seconds:g}: an attempt must end before its lease does"
            yield problem("F-005", file="partners/", key=f"{partner.id}.deadline_seconds", reason=reason)
    for client in read.clients:
        for name in client.agreements:
            if name not in declared.agreements:
                yield problem("F-005", file="clients.toml", key=client.id, reason=f"no agreement “{name}”")


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
