"""THE OTHER SIDE, for trying and testing: national system, document axis, CA with OCSP and time-stamps.

Only `cli` and tests come in. It uses neither `signing` nor `mapping`: a bug must not cancel itself out.
"""
