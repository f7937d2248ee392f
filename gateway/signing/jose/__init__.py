"""JWS (RFC 7515) and JAdES (ETSI TS 119 182-1) signatures.

Headers are read here and strictly; joserfc's algorithms say yes or no to the value. The algorithm is the policy's.
"""
