"""Is it a packet? libxml2 says yes fast; when it says no, `xmlschema` tells a person where and why."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from functools import cache
from hashlib import sha256
from importlib.resources import as_file, files
from typing import Any, cast

from lxml import etree

from gateway.domain.errors import Problem, Rejected, problem
from gateway.safexml import Element
from gateway.schemas.national.wire import wire

_MOST_FAULTS = 50
# Above these `xmlschema` would take longer than anybody waits (for a thousand attributes of one element three seconds,
# for four thousand minutes); libxml2's own messages are shown instead.
_MOST_NODES_EXPLAINED, _MOST_ATTRIBUTES_EXPLAINED = 20_000, 50
_MOST_UNSAMPLED, _SAMPLED = 5_000, 1_000


def qualified(name: str) -> str:
    return f"{{{wire().namespace}}}{name}"


def check(root: Element) -> None:
    """Raises `Rejected` with every fault of structure (C-005), and where the body was altered."""
    instruction = next(root.iter(etree.ProcessingInstruction), None)
    if instruction is not None:  # a figure cut in two by one would be read by half
        raise Rejected(problem("C-005", path="/Packet", line=instruction.sourceline, reason="<?…?>", expected="-"))
    sample = _sample(root)
    if sample is not None and not _fast()(sample):
        raise Rejected(*_told_fast(sample))
    if not _fast()(root):
        raise Rejected(*_faults(root))
    said = root.findtext(f"{qualified('Header')}/{qualified('BodyDigest')}")
    found = digest_of_body(root)
    if said != found:
        path = "/Packet/Header/BodyDigest"
        raise Rejected(problem("C-005", path=path, line=root[0].sourceline, reason=f"“{said}”", expected=found))


def digest_of_body(root: Element) -> str:
    """SHA-256 of the exclusive C14N of Body, lowercase hex."""
    return sha256(etree.tostring(root[1], method="c14n", exclusive=True)).hexdigest()


def _sample(root: Element) -> Element | None:
    """Some rows of a long packet, drawn; None for a short one.

    libxml2 tells each fault with its place among its neighbours, which it counts anew each time: a hundred thousand
    faults of a hundred thousand rows took minutes. What is wrong in one row of twenty is found in the sample for all
    but certain, and what is rarer costs little.
    """
    way = [root, root[1], root[1][0]] if len(root) > 1 and len(root[1]) else [root]
    longest = max(way[-1], key=len, default=way[-1])
    if len(longest) > len(way[-1]):
        way.append(longest)
    if len(way[-1]) <= _MOST_UNSAMPLED:
        return None
    drawn = set(secrets.SystemRandom().sample(range(len(way[-1])), _SAMPLED))
    # One walk: `way[-1][number]` would count from the first row each time, half a second for a thousand of them.
    return _thinned(way, [row for number, row in enumerate(way[-1].iterchildren()) if number in drawn])


def _thinned(way: Sequence[Element], rows: Iterable[Element]) -> Element:
    """A copy of the first of `way`, each of which stands in the one before it; of the last's children only `rows`.

    Refused: to take the rows out, copy, and put them back, which costs more than the validation of all of them.
    """
    here, *below = way
    made = etree.Element(here.tag, dict(cast(Any, here.attrib)), cast(Any, here.nsmap))
    made.text, made.sourceline = here.text, here.sourceline
    for child in here if below else rows:
        made.append(_thinned(below, rows) if below and child is below[0] else deepcopy(child))
    return made


def _faults(root: Element) -> list[Problem]:
    faults = _explained(root) if _is_explained_soon(root) else ()
    return [fault for _, fault in zip(range(_MOST_FAULTS), faults, strict=False)] or list(_told_fast(root))


def _is_explained_soon(root: Element) -> bool:
    for number, element in enumerate(root.iter(), start=1):
        if number > _MOST_NODES_EXPLAINED or len(element.attrib) > _MOST_ATTRIBUTES_EXPLAINED:
            return False
    return True


def _explained(root: Element) -> Iterator[Problem]:
    for error in _thorough().iter_errors(root):
        expected = getattr(error, "expected", None) or _type_of(error)
        yield problem(
            "C-005",
            path=error.path or "/",
            line=error.sourceline or "-",
            reason=_plain(error.reason),
            expected=_names(expected),
        )


def _told_fast(root: Element) -> Iterator[Problem]:
    checker = _fast()
    checker(root)
    for _, error in zip(range(_MOST_FAULTS), cast(Iterable[Any], checker.error_log), strict=False):
        yield problem("C-005", path=error.path or "/", line=error.line, reason=_plain(error.message), expected="-")


def _plain(reason: str | None) -> str:
    return (reason or "").replace(f"{{{wire().namespace}}}", "")


def _type_of(error: Any) -> object:
    simple = getattr(error.validator, "patterns", None) or getattr(error.validator, "enumeration", None)
    return getattr(simple, "regexps", simple) or getattr(error.validator, "local_name", "-")


def _names(expected: object) -> str:
    if isinstance(expected, str):
        return expected
    if isinstance(expected, (list, tuple)):
        return " | ".join(str(getattr(one, "local_name", one)) for one in expected)
    return str(expected)


@cache
def _fast() -> etree.XMLSchema:
    with as_file(files("gateway.schemas.national") / "v1") as folder:
        return etree.XMLSchema(etree.parse(folder / "packet.xsd"))


@cache
def _thorough() -> Any:
    import xmlschema  # noqa: PLC0415  # a third of a second, and libxml2 says yes to nearly all that comes

    with as_file(files("gateway.schemas.national") / "v1") as folder:
        return xmlschema.XMLSchema(str(folder / "packet.xsd"), allow="local")
