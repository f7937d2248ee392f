"""The timetable of a report that goes as a formal document, linked to the report it carries.

prepared → (people: number, signatures) numbered → ready → (in doubt) → sent → arrived → accepted | rejected
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.domain.exchange import Stage
from gateway.journey.steps import Step
from gateway.journey.steps.document import follow, look_in_the_sent_list, seal, send

TIMETABLE: Mapping[Stage, Step] = {
    Stage.NUMBERED: seal,
    Stage.READY: send,
    Stage.IN_DOUBT: look_in_the_sent_list,
    Stage.SENT: follow,
    Stage.ARRIVED: follow,
}
