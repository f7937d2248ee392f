"""THE DOORBELL: “destination D may have work”, by threads here or Dramatiq on Redis.

Only `wiring` comes in. A ring carries no payload and may be lost; the sweep heals.
"""

from gateway.queue.local import LocalDoorbell
from gateway.queue.redis import RedisDoorbell

__all__ = ["LocalDoorbell", "RedisDoorbell"]
