"""THE VERBS: one module per noun, one JSON document on stdout, people’s text on stderr.

Everyone outside comes in here. Stores, wires and bells only through `wiring`; a file alone is mapped, judged directly.
"""

from gateway.cli.main import main

__all__ = ["main"]
