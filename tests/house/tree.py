"""The tree as these tests read it: modules with their imports, and the files a checkout is made of."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

from gateway import grammar

ROOT = Path(__file__).parents[2]
HOUSES = ("gateway", "fallback")


@dataclass(frozen=True, slots=True)
class Import:
    """`target` is a module, or a name in one (``from a.b import c`` is ``a.b.c``)."""

    target: str
    line: int
    in_function: bool
    for_types: bool

    @property
    def library(self) -> str:
        return self.target.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Module:
    name: str
    path: Path
    text: str
    syntax: ast.Module

    @property
    def here(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def is_package(self) -> bool:
        return self.path.name == "__init__.py"

    @property
    def imports(self) -> list[Import]:
        return list(_imports(self.syntax, in_function=False, for_types=False))

    def is_in(self, room: str) -> bool:
        return self.name == room or self.name.startswith(f"{room}.")


@cache
def modules(*tops: str) -> tuple[Module, ...]:
    """Every module under `tops`, of both houses when none is named."""
    return tuple(_module(path) for top in tops or HOUSES for path in sorted((ROOT / top).rglob("*.py")))


@cache
def declared() -> dict[str, Any]:
    """pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


@cache
def texts() -> tuple[tuple[str, str], ...]:
    """(path, text) of every file of a checkout; what `.gitignore` names is no part of it."""
    ignored = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text("utf-8").split()]
    files = _files(ROOT, [".git", *ignored])
    return tuple((str(path.relative_to(ROOT)), path.read_text("utf-8", errors="replace")) for path in files)


def none_of(found: Iterable[str], advice: str = "") -> None:
    """Fails with every line of `found`, which pytest would shorten."""
    lines = sorted(found)
    assert not lines, "\n".join([advice, *lines])


def _files(folder: Path, ignored: list[str]) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if any(fnmatch(entry.name, pattern) for pattern in ignored) or entry.is_symlink():
            continue
        if entry.is_dir():
            yield from _files(entry, ignored)
        else:
            yield entry


def _module(path: Path) -> Module:
    parts = path.relative_to(ROOT).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    text = path.read_text("utf-8")
    return Module(name, path, text, grammar.module(text, str(path)))


def _imports(node: ast.AST, *, in_function: bool, for_types: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(alias.name, child.lineno, in_function, for_types)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, f"line {child.lineno}: imports here are absolute"
            for alias in child.names:
                yield Import(f"{child.module}.{alias.name}", child.lineno, in_function, for_types)
        else:
            yield from _imports(
                child,
                in_function=in_function or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda),
                for_types=for_types or (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)),
            )
