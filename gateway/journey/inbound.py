"""The timetable of what comes down: catalogues, whole or as increments.

fetched → validated → verified → unchanged | compared → published
                                              └ parked, where more is lost than was agreed
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.domain.exchange import Stage
from gateway.journey.steps import Step
from gateway.journey.steps.catalogue import compare_with_current, publish, read, verify

TIMETABLE: Mapping[Stage, Step] = {
    Stage.FETCHED: read,
    Stage.VALIDATED: verify,
    Stage.VERIFIED: compare_with_current,
    Stage.COMPARED: publish,
}
