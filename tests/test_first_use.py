"""A process loads what it is sure to need; the rest is loaded by whoever first needs it, and is the same then."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gateway.domain.errors import Misconfigured
from gateway.domain.report import Cover
from gateway.first_use import Packs, sources_of
from gateway.mapping import PackTranslator
from gateway.mapping.shelf import nothing_kept
from gateway.mapping.translator import NothingBefore
from tests.mapping.packs import approved, pack, report

ROOT = Path(__file__).parents[1]
FEW_NEED = {
    "dramatiq",
    "holidays",
    "pkcs11",
    "polars",
    "pyhanko",
    "redis",
    "typst",
    "viparse",
    "xlsxwriter",
    "xmlschema",
}
THE_WEB = {"fastapi", "jinja2", "starlette", "uvicorn"}


@pytest.mark.parametrize(
    ("module", "unasked"), [("gateway.serving", FEW_NEED), ("gateway.working", FEW_NEED | THE_WEB)]
)
def test_a_process_that_starts_waits_for_nothing_it_may_never_need(module: str, unasked: set[str]) -> None:
    look = f"import sys, {module}; print(*sorted({unasked} & {{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", look], check=True, capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.split() == []


@pytest.fixture
def packs(tmp_path: Path) -> Packs:
    (tmp_path / "thu").mkdir()
    approved(pack(tmp_path / "thu", settings="prepared_by: Trần Thị Bình\n"))
    return Packs(tmp_path, nothing_kept, NothingBefore())


def test_packs_that_are_opened_late_map_as_those_opened_at_once(packs: Packs, tmp_path: Path) -> None:
    told = report(("T0601", "01", "ty_dong", "1"))
    at_once = PackTranslator(tmp_path)

    assert packs.translate(told, "thu", None) == at_once.translate(told, "thu", None)
    assert packs.translate_many([told], "thu", None) == at_once.translate_many([told], "thu", None)
    assert packs.read(b"{}", "application/json", Cover("thu", "KTXH", (), "H56")) is None


def test_a_pack_that_is_not_there_is_told_when_it_is_asked_for(packs: Packs) -> None:
    packs.must_know("thu")
    with pytest.raises(Misconfigured, match="D-002"):
        packs.must_know("khong-co")


def test_a_broken_pack_has_no_sources(tmp_path: Path, packs: Packs) -> None:
    assert sources_of(tmp_path / "thu")
    (tmp_path / "thu" / "chi_tieu.csv").write_text("nguon\n", "utf-8")
    assert sources_of(tmp_path / "thu") is None
