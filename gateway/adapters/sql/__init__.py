"""The journal on PostgreSQL, embedded or a server.

Only `wiring` comes in, for `SqlJournal`. It touches no other adapter.
"""
