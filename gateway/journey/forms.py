"""What people do with forms and allocations: deeds of the register, told to whom they concern."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from gateway.domain.allocation import Allocation, faults
from gateway.domain.errors import NotFound, Rejected, problem
from gateway.domain.forms import FormVersion, in_use
from gateway.domain.record import plain, restore
from gateway.domain.register import Deed, Sheet
from gateway.journey.arrange import Clerk
from gateway.journey.case import Doors
from gateway.ports import Register


@dataclass(frozen=True, slots=True)
class Given:
    """An allocation that stands; `taken_note` by agreement: when its system did, and which client, or None."""

    allocation: Allocation
    deed: Deed
    taken_note: Mapping[str, tuple[datetime, str] | None]

    @property
    def is_acknowledged(self) -> bool:
        return bool(self.taken_note) and all(self.taken_note.values())


# ── forms ────────────────────────────────────────────────────────────────────────────────────────
def forms_of(register: Register) -> list[FormVersion]:
    """Every version that stands, by form, then in the order of the register."""
    found = [restore(FormVersion, deed.after) for deed in register.standing(Sheet.FORM).values()]
    return sorted(found, key=lambda one: one.form)


def form_version(register: Register, form: str, version: str) -> FormVersion:
    """Raises `NotFound` (F-006)."""
    last = register.last(Sheet.FORM, f"{form}/{version}")
    if last is None or last.after is None:
        raise NotFound(problem("F-006", name=f"{form}/{version}"))
    return restore(FormVersion, last.after)


def must_be_known(doors: Doors, form: str) -> None:
    """Before a first draft. Raises `Rejected` (D-013) for a form that agreements carry and of which nothing is known.

    Once a draft is all that is known of it, reports by it would be stopped as reports by a form that is not in use yet.
    """
    carrying = sorted(a.id for a in doors.peers.agreements.values() if form in a.forms)
    if carrying and not doors.deadlines.versions(form):
        raise Rejected(problem("D-013", form=form, agreements=", ".join(carrying)))


def record(doors: Doors, clerk: Clerk, act: str, version: FormVersion) -> Deed:
    """Write a version as it stands now; systems whose agreements use the form are told."""
    tell = [a.id for a in doors.peers.agreements.values() if version.form in a.forms]
    return clerk.write(Sheet.FORM, version.subject, act, plain(version), tell=tell)


# ── allocations ──────────────────────────────────────────────────────────────────────────────────
def allocate(doors: Doors, clerk: Clerk, allocation: Allocation, forms: Iterable[FormVersion]) -> Deed:
    """Give a unit its indicators and forms, in place of what it was given before; the province's systems are told.

    Raises `Rejected` (D-012) with every fault, `NotFound` (F-006) where the catalogue is not in force on that day.
    """
    catalogue = doors.catalogues.on(allocation.catalogue, allocation.valid_from)
    if catalogue is None:
        raise NotFound(problem("F-006", name=allocation.catalogue))
    wrong = list(faults(allocation, catalogue, in_use(forms, allocation.valid_from)))
    if wrong:
        said = {"unit": allocation.unit}
        raise Rejected(*(problem("D-012", reason_vi=one.vi, reason_en=one.en, **said) for one in wrong))
    tell = following(doors, allocation.catalogue)
    checked = replace(allocation, version=catalogue.version)
    return clerk.write(Sheet.ALLOCATION, checked.subject, "allocate", plain(checked), tell=tell)


def take_back(doors: Doors, clerk: Clerk, catalogue: str, unit: str) -> Deed:
    """The unit reports nothing of the catalogue any more. Raises `NotFound` (F-006)."""
    return clerk.take_back(Sheet.ALLOCATION, f"{catalogue}/{unit}", following(doors, catalogue))


def given(register: Register, catalogue: str = "", day: date | None = None) -> list[Given]:
    """The allocations that stand, of one catalogue and valid on a day where they are named."""
    notes = register.acknowledged(Sheet.ALLOCATION)
    found = (
        Given(restore(Allocation, deed.after), deed, notes.get(deed.ordinal, {}))
        for deed in register.standing(Sheet.ALLOCATION).values()
    )
    return [
        one
        for one in found
        if catalogue in ("", one.allocation.catalogue) and (day is None or one.allocation.valid_on(day))
    ]


def following(doors: Doors, catalogue: str) -> list[str]:
    """The agreements that report by a catalogue."""
    return [agreed.id for agreed in doors.peers.agreements.values() if agreed.catalogue == catalogue]
