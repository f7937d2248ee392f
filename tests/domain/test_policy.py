"""After trouble: wait, or go as a document; never on one error, never far from the deadline."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.agreement import Agreement, Classification, FallbackTerms, Party, SignatureDuty, WhenUnaskable
from gateway.domain.exchange import Exchange, Kind, Stage
from gateway.domain.policy import Divert, Line, Wait, after_trouble, pause

NOW = datetime(2026, 11, 19, 8, tzinfo=UTC)
TERMS = FallbackTerms("truc", "G22", "VPCP", timedelta(hours=4), timedelta(minutes=15), 3, "Điều 10.3")
PARTY = Party("H56", "000.00.00.H56", "UBND")
OUTAGE = Line(failures=5, since=NOW - timedelta(hours=1))


def agreed(terms: FallbackTerms | None = TERMS) -> Agreement:
    return Agreement(
        "ktxh",
        "qg",
        "KTXH",
        ("01",),
        Classification.OPEN,
        PARTY,
        PARTY,
        "qg",
        "p",
        "v",
        SignatureDuty.NONE,
        "C",
        ("application/json",),
        1000,
        WhenUnaskable.PARK,
        fallback=terms,
    )


def waiting(stage: Stage = Stage.PACKAGED, paper: str | None = None) -> Exchange:
    return Exchange("gd-1", Kind.OUTBOUND, "ktxh", "k", "c", "qg", None, stage=stage, attempts=5, paper=paper)


def chosen(
    line: Line = OUTAGE, hours_left: float = 2, terms: FallbackTerms | None = TERMS, **of: object
) -> Wait | Divert:
    return after_trouble(
        waiting(**of),
        agreed(terms),
        line,
        NOW,
        deadline=NOW + timedelta(hours=hours_left),
        spread=0.5,  # type: ignore[arg-type]
    )


def test_an_outage_near_the_deadline_sends_the_report_as_a_document() -> None:
    assert chosen() == Divert(TERMS)


def test_one_error_is_no_outage() -> None:
    assert isinstance(chosen(Line(1, NOW - timedelta(hours=1))), Wait)
    assert isinstance(chosen(Line(9, NOW - timedelta(minutes=1))), Wait)


def test_a_deadline_outside_the_margin_waits() -> None:
    assert isinstance(chosen(hours_left=5), Wait)


def test_without_the_duty_in_the_agreement_nothing_is_diverted() -> None:
    assert isinstance(chosen(terms=None), Wait)


def test_what_is_in_doubt_or_diverted_already_is_not_diverted() -> None:
    assert isinstance(chosen(stage=Stage.IN_DOUBT), Wait)
    assert isinstance(chosen(paper="vb-1"), Wait)


@given(st.integers(0, 500), st.floats(0, 1, exclude_max=True), st.floats(-10, 100), st.none() | st.floats(0, 3600))
def test_a_pause_is_positive_bounded_and_never_shorter_than_asked(
    attempts: int, spread: float, hours: float, asked: float | None
) -> None:
    wait = pause(attempts, NOW, NOW + timedelta(hours=hours), spread, asked)

    assert wait > timedelta()
    assert wait <= max(timedelta(minutes=10), timedelta(seconds=asked or 0))
    assert wait >= timedelta(seconds=asked or 0)


def test_near_the_deadline_attempts_come_closer_together() -> None:
    far = pause(8, NOW, NOW + timedelta(hours=24), 0.5)
    near = pause(8, NOW, NOW + timedelta(minutes=5), 0.5)

    assert near < far
