"""The text of clients.toml: whatever a person wrote there is there afterwards, byte for byte."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.domain.errors import Misconfigured
from gateway.schemas.entries import added, client_of, entries, without

DIGEST = "0a" * 32
SAID = {"id": "moi", "key_sha256": DIGEST, "agreements": ["ktxh-thang"]}
_REMARKS = st.text("# [clients]=\"'x\t«đ»\u2028", max_size=12).map(lambda text: f"# {text}")
_BLANKS = st.sampled_from(["", "  ", "\t"])
_BETWEEN = st.lists(_REMARKS | _BLANKS, max_size=3)
_OTHER = st.sampled_from(
    [
        ["[server]", "port = 1"],
        ["[x]", 'text = """', "[[clients]]", 'id = "giả"', '"""'],
        ["[y]", "rows = [", "  [1, 2],  # một", "  [3],", "]"],
        ["[[clients2]]", "id = 1"],
    ]
)


@st.composite
def entry(draw: st.DrawFn, number: int) -> list[str]:
    """One entry as people write it: in any order, with remarks between, with a table of its own below."""
    lines = draw(
        st.permutations(
            [
                f'id = "he-thong-{number}"' + draw(st.sampled_from(["", "  # của Sở"])),
                draw(st.sampled_from([f'key_sha256 = "{DIGEST}"', f"  key_sha256='{DIGEST}'"])),
                draw(
                    st.sampled_from(['agreements = ["a", "b"]', 'agreements = [\n  "a",  # [[clients]]\n\n  "b",\n]'])
                ),
            ]
        )
    )
    head = draw(st.sampled_from(["[[clients]]", "[[ clients ]]  # mới", '  [["clients"]]']))
    more = draw(
        st.sampled_from(
            [
                [],
                ["# phép", "[clients.permission]", 'document = "1/UB"', "issued = 2026-01-05"],
                ["", "[clients.webhook]"],
                ["note = '''", "[[clients]]", 'id = "giả"', "'''"],
            ]
        )
    )
    between = draw(_BETWEEN)
    return [head, lines[0], *between, *lines[1:], *more]


@st.composite
def file(draw: st.DrawFn) -> str:
    """A whole clients.toml, with other tables between, of either kind of line ends, with or without the last."""
    lines = list(draw(_BETWEEN))
    others = draw(st.lists(_OTHER, max_size=2, unique_by=lambda part: part[0]))
    count = draw(st.integers(0, 4))
    parts = draw(st.permutations([*(draw(entry(number)) for number in range(count)), *others]))
    for part in parts:
        lines += [*part, *draw(_BETWEEN)]
    end = draw(st.sampled_from(["\n", "\r\n"]))
    return "\n".join(lines).replace("\n", end) + draw(st.sampled_from(["", end]))


@given(text=file())
@settings(max_examples=60, deadline=None)
def test_an_entry_more_leaves_the_text_before_it_as_it_was(text: str) -> None:
    grown = added(text, SAID)
    assert grown.startswith(text)
    assert entries(grown)[-1].said == SAID
    assert [one.said for one in entries(grown)[:-1]] == [one.said for one in entries(text)]


@given(text=file())
@settings(max_examples=60, deadline=None)
def test_what_was_added_and_is_taken_out_again_leaves_no_trace(text: str) -> None:
    grown = added(text, SAID)
    left = without(grown, entries(grown)[-1])
    assert left == text or (not text.endswith("\n") and left.startswith(text) and not left[len(text) :].strip())


@given(text=file(), data=st.data())
@settings(max_examples=100, deadline=None)
def test_an_entry_less_is_its_own_lines_less_and_nothing_else(text: str, data: st.DataObject) -> None:
    found = entries(text)
    if not found:
        return
    gone = data.draw(st.sampled_from(found))
    left = without(text, gone)
    before, after = text[: gone.start], text[gone.start + len(gone.text) :]
    assert left in (before + after, *_less_a_blank_line(before, after))
    assert [one.said for one in entries(left)] == [one.said for one in found if one is not gone]
    rest = {name: value for name, value in tomllib.loads(text).items() if name != "clients"}
    assert {name: value for name, value in tomllib.loads(left).items() if name != "clients"} == rest


def _less_a_blank_line(before: str, after: str) -> list[str]:
    """What may be left where two blank lines would have met."""
    lines = before.split("\n")
    one = ["\n".join([*lines[:-2], ""]) + after] if len(lines) > 1 and not lines[-2].strip() else []
    first, _, rest = after.partition("\n")
    return [*one, before + rest] if not first.strip() else one


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (f'clients = [{{ id = "x", key_sha256 = "{DIGEST}", agreements = [] }}]\n', "1"),
        (f'# hai\nclients = [\n  {{ id = "x", key_sha256 = "{DIGEST}", agreements = [] }},\n]\n', "2"),
        (f'[[clients]]\nid = "x"\n[server]\nport = 1\n[clients.permission]\ndocument = "{DIGEST}"\n', "1, 5"),
        ('[[clients]]\nid = "x"\nnote = """\n# hết"""\n', "1–3"),
    ],
    ids=["one line", "an array", "in two places", "a remark that is none"],
)
def test_what_cannot_be_cut_safely_is_refused_with_the_lines_to_look_at(text: str, lines: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        entries(text)
    assert (refused.value.problem.code, refused.value.problem.details["line"]) == ("F-048", lines)


def test_what_is_no_toml_is_named() -> None:
    for asking in (entries, lambda text: added(text, SAID)):
        with pytest.raises(Misconfigured) as refused:
            asking("[[clients]\n")
        assert refused.value.problem.details["file"] == "clients.toml"


def test_every_right_an_entry_can_have_is_written_as_it_is_read() -> None:
    said = {
        "id": 'một "hai" \\ ba\t\x7f',
        "key_sha256": DIGEST,
        "agreements": ["a", "b"],
        "kind": "sector",
        "permission": {"document": "12/UBND-VX", "issued": date(2026, 1, 5), "valid_to": date(2027, 1, 5)},
        "webhook": {"url": "https://x.vn/hook", "secret_files": ["secrets/webhook"], "deadline_seconds": 1.5},
    }
    [found] = entries(added("", said))
    assert found.said == said
    assert client_of(found.said).id == said["id"]


def test_a_fault_of_an_entry_is_named_with_its_system() -> None:
    with pytest.raises(Misconfigured) as refused:
        client_of({**SAID, "permission": {"document": "nói miệng", "issued": date(2026, 1, 5)}, "colour": 1})
    assert {found.details["key"] for found in refused.value.problems} == {"moi.permission.document", "moi.colour"}
