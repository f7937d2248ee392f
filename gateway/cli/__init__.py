"""THE VERBS: one module per noun, one JSON document on stdout, people’s text on stderr.

Everyone outside comes in here. It builds the house through `wiring` only.
"""

from gateway.cli.main import main

__all__ = ["main"]
