"""THE FRONT DOOR for machines: one router per noun, problems as RFC 9457.

Systems that hand in reports come in here, each with its own key. It touches the house through a `Gateway` only.
"""

from gateway.api.application import api, intake

__all__ = ["api", "intake"]
