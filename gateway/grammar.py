"""Python's own grammar, for formulas, and for the rules this house keeps about itself."""

from __future__ import annotations

import ast
import gc
import threading

_ALONE = threading.RLock()  # two at once would each take the other's quiet for how it was before, and leave it so


def expression(text: str) -> ast.expr:
    """Raises what `ast.parse` raises."""
    return _undisturbed(text, "eval", "<formula>").body  # type: ignore[attr-defined, no-any-return]


def module(text: str, name: str = "<module>") -> ast.Module:
    """Raises what `ast.parse` raises."""
    return _undisturbed(text, "exec", name)  # type: ignore[return-value]


def _undisturbed(text: str, mode: str, name: str) -> ast.AST:
    """Nothing is collected meanwhile.

    Python 3.11 counts for the whole interpreter how deep it is: garbage that has something parsed as it goes (so does
    a failed task, whose traceback is logged) made a `SystemError` of a good formula. Refused: to ask again, which
    meets the same garbage.
    """
    with _ALONE:
        on = gc.isenabled()
        gc.disable()
        try:
            return ast.parse(text, name, mode)
        finally:
            if on:
                gc.enable()
