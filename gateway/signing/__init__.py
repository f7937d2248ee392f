"""TRUST: the place where a verdict on a signature can be believed.

Comes in through `ports.Verifier` and `ports.Signer`. No exception leaves; it asks no clock or wire itself.
"""
