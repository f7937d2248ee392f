"""Reading by local name, whatever the namespace, prefix, case or order: producers agree on none of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from lxml import etree

from gateway.domain.calendar import VIETNAM

# Spellings met in the field, and the one they stand for here.
_SPELT = {
    "business": "bussiness",
    "businessdoctype": "bussinessdoctype",
    "businessdocreason": "bussinessdocreason",
    "organincharge": "organizationincharge",
    "time": "timestamp",
}
_DATES = ("%Y/%m/%d", "%Y-%m-%d", "%d/%m/%Y")
_DAY_FIRST, _MONTH_FIRST = "%d/%m/%Y", "%m/%d/%Y"
_TIMES = ("%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M:%S")
_WRITTEN = "%Y-%m-%d %H:%M:%S"
_CLOCK = re.compile(r"[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$")  # .NET writes a day as a time
_BLANK = re.compile(r"\s+")


def name_of(element: etree._Element) -> str:
    """The canonical local name, lower case; empty for comments and processing instructions."""
    if not isinstance(element.tag, str):
        return ""
    local = etree.QName(element).localname.lower()
    return _SPELT.get(local, local)


def children(parent: etree._Element | None, name: str) -> Iterator[etree._Element]:
    for element in parent if parent is not None else ():
        if name_of(element) == name.lower():
            yield element


def child(parent: etree._Element | None, *path: str) -> etree._Element | None:
    """The first element along `path`, or None."""
    for name in path:
        parent = next(children(parent, name), None)
    return parent


def anywhere(root: etree._Element, name: str) -> etree._Element | None:
    return next((element for element in root.iter() if name_of(element) == name.lower()), None)


def text(parent: etree._Element | None, *path: str) -> str:
    """The text along `path`, blanks folded; empty when absent, and for the word “null”."""
    found = _BLANK.sub(" ", exact(parent, *path)).strip()
    return "" if found.lower() == "null" else found


def exact(parent: etree._Element | None, *path: str) -> str:
    """The text along `path` as it stands, byte for byte once encoded."""
    found = child(parent, *path)
    return "" if found is None else (found.text or "")


def iso_date(written: str) -> tuple[str, str]:
    """(yyyy-mm-dd, the form it was written in); both empty when it is none of the known forms."""
    for form in _DATES:
        try:
            return datetime.strptime(written, form).date().isoformat(), form  # noqa: DTZ007  a day has no zone
        except ValueError:
            continue
    return "", ""


def days_of(written: str) -> tuple[str, ...]:
    """Every day (yyyy-mm-dd) that `written` may mean, the likeliest first; none where nobody can tell.

    Day and month are told apart by their order alone: ``05/11/2026`` is the fifth of November to most, and the
    eleventh of May to a program that was never told where it runs.
    """
    with suppress(ValueError):
        at = datetime.fromisoformat(written.strip())
        written = f"{at.astimezone(VIETNAM) if at.tzinfo else at:%Y-%m-%d}"
    plain = re.sub(r"[.-]", "/", _CLOCK.sub("", written.strip()))
    found: dict[str, None] = {}
    for form in ("%Y/%m/%d", _DAY_FIRST, _MONTH_FIRST):
        try:
            found.setdefault(datetime.strptime(plain, form).date().isoformat())  # noqa: DTZ007  a day has no zone
        except ValueError:
            continue
    return tuple(found)


def iso_time(written: str) -> str:
    """``yyyy-mm-dd HH:MM:SS`` in Vietnam time where the form is known, else the text as it came."""
    for form in _TIMES:
        try:
            return f"{datetime.strptime(written, form):{_WRITTEN}}"  # noqa: DTZ007  the wire names no zone
        except ValueError:
            continue
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        return written
    return f"{at.astimezone(VIETNAM) if at.tzinfo else at:{_WRITTEN}}"
