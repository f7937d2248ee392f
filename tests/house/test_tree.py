"""What must not lie in a checkout, and what must lie there in order."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from typing import Any

from tests.house.tree import HOUSES, ROOT, declared, none_of, texts

# Written so that this file is not its own finding.
_NEVER = {
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KE[Y]-----",
    "a token of some provider": r"\b(ghp_|github_pat_|glpat-|xox[bp]-|sk-ant-|AKIA)[A-Za-z0-9_-]{12,}",
    "a signed token": r"\beyJ[A-Za-z0-9_-]{16,}\.eyJ[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
    "a password in an address": r"\b(postgres(ql)?|rediss?|https?)://[^\s:/@{}<>\"']+:[^\s:/@{}<>\"']+@[a-z0-9]",
    "the path of one machine": r"(?<![\w.])/(home|roo[t]|wor[k]|Users)/\w",
    "the address of a package index": r"pyp[i]\.org|pythonhoste[d]|registry\.npm[j]s|--(extra-)?index-ur[l]",
}
_SECRET = re.compile(r"(^|\.)secrets\.|(secret|password|token|private_key)$")


def test_no_key_token_machine_path_or_package_index_lies_in_the_tree() -> None:
    found = [
        f"{path}:{text[: match.start()].count(chr(10)) + 1} {what}"
        for path, text in texts()
        for what, pattern in _NEVER.items()
        for match in re.finditer(pattern, text)
    ]
    none_of(found)


def test_a_profile_names_the_files_of_its_secrets_and_holds_none() -> None:
    found = [
        f"{path.relative_to(ROOT)} {key}"
        for path in sorted((ROOT / "gateway" / "profiles").rglob("*.toml"))
        for key, value in _leaves(tomllib.loads(path.read_text("utf-8")))
        if _SECRET.search(key) and not value.startswith("secrets/")
    ]
    none_of(found)


def test_a_profile_carries_no_key_file() -> None:
    kept = {".key", ".pem", ".p12", ".pfx", ".der"}
    none_of(str(path) for path in (ROOT / "gateway" / "profiles").rglob("*") if path.suffix in kept)


def test_migrations_are_numbered_from_one_without_a_gap() -> None:
    folder = ROOT / "gateway" / "adapters" / "sql" / "migrations"
    names = sorted(path.name for path in folder.iterdir() if path.suffix == ".sql")
    assert all(re.fullmatch(r"\d{4}_[a-z_]+\.sql", name) for name in names)
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))


def test_what_is_no_code_travels_with_the_package() -> None:
    carried = declared()["tool"]["setuptools"]["package-data"]
    none_of(
        path
        for path, _ in texts()
        for house, _, rest in [path.partition("/")]
        if house in HOUSES and not rest.endswith((".py", ".md"))
        if not any(fnmatch(rest, pattern.removeprefix("**/")) for pattern in carried.get(house, ()))
    )


def _leaves(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, f"{key}.{name}" if key else name)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, key)
    elif isinstance(value, str):
        yield key, value
