"""Live reports are mapped by approved versions only; an earlier one is had by its number, out of what was kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.domain.errors import Misconfigured, NotFound, Rejected, Unavailable
from gateway.domain.ids import digest_of
from gateway.mapping import PackTranslator, check_pack
from gateway.mapping.approval import FILE
from gateway.mapping.loading import load, rebuilt
from gateway.mapping.shelf import Shelf, nothing_kept
from tests.mapping.packs import approved, pack, report, usual

IN_TRIEU = usual("chi_tieu").replace("0601,trieu_dong,ty_dong", "0601,trieu_dong,trieu_dong")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "thu").mkdir()
    return pack(tmp_path / "thu", settings="prepared_by: Trần Thị Bình\n")


def kept(*contents: bytes) -> dict[str, bytes]:
    return {digest_of(content): content for content in contents}


def shelf(folder: Path, *contents: bytes) -> Shelf:
    there = kept(*contents)
    return Shelf(folder.parent, lambda digest: there[digest] if digest in there else nothing_kept(digest))


def test_nothing_is_mapped_by_a_pack_that_nobody_approved_and_the_problem_says_who_and_how(folder: Path) -> None:
    with pytest.raises(Unavailable, match="D-008") as told:
        PackTranslator(folder.parent).translate(report(("T0601", "01", "ty_dong", "1")), "thu", None)

    said = told.value.problem
    assert "Trần Thị Bình" in said.advice.vi
    assert "gateway pack approve thu" in said.advice.vi
    assert said.details["version"] == load(folder).digest[:12]
    with pytest.raises(Misconfigured, match="D-008"):
        check_pack(folder)


def test_an_approval_is_of_one_content_and_no_other(folder: Path) -> None:
    packs = shelf(approved(folder))
    assert packs.live("thu").pack.digest == load(folder).digest

    pack(folder, chi_tieu=IN_TRIEU)
    with pytest.raises(Unavailable, match="D-008"):
        packs.live("thu")


def test_a_moved_row_changes_no_version_so_the_approval_stands(folder: Path) -> None:
    packs = shelf(approved(folder))
    head, *rows = usual("chi_tieu").splitlines()
    pack(folder, settings="prepared_by: Trần Thị Bình\n", chi_tieu="\n".join([head, *reversed(rows)]))

    assert packs.live("thu").approval is not None


def test_an_earlier_version_is_had_by_its_number_or_its_digest_after_the_folder_changed(folder: Path) -> None:
    first = load(approved(folder))
    second = load(approved(pack(folder, chi_tieu=IN_TRIEU)))
    packs = shelf(folder, first.content)

    for asked in ("thu@1", f"thu@{first.digest[:8]}", f"thu@{first.digest.upper()}"):
        assert packs.live(asked).pack.digest == first.digest
    assert packs.live("thu@2").pack.digest == packs.live("thu").pack.digest == second.digest
    assert packs.live("thu@1").pack.targets["0601"][0]["dvt_dich"] == "ty_dong"


def test_an_earlier_version_does_not_hang_on_a_folder_that_somebody_is_at_work_on(folder: Path) -> None:
    first = load(approved(folder))
    (folder / "ky.csv").unlink()

    assert shelf(folder, first.content).live("thu@1").pack.digest == first.digest


@pytest.mark.parametrize("version", ["2", "0", "", "1.0", "abc", "ffffffff", "../1"])
def test_a_version_that_never_was_is_refused_with_those_that_are(folder: Path, version: str) -> None:
    with pytest.raises(Rejected, match="D-009") as told:
        shelf(approved(folder)).live(f"thu@{version}")
    assert told.value.problem.details["reason"] == "đã duyệt / approved: 1"


def test_a_version_no_report_was_mapped_with_is_not_kept_and_says_so(folder: Path) -> None:
    approved(folder)
    approved(pack(folder, chi_tieu=IN_TRIEU))

    with pytest.raises(Rejected, match="no report was mapped"):
        shelf(folder).live("thu@1")


def test_approvals_that_are_no_approvals_approve_nothing(folder: Path) -> None:
    (folder / FILE).write_text(json.dumps([{"number": 1}]), "utf-8")
    with pytest.raises(Misconfigured, match="D-005"):
        shelf(folder).live("thu")


def test_what_is_kept_is_the_version_and_makes_the_same_pack_again(folder: Path) -> None:
    odd = 'chi_tieu,phan_to,ly_do\nT0401,nguon_von=KHAC,"\'-không thu, ""vốn khác"""\nT0401,nguon_von=X,\'\'@x\n'
    made = load(pack(folder, loai_tru=odd))
    again = rebuilt(made.content)

    assert digest_of(made.content) == made.digest == again.digest
    said = [sorted(line["ly_do"] for line in one.lines["loai_tru"]) for one in (made, again)]
    assert said[0] == said[1] == ["'@x", '-không thu, "vốn khác"']
    with pytest.raises(NotFound):
        nothing_kept(made.digest)
