"""What operators are told of verdicts is what verdicts can be: every sub-indication, and none that is not given."""

from __future__ import annotations

import re
from pathlib import Path

import gateway.signing
from gateway.domain.verdict import Indication, SubIndication
from gateway.signing.findings import indication_of

GUIDE = (Path(__file__).parents[2] / "docs" / "trust.md").read_text("utf-8")
ROOM = Path(gateway.signing.__file__).parent
ROWS = re.findall(r"^\| `(TOTAL-FAILED|INDETERMINATE)` `([A-Z_]+)` \| (.+) \| (.+) \|$", GUIDE, re.MULTILINE)


def given() -> set[str]:
    """The names that anything in the room gives; the order of them all gives none."""
    files = [file for file in ROOM.rglob("*.py") if file.name != "findings.py"]
    return {name for file in files for name in re.findall(r"SubIndication\.([A-Z_]+)", file.read_text("utf-8"))}


def test_every_sub_indication_that_is_given_has_its_meaning_and_what_to_do_in_the_guide() -> None:
    assert {name for _, name, _, _ in ROWS} == given()
    assert len(ROWS) == len(given())


def test_the_guide_says_of_each_whether_it_fails_for_good() -> None:
    for indication, name, _, _ in ROWS:
        assert indication_of(SubIndication(name)) is Indication(indication), name


def test_what_is_never_given_is_said_to_be() -> None:
    [never] = re.findall(r"(?s)không bao giờ trả:(.+?)\n\n", GUIDE)
    assert set(re.findall(r"`([A-Z_]+)`", never)) == set(SubIndication) - given()
