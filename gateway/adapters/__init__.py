"""THE WORLD: everything that speaks HTTP or SQL, each behind a port.

Only `wiring` comes in. Foreign exceptions, types and clocks stop here.
"""
