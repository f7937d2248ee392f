"""CMS and CAdES signatures (RFC 5652, EN 319 122), attached and detached; PDF signatures carry them too.

Read on asn1crypto, proven on cryptography. Trust is `gateway.signing.trust`'s, not judged here.
"""
