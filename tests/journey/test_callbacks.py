"""The receiver tells by itself: the word is kept, the receiver is asked at once, and only its answer counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.domain.agreement import WhenUnaskable
from gateway.domain.errors import Conflict, NotFound, Overtaken, Rejected, Unavailable, problem
from gateway.domain.exchange import Exchange, Stage
from gateway.domain.facts import CalledBack, Fact, Postponed, Stumbled, Undelivered
from gateway.domain.ids import digest_of
from gateway.domain.parcel import Answer
from gateway.journey.callbacks import Word, call_back
from gateway.ports import Entry, Journal
from tests.journey.conftest import Build
from tests.journey.interrupted import Interrupted
from tests.journey.scene import AGREED, House, agreed
from tests.journey.wires import AXIS, NATIONAL, Ending

BY = "quoc-gia-bao"


def word(x: Exchange, key: str = "ST-1", answer: str = "accepted", reference: str | None = None) -> Word:
    of = (x.receipt.reference if x.receipt else "") if reference is None else reference
    return Word(key, x.id, of, answer, "application/xml", f"<{key}>{answer}</{key}>".encode())


def told(house: House, x: Exchange) -> list[CalledBack]:
    return [link.fact for link in house.ledger.history(x.id) if isinstance(link.fact, CalledBack)]


class Meanwhile(Interrupted):
    """A journal to which somebody else comes once, right before a fact of that kind is written."""

    def __init__(self, journal: Journal, at: type[Fact], done: Callable[[], None]) -> None:
        super().__init__(journal, at, before=None, after=None)
        self._done: Callable[[], None] | None = done

    def append(self, exchange: Exchange, entries: Sequence[Entry], **told: Any) -> Exchange:
        if self._done is not None and any(isinstance(entry.fact, self._at) for entry in entries):
            done, self._done = self._done, None
            done()
        return super().append(exchange, entries, **told)


@pytest.fixture
def judging(house: House) -> Exchange:
    """A report whose receiver takes its time: it is asked again much later."""
    house.receiver.judgement = None
    x = house.until(house.hand_in(), Stage.DELIVERED)
    house.later(hours=1)
    waiting = house.read(x)
    assert waiting.due is not None
    assert waiting.due > house.clock.now()
    return waiting


def test_who_calls_back_is_asked_at_once(house: House, judging: Exchange) -> None:
    house.receiver.judgement = Answer.ACCEPTED

    heard = call_back(house.doors, NATIONAL, BY, word(judging))
    house.work()

    assert heard.is_new
    assert house.read(judging).stage is Stage.RECONCILED
    assert house.ledger.bytes_of(heard.fact.word.digest) == word(judging).content


def test_the_word_itself_decides_nothing(house: House, judging: Exchange) -> None:
    call_back(house.doors, NATIONAL, BY, word(judging, answer="returned"))
    house.work()
    assert house.read(judging).stage is Stage.DELIVERED  # they are not done when they are asked

    house.receiver.judgement = Answer.ACCEPTED
    house.until(judging, Stage.RECONCILED)


def test_the_same_word_is_the_same_answer_whenever_it_comes_again(house: House, judging: Exchange) -> None:
    first = call_back(house.doors, NATIONAL, BY, word(judging))
    house.receiver.judgement = Answer.ACCEPTED
    house.until(judging, Stage.RECONCILED)
    house.later(hours=5)

    again = call_back(house.doors, NATIONAL, BY, word(judging))

    assert (again.fact, again.at, again.is_new) == (first.fact, first.at, False)
    assert len(told(house, judging)) == 1


def test_a_word_after_the_end_neither_opens_it_again_nor_moves_its_end(house: House, judging: Exchange) -> None:
    """When it arrived, and how long it is kept, may hang on when it changed last."""
    house.receiver.judgement = Answer.ACCEPTED
    ended = house.until(judging, Stage.RECONCILED)
    house.later(hours=5)

    call_back(house.doors, NATIONAL, BY, word(judging, answer="returned"))
    house.work()

    now = house.read(judging)
    assert (now.stage, now.since, now.changed_at) == (ended.stage, ended.since, ended.changed_at)
    assert house.facts(judging)[-1] == "CalledBack"


def test_another_word_under_one_name_is_a_conflict_that_names_both(house: House, judging: Exchange) -> None:
    call_back(house.doors, NATIONAL, BY, word(judging))
    other = word(judging, answer="returned")

    with pytest.raises(Conflict) as refused:
        call_back(house.doors, NATIONAL, BY, other)

    details = dict(refused.value.problem.details)
    assert refused.value.problem.code == "C-008"
    assert (details["before"], details["now"]) == (digest_of(word(judging).content), digest_of(other.content))
    assert len(told(house, judging)) == 1


def test_what_speaks_of_another_number_than_their_receipt_is_refused(house: House, judging: Exchange) -> None:
    with pytest.raises(Conflict) as refused:
        call_back(house.doors, NATIONAL, BY, word(judging, reference="doc-999"))

    assert refused.value.problem.code == "G-005"
    assert not told(house, judging)


def test_of_what_was_not_sent_to_them_nobody_hears(house: House, judging: Exchange) -> None:
    house.receiver.otherwise = Ending.UNREACHABLE
    unsent = replace(house.hand_in("k2", reporter="H56.2"), receipt=None)
    for partner, one in ((NATIONAL, unsent), (AXIS, judging), (NATIONAL, replace(judging, id="gd-không-có"))):
        with pytest.raises(NotFound):
            call_back(house.doors, partner, BY, word(one))
    assert not told(house, unsent)


def test_in_doubt_the_word_sends_nothing_again(house: House) -> None:
    house.receiver.endings.append(Ending.LATE)
    x = house.until(house.hand_in(), Stage.IN_DOUBT)

    call_back(house.doors, NATIONAL, BY, word(x, reference="doc-1"))
    house.work()
    assert house.read(x).stage is Stage.IN_DOUBT  # “not there” is not believed before it has had time to arrive

    house.until(x, Stage.RECONCILED, step=timedelta(seconds=5))
    assert len(house.receiver.held) == 1


def test_what_waits_to_be_sent_is_not_hurried(house: House) -> None:
    house.receiver.otherwise = Ending.BUSY
    x = house.hand_in()
    house.work()
    waiting = house.read(x)
    assert waiting.stage is Stage.PACKAGED

    call_back(house.doors, NATIONAL, BY, word(waiting))
    house.work()

    assert house.read(x).due == waiting.due
    assert len(house.receiver.sends) == 1


def test_who_asked_us_to_wait_is_not_asked_sooner_for_having_called(house: House, judging: Exchange) -> None:
    house.receiver.deaf = Unavailable(problem("F-001", destination=NATIONAL, seconds=900), retry_after=900)
    house.later(hours=1)
    waiting = house.read(judging)
    assert waiting.due is not None

    call_back(house.doors, NATIONAL, BY, word(judging))

    assert house.read(judging).due == waiting.due > house.clock.now()


def test_no_word_spends_the_chances_of_a_bug_of_ours(house: House, judging: Exchange) -> None:
    house.receiver.deaf = RuntimeError("an answer nobody thought of")  # type: ignore[assignment]
    house.later(hours=1)
    assert isinstance(house.last(judging, Stumbled), Stumbled)
    waiting = house.read(judging)

    call_back(house.doors, NATIONAL, BY, word(judging))

    assert waiting.due is not None
    assert house.read(judging).due == waiting.due


def test_who_cannot_be_asked_is_sent_nothing_sooner_for_having_called(build: Build) -> None:
    house = build(agreed(id="gửi-lại", when_unaskable=WhenUnaskable.RESEND))
    house.receiver.askable = False
    house.receiver.otherwise = Ending.ANSWER_LOST
    x = house.hand_in("k1", "gửi-lại")
    house.work()
    waiting = house.read(x)
    assert waiting.stage is Stage.IN_DOUBT

    call_back(house.doors, NATIONAL, BY, word(waiting, reference="doc-1"))
    house.work()

    assert house.read(x).due == waiting.due
    assert len(house.receiver.sends) == 1


def test_while_it_is_sent_to_who_cannot_be_asked_no_word_is_kept(build: Build) -> None:
    house = build(agreed(id="gửi-lại", when_unaskable=WhenUnaskable.RESEND))
    house.receiver.askable = False
    house.receiver.endings.append(Ending.ANSWER_LOST)
    x = house.hand_in("k1", "gửi-lại")

    async def called() -> None:
        with pytest.raises(Unavailable):
            call_back(house.doors, NATIONAL, BY, word(house.read(x), reference="doc-1"))

    house.receiver.meanwhile = called
    house.work()

    assert house.facts(x)[-2:] == ["Attempted", "Postponed"]
    assert call_back(house.doors, NATIONAL, BY, word(house.read(x), reference="doc-1")).is_new
    assert len(house.receiver.sends) == 1


@pytest.mark.parametrize("at", [Postponed, Undelivered])
def test_between_a_refusal_and_its_pause_no_word_is_kept(house: House, at: type[Postponed | Undelivered]) -> None:
    """Whoever tells again a moment later is heard; what was asked to wait waits."""
    house.receiver.endings.append(Ending.BUSY)
    x = house.hand_in()
    refused: list[Unavailable] = []

    def told_now() -> None:
        try:
            call_back(house.doors, NATIONAL, BY, word(house.read(x)))
        except Unavailable as error:
            refused.append(error)

    house.reopen(lambda journal: Meanwhile(journal, at, told_now))  # type: ignore[arg-type, return-value]
    house.work()

    assert [(error.problem.code, error.retry_after) for error in refused] == ([("F-002", 1)] if at is Postponed else [])
    waiting = house.read(x)
    assert waiting.stage is Stage.PACKAGED
    assert waiting.due is not None
    assert len(house.receiver.sends) == 1
    assert call_back(house.doors, NATIONAL, BY, word(waiting)).is_new is (at is Postponed)
    assert house.read(x).due == waiting.due


def test_who_is_always_overtaken_is_told_to_tell_again(house: House, judging: Exchange) -> None:
    class Crowded(Interrupted):
        def append(self, exchange: Exchange, *_: Any, **__: Any) -> Exchange:
            raise Overtaken(exchange.id)

    house.reopen(lambda journal: Crowded(journal, CalledBack, before=None, after=None))  # type: ignore[arg-type, return-value]

    with pytest.raises(Unavailable) as refused:
        call_back(house.doors, NATIONAL, BY, word(judging))

    assert (refused.value.problem.code, refused.value.retry_after) == ("F-002", 1)
    assert "báo lại" in refused.value.problem.advice.vi
    assert not told(house, judging)


def test_somebody_who_writes_in_between_keeps_no_word_out(house: House, judging: Exchange) -> None:
    house.reopen(lambda journal: Interrupted(journal, CalledBack, before=Overtaken(judging.id), after=None))  # type: ignore[arg-type, return-value]

    assert call_back(house.doors, NATIONAL, BY, word(judging)).is_new
    assert len(told(house, judging)) == 1


def test_no_report_is_talked_full(house: House, judging: Exchange) -> None:
    for number in range(50):
        call_back(house.doors, NATIONAL, BY, word(judging, f"ST-{number}"))

    with pytest.raises(Rejected) as refused:
        call_back(house.doors, NATIONAL, BY, word(judging, "ST-50"))

    assert refused.value.problem.code == "C-003"
    assert "50" in refused.value.problem.title.vi
    assert judging.id in refused.value.problem.title.en
    assert not call_back(house.doors, NATIONAL, BY, word(judging, "ST-49")).is_new


def test_a_word_in_the_middle_of_the_sending_changes_nothing_of_the_receipt(house: House) -> None:
    """They call before they answer: the receipt is written behind the word."""

    async def called() -> None:
        [(parcel, _)] = house.receiver.sends
        call_back(house.doors, NATIONAL, BY, word(house.ledger.read(parcel.message_id)))

    house.receiver.meanwhile = called
    x = house.until(house.hand_in("k1", AGREED.id), Stage.RECONCILED)

    names = [link.name for link in house.ledger.history(x.id)]
    assert names.index("Attempted") < names.index("CalledBack") < names.index("Delivered")
    assert len(house.receiver.sends) == 1
