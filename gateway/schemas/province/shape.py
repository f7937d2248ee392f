"""The whole of ``province.toml``, and what the rest of the house asks of it."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from gateway.domain.deadlines import Regime, Window
from gateway.schemas.province.base import Clause, Declared, Office
from gateway.schemas.province.codes import AgencyText, AliasText, TerritoryText
from gateway.schemas.province.duties import (
    CorrectionText,
    ExclusionText,
    FallbackText,
    IocText,
    LegalBasis,
    LevelsText,
    OfficeHoursText,
    RegulationText,
    RetentionText,
    RoleText,
    SignatureText,
    VerticalText,
)
from gateway.schemas.province.periods import RegimeText, WindowText


class Province(Declared):
    """One regulation as data. Names of keys are ours, every value and article is the regulation's."""

    id: str = Field(pattern=r"^[a-z][a-z-]*$")
    name: str = Field(min_length=1)
    system: str = Field(min_length=1)  # the provincial reporting system's address
    regulation: RegulationText
    operator: Office
    technical: Office | None = None  # who runs the machines and accounts, where that is another body
    aggregator: Office | None = None  # who sums up for the Provincial Committee
    role: tuple[RoleText, ...] = Field(min_length=1)
    national_link: Clause
    ministry_link: Clause
    exclusion: tuple[ExclusionText, ...] = ()
    unicode: Clause
    regime: tuple[RegimeText, ...] = Field(min_length=1)
    rollover: Clause
    windows: Clause
    window: tuple[WindowText, ...] = ()
    signature: SignatureText
    fallback: FallbackText
    backfill: Clause
    returns: Clause
    correction: CorrectionText
    reconciliation: Clause
    vertical: VerticalText
    ioc: IocText
    service: LevelsText
    office_hours: OfficeHoursText
    retention: RetentionText
    replacement: Clause  # whether a replaced law applies by itself
    legal_basis: tuple[LegalBasis, ...] = Field(min_length=1)
    agency: tuple[AgencyText, ...] = Field(min_length=1)
    alias: tuple[AliasText, ...] = ()
    territory: tuple[TerritoryText, ...] = Field(min_length=1)

    def regimes(self) -> tuple[Regime, ...]:
        """The domain's rules, in the order of the file."""
        return tuple(text.regime(self.regulation.number, self.rollover) for text in self.regime)

    def recorded_windows(self) -> tuple[Window, ...]:
        return tuple(text.window() for text in sorted(self.window, key=lambda w: w.closes))

    def basis(self, number: str, on: date) -> LegalBasis:
        """The text that governs where the regulation cites `number`: its successor where the regulation says that
        replaced texts give way by themselves (Đồng Tháp art. 26.1), else the cited one with its status.

        Raises `KeyError` for a text the regulation does not cite.
        """
        listed = {basis.number: basis for basis in self.legal_basis}
        found = listed[number]
        while self.replacement.applies and found.replaced_by and found.replaced_from and on >= found.replaced_from:
            found = listed[found.replaced_by]
        return found

    def agency_named(self, code: str, on: date) -> AgencyText | None:
        """The body that `code`, in the old or the new form, means on that day."""
        meant = next((a.code for a in self.alias if a.alias == code and a.valid_on(on)), code)
        return next((a for a in self.agency if a.code == meant and a.valid_on(on)), None)

    def territory_on(self, day: date) -> TerritoryText | None:
        return next((t for t in self.territory if t.valid_on(day)), None)
