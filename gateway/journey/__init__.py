"""THE WAY: timetables, the runner that walks any exchange along them, and what people may do.

Doors come in through `wiring`. It touches nothing: words and ports only.
"""
