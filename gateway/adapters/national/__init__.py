"""The national reporting system over REST.

Only `wiring` comes in, for `NationalChannel`. It touches no other adapter.
"""
