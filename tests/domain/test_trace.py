"""The caller's trace: taken where it is one, kept, and sent on under a parent of our own."""

from __future__ import annotations

import pytest

from gateway.domain.trace import onward, trace_id, traceparent

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
GIVEN = f"00-{TRACE}-{PARENT}-01"


@pytest.mark.parametrize("said", [GIVEN, f" {GIVEN} ", f"cc-{TRACE}-{PARENT}-01-more-of-it"])
def test_a_traceparent_is_taken_as_version_00_has_it(said: str) -> None:
    assert traceparent(said) == GIVEN


@pytest.mark.parametrize(
    "said",
    [
        "",
        "x",
        GIVEN.upper(),
        GIVEN[:-1],
        f"ff-{TRACE}-{PARENT}-01",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"{GIVEN}-more",
        f"{GIVEN}\n00-x",
    ],
)
def test_anything_else_is_no_trace_and_no_reason_to_refuse(said: str) -> None:
    assert (traceparent(said), trace_id(traceparent(said)), onward(traceparent(said), "gd-1")) == ("", "", "")


def test_onward_goes_the_same_trace_with_the_same_parent_at_every_attempt() -> None:
    sent = onward(GIVEN, "gd-1")
    assert traceparent(sent) == sent == onward(GIVEN, "gd-1")
    assert trace_id(sent) == TRACE
    assert sent[:36] == GIVEN[:36]
    assert sent != onward(GIVEN, "gd-2")
    assert PARENT not in sent
