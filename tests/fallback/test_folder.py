"""The watched folders: whatever people and machines leave in them, one file never stops the others."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from unicodedata import normalize

import pytest

from fallback.folder import DONE, STATUSES, WRONG, FolderRoute
from gateway.ports import DocumentStatus
from tests.adapters.documents.scene import status


@pytest.fixture
def route(tmp_path: Path) -> FolderRoute:
    return FolderRoute(tmp_path)


@pytest.fixture
def statuses(route: FolderRoute, tmp_path: Path) -> Path:
    return tmp_path / STATUSES


def read(route: FolderRoute) -> list[DocumentStatus]:
    return asyncio.run(route.statuses())


def good(statuses: Path, name: str = "z.xml") -> Path:
    path = statuses / name
    path.write_bytes(status("03"))
    return path


def a_folder(path: Path) -> None:
    path.mkdir()


def a_link_to_nothing(path: Path) -> None:
    path.symlink_to(path.with_name("nowhere"))


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def a_link_to_a_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def a_link_to_itself(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.parametrize("made", [a_folder, a_link_to_nothing, a_pipe, a_link_to_a_device, a_link_to_itself])
def test_what_is_no_file_is_named_where_it_lies_and_the_others_are_read(route, statuses, made) -> None:
    made(statuses / "a.xml")
    good(statuses)

    assert [found.code for found in read(route)] == ["03"]
    [aside] = route.aside
    assert (aside.path, aside.why.code) == (statuses / "a.xml", "C-005")


def test_more_than_any_package_is_set_aside_unread(route, statuses) -> None:
    with (statuses / "a.xml").open("wb") as file:
        file.truncate(1 << 40)
    good(statuses)
    assert len(read(route)) == 1
    assert [aside.why.code for aside in route.aside] == ["C-003"]


def test_a_file_that_was_still_being_copied_is_read_once_it_is_whole(route, statuses) -> None:
    package = status("03")
    with (statuses / "a.xml").open("wb") as copying:
        copying.write(package[:200])
        copying.flush()
        assert read(route) == []
        assert [path.name for path in (statuses / WRONG).iterdir()] != []
        copying.write(package[200:])

    [found] = read(route)
    assert (found.raw, found.axis_id) == (package, "folder:a.xml")
    assert list((statuses / WRONG).iterdir()) == []
    asyncio.run(route.settle(found.axis_id))
    assert [path.name for path in (statuses / DONE).iterdir()] == ["a.xml"]


def test_what_stays_wrong_stays_there_and_is_told_once(route, statuses) -> None:
    (statuses / "a.xml").write_bytes(b"<a/>")
    read(route)
    os.utime(next((statuses / WRONG).glob("*.txt")))  # as it is a moment later
    read(route)
    assert len(route.aside) == 1
    assert sorted(path.name for path in (statuses / WRONG).iterdir()) == ["a.xml", "a.xml.txt"]


@pytest.mark.parametrize(
    "name", ["a" * 251 + ".xml", "ă" * 125 + ".xml", normalize("NFD", "ế" * 36) + "ab" * 15 + ".xml"]
)
def test_the_longest_name_is_set_aside_and_filed_like_any_other(route, statuses, name) -> None:
    for _ in range(2):  # a name that is taken there already is made longer still
        (statuses / name).write_bytes(b"no status")
        assert read(route) == []
        (statuses / name).write_bytes(status("03"))
        [found] = read(route)
        asyncio.run(route.settle(found.axis_id))

    assert list(statuses.glob("*.xml")) == []
    assert len(list((statuses / DONE).iterdir())) == 2
    assert len(list((statuses / WRONG).iterdir())) == 4


def test_a_name_that_is_no_text_is_given_one(route, statuses) -> None:
    """It would be told to a clerk and written into the ledger, and both are UTF-8."""
    raw = os.fsencode(statuses) + b"/tr\xe1ng.xml"
    with open(raw, "wb") as file:
        file.write(status("03"))
    [found] = read(route)
    found.axis_id.encode()
    asyncio.run(route.settle(found.axis_id))
    assert len(list((statuses / DONE).iterdir())) == 1


def test_a_decomposed_name_is_settled_as_it_is_written_there(route, statuses) -> None:
    good(statuses, normalize("NFD", "trạng thái.XML"))
    [found] = read(route)
    asyncio.run(route.settle(found.axis_id))
    assert read(route) == []
