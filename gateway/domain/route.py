"""How long the document route takes: measured on what went before, so that it is started in time. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta

FEWEST = 5  # documents; fewer say nothing
_SLOW = 0.9  # of ten documents nine went within this time
_SPARE = 1.25  # people are not quicker on the last day of a month


def margin(declared: timedelta, measured: Sequence[timedelta]) -> timedelta:
    """How long before its deadline a report must start as a document: what was agreed, or longer where number,
    signatures and sending took longer before. Never shorter than agreed."""
    if len(measured) < FEWEST:
        return declared
    slow = sorted(measured)[math.ceil(_SLOW * len(measured)) - 1]
    return max(declared, slow * _SPARE)
