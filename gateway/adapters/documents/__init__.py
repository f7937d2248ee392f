"""Document axis and provincial LGSP behind DocumentRoute.

Only `wiring` comes in, for `AxisRoute` and `LgspRoute`. Of other adapters it shares the session of `national`:
the province's interfaces ask for the same three credentials.
"""
