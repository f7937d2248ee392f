"""Webhooks: systems of the province are told what waits in their inbox, which alone is the truth.

Only `gateway.telling` comes in. Of other adapters it shares the line of HTTP; it may not touch the stores.
"""

from gateway.adapters.webhooks.hook import Hook
from gateway.adapters.webhooks.teller import Teller, Told

__all__ = ["Hook", "Teller", "Told"]
