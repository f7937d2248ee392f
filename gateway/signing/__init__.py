"""TRUST: the place where a verdict on a signature can be believed.

Comes in through `ports.Verifier` and `ports.Signer`. No exception leaves; it asks no clock or wire itself.
"""

from gateway.signing.pki.store import hosts_of, read_store
from gateway.signing.policies import check_policy, policy_file, read_policies
from gateway.signing.verifier import SignatureVerifier

__all__ = ["SignatureVerifier", "check_policy", "hosts_of", "policy_file", "read_policies", "read_store"]
