"""Asking a time-stamping authority (RFC 3161), through the same door as revocation services."""

from __future__ import annotations

import hashlib
import secrets

from asn1crypto import algos, tsp

from gateway.domain.errors import Unavailable, problem
from gateway.ports import Fetcher
from gateway.signing.pki.certificate import Unreadable
from gateway.signing.pki.tsp import read_token

_QUERY = "application/timestamp-query"
_GRANTED = frozenset({"granted", "granted_with_mods"})
# What asn1crypto lets through on hostile input.
_QUIET = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError)


class Stamping:
    """`url` on a host that the fetcher allows."""

    def __init__(self, url: str, fetcher: Fetcher) -> None:
        self.url, self._fetcher = url, fetcher

    def token_over(self, data: bytes) -> bytes:
        """A token (DER) over `data`, its own signature right (RFC 3161 section 2.4.2); whether its authority is to be
        believed is the verifier's to say. Raises `Unavailable`: what is over something else must not be kept.
        """
        imprint = tsp.MessageImprint(
            {
                "hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
                "hashed_message": hashlib.sha256(data).digest(),
            }
        )
        nonce = secrets.randbits(63)
        asked = tsp.TimeStampReq({"version": "v1", "message_imprint": imprint, "nonce": nonce, "cert_req": True})
        token: bytes = self.answer(asked)["time_stamp_token"].dump()
        try:
            over_it = read_token(token).covers(data)
        except Unreadable as error:
            raise self._refused(str(error)) from None
        if not over_it:
            raise self._refused("the token is over something else")
        return token

    def answer(self, asked: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """The whole answer, granted and to this question. Raises `Unavailable`."""
        answer = self._fetcher.post(self.url, asked.dump(), _QUERY)
        try:
            told = tsp.TimeStampResp.load(answer, strict=True)
            status = told["status"]["status"].native
            if status not in _GRANTED:
                raise self._refused(str(status))
            content = told["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed
            if content["nonce"].native != asked["nonce"].native:
                raise self._refused("the answer is to another question")
        except _QUIET as error:
            raise self._refused(type(error).__name__) from None
        return told

    def _refused(self, reason: str) -> Unavailable:
        return Unavailable(problem("A-004", destination=self.url, reason=reason))
