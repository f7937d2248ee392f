"""THE DOORBELL: “destination D may have work”, by threads here or Dramatiq on Redis.

Only `wiring` comes in. A ring carries no payload and may be lost; the sweep heals.
"""
