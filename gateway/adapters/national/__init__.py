"""The national reporting system over REST.

Only `wiring` comes in, for `NationalChannel` and `NationalSource`. It touches no other adapter.
"""

from gateway.adapters.national.channel import NationalChannel, NationalSource
from gateway.adapters.national.session import NationalCredentials, NationalSession

__all__ = ["NationalChannel", "NationalCredentials", "NationalSession", "NationalSource"]
