"""Frozen values ⇄ plain JSON values, by the annotations alone.

One small codec for every fact, so that a new fact needs no line of storage code. Refused: pickle
(unreadable evidence) and a codec per class (two places to keep in step).
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from json.encoder import encode_basestring
from operator import attrgetter
from typing import Any, TypeVar, cast

T = TypeVar("T")


def changed(value: T, **told: Any) -> T:
    """`value` with `told` in place of what it had. Raises `TypeError` for a field that there is not.

    For frozen dataclasses without slots and without anything to be checked among their fields. What
    `dataclasses.replace` does costs fifteen times as much for an exchange: it sets every field anew.
    """
    new = object.__new__(type(value))
    kept = new.__dict__
    kept.update(value.__dict__)
    before = len(kept)
    kept.update(told)
    if len(kept) != before:
        raise TypeError(f"no fields of {type(value).__name__}: {', '.join(told.keys() - value.__dict__.keys())}")
    return new


Writer = Callable[[Any], Any]


def plain(value: Any) -> Any:
    """`value` as JSON can hold it: dataclasses become objects, times RFC 3339 text."""
    return _WRITERS[type(value)](value)


def _as_it_is(value: Any) -> Any:
    return value


class _Writers(dict[type, Writer]):
    """How to write the values of each class down, worked out once: facts are written at every step."""

    def __missing__(self, shape: type) -> Writer:
        self[shape] = made = _writer(shape)
        return made


_WRITERS = _Writers(dict.fromkeys((str, int, float, bool, type(None)), _as_it_is))


def _writer(shape: type) -> Writer:
    if is_dataclass(shape):
        return _object(tuple(f.name for f in fields(shape)))
    if issubclass(shape, Enum):
        return lambda value: value.value
    if issubclass(shape, datetime | date):
        return shape.isoformat
    if issubclass(shape, Mapping):
        return lambda value: {str(k): _WRITERS[type(v)](v) for k, v in value.items()}
    if issubclass(shape, Sequence) and not issubclass(shape, str):
        return lambda value: [_WRITERS[type(v)](v) for v in value]
    return _as_it_is


def _object(names: tuple[str, ...]) -> Writer:
    if len(names) < 2:  # of one name `attrgetter` hands back no tuple, and of none there is none
        return lambda value: {name: plain(getattr(value, name)) for name in names}
    read = attrgetter(*names)
    return lambda value: {name: _WRITERS[type(v)](v) for name, v in zip(names, read(value), strict=True)}


def canonical(value: Any) -> bytes:
    """The one byte form that digests are made of: what is `plain` as JSON with sorted keys, no spaces, in UTF-8."""
    return as_json(value).encode()


def as_json(value: Any) -> str:
    """As `canonical`, before it is bytes.

    In one pass, straight to text. Refused: an encoder of what is plain, which has every value turned into a dictionary
    first and its names sorted each time; it took three times the CPU.
    """
    return _TEXTS[type(value)](value)


Text = Callable[[Any], str]

quoted: Text = encode_basestring  # a text as JSON has it
_encode: Text = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


class _Texts(dict[type, Text]):
    """How to write the values of each class down as text, worked out once."""

    def __missing__(self, shape: type) -> Text:
        self[shape] = made = _text(shape)
        return made


_WORDS: Mapping[bool | None, str] = {True: "true", False: "false", None: "null"}
_TEXTS = _Texts({str: quoted, int: int.__repr__, bool: _WORDS.__getitem__, type(None): _WORDS.__getitem__})


def _text(shape: type) -> Text:
    if is_dataclass(shape):
        return _object_text(sorted(f.name for f in fields(shape)))
    if issubclass(shape, Enum):
        return lambda value: as_json(value.value)
    if issubclass(shape, datetime | date):
        return lambda value: f'"{value.isoformat()}"'
    if issubclass(shape, Mapping):
        return _mapping_text
    if issubclass(shape, Sequence) and not issubclass(shape, str):
        return lambda value: "[" + ",".join([_TEXTS[type(v)](v) for v in value]) + "]"
    return _encode


def _mapping_text(value: Mapping[Any, Any]) -> str:
    told = {str(k): v for k, v in value.items()}
    return "{" + ",".join([f"{quoted(name)}:{as_json(told[name])}" for name in sorted(told)]) + "}"


def _object_text(names: Sequence[str]) -> Text:
    form = "{" + ",".join(f'"{name}":%s' for name in names) + "}"
    if len(names) < 2:  # as in `_object`
        return lambda value: form % tuple(as_json(getattr(value, name)) for name in names)
    read = attrgetter(*names)
    return lambda value: form % tuple([_TEXTS[type(v)](v) for v in read(value)])


def restore(shape: type[T], value: Any) -> T:
    """The value of class `shape` that `plain` had turned into `value`.

    A field that is absent takes its default, so old records stay readable when a fact gains one.
    """
    restored: T = _restorer(cast(Any, shape))(value)
    return restored


Restorer = Callable[[Any], Any]


@cache
def _restorer(shape: Any) -> Restorer:  # noqa: PLR0911  # one return for each kind of annotation
    """How to read an annotation back, worked out once: exchanges are read back at every claim."""
    origin = typing.get_origin(shape)
    if shape is Any or origin is typing.Literal:
        return _as_it_is
    if origin in (types.UnionType, typing.Union):
        [inner] = [part for part in typing.get_args(shape) if part is not type(None)]
        return _optional(_restorer(inner))
    if origin is tuple:
        each = _restorer(typing.get_args(shape)[0])
        return lambda value: tuple(each(item) for item in value)
    if origin is not None and issubclass(origin, Mapping):
        one = _restorer(typing.get_args(shape)[1])
        return lambda value: {key: one(item) for key, item in value.items()}
    if isinstance(shape, type) and is_dataclass(shape):
        return _dataclass(shape)
    if issubclass(shape, datetime | date):
        return cast(Restorer, shape.fromisoformat)
    if issubclass(shape, Enum):
        return cast(Restorer, shape)
    return _as_it_is


def _optional(inner: Restorer) -> Restorer:
    return lambda value: None if value is None else inner(value)


def _dataclass(shape: type) -> Restorer:
    hints: dict[str, Any] = {}
    known: dict[str, Restorer] = {}  # filled as values name them: a shape may name itself

    def restored(value: Any) -> Any:
        if not hints:
            hints.update(typing.get_type_hints(shape))
        given = {}
        for name, item in value.items():
            if name not in known and name in hints:
                known[name] = _restorer(hints[name])
            if name in known:
                given[name] = known[name](item)
        return shape(**given)

    return restored
