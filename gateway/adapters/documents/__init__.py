"""Document axis and provincial LGSP behind DocumentRoute.

Only `wiring` comes in, for `AxisRoute`. It touches no other adapter.
"""
