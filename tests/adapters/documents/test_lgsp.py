"""The document road of a provincial LGSP: what one package cannot be had for, the others are not kept back for."""

import base64

import pytest

from gateway.adapters.documents.lgsp import LgspRoute
from gateway.adapters.http import HttpLine
from gateway.adapters.national import NationalSession
from gateway.domain.errors import Unavailable
from tests.adapters import peer as wire
from tests.adapters.clock import SetClock
from tests.adapters.documents.scene import status
from tests.adapters.national.scene import CREDENTIALS, LOGIN, TOKEN, observed

LIST, GET = "GET /v1/syncReceivedEdocList", "GET /v1/getEdoc"


def _read(*packages: wire.Answer, times: int = 1):
    async def play():
        answers = {LOGIN: [TOKEN], LIST: [observed([{"docId": "s-1"}, {"docId": "s-2"}])], GET: list(packages)}
        async with wire.Peer(answers) as peer:
            session = NationalSession(HttpLine("LGSP", peer.url, deadline=60), CREDENTIALS, SetClock())
            route = LgspRoute(session, SetClock())
            try:
                return [await route.statuses() for _ in range(times)]
            finally:
                await route.close()

    return wire.run(play())


def _whole(code: str) -> wire.Answer:
    return observed({"content": base64.b64encode(status(code)).decode()})


def test_a_status_that_is_not_handed_out_does_not_hide_the_others_and_is_asked_for_again():
    first, second = _read(observed(None, code=10), _whole("03"), _whole("01"), times=2)
    assert {s.axis_id: s.unread and s.unread.code for s in first} == {"s-1": "C-013", "s-2": None}
    assert {s.axis_id: s.code for s in second} == {"s-1": "01", "s-2": "03"}


@pytest.mark.parametrize("code", [15, 20, 23])
def test_a_refusal_of_the_whole_line_is_no_word_about_one_package(code):
    with pytest.raises(Unavailable):
        _read(observed(None, code=code))
