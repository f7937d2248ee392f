"""The intake as a recorded notice opens and closes it (Lào Cai art. 14.5, Đồng Tháp 17.3, Sóc Trăng 16.4), and
the forms that are in use (Bắc Kạn art. 8).

It is asked once the report was read, by the time at which it was handed in: at the door nobody knows the period yet.
What the receiver returned is corrected, and what a person replays goes on, whatever is closed.
"""

from __future__ import annotations

from gateway.domain.calendar import clock_face, period
from gateway.domain.deadlines import Window
from gateway.domain.errors import Rejected, Unavailable, problem
from gateway.domain.exchange import Stage
from gateway.domain.forms import unusable
from gateway.domain.report import ReportHead
from gateway.journey.case import Case
from gateway.ports import InLane

_GIVEN_BACK = frozenset({Stage.RETURNED, Stage.PARTLY_ACCEPTED})


def refuse_when_closed(case: Case, head: ReportHead) -> None:
    """Raises `Rejected` (C-016) for a report that was handed in after its window had closed."""
    at = case.exchange.opened_at or case.now
    window = _window(case, head)
    if window is not None and window.is_over(at):
        told = {"period": head.period, "notice": window.notice, "who": case.doors.deadlines.opener()}
        raise Rejected(problem("C-016", closes=clock_face(window.closes), at=clock_face(at), **told))


def keep_until_open(case: Case) -> None:
    """Raises `Unavailable` (C-015), until it opens, for a report that was handed in before its window.

    Asked only once it is validated: what is not read yet would stand in the way of every younger one.
    """
    head = case.exchange.head
    window = _window(case, head) if head else None
    if head and window is not None and window.is_early(case.now):
        told = {"period": head.period, "notice": window.notice, "who": case.doors.deadlines.opener()}
        raise Unavailable(problem("C-015", opens=clock_face(window.opens), **told), until=window.opens)


def refuse_unused_form(case: Case, head: ReportHead) -> None:
    """Raises `Rejected`: the form is not in use on the period's last day, no more (C-023) or not yet (C-024).

    The period decides and not the day of arrival: a late report of an old period goes by the old form. A form of which
    the register has nothing is as it was agreed.
    """
    found = unusable(case.doors.deadlines.versions(head.form), period(head.period).end)
    if found is None or _goes_anyway(case, head):
        return
    told = {"form": head.form, "version": found.version.version, "period": head.period}
    why = {"reason_vi": found.why.vi, "reason_en": found.why.en}
    if found.ended:
        raise Rejected(problem("C-023", notice=found.version.notice, **told, **why))
    raise Rejected(problem("C-024", **told, **why))


def _window(case: Case, head: ReportHead) -> Window | None:
    at = case.exchange.opened_at or case.now
    window = case.doors.deadlines.window(case.agreement, period(head.period), at)
    return None if window is None or _goes_anyway(case, head) else window


def _goes_anyway(case: Case, head: ReportHead) -> bool:
    """What a person replays, and what corrects a report that the receiver gave back."""
    if case.exchange.parent is not None:
        return True
    [given_back] = case.doors.journal.in_lanes([InLane(head.lane, _GIVEN_BACK)])
    return bool(given_back)
