"""Every verb explains itself, in Vietnamese, with an example, at once."""

from __future__ import annotations

import re
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


def _vietnamese(text: str) -> bool:
    """Letters that no other language puts two marks on, or đ."""
    return any(letter in "đĐ" or len(unicodedata.normalize("NFD", letter)) > 2 for letter in text)
