"""THE FRONT DOOR for machines: one router per noun, problems as RFC 9457.

Only `web` comes in. It touches the house through the `Gateway` that wiring hands over.
"""
