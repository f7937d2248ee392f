"""Reading declarations (YAML) strictly: unknown keys are refused by name, doubled keys too, all faults at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

import yaml

from gateway.domain.errors import Misconfigured, Problem, problem

T = TypeVar("T")


class _Strict(yaml.CSafeLoader):  # safe as the other one; libyaml reads in a tenth of its time
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        doubled = {str(key) for key in keys if keys.count(key) > 1}
        if doubled:
            raise yaml.YAMLError(f"doubled key: {', '.join(sorted(doubled))}")
        return super().construct_mapping(node, deep)


class Declared:
    """One mapping of a declaration. Values are taken by key; `done` refuses what nobody took."""

    def __init__(self, file: str, data: object, where: str = "", faults: list[Problem] | None = None) -> None:
        self._file, self._where = file, where
        self.faults: list[Problem] = [] if faults is None else faults
        self._data: dict[str, Any] = {}
        if isinstance(data, dict):
            self._data = {str(key): value for key, value in data.items()}
        elif data is not None:
            self.fault("", "a mapping is wanted here")
        self._taken: set[str] = set()

    def fault(self, key: str, reason: str) -> None:
        self.faults.append(problem("F-005", file=self._file, key=self._at(key), reason=reason))

    def take(self, key: str, kind: type[T], default: T | None = None) -> T:
        """The value under `key`; without a default it must be there. A wrong one is noted, not raised."""
        self._taken.add(key)
        value = self._data.get(key)
        if value is None and default is not None:
            return default
        if isinstance(value, kind) and not (isinstance(value, bool) and kind is not bool):
            return value
        self.fault(key, "is missing" if value is None else f"must be {kind.__name__}, is {value!r}")
        return default if default is not None else _blank(kind)

    def day(self, key: str) -> date | None:
        """A day (YYYY-MM-DD) or nothing."""
        self._taken.add(key)
        value = self._data.get(key)
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        self.fault(key, f"must be a day or null, is {value!r}")
        return None

    def words(self, key: str, known: frozenset[str] | None = None) -> tuple[str, ...]:
        """A list of words, each out of `known`."""
        found = self.take(key, list, [])
        for word in found:
            if not isinstance(word, str) or (known is not None and word not in known):
                self.fault(key, f"{word!r} is not known here")
        return tuple(str(word) for word in found)

    def days(self, key: str, known: frozenset[str] | None = None) -> dict[str, date | None]:
        """A table of words and the last day each is good for (null: no end)."""
        table = self.inner(key)
        found = {word: table.day(word) for word in list(table._data)}
        for word in found:
            if known is not None and word not in known:
                table.fault(word, "is not known here")
        return found

    def inner(self, key: str) -> Declared:
        self._taken.add(key)
        return Declared(self._file, self._data.get(key), self._at(key), self.faults)

    def each(self, key: str) -> Iterator[Declared]:
        for number, item in enumerate(self.take(key, list, [])):
            yield Declared(self._file, item, f"{self._at(key)}[{number}]", self.faults)

    @property
    def plain(self) -> dict[str, Any]:
        """The mapping as it stands."""
        return dict(self._data)

    def has(self, key: str) -> bool:
        return key in self._data

    def done(self) -> None:
        for key in sorted(self._data.keys() - self._taken):
            self.fault(key, "is not a known key")

    def _at(self, key: str) -> str:
        return f"{self._where}.{key}".strip(".")


def read_yaml(path: Path) -> tuple[Declared, bytes]:
    """The file's mapping and its bytes. Raises `Misconfigured` where it cannot be read at all."""
    try:
        data = path.read_bytes()
        return Declared(path.name, yaml.load(data, _Strict)), data  # noqa: S506  # _Strict is a SafeLoader
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise Misconfigured(problem("F-005", file=path.name, key="", reason=str(error))) from error


def dumped(values: Mapping[str, Any]) -> bytes:
    """The mapping as YAML, in the order given."""
    return yaml.safe_dump(dict(values), allow_unicode=True, sort_keys=False, width=120).encode()


def refuse(faults: list[Problem]) -> None:
    """Raises `Misconfigured` with every fault found, if there is one."""
    if faults:
        raise Misconfigured(*faults)


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def good_on(until: date | None, day: date) -> bool:
    """Whether something usable until `until` (inclusive; None: without end) still is on `day`."""
    return until is None or day <= until


def _blank(kind: type[T]) -> T:
    return kind()


Days = Mapping[str, date | None]
