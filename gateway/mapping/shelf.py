"""The packs that live reports are mapped with: approved versions only, those of the folder and those of before.

A name asks for the pack as it stands in the folder; ``name@3``, or ``name@`` and the first eight or more digits of a
digest, for an approved version, whose contents the journal keeps since the first report that was mapped with it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from gateway.domain.errors import Misconfigured, NotFound, Problem, Rejected, Unavailable, problem
from gateway.mapping.approval import Approval, approvals, authors
from gateway.mapping.loading import load, rebuilt
from gateway.mapping.pack import Pack

_MOST_KEPT = 32
_SHORTEST = 8  # digits that tell two versions apart
_SHOWN = 12
_Key = tuple[str, tuple[tuple[str, int, int], ...] | str]


@dataclass(frozen=True, slots=True)
class Version:
    """An approved pack; `approval` is None for what nobody approved yet."""

    pack: Pack
    approval: Approval | None


def nothing_kept(digest: str) -> bytes:
    """The contents of earlier versions, where there is no journal to ask."""
    raise NotFound(problem("F-006", name=digest))


class Shelf:
    """The packs of `folder`, compiled once for each content. `kept` gives bytes that the journal keeps, by digest."""

    def __init__(self, folder: Path, kept: Callable[[str], bytes] = nothing_kept) -> None:
        self._folder = folder
        self._kept = kept
        self._compiled: OrderedDict[_Key, Version] = OrderedDict()
        self._lock = Lock()

    def live(self, asked: str) -> Version:
        """The version to map a report with.

        Raises `Misconfigured` (D-002) for a faulty pack or none, `Unavailable` (D-008) for one that nobody approved,
        `Rejected` (D-009) for a version that never was.
        """
        name, at, number = asked.partition("@")
        folder = self._folder / name
        if Path(name).name != name or not folder.is_dir():
            raise Misconfigured(problem("D-002", pack=name, reason="không có gói này / no such pack"))
        with self._lock:
            found = self._earlier(folder, number) if at else self._standing(folder)
        if found.approval is None:
            raise Unavailable(unapproved(folder.name, found.pack))
        return found

    def _standing(self, folder: Path) -> Version:
        key = (folder.name, _stamp(folder))
        if key not in self._compiled:
            pack = load(folder)
            given = {one.digest: one for one in _given(folder)}
            self._keep(key, Version(pack, given.get(pack.digest)))
        return self._compiled[key]

    def _earlier(self, folder: Path, number: str) -> Version:
        given = _approval(folder, number)
        standing = self._sound(folder)
        if standing and standing.pack.digest == given.digest:
            return standing
        key = (folder.name, given.digest)
        if key not in self._compiled:
            try:
                content = self._kept(given.digest)
            except NotFound:
                raise _no_version(
                    folder, number, "chưa báo cáo nào dùng bản này / no report was mapped with it"
                ) from None
            self._keep(key, Version(rebuilt(content), given))
        return self._compiled[key]

    def _sound(self, folder: Path) -> Version | None:
        try:
            return self._standing(folder)
        except Misconfigured:  # somebody is at work on it; an earlier version does not hang on that
            return None

    def _keep(self, key: _Key, version: Version) -> None:
        self._compiled[key] = version
        while len(self._compiled) > _MOST_KEPT:
            self._compiled.popitem(last=False)


def unapproved(name: str, pack: Pack) -> Problem:
    """D-008: which version waits for approval, who may not give it, and how it is given."""
    return problem("D-008", pack=name, version=pack.digest[:_SHOWN], authors=", ".join(authors(pack)) or "–")


def _given(folder: Path) -> list[Approval]:
    try:
        return approvals(folder)
    except Rejected as error:  # a file that an operator must mend; no report is at fault
        raise Misconfigured(error.problem) from None


def _approval(folder: Path, number: str) -> Approval:
    given = _given(folder)
    named = [one for one in given if str(one.number) == number]
    digits = len(number) >= _SHORTEST
    found = named or [one for one in given if digits and one.digest.startswith(number.lower())]
    if not found:
        known = ", ".join(str(one.number) for one in given) or "–"
        raise _no_version(folder, number, f"đã duyệt / approved: {known}")
    return found[-1]


def _no_version(folder: Path, number: str, reason: str) -> Rejected:
    return Rejected(problem("D-009", pack=folder.name, version=number, reason=reason))


def _stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """What changes when a file does; the digest itself is taken once, at compilation."""
    return tuple((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in sorted(folder.iterdir()))
