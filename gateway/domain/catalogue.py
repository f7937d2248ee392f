"""Catalogues as the issuer keeps them: entries with validity, and what changed between two."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date

REPLACES = "replaces"  # an entry's attribute: the codes that it takes the place of, parted by spaces
WITHDRAWN = "withdrawn"  # an entry's attribute in an increment: “true” takes the code away


@dataclass(frozen=True, slots=True)
class Item:
    """One entry: an indicator (chỉ tiêu), a period (kỳ), an organisation (đơn vị).

    `unit` is set for indicators only. Validity days are inclusive; None is open.
    """

    code: str
    name: str
    parent: str = ""
    unit: str = ""
    required: bool = False
    valid_from: date | None = None
    valid_to: date | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)

    def valid_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)

    @property
    def replaces(self) -> tuple[str, ...]:
        """The codes whose place this entry takes, as its issuer says."""
        return tuple(self.attributes.get(REPLACES, "").split())


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A named, versioned list of items; (code, validity) identifies, a code alone does not.

    `base` names the version that an increment (bản gia tăng) builds on; a whole catalogue has none.
    """

    name: str
    version: str
    valid_from: date
    items: tuple[Item, ...]
    base: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One code that stays and is told otherwise: which fields, and what stood in them before and after."""

    code: str
    before: Mapping[str, str]
    after: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Succession:
    """Codes that take the place of codes: one to one (đổi mã), many to one (gộp), one to many (tách)."""

    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """What a new version does to the users of the old one.

    withdrawn  codes that are gone        ended    codes that stay, but end sooner than they did (code, last day)
    renamed    another name, all else the same      changed  anything else about a code that stays
    recoded    merged    split                      by the issuer's own word
    supposed   gone and added under the very same name and unit: perhaps recoded; nobody's word, so never applied
    """

    added: tuple[str, ...] = ()
    changed: tuple[Change, ...] = ()
    renamed: tuple[Change, ...] = ()
    withdrawn: tuple[str, ...] = ()
    ended: tuple[tuple[str, ...], ...] = ()
    merged: tuple[Succession, ...] = ()
    split: tuple[Succession, ...] = ()
    recoded: tuple[Succession, ...] = ()
    supposed: tuple[Succession, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.renamed or self.withdrawn)

    @property
    def lost(self) -> int:
        """How many codes nobody can report under any more, at once or from a day on."""
        return len(self.withdrawn) + len(self.ended)


def compare(before: Catalogue | None, now: Catalogue) -> Changes:
    """What changes for the users of `before` when `now`, a whole catalogue, takes its place."""
    old = by_code(before.items if before else ())
    new = by_code(now.items)
    stay = sorted(code for code in new.keys() & old.keys() if new[code] != old[code])
    told = [Change(code, *_differing(old[code], new[code])) for code in stay]
    withdrawn, added = sorted(old.keys() - new.keys()), sorted(new.keys() - old.keys())
    successions = list(_successions(now.items, set(old)))
    followed = {code for one in successions for code in (*one.before, *one.after)}
    return Changes(
        added=tuple(added),
        changed=tuple(one for one in told if one.after.keys() != {"name"}),
        renamed=tuple(one for one in told if one.after.keys() == {"name"}),
        withdrawn=tuple(withdrawn),
        ended=tuple((code, str(_last(new[code]))) for code in stay if _last(new[code]) < _last(old[code])),
        merged=tuple(one for one in successions if len(one.before) > 1),
        split=tuple(one for one in successions if len(one.before) == 1 and len(one.after) > 1),
        recoded=tuple(one for one in successions if len(one.before) == len(one.after) == 1),
        supposed=tuple(_supposed(old, new, set(withdrawn) - followed, set(added) - followed)),
    )


def applied(before: Catalogue, increment: Catalogue) -> Catalogue:
    """The whole catalogue that `increment` makes of `before`: what it names is replaced, the rest stands.

    The caller has seen that `increment.base` is the version of `before`. All entries of a code go together, so that
    its validities are those the issuer sent and no mixture.
    """
    named = {item.code for item in increment.items}
    kept = [item for item in before.items if item.code not in named]
    fresh = [item for item in increment.items if item.attributes.get(WITHDRAWN) != "true"]
    return Catalogue(increment.name, increment.version, increment.valid_from, (*kept, *fresh))


def by_code(items: Iterable[Item]) -> dict[str, tuple[Item, ...]]:
    found: dict[str, tuple[Item, ...]] = {}
    for item in items:
        found[item.code] = (*found.get(item.code, ()), item)
    return found


def on_day(items: Iterable[Item], day: date) -> dict[str, Item]:
    """By code, what is valid on `day`; validities of one code never overlap."""
    return {item.code: item for item in items if item.valid_on(day)}


def _differing(old: tuple[Item, ...], new: tuple[Item, ...]) -> tuple[dict[str, str], dict[str, str]]:
    """The fields in which two histories of one code differ; several validities are told in a row."""
    names = [one.name for one in fields(Item) if _told(old, one.name) != _told(new, one.name)]
    return {n: _told(old, n) for n in names}, {n: _told(new, n) for n in names}


def _told(items: tuple[Item, ...], name: str) -> str:
    values = (getattr(item, name) for item in items)
    return "; ".join(_text(value) for value in values)


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return " ".join(f"{key}={each}" for key, each in sorted(value.items()))
    return "" if value is None else str(value)


def _last(items: tuple[Item, ...]) -> date:
    return max(item.valid_to or date.max for item in items)


def _successions(items: Iterable[Item], known: set[str]) -> Iterator[Succession]:
    """By the issuer's word, each old code once: who takes several over merges them, what several take over is split."""
    after: dict[str, set[str]] = {}
    before: dict[str, set[str]] = {}
    for item in items:
        for code in known.intersection(item.replaces) - {item.code}:
            after.setdefault(code, set()).add(item.code)
            before.setdefault(item.code, set()).add(code)
    for code, taken in sorted(before.items()):
        if len(taken) > 1:
            yield Succession(tuple(sorted(taken)), (code,))
    for code, takers in sorted(after.items()):
        alone = all(len(before[taker]) == 1 for taker in takers)
        if len(takers) > 1 or alone:
            yield Succession((code,), tuple(sorted(takers)))


def _supposed(
    old: Mapping[str, tuple[Item, ...]], new: Mapping[str, tuple[Item, ...]], gone: set[str], added: set[str]
) -> Iterator[Succession]:
    """One to one only: two that look alike are no proposal."""
    looks: dict[tuple[str, str], list[str]] = {}
    for code in added:
        looks.setdefault(_looks(new[code]), []).append(code)
    for code in sorted(gone):
        same = looks.get(_looks(old[code]), [])
        rivals = [other for other in gone if _looks(old[other]) == _looks(old[code])]
        if len(same) == len(rivals) == 1:
            yield Succession((code,), (same[0],))


def _looks(items: tuple[Item, ...]) -> tuple[str, str]:
    return " ".join(items[-1].name.split()).casefold(), items[-1].unit
