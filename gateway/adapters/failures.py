"""What a failed request means. The one question that matters: may bytes have gone out?

The table names every exception of httpx and aiohttp; a test walks both trees and proves it complete.
The aiohttp transport renames exceptions on their way to httpx and misnames some (a server that hangs
up after it took the request arrives as ConnectTimeout), so the cause is judged, not the name it was given.
"""

from __future__ import annotations

from collections.abc import Mapping

import aiohttp
import httpx
from aiohttp import client_exceptions, http_exceptions

_MAY_HAVE_GONE_OUT: Mapping[type[BaseException], bool] = {
    # httpx
    httpx.HTTPError: True,
    httpx.RequestError: True,
    httpx.TransportError: True,
    httpx.TimeoutException: True,
    httpx.ConnectTimeout: False,
    httpx.PoolTimeout: False,
    httpx.ReadTimeout: True,
    httpx.WriteTimeout: True,
    httpx.NetworkError: True,
    httpx.ConnectError: False,
    httpx.ReadError: True,
    httpx.WriteError: True,
    httpx.CloseError: True,
    httpx.ProtocolError: True,
    httpx.LocalProtocolError: True,  # may come after the first part of a body
    httpx.RemoteProtocolError: True,
    httpx.ProxyError: True,
    httpx.UnsupportedProtocol: False,
    httpx.DecodingError: True,
    httpx.TooManyRedirects: True,
    httpx.HTTPStatusError: True,
    httpx.InvalidURL: False,
    httpx.CookieConflict: True,
    httpx.StreamError: True,
    httpx.StreamConsumed: True,
    httpx.StreamClosed: True,
    httpx.ResponseNotRead: True,
    httpx.RequestNotRead: True,
    # aiohttp
    aiohttp.ClientError: True,
    aiohttp.ClientResponseError: True,
    aiohttp.ContentTypeError: True,
    aiohttp.WSServerHandshakeError: True,
    aiohttp.ClientHttpProxyError: True,
    aiohttp.TooManyRedirects: True,
    aiohttp.ClientConnectionError: True,
    aiohttp.ClientConnectionResetError: True,
    aiohttp.ClientOSError: True,
    aiohttp.ClientConnectorError: False,
    aiohttp.ClientConnectorDNSError: False,
    aiohttp.ClientProxyConnectionError: False,
    client_exceptions.UnixClientConnectorError: False,
    aiohttp.ClientSSLError: False,
    aiohttp.ClientConnectorSSLError: False,
    aiohttp.ClientConnectorCertificateError: False,
    aiohttp.ServerConnectionError: True,
    aiohttp.ServerDisconnectedError: True,
    aiohttp.ServerTimeoutError: True,
    aiohttp.ConnectionTimeoutError: False,
    aiohttp.SocketTimeoutError: True,
    aiohttp.ServerFingerprintMismatch: False,
    aiohttp.ClientPayloadError: True,
    client_exceptions.UploadAbortedError: True,
    aiohttp.InvalidURL: False,
    aiohttp.InvalidUrlClientError: False,
    aiohttp.RedirectClientError: True,
    aiohttp.InvalidUrlRedirectClientError: True,
    aiohttp.NonHttpUrlClientError: False,
    aiohttp.NonHttpUrlRedirectClientError: True,
    # aiohttp's parser: whatever it chokes on is an answer, so the question had gone out
    http_exceptions.HttpProcessingError: True,
    # the sockets below, and our own deadline
    OSError: True,
    TimeoutError: True,
}

CAUGHT = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.CookieConflict,
    httpx.StreamError,
    aiohttp.ClientError,
    http_exceptions.HttpProcessingError,
    OSError,
)


def judged() -> frozenset[type[BaseException]]:
    """Every exception class with a line of its own."""
    return frozenset(_MAY_HAVE_GONE_OUT)


def may_have_gone_out(error: BaseException) -> bool:
    """Whether the other side may have taken something before `error`."""
    return next(
        (_MAY_HAVE_GONE_OUT[shape] for shape in type(cause(error)).__mro__ if shape in _MAY_HAVE_GONE_OUT), True
    )


def cause(error: BaseException) -> BaseException:
    """The exception as it was raised, before the transport gave it an httpx name."""
    below = error.__cause__
    return below if isinstance(error, httpx.TransportError) and isinstance(below, CAUGHT) else error
