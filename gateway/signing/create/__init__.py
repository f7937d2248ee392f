"""Making signatures: XAdES, PAdES, JWS. What is made is verified by our own verifier before anybody sees it.

Comes in through `ports.Signer`. Digests and forms are made by other code than the verifier's, so that a fault shows.
"""
