"""THE HEART: mapping packs that domain officers own, compiled to a columnar plan.

Comes in: reports and catalogues as domain values. May not touch: other materials, the wire, the clock.
"""

from gateway.mapping.translator import PackTranslator, check_pack, map_report

__all__ = ["PackTranslator", "check_pack", "map_report"]
