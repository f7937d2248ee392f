"""What may follow a signature in a PDF: stricter than pyHanko's own rules, which let a form be refilled unseen.

Allowed: long-term material, time-stamps, and signature fields (made, signed). Other fields only where the policy names
them. An unsigned field with a picture of its own is refused: it can cover what was signed.
"""

from __future__ import annotations

from collections.abc import Iterable

from pyhanko.sign.diff_analysis import (
    CatalogModificationRule,
    DocInfoRule,
    DSSCompareRule,
    FormUpdate,
    FormUpdatingRule,
    GenericFieldModificationRule,
    MetadataUpdateRule,
    ModificationLevel,
    ObjectStreamRule,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    XrefStreamRule,
)
from pyhanko.sign.diff_analysis.form_rules_api import FieldComparisonContext, FieldComparisonSpec
from pyhanko.sign.diff_analysis.policy_api import SuspiciousModification

_DRESS = ("/DR", "/DA", "/Q", "/NeedAppearances")
_LTA = ModificationLevel.LTA_UPDATES


class NamedFields(GenericFieldModificationRule):
    """Fields that the policy names may be filled in; any other stays as it was signed."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(allow_in_place_appearance_stream_changes=False)
        self._names = frozenset(names)

    def check_form_field(
        self, fq_name: str, spec: FieldComparisonSpec, context: FieldComparisonContext
    ) -> Iterable[tuple[ModificationLevel, FormUpdate]]:
        return super().check_form_field(fq_name, spec, context) if fq_name in self._names else ()


class BareFields(SigFieldCreationRule):
    """A further signature field, which shows nothing until it is signed."""

    def apply(self, context: FieldComparisonContext) -> Iterable[tuple[ModificationLevel, FormUpdate]]:
        for name, spec in context.field_specs.items():
            if spec.field_type == "/Sig" and spec.new_field_ref and not spec.old_field_ref:
                _refuse_picture(name, spec)
        if any(spec.field_type != "/Sig" for spec in context.field_specs.values()):
            _refuse_another_dress(context)
        yield from super().apply(context)


def _refuse_picture(name: str, spec: FieldComparisonSpec) -> None:
    found = spec.new_field
    if found is None or "/V" in found:
        return
    widgets = [found, *(kid.get_object() for kid in found.get("/Kids", ()))]
    if any("/AP" in widget for widget in widgets):
        raise SuspiciousModification(f"the unsigned field {name} has a picture")


def _refuse_another_dress(context: FieldComparisonContext) -> None:
    """What all fields are drawn with (fonts, how) may change only where signature fields are all there is."""
    before, after = (resolver.root["/AcroForm"] for resolver in (context.old, context.new))
    for key in _DRESS:
        if before.get(key) != after.get(key):
            raise SuspiciousModification(f"{key} of the form was changed")


def policy_of(form_fill: Iterable[str], *, fields: bool) -> StandardDiffPolicy:
    """`fields`: whether further signature fields may be made and signed."""
    named = NamedFields(form_fill)
    creation = BareFields(approve_widget_bindings=True, allow_new_visible_after_certify=False)  # type: ignore[no-untyped-call]
    return StandardDiffPolicy(
        global_rules=[
            CatalogModificationRule(),  # type: ignore[no-untyped-call]
            DocInfoRule().as_qualified(_LTA),
            XrefStreamRule().as_qualified(_LTA),
            ObjectStreamRule().as_qualified(_LTA),
            DSSCompareRule().as_qualified(_LTA),
            MetadataUpdateRule().as_qualified(_LTA),  # type: ignore[no-untyped-call]
        ],
        form_rule=FormUpdatingRule(
            [creation, SigFieldModificationRule(allow_in_place_appearance_stream_changes=fields), named]
        ),
    )
