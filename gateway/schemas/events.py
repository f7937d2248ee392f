"""News of the inbox as CloudEvents 1.0: what is asked for and what a webhook is told are the same."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.journey.case import Doors, due_of
from gateway.journey.inventory import lateness
from gateway.ports import Bulletin, Notice
from gateway.schemas.http import BulletinShown, NoticeShown


def shown(doors: Doors, news: Sequence[Notice | Bulletin]) -> list[NoticeShown | BulletinShown]:
    """In the same order. A notice shows its exchange as it stands now, whatever it was when the fact was written."""
    names = {one.exchange for one in news if isinstance(one, Notice)}
    exchanges = {name: doors.journal.read(name) for name in names}
    now = doors.clock.now()
    told = {name: (x, due_of(doors, x), lateness(doors, x, now)) for name, x in exchanges.items()}
    return [
        NoticeShown.of(one, *told[one.exchange]) if isinstance(one, Notice) else BulletinShown.of(one) for one in news
    ]
