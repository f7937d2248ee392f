"""The guides name verbs and options that there are, and the operators' guide every verb an operator types."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.cli.house import ROOT
from tests.cli.test_help import EVERY, LEAVES

GUIDES = ("README.md", "README.vi.md", "docs/operations.md", "docs/trust.md", "docs/packets.md", "fallback/RUNBOOK.md")
# For whoever tries it, or owns packs and policies; each has its `-h`.
_OF_OTHERS = {"demo", "explain", "sign", "text", "verify", "work"}
_OPTION = re.compile(r"(?<![\w-])--[a-z0-9][a-z0-9-]*")


def _typed(guide: str) -> Iterator[str]:
    """What stands behind ``gateway`` where it begins a line of a block, or a span in the text; without the remark."""
    text = (ROOT / guide).read_text("utf-8").replace("\\\n", " ")
    for n, part in enumerate(text.split("```")):
        lines = part.splitlines() if n % 2 else [span.replace("\n", " ") for span in re.findall(r"`([^`]+)`", part)]
        for line in lines:
            before, found, command = line.strip().partition("gateway ")
            if found and not before:
                yield re.split(r" {2,}", command)[0]


def _named(command: str) -> tuple[str, ...]:
    """The verb: as many words as name one; of alternatives (``export|verify``) the first."""
    words: tuple[str, ...] = ()
    for word in command.split():
        further = (*words, word.partition("|")[0])
        if further not in EVERY:
            break
        words = further
    return words


@pytest.mark.parametrize("guide", GUIDES)
def test_a_guide_names_verbs_and_options_that_there_are(guide: str) -> None:
    found = list(_typed(guide))
    assert found
    for command in found:
        verb = _named(command)
        assert verb, command
        # Of a group that is itself a verb (`replay ID`), the options of what it stands for.
        able = [EVERY[verb], *(EVERY[each] for each in EVERY if each[: len(verb)] == verb)]
        known = {name for each in able for parameter in each.params for name in parameter.opts} | {"--help"}
        assert set(_OPTION.findall(command)) <= known, command


def test_what_the_operators_do_stands_in_their_guide() -> None:
    told = {_named(command)[0] for guide in GUIDES for command in _typed(guide)}
    assert told >= {verb[0] for verb in LEAVES} - _OF_OTHERS
