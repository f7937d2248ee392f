"""TRUST: the place where a verdict on a signature can be believed.

Comes in through `ports.Verifier` and `ports.Signer`. No exception leaves; it asks no clock or wire itself.
"""

from gateway.signing.pki.store import hosts_of
from gateway.signing.policy import check_policy, policy_file
from gateway.signing.verifier import XmlVerifier
from gateway.signing.xml.sign import XmlSigner

__all__ = ["XmlSigner", "XmlVerifier", "check_policy", "hosts_of", "policy_file"]
