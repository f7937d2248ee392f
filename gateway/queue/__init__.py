"""THE DOORBELL: “destination D may have work”, by threads here or Dramatiq on Redis.

Only `wiring` comes in; `queue.redis` is loaded where one is declared. A ring carries no payload, may be lost.
"""

from gateway.queue.local import LocalDoorbell

__all__ = ["LocalDoorbell"]
