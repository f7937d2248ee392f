"""A deployment folder from nothing: copied, given throwaway keys, connected to a sandbox; taken away again."""

from __future__ import annotations

import secrets
import shutil
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from gateway.adapters.sql import EmbeddedPostgres
from gateway.domain.errors import Misconfigured, problem
from gateway.domain.ids import digest_of
from gateway.sandbox import Sandbox
from gateway.schemas.declarations import declarations
from gateway.schemas.workdays import OVERLAY

CLIENT = "ht-bao-cao-tinh"
# Packs and policies that a profile does not carry itself are those of the example; a profile carries what differs.
EXAMPLE, _SHARED = "thanh-hoa", ("packs", "policies")
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Created:
    client: str
    key_file: Path


def provinces() -> list[str]:
    """The profiles in the package."""
    return sorted(entry.name for entry in files("gateway.profiles").iterdir() if (entry / "gateway.toml").is_file())


def create(folder: Path, name: str) -> Created:
    """Copy a profile to the new `folder`, over the shared packs and policies, and make one client's throwaway key.

    The key lies in ``secrets/`` (mode 0600); the deployment keeps only its SHA-256.
    Raises `Misconfigured` (F-005) when `folder` is not empty or the province unknown.
    """
    if name not in provinces():
        raise Misconfigured(problem("F-005", file="--province", key=name, reason=", ".join(provinces())))
    if folder.exists() and any(folder.iterdir()):
        raise Misconfigured(problem("F-005", file=str(folder), key="-", reason="not empty"))
    with as_file(files("gateway.profiles")) as profiles:
        for kind in _SHARED:
            shutil.copytree(profiles / EXAMPLE / kind, folder / kind)
        shutil.copytree(profiles / name, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(profiles / OVERLAY, folder)
    (folder / "secrets").mkdir(mode=0o700, exist_ok=True)
    key = secrets.token_urlsafe(_KEY_BYTES)
    key_file = secret(folder, f"{CLIENT}.key", key)
    agreements = sorted(declarations(folder / "partners", {}).agreements)
    listed = ", ".join(f'"{name}"' for name in agreements)
    (folder / "clients.toml").write_text(
        f'[[clients]]\nid = "{CLIENT}"\nkey_sha256 = "{digest_of(key.encode())}"\nagreements = [{listed}]\n', "utf-8"
    )
    return Created(CLIENT, key_file)


def secret(folder: Path, name: str, value: str) -> Path:
    """Write one secret file, readable by its owner alone."""
    path = folder / "secrets" / name
    path.touch(mode=0o600)
    path.write_text(value, "utf-8")
    return path


def connect(folder: Path, other_side: Sandbox) -> None:
    """Point the deployment in `folder` at a running sandbox: addresses, credentials, trust."""
    given = other_side.credentials
    for name, value in (
        ("quoc-gia.system-id", given.national_system_id),
        ("quoc-gia.system-secret", given.national_system_secret),
        ("quoc-gia.username", given.national_username),
        ("quoc-gia.password", given.national_password),
        ("truc-van-ban.system-id", given.axis_system_id),
        ("truc-van-ban.secret", given.axis_secret),
    ):
        secret(folder, name, value)
    other_side.write_trust(folder / "trust")
    (folder / "local.toml").write_text(
        f'[partners.quoc-gia]\nurl = "{other_side.national_url}"\n\n'
        f'[partners.truc-van-ban]\nurl = "{other_side.axis_url}"\n',
        "utf-8",
    )


def discard(folder: Path) -> None:
    """Take a throwaway deployment away, its database included (which may lie elsewhere: root runs none)."""
    store = folder / "var" / "postgres"
    if store.is_dir():
        EmbeddedPostgres(store).discard()
    shutil.rmtree(folder, ignore_errors=True)
