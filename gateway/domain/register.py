"""The register of operations (sổ vận hành), pure: what people set beside the declarations, deed after deed.

A deed says who did what to which subject, why, by which document, when, and what stood before and after. What
stands now is the last deed of each subject; nothing is ever changed or taken out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Sheet(StrEnum):
    """Trang của sổ: what a deed is about."""

    DAY = "day"  # ngày nghỉ, ngày làm bù; subject: the day
    WINDOW = "window"  # mở, đóng nhận báo cáo; subject: regime/period/stage
    MAINTENANCE = "maintenance"  # bảo trì có báo trước
    INCIDENT = "incident"  # sự cố
    FORM = "form"  # vòng đời biểu mẫu; subject: form/version
    ALLOCATION = "allocation"  # phân bổ chỉ tiêu, biểu mẫu; subject: catalogue/unit


@dataclass(frozen=True, slots=True)
class Deed:
    """`before` and `after` are the subject's values as JSON has them; `after` is None once it is taken back.

    `ordinal` is the register's own order, and `follows` the ordinal of the subject's deed before this one (0: none).
    """

    sheet: Sheet
    subject: str
    act: str
    by: str
    because: str
    document: str
    at: datetime
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    follows: int = 0
    ordinal: int = 0
