"""The timetable of a report: at this stage, take this step. Read this first.

accepted → validated → verified → translated → packaged → (in doubt) → delivered → acknowledged → reconciled
                                                  └─ diverted (goes as a document) → backfilled ─┘
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.domain.exchange import Stage
from gateway.journey.backfill import backfill
from gateway.journey.steps import Step
from gateway.journey.steps.confirm import confirm
from gateway.journey.steps.deliver import deliver
from gateway.journey.steps.inquire import inquire
from gateway.journey.steps.package import package
from gateway.journey.steps.reconcile import reconcile
from gateway.journey.steps.translate import translate
from gateway.journey.steps.validate import validate
from gateway.journey.steps.verify import verify

TIMETABLE: Mapping[Stage, Step] = {
    # prepare: pure, may share one transaction
    Stage.ACCEPTED: validate,
    Stage.VALIDATED: verify,
    Stage.VERIFIED: translate,
    Stage.TRANSLATED: package,
    # drain: on the wire, every fact durable before anything is done that cannot be done again
    Stage.PACKAGED: deliver,
    Stage.IN_DOUBT: inquire,
    Stage.DELIVERED: confirm,
    Stage.DIVERTED: backfill,
    Stage.BACKFILLED: confirm,
    Stage.ACKNOWLEDGED: reconcile,
}
