"""Frozen values ⇄ plain JSON values, by the annotations alone.

One small codec for every fact, so that a new fact needs no line of storage code. Refused: pickle
(unreadable evidence) and a codec per class (two places to keep in step).
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")

_ALREADY = frozenset({str, int, float, bool, type(None)})


def plain(value: Any) -> Any:  # noqa: PLR0911  # one return for each kind of value
    """`value` as JSON can hold it: dataclasses become objects, times RFC 3339 text."""
    if type(value) in _ALREADY:  # most values there are; the checks below cost ten times as much
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return {name: plain(getattr(value, name)) for name in _names(type(value))}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(v) for v in value]
    return value


@cache
def _names(shape: type) -> tuple[str, ...]:
    return tuple(f.name for f in fields(shape))


def canonical(value: Any) -> bytes:
    """The one byte form that digests are made of: sorted keys, no spaces, UTF-8."""
    text = json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def restore(shape: type[T], value: Any) -> T:
    """The value of class `shape` that `plain` had turned into `value`.

    A field that is absent takes its default, so old records stay readable when a fact gains one.
    """
    restored: T = _restore(shape, value)
    return restored


def _restore(shape: Any, value: Any) -> Any:  # noqa: PLR0911  # one return for each kind of annotation
    origin = typing.get_origin(shape)
    if shape is Any or origin is typing.Literal:
        return value
    if origin in (types.UnionType, typing.Union):
        if value is None:
            return None
        [inner] = [part for part in typing.get_args(shape) if part is not type(None)]
        return _restore(inner, value)
    if origin is tuple:
        inner = typing.get_args(shape)[0]
        return tuple(_restore(inner, item) for item in value)
    if origin is not None and issubclass(origin, Mapping):
        inner = typing.get_args(shape)[1]
        return {key: _restore(inner, item) for key, item in value.items()}
    if isinstance(shape, type) and is_dataclass(shape):
        hints = _hints(shape)
        return shape(**{name: _restore(hints[name], item) for name, item in value.items() if name in hints})
    if issubclass(shape, datetime | date):
        return shape.fromisoformat(value)
    if issubclass(shape, Enum):
        return shape(value)
    return value


@cache
def _hints(shape: type) -> dict[str, Any]:
    return typing.get_type_hints(shape)
