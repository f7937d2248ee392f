"""TRUST: the place where a verdict on a signature can be believed.

Comes in through `ports.Verifier` and `ports.Signer`. No exception leaves; it asks no clock or wire itself.
"""

from gateway.signing.pki.changing import Proposal, add_to_pool, approve, proposals, propose
from gateway.signing.pki.path_alone import judge_path
from gateway.signing.pki.store import hosts_of, read_store
from gateway.signing.policies import check_policy, policy_file, read_policies
from gateway.signing.runway import OUTAGES, read_certificates, runway
from gateway.signing.verifier import SignatureVerifier
from gateway.signing.xml.sign import XmlSigner

__all__ = [
    "OUTAGES",
    "Proposal",
    "SignatureVerifier",
    "XmlSigner",
    "add_to_pool",
    "approve",
    "check_policy",
    "hosts_of",
    "judge_path",
    "policy_file",
    "proposals",
    "propose",
    "read_certificates",
    "read_policies",
    "read_store",
    "runway",
]
