"""The timetable of what comes down: for now catalogues.

fetched → validated → unchanged | compared → published
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.domain.exchange import Stage
from gateway.journey.steps import Step
from gateway.journey.steps.catalogue import compare_with_current, publish, read

TIMETABLE: Mapping[Stage, Step] = {Stage.FETCHED: read, Stage.VALIDATED: compare_with_current, Stage.COMPARED: publish}
