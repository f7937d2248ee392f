"""What the national system announces beside its lists: regimes, forms, outlines, KPI sets, as announced last."""

from __future__ import annotations

from importlib.resources import files

from lxml import etree

from gateway.sandbox.packets import NAMESPACE, Envelope, Unfit, packet, parsed
from gateway.sandbox.store import Store

_KINDS = {"Regime": "regime", "FormDefinition": "form", "Outline": "outline", "KpiSet": "kpi-set"}
_CREATED = "2026-01-01T00:00:00+07:00"  # fixed: the same announcement is the same bytes


class Announcements:
    """By name: ``regime.KTXH-THANG``, ``outline.DC-KTXH``, ``kpi-set.PAR``."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._shipped = {
            one.name.removesuffix(".xml"): one.read_text("utf-8")
            for one in (files("gateway.sandbox") / "data" / "announced").iterdir()
        }

    def announce(self, text: str) -> str:
        """In place of what was announced under its name; that name. Raises `Unfit`: nothing that is announced so."""
        body = parsed(text.encode())
        kind = _KINDS.get(etree.QName(body).localname)
        if kind is None or etree.QName(body).namespace != NAMESPACE or not body.get("code"):
            raise Unfit("22", f"{body.tag}: one of {', '.join(_KINDS)}, with its code")
        name = f"{kind}.{body.get('code')}"
        self._store.keep(f"announced {name}", text)
        return name

    def packet(self, name: str, partner: str) -> bytes | None:
        """The packet for the province of the code `partner`; None where nothing was announced under that name."""
        text = self._store.kept(f"announced {name}", self._shipped.get(name, ""))
        if not text:
            return None
        body = parsed(text.encode())
        kind, message = name.partition(".")[0], f"{name}-{body.get('version')}".replace("/", ".")  # 01/KTXH is no id
        return packet(Envelope(kind, message, _CREATED, (partner, f"000.00.00.{partner}")), body)
