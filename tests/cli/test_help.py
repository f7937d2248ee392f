"""Every verb explains itself, in Vietnamese, with an example, at once."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from gateway.cli.main import application
from tests.cli.house import ROOT, process, run

# Of these a help text needs nothing, and each costs a person a tenth of a second.
_HEAVY = {
    "polars",
    "lxml",
    "psycopg",
    "fastapi",
    "starlette",
    "uvicorn",
    "httpx",
    "aiohttp",
    "cryptography",
    "xmlschema",
}


def _verbs(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield words, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from _verbs(inner, (*words, name))


EVERY = dict(_verbs(get_command(application())))
FIRST = {words[0] for words in EVERY if words}
LEAVES = {words: command for words, command in EVERY.items() if not hasattr(command, "commands")}


@pytest.mark.parametrize("words", EVERY, ids=lambda words: " ".join(words) or "gateway")
def test_help_is_vietnamese_and_has_an_example(words: tuple[str, ...]) -> None:
    told = run(*words, "-h")
    assert told.code == 0
    assert "Ví dụ" in told.out
    assert f"gateway {' '.join(words)}".strip() in told.out.partition("Ví dụ")[2]
    assert _vietnamese(told.out.partition("Ví dụ")[0])
    assert told.out == run(*words, "--help").out


@pytest.mark.parametrize("words", EVERY, ids=lambda words: " ".join(words) or "gateway")
def test_an_example_has_every_option_that_is_asked_for_and_no_other(words: tuple[str, ...]) -> None:
    for example in _examples(EVERY[words].epilog):
        named, typed = _named(example)
        known = [set(parameter.opts) for parameter in EVERY[named].params]
        needed = [set(parameter.opts) for parameter in EVERY[named].params if parameter.required]
        given = {word for word in typed if word.startswith("--")}
        assert given <= set().union(*known), (named, given)
        assert all(one & given for one in needed if any(name.startswith("--") for name in one)), (named, given)


@pytest.mark.parametrize("words", LEAVES, ids=" ".join)
def test_every_option_and_argument_says_what_it_is(words: tuple[str, ...]) -> None:
    silent = [parameter.name for parameter in LEAVES[words].params if not parameter.help]
    assert not silent


@pytest.mark.parametrize("words", LEAVES, ids=" ".join)
def test_every_verb_can_speak_json(words: tuple[str, ...]) -> None:
    assert any("--json" in parameter.opts for parameter in LEAVES[words].params)


def test_help_imports_no_store_no_wire_and_no_mapping() -> None:
    look = (
        "import sys; from gateway.cli.main import main\n"
        f"for words in {list(map(list, EVERY))}:\n"
        "    try: main([*words, '-h'])\n"
        "    except SystemExit: pass\n"
        f"print(sorted({_HEAVY} & {{name.partition('.')[0] for name in sys.modules}}), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", look], check=True, capture_output=True, text=True, cwd=ROOT)
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize("name", sorted(FIRST))
def test_a_verb_is_found_with_its_room_alone(name: str) -> None:
    """The others are not even loaded: who asks for a verb waits for no other one."""
    alone = {words[0] for words, _ in _verbs(get_command(application(name))) if words}
    assert name in alone
    assert alone < FIRST


def test_the_version_is_told() -> None:
    assert re.fullmatch(r"gateway \d+\.\d+\.\d+\n", run("--version").out)


def test_an_unknown_verb_is_a_slip_of_the_hand() -> None:
    told = process("gửi")
    assert told.code == 2
    assert "gửi" in told.err
    assert not told.stdout


@pytest.mark.parametrize(
    "words", [("gửi",), ("park", "gd-1"), ("ls", "--stagee", "x"), ("ls", "--limit", "0")], ids=" ".join
)
def test_a_slip_of_the_hand_is_told_in_both_languages_with_a_code_and_where_to_look(words: tuple[str, ...]) -> None:
    told = run(*words)
    where = f"gateway {words[0]} -h" if words[0] != "gửi" else "gateway -h"
    assert (told.code, told.stdout) == (2, b"")
    assert told.err.startswith("✕ C-012  Yêu cầu không hợp lệ: ")
    assert f"→ Xem cách gõ: {where}" in told.err
    assert f"See {where}" in told.err
    [found] = run(*words, "--json").document["problems"]
    assert found["code"] == "C-012"


def test_a_group_that_is_asked_nothing_explains_itself() -> None:
    told = run("trust")
    assert (told.code, told.stdout) == (2, b"")
    assert "Ví dụ" in told.err
    assert "C-012" not in told.err


def _examples(epilog: str) -> Iterator[list[str]]:
    """What stands behind ``gateway`` in each command line of an epilog, without what a shell does with the answer."""
    for line in re.split(r" · |; ", epilog):
        _, found, typed = line.partition("gateway ")
        if found:
            yield shlex.split(re.split(r" [|>] ", typed)[0])


def _named(typed: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """The verb of a command line, and what is left for it; a group that is asked nothing stands for itself."""
    words: tuple[str, ...] = ()
    while typed and (*words, typed[0]) in EVERY:
        words, typed = (*words, typed[0]), typed[1:]
    if words == ("replay",):
        words = ("replay", "one")
    return words, typed


def _vietnamese(text: str) -> bool:
    """Letters that no other language puts two marks on, or đ."""
    return any(letter in "đĐ" or len(unicodedata.normalize("NFD", letter)) > 2 for letter in text)
