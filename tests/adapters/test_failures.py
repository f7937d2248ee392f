"""The table of failures knows every exception there is."""

from collections.abc import Iterator

import aiohttp
import httpx
import pytest
from aiohttp import client_exceptions, http_exceptions

from gateway.adapters.failures import CAUGHT, judged, may_have_gone_out

NOT_OURS = {aiohttp.WSMessageTypeError, aiohttp.ClientWSTimeout}


def _raised_by(*modules: object) -> Iterator[type[BaseException]]:
    for module in modules:
        for thing in vars(module).values():
            if (
                isinstance(thing, type)
                and issubclass(thing, Exception)
                and thing.__module__.split(".")[0] in ("httpx", "aiohttp")
            ):
                yield thing


@pytest.mark.parametrize("shape", sorted(set(_raised_by(httpx, client_exceptions)) - NOT_OURS, key=str))
def test_every_exception_of_both_clients_has_a_verdict_of_its_own(shape):
    assert shape in judged()


@pytest.mark.parametrize(
    "shape", sorted(set(_raised_by(httpx, client_exceptions, http_exceptions)) - NOT_OURS, key=str)
)
def test_every_exception_of_both_clients_is_caught(shape):
    assert issubclass(shape, CAUGHT)


@pytest.mark.parametrize("shape", [httpx.ConnectError, httpx.PoolTimeout, httpx.UnsupportedProtocol])
def test_what_failed_before_a_connection_took_nothing(shape):
    assert not may_have_gone_out(shape("x"))


def test_a_misnamed_exception_is_judged_by_its_cause():
    misnamed = httpx.ConnectTimeout("x")
    misnamed.__cause__ = aiohttp.ServerDisconnectedError()
    assert may_have_gone_out(misnamed)


def test_an_unknown_exception_may_have_sent_something():
    assert may_have_gone_out(LookupError())
