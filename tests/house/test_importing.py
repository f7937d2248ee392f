"""Rule 8: importing does nothing. No connection, file, thread, environment, clock or registration."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator

from tests.house.tree import ROOT, modules, none_of

# Time, identity and chance: asked when somebody calls, never while a module is read.
_ASKING = {
    "getenv", "monotonic", "monotonic_ns", "now", "perf_counter", "perf_counter_ns", "time", "time_ns", "today",
    "token_bytes", "token_hex", "token_urlsafe", "urandom", "utcnow", "uuid1", "uuid4",
}  # fmt: skip


def test_importing_every_module_moves_nothing_in_the_world() -> None:
    watching = [sys.executable, "-B", "-W", "ignore", "-m", "tests.house.importing"]
    done = subprocess.run(watching, cwd=ROOT, capture_output=True, text=True, timeout=400, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_no_module_asks_for_time_identity_or_chance_while_it_is_imported() -> None:
    found = [
        f"{module.here}:{call.lineno} {ast.unparse(call)}"
        for module in modules()
        for call in _calls_at_import(module.syntax)
        if ast.unparse(call.func).rpartition(".")[2] in _ASKING
    ]
    none_of(found)


def _calls_at_import(node: ast.AST) -> Iterator[ast.Call]:
    """Calls made while a module is read: everything but the bodies of functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            yield child
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            for part in (*child.decorator_list, child.args):
                yield from _calls_at_import(part)
        elif not isinstance(child, ast.Lambda):
            yield from _calls_at_import(child)
