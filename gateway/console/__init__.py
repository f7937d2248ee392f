"""THE DESK for people: server-rendered pages, Vietnamese first.

Only `web` comes in. It touches the house through the `Gateway` that wiring hands over.
"""

from gateway.console.application import console

__all__ = ["console"]
