"""A partner joins: its declaration is put among the others, its secrets are exchanged.

Beside `wiring`: the verbs come in. A gateway that runs goes on with what it was started with.
"""

from __future__ import annotations

import shutil
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.domain.errors import Conflict, Misconfigured, NotFound, Problem, problem
from gateway.schemas.declarations import Declarations, PartnerText, declarations
from gateway.schemas.settings import Settings, settings
from gateway.soundness import faults_behind, faults_together
from gateway.whole import PRIVATE, by_one, exchange

_OLD = ".old"


@dataclass(frozen=True, slots=True)
class Joined:
    partner: PartnerText
    file: Path
    missing: tuple[tuple[str, str], ...]  # secrets that are not there yet: name and file


def join(home: Path, environment: Mapping[str, str], file: Path) -> Joined:
    """The declaration in `file` as a file of its own in ``partners/``, as it stands.

    Looked at together with all that is declared, packs and policies too; only its secrets may come later. Raises
    `Misconfigured` with whatever `gateway check` would say of it, `Conflict` where the partner is there already.
    """
    with by_one(home):
        read, folder, content = settings(home, environment), home / "partners", file.read_bytes()
        before, name = declarations(folder, read.local), _name(file, content)
        place = folder / f"{name}.toml"
        if name in before.partners or place.exists():
            raise Conflict(problem("F-005", file=place.name, key="partner.id", reason="declared twice"))
        with _beside(home) as tried:
            (tried / place.name).write_bytes(content)
            after = declarations(tried, read.local)
        partner = after.partners[name]
        missing = tuple((key, path) for key, path in sorted(partner.secrets.items()) if not (home / path).is_file())
        later = {path for _, path in missing}
        known = _faults(home, read, before)
        if new := [one for one in _faults(home, read, after) if one not in known and not _of_a_secret(one, later)]:
            raise Misconfigured(*new)
        exchange(place, content)
        return Joined(partner, place, missing)


def rotate(
    home: Path, environment: Mapping[str, str], name: str, secret: str, content: bytes
) -> tuple[Path, Path | None]:
    """Puts `content` in the place of a partner's secret; its file, and where the old one is kept, if there was one.

    Raises `NotFound` (F-006), `Conflict` for the secret it is already, `Misconfigured` (F-005) for what is none.
    """
    with by_one(home):
        declared = declarations(home / "partners", settings(home, environment).local)
        if name not in declared.partners:
            raise NotFound(problem("F-006", name=name))
        if secret not in declared.partners[name].secrets:
            raise NotFound(problem("F-006", name=f"{name}.{secret}"))
        place, key = home / declared.partners[name].secrets[secret], f"{name}.{secret}"
        value = _one_line(key, content)
        old = place.read_bytes() if place.is_file() else None
        if old is not None and old.strip() == value:
            raise Conflict(problem("F-005", file=place.name, key=key, reason="the same as before"))
        kept = None
        if old is not None:
            kept = place.with_name(place.name + _OLD)
            exchange(kept, old, PRIVATE)
        place.parent.mkdir(mode=0o700, exist_ok=True)
        exchange(place, value, PRIVATE)
        return place, kept


@contextmanager
def _beside(home: Path) -> Iterator[Path]:
    """A copy of ``partners/``, with around it what its files may point at."""
    with tempfile.TemporaryDirectory(prefix="gateway-joining-") as room:
        for entry in home.iterdir():
            if entry.name != "partners":
                (Path(room) / entry.name).symlink_to(entry.resolve())
        yield Path(shutil.copytree(home / "partners", Path(room) / "partners"))


def _name(file: Path, content: bytes) -> str:
    """Under which the file is kept; the rest of it is looked at with the others."""
    try:
        name = tomllib.loads(content.decode("utf-8"))["partner"]["id"]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(problem("F-005", file=file.name, key="-", reason=error)) from None
    except (KeyError, TypeError):
        raise Misconfigured(problem("F-005", file=file.name, key="partner.id", reason="missing")) from None
    if not isinstance(name, str) or "/" in name or not name:
        raise Misconfigured(problem("F-005", file=file.name, key="partner.id", reason=f"“{name}”"))
    return name


def _faults(home: Path, read: Settings, declared: Declarations) -> list[Problem]:
    """Of these what was there before is not the new partner's."""
    return [*faults_together(home, read, declared), *faults_behind(home, declared)]


def _of_a_secret(found: Problem, later: set[str]) -> bool:
    """These come by `rotate`."""
    return found.code == "F-005" and found.details["file"] in later


def _one_line(key: str, content: bytes) -> bytes:
    """As the partner's line reads it: without what stands around it. Never told, whatever is wrong with it."""
    try:
        value = content.decode("utf-8").strip()
    except UnicodeDecodeError:
        value = ""
    if not value or not value.isprintable():
        raise Misconfigured(problem("F-005", file="--from", key=key, reason="one line of text is expected"))
    return value.encode()
