"""The desk's words: complete, in both languages, and said for everything that can happen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from string import Formatter

import pytest

from gateway.console.details import DETAILS
from gateway.console.stages import GROUPS, LOOKS, STAGES_OF
from gateway.console.told import ANSWERS, FACTS, INDICATIONS, told
from gateway.console.words import KINDS, OWNERS, SENTENCES, STEPS
from gateway.domain.exchange import SETTLED, STAGE_WORDS, Kind, Stage
from gateway.domain.facts import Fact, facts_known
from gateway.domain.parcel import Answer
from gateway.domain.problems import PROBLEMS, Owner, Text
from gateway.domain.verdict import Indication
from tests.contracts.telling import every_fact

_STEP = re.compile(r'^stage = "(.+)"$', re.MULTILINE)
TABLES: Mapping[str, Mapping[str, Text]] = {
    "sentences": SENTENCES,
    "details": DETAILS,
    "answers": ANSWERS,
    "indications": INDICATIONS,
    "owners": OWNERS,
    "kinds": KINDS,
    "steps": STEPS,
    "facts": {name: sentence.text for name, sentence in FACTS.items()},
    "stages": {stage.value: look.word for stage, look in LOOKS.items()},
    "next steps": {stage.value: look.next for stage, look in LOOKS.items()},
    "groups": {group.name: group.word for group in GROUPS},
}


def test_every_fact_has_its_sentence_and_no_sentence_is_left_over() -> None:
    assert FACTS.keys() == facts_known().keys()


@pytest.mark.parametrize("fact", every_fact(), ids=lambda fact: type(fact).__name__)
def test_a_fact_is_told_in_both_languages(fact: Fact) -> None:
    vi, en = told(fact, "vi"), told(fact, "en")
    assert vi != en
    for sentence in (vi, en):
        assert sentence.endswith(".")
        assert not re.search(r"None|[{}]", sentence)


@pytest.mark.parametrize("table", TABLES)
def test_both_languages_say_something_and_name_the_same_things(table: str) -> None:
    for name, text in TABLES[table].items():
        assert text.vi.strip(), name
        assert text.en.strip(), name
        assert _fields(text.vi) == _fields(text.en), name


def test_every_step_of_a_deadline_that_a_profile_names_has_its_words() -> None:
    profiles = [one / "province.toml" for one in files("gateway.profiles").iterdir()]
    named = {step for one in profiles if one.is_file() for step in _STEP.findall(one.read_text("utf-8"))}
    assert named
    assert named <= STEPS.keys()


def test_every_enumeration_of_the_house_has_its_words() -> None:
    assert set(LOOKS) == set(Stage)
    assert set(OWNERS) == set(Owner)
    assert set(KINDS) == set(Kind)
    assert set(ANSWERS) == {answer.value for answer in Answer}
    assert set(INDICATIONS) == {indication.value for indication in Indication}


def test_the_vietnamese_word_of_a_stage_is_the_houses_own() -> None:
    assert {stage: look.word.vi for stage, look in LOOKS.items()} == STAGE_WORDS


def test_every_stage_stands_in_exactly_one_group() -> None:
    grouped = [stage for group in GROUPS for stage in group.stages]
    assert sorted(grouped) == sorted(Stage)


def test_a_groups_name_is_no_stages_name_of_another_meaning() -> None:
    for group in GROUPS:
        assert STAGES_OF[group.name] == group.stages or group.name not in {stage.value for stage in Stage}


def test_what_is_settled_for_good_is_never_shown_as_under_way() -> None:
    assert {LOOKS[stage].mood for stage in SETTLED} <= {"good", "bad", "quiet"}


def test_every_detail_of_every_problem_has_a_name() -> None:
    fields = {field for entry in PROBLEMS.values() for field in _fields(entry.title.vi + entry.advice.vi)}
    assert fields <= DETAILS.keys()


def test_every_sentence_is_used_and_every_used_sentence_is_there() -> None:
    room = files("gateway.console")
    sources = [one for one in (*room.iterdir(), *room.joinpath("templates").iterdir()) if one.name != "words.py"]
    text = "".join(one.read_text("utf-8") for one in sources if one.is_file())
    assert [name for name in SENTENCES if f'"{name}"' not in text] == []
    assert set(re.findall(r'\bt\("(\w+)"', text)) <= SENTENCES.keys()


def _fields(template: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(template) if field}
