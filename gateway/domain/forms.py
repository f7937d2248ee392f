"""The life of a form (vòng đời biểu mẫu): drafted, tested, in use, ended; each version by itself, with its dates.

Bắc Kạn art. 8: built within three working days of the request, tested within two, in use once that was told in
writing; a change goes the same way, as another version. A version in use gives way to the next one on its first day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from gateway.domain.errors import Rejected, problem
from gateway.domain.problems import Text


class State(StrEnum):
    """Where a version stands."""

    DRAFT = "draft"  # dự thảo
    TEST = "test"  # kiểm thử
    ACTIVE = "active"  # sử dụng chính thức
    ENDED = "ended"  # hết sử dụng


STATE_WORDS: Mapping[State, str] = {
    State.DRAFT: "Dự thảo",
    State.TEST: "Đang kiểm thử",
    State.ACTIVE: "Sử dụng chính thức",
    State.ENDED: "Hết sử dụng",
}


@dataclass(frozen=True, slots=True)
class FormVersion:
    """One version (bản) of a form and the indicators on it.

    requested, drafted, tested   when the request came, the draft stood, testing began
    build_until, test_until      the last instant within the promise; None where the province makes none
    valid_from, valid_to         days of use, both inclusive; `notice` is the document that told it
    """

    form: str
    version: str
    name: str
    indicators: tuple[str, ...]
    requested: datetime
    drafted: datetime
    build_until: datetime | None = None
    state: State = State.DRAFT
    tested: datetime | None = None
    test_until: datetime | None = None
    activated: datetime | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    notice: str = ""

    @property
    def subject(self) -> str:
        return f"{self.form}/{self.version}"

    @property
    def built_late(self) -> bool:
        return self.build_until is not None and self.drafted > self.build_until

    def tested_late(self, now: datetime) -> bool:
        """Whether testing lasts, or lasted, longer than was promised."""
        return self.test_until is not None and (self.activated or now) > self.test_until


@dataclass(frozen=True, slots=True)
class Unusable:
    """The version that comes nearest, and why it is not used; `ended`: it was, before."""

    version: FormVersion
    why: Text
    ended: bool = False


def to_test(version: FormVersion, at: datetime, until: datetime | None) -> FormVersion:
    """Testing begins. Raises `Rejected` (D-011)."""
    _stands(version, State.DRAFT)
    if not version.indicators:
        raise _refused(version, Text("biểu mẫu chưa có chỉ tiêu nào", "it has no indicators yet"))
    return replace(version, state=State.TEST, tested=at, test_until=until)


def to_draft(version: FormVersion, indicators: tuple[str, ...], name: str, at: datetime) -> FormVersion:
    """What testing found is mended: the version is a draft again, on the clock of its request."""
    _stands(version, State.DRAFT, State.TEST)
    return replace(
        version, state=State.DRAFT, indicators=indicators, name=name, drafted=at, tested=None, test_until=None
    )


def to_use(version: FormVersion, at: datetime, since: date, notice: str, others: Iterable[FormVersion]) -> FormVersion:
    """In use from `since` on, as `notice` tells. Raises `Rejected` (D-011): not tested, not told, the day is taken."""
    _stands(version, State.TEST)
    if not notice:
        told = Text("chưa có văn bản thông báo đưa vào sử dụng", "no written notice of its use is named")
        raise _refused(version, told)
    same = (one for one in others if one.form == version.form and one.version != version.version)
    taken = next((one for one in same if one.state is State.ACTIVE and one.valid_from == since), None)
    if taken is not None:
        raise _refused(version, Text(f"bản {taken.version} cũng từ {since}", f"{taken.version} is from {since}, too"))
    return replace(version, state=State.ACTIVE, activated=at, valid_from=since, notice=notice)


def used_already(version: FormVersion, since: date, notice: str, others: Iterable[FormVersion]) -> FormVersion:
    """In use from `since` on, built and tested before anybody kept this register. Raises `Rejected` (D-011)."""
    return to_use(replace(version, state=State.TEST), version.drafted, since, notice, others)


def to_end(version: FormVersion, last: date, notice: str) -> FormVersion:
    """Used until `last`, that day included; a last day told wrongly is told anew. Raises `Rejected` (D-011)."""
    _stands(version, State.ACTIVE, State.ENDED)
    if version.valid_from is not None and last < version.valid_from:
        raise _refused(version, Text(f"mới dùng từ {version.valid_from}", f"it is in use from {version.valid_from}"))
    return replace(version, state=State.ENDED, valid_to=last, notice=notice or version.notice)


def in_use(versions: Iterable[FormVersion], day: date) -> dict[str, FormVersion]:
    """By form, the version that is used on `day`: of those whose days it is, the one that began last."""
    found: dict[str, FormVersion] = {}
    for one in versions:
        if one.valid_from is None or not one.valid_from <= day:
            continue
        other = found.get(one.form)
        if other is None or other.valid_from is None or other.valid_from < one.valid_from:
            found[one.form] = one
    return {form: one for form, one in found.items() if one.valid_to is None or day <= one.valid_to}


def unusable(versions: Iterable[FormVersion], day: date) -> Unusable | None:
    """Why nobody reports by a form for a period that ends on `day`; `versions` are all that are recorded of it.

    None where one of them is in use, and where nothing is recorded: a register that was begun late stops nobody.
    """
    known = list(versions)
    if not known or in_use(known, day):
        return None
    begun = [one for one in known if one.valid_from is not None and one.valid_from <= day]
    if begun:
        last = max(begun, key=lambda one: one.valid_from or day)
        assert last.valid_to is not None
        told = Text(f"hết sử dụng sau ngày {last.valid_to:%d/%m/%Y}", f"its last day was {last.valid_to}")
        return Unusable(last, told, ended=True)
    coming = [one for one in known if one.valid_from is not None]
    if coming:
        first = min(coming, key=lambda one: one.valid_from or date.max)
        since = first.valid_from
        return Unusable(first, Text(f"chỉ dùng từ ngày {since:%d/%m/%Y}", f"it is in use from {since} only"))
    newest = max(known, key=lambda one: (one.state is State.TEST, one.drafted))
    word = STATE_WORDS[newest.state].lower()
    return Unusable(newest, Text(word, f"its state is “{newest.state}”"))


def _stands(version: FormVersion, *states: State) -> None:
    if version.state not in states:
        wanted = " / ".join(states)
        words = ", ".join(STATE_WORDS[state].lower() for state in states)
        vi = f"đang “{STATE_WORDS[version.state].lower()}”, cần “{words}”"
        raise _refused(version, Text(vi, f"it is {version.state}, {wanted} is needed"))


def _refused(version: FormVersion, why: Text) -> Rejected:
    return Rejected(problem("D-011", form=version.subject, reason_vi=why.vi, reason_en=why.en))
