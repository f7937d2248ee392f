"""A statement file is a stranger's: it is read whole or refused, and a fault names its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.errors import Rejected
from gateway.schemas.statements import MOST_BYTES, read, statements

DIGEST = "0a" * 32
LINE = {"indicator": "0101", "organisation": "38", "unit": "phan_tram", "value": "12.5", "breakdown": "SEX=F"}


def statement(*values: Any, **changes: Any) -> dict[str, Any]:
    return {"digest": DIGEST, "values": list(values or (LINE,)), **changes}


def file(said: Any) -> bytes:
    return json.dumps(said, ensure_ascii=False).encode()


def refused(payload: bytes) -> list[tuple[str, str]]:
    """Code and title of every fault."""
    with pytest.raises(Rejected) as caught:
        statements(payload)
    return [(one.code, one.title.en) for one in caught.value.problems]


def test_one_alone_one_in_its_envelope_and_a_list_of_them_are_read_alike() -> None:
    other = statement(digest="1B" * 32)
    alone = {DIGEST: {"values": [LINE]}}

    assert statements(file(statement())) == alone
    assert statements(file({"code": 200, "message": "OK", "data": statement()})) == alone
    assert statements(file([statement(), {"data": other}])) == {**alone, "1b" * 32: {"values": [LINE]}}


def test_figures_stay_as_they_were_written_and_codes_become_the_marks_of_our_tables() -> None:
    said = b'{"digest":"%s","values":[%s]}'
    figures = [b"12.50", b"-0.10", b"1E5", b"7", b'"007"', b'"nil"', b'"not_available"', b'""']
    value = b'{"indicator":"0101","organisation":"38","unit":"dong","value":%s}'
    read_back = statements(said % (DIGEST.encode(), b",".join(value % figure for figure in figures)))

    found = [line["value"] for line in read_back[DIGEST]["values"]]
    assert found == ["12.50", "-0.10", "1E5", "7", "007", "-", "…", ""]
    assert {line["breakdown"] for line in read_back[DIGEST]["values"]} == {""}


def test_parts_are_told_where_they_are_named_and_only_there() -> None:
    assert statements(file(statement(parts=["f" * 64])))[DIGEST]["parts"] == ["f" * 64]
    assert "parts" not in statements(file(statement()))[DIGEST]


def test_a_value_twice_is_told_twice() -> None:
    assert statements(file(statement(LINE, LINE)))[DIGEST]["values"] == [LINE, LINE]


@pytest.mark.parametrize(
    ("said", "code", "where"),
    [
        ([], "C-005", "$"),
        ("sao kê", "C-005", "$"),
        ([statement(), 7], "C-005", "[1]"),
        (statement(digest="0a"), "C-005", "$.digest"),
        ({"values": []}, "C-005", "$.digest"),
        ({"digest": DIGEST}, "C-005", "$.values"),
        (statement(parts="f" * 64), "C-005", "$.parts"),
        (statement(digset=DIGEST), "C-005", "unknown field digset"),
        ([statement(), statement(digest=DIGEST.upper())], "C-005", "[1].digest"),
        (statement(LINE, "12.5"), "C-005", "$.values[1]"),
        (statement(LINE, {**LINE, "unit": None}), "C-005", "$.values[1].unit"),
        (statement({**LINE, "indicator": ""}), "C-005", "$.values[0].indicator"),
        (statement({**LINE, "value": True}), "C-005", "$.values[0].value"),
        (statement({**LINE, "value": None}), "C-005", "$.values[0].value"),
        (statement({**LINE, "breakdown": {"SEX": "F"}}), "C-005", "$.values[0].breakdown"),
        (statement({**LINE, "brekdown": ""}), "C-005", "unknown field brekdown"),
        ({"data": [statement()]}, "C-005", "$.data"),
    ],
)
def test_a_fault_names_its_place(said: Any, code: str, where: str) -> None:
    [(found, told)] = refused(file(said))

    assert found == code
    assert where in told


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"", "C-009"),
        (file([statement()])[:-9], "C-009"),
        (b'{"digest":"%s","digest":"%s","values":[]}' % (DIGEST.encode(), DIGEST.encode()), "C-009"),
        (b'{"digest":NaN,"values":[]}', "C-009"),
        (b"\xff\xfe{}", "C-004"),
        (b"[" * 100_000, "C-003"),
    ],
    ids=["empty", "cut short", "a name twice", "not a number", "no UTF-8", "deep"],
)
def test_what_is_no_json_is_refused(payload: bytes, code: str) -> None:
    assert [found for found, _ in refused(payload)] == [code]


def test_a_cut_is_told_with_its_line() -> None:
    whole = json.dumps([statement()], indent=1)
    [(_, told)] = refused(whole[: whole.index("unit")].encode())

    assert "line 8" in told


def test_at_most_fifty_faults_are_named() -> None:
    assert len(refused(file(statement(*[{}] * 1000)))) == 50


def test_a_file_beyond_the_bound_is_refused(tmp_path: Path) -> None:
    huge = tmp_path / "sao-ke.json"
    with huge.open("wb") as opened:
        opened.truncate(MOST_BYTES + 1)
    with pytest.raises(Rejected) as caught:
        read(huge)

    assert caught.value.problem.code == "C-003"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["digest", "values", "data", "parts", "value", "unit"]), inner)
        ),
    )
)
def test_whatever_json_comes_it_is_read_or_refused(said: Any) -> None:
    try:
        statements(file(said))
    except Rejected as error:
        assert all(one.code[0] == "C" for one in error.problems)
