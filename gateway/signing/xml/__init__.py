"""XML signatures: canonical form, references bound to positions, the signature itself, and signing.

Comes in through `gateway.signing.verifier` and `gateway.signing.xml.sign`. No trust is judged here.
"""
