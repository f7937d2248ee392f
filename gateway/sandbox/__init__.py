"""THE OTHER SIDE, for trying and testing: national system, document axis, CA with CRL, OCSP and time-stamps.

Verbs, stories, benchmarks and tests come in. It uses neither `signing` nor `mapping`: a bug must not cancel itself out.
"""

from gateway.sandbox.client import Client, Registered
from gateway.sandbox.credentials import Credentials
from gateway.sandbox.running import Sandbox

__all__ = ["Client", "Credentials", "Registered", "Sandbox"]
