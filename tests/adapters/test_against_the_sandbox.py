"""Both adapters against the sandbox's other side: two readings of one interface that must meet."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from gateway.adapters.documents.axis import AxisCredentials, AxisRoute
from gateway.adapters.documents.lgsp import LgspRoute
from gateway.adapters.http import HttpLine
from gateway.adapters.national import NationalChannel, NationalCredentials, NationalSession, NationalSource
from gateway.domain.errors import InDoubt, NotFound, Rejected, Unavailable
from gateway.domain.parcel import Unknown
from gateway.sandbox import Client, Sandbox
from tests.adapters.clock import SetClock
from tests.adapters.documents.scene import DOCUMENT_ID, EDXML
from tests.adapters.national.scene import BODY, PARCEL, read_status
from tests.adapters.peer import run


@pytest.fixture
def other_side() -> Iterator[Client]:
    with Sandbox.thread() as sandbox:
        yield sandbox


def _now(behind: timedelta = timedelta()) -> SetClock:
    clock = SetClock()
    clock.at = datetime.now(UTC) - behind
    return clock


def _axis(other_side: Client, secret: str = "", behind: timedelta = timedelta()) -> AxisRoute:
    said = other_side.credentials
    shown = AxisCredentials(said.axis_system_id, secret or said.axis_secret)
    return AxisRoute(HttpLine("VXP", other_side.axis_url, deadline=5), shown, _now(behind))


def _session(other_side: Client) -> NationalSession:
    said = other_side.credentials
    shown = NationalCredentials(
        said.national_system_id, said.national_system_secret, said.national_username, said.national_password
    )
    return NationalSession(HttpLine("QG", other_side.national_url, deadline=5), shown, _now())


def _lgsp(other_side: Client, behind: timedelta = timedelta()) -> LgspRoute:
    said = other_side.credentials
    shown = NationalCredentials(said.axis_system_id, said.axis_secret, said.national_username, said.national_password)
    return LgspRoute(NationalSession(HttpLine("LGSP", other_side.lgsp_url, deadline=5), shown, _now()), _now(behind))


def test_a_document_goes_through_the_lgsp_and_its_statuses_come_back(other_side):
    async def journey():
        route = _lgsp(other_side)
        try:
            number = await route.send(EDXML, "H56", ("G22",))
            other_side.fault("expire_tokens")
            other_side.office_says(DOCUMENT_ID, "01", "03")
            found = await route.statuses()
            for status in found:
                await route.settle(status.axis_id)
            return number, [(s.document_id, s.code) for s in found], await route.statuses()
        finally:
            await route.close()

    other_side.office("silent")
    number, found, left = run(journey())
    assert number
    assert (found, left) == ([(DOCUMENT_ID, "01"), (DOCUMENT_ID, "03")], [])


def test_after_a_lost_answer_of_the_lgsp_only_a_status_proves_that_it_arrived(other_side):
    async def doubtful():
        route = _lgsp(other_side)
        try:
            with pytest.raises(InDoubt):
                await route.send(EDXML, "H56", ("G22",))
            with pytest.raises(Rejected) as caught:
                await route.sent(DOCUMENT_ID)
            other_side.office_says(DOCUMENT_ID, "01")
            return caught.value.problem.code, await route.sent(DOCUMENT_ID)
        finally:
            await route.close()

    other_side.office("silent")
    other_side.fault("fail_after_storing", times=1)
    code, found = run(doubtful())
    assert code == "G-002"
    assert str(found).startswith("status:")


@pytest.mark.parametrize(
    ("package", "code"),
    [(EDXML.replace(b">H56<", b">H99<"), "B-008"), (EDXML.replace(b">G22.01<", b">W00<"), "B-008"), (b"<a/>", "C-013")],
)
def test_what_the_lgsp_refuses_is_refused_for_good(other_side, package, code):
    async def refused():
        route = _lgsp(other_side)
        try:
            with pytest.raises(Rejected) as caught:
                await route.send(package, "H56", ("G22",))
            return caught.value.problem.code
        finally:
            await route.close()

    assert run(refused()) == code


def test_a_document_goes_out_is_found_and_its_statuses_come_back(other_side):
    async def journey():
        route = _axis(other_side)
        try:
            before = await route.sent(DOCUMENT_ID)
            axis_id = await route.send(EDXML, "H56", ("G22.01",))
            loop_end = datetime.now(UTC) + timedelta(seconds=10)
            seen: dict[str, str] = {}
            while "03" not in seen and datetime.now(UTC) < loop_end:
                for status in await route.statuses():
                    assert (status.document_id, status.recipient) == (DOCUMENT_ID, "G22.01")
                    seen[status.code] = status.axis_id
                    await route.settle(status.axis_id)
            return before, axis_id, await route.sent(DOCUMENT_ID), seen, await route.statuses()
        finally:
            await route.close()

    other_side.office("accept")
    before, axis_id, after, seen, left = run(journey())
    assert (before, after) == (None, axis_id)
    assert {"01", "03"} <= seen.keys()
    assert left == []


@pytest.mark.parametrize("behind", [timedelta(days=12), timedelta(days=700)])
@pytest.mark.parametrize("through", [_axis, _lgsp])
def test_what_went_out_is_found_by_a_host_whose_clock_stands_behind(other_side, through, behind):
    async def journey():
        route = through(other_side, behind=behind)
        try:
            await route.send(EDXML, "H56", ("G22.01",))
            other_side.office_says(DOCUMENT_ID, "01")
            return await route.sent(DOCUMENT_ID), [status.code for status in await route.statuses()]
        finally:
            await route.close()

    other_side.office("silent")
    found, statuses = run(journey())
    assert found
    assert statuses == ["01"]


def test_the_axis_refuses_a_wrong_secret_and_another_sender(other_side):
    async def refused(route, sender, shape):
        try:
            with pytest.raises(shape) as caught:
                await route.send(EDXML, sender, ("G22.01",))
            return caught.value.problem.code
        finally:
            await route.close()

    assert run(refused(_axis(other_side, "wrong"), "H56", Unavailable)) == "B-001"
    assert run(refused(_axis(other_side), "H57", Rejected)) == "B-008"


def test_a_lost_answer_of_the_axis_is_in_doubt_and_the_sent_list_knows(other_side):
    async def doubtful():
        route = _axis(other_side)
        try:
            with pytest.raises(InDoubt):
                await route.send(EDXML, "H56", ("G22.01",))
            return await route.sent(DOCUMENT_ID)
        finally:
            await route.close()

    other_side.fault("reset", times=1)
    assert run(doubtful())


def test_the_national_system_lets_us_in_and_refuses_what_is_no_packet(other_side):
    async def told():
        session = _session(other_side)
        channel = NationalChannel(session, read_status, {})
        try:
            with pytest.raises(Rejected) as caught:
                await channel.send(PARCEL, BODY)
            unknown = await channel.inquire(PARCEL)
            catalogue = await NationalSource(session).fetch("VPCP-CT")
            with pytest.raises(NotFound):
                await NationalSource(session).fetch("KHONG-CO")
            return caught.value.problem.code, unknown, catalogue
        finally:
            await channel.close()

    for documented in (False, True):
        other_side.mode(documented=documented)
        code, unknown, catalogue = run(told())
        assert (code, unknown) == ("C-013", Unknown.NOT_THERE)
        assert b"<Catalogue" in catalogue


def test_tokens_that_expire_at_the_national_system_are_renewed_unseen(other_side):
    async def twice():
        channel = NationalChannel(_session(other_side), read_status, {})
        try:
            first = await channel.inquire(PARCEL)
            other_side.fault("expire_tokens")
            other_side.clear()
            return first, await channel.inquire(PARCEL)
        finally:
            await channel.close()

    assert run(twice()) == (Unknown.NOT_THERE, Unknown.NOT_THERE)
