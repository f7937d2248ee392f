"""The lookups of a pack as SDMX: out and home again as the same version, and what other tools send taken or refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.domain.errors import Rejected
from gateway.mapping import sdmx
from gateway.mapping.book import read_folder
from gateway.mapping.loading import build
from gateway.mapping.sheets import Table
from gateway.schemas.sdmx.lookup import SHEETS
from tests.mapping.packs import pack

AT = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
PACKS = sorted(str(one.parent) for one in Path(str(files("gateway.profiles"))).glob("*/packs/*/pack.yaml"))
SAID = {"pack": "thu", "source.system": "IOC-TINH"}
XML_21 = """<m:Structure xmlns:m="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"
  xmlns:s="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure"><m:Structures>
  <s:StructureSet id="S" agencyID="TCTK" validFrom="2025-07-01"><s:CodelistMap id="DON_VI">
  <s:CodeMap><s:Source><Ref id="74"/></s:Source><s:Target><Ref id="79"/></s:Target></s:CodeMap>
  </s:CodelistMap></s:StructureSet></m:Structures></m:Structure>"""


def read(folder: Path) -> tuple[str, dict[str, Table]]:
    faults: list[str] = []
    found = read_folder(folder, faults)
    assert not faults
    return found


@pytest.mark.parametrize("folder", PACKS, ids=lambda folder: "/".join(Path(folder).parts[-3::2]))
def test_a_shipped_pack_comes_home_as_the_same_version(folder: str) -> None:
    written, tables = read(Path(folder))
    before = build("x", written, tables)
    emptied = {name: table[:1] if name in SHEETS else table for name, table in tables.items()}
    back = sdmx.taken(sdmx.written(before.settings, 3, tables, AT), emptied)

    assert build("x", written, back).digest == before.digest


CELLS = st.text(st.characters(whitelist_categories=("L", "N", "P")), min_size=1, max_size=5)
DAYS = st.sampled_from(["", "2025-07-01", "2026-12-31"])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS, DAYS, CELLS), max_size=5))
def test_rows_keep_their_order_their_days_and_what_else_they_say(rows: list[tuple[str, str, str, str]]) -> None:
    table = [["nguon", "dich", "tu_ngay", "ghi_chu"], *map(list, rows)]
    back = sdmx.taken(sdmx.written(SAID, 0, {"to_chuc": table}, AT), {"to_chuc": [table[0]]})

    assert back["to_chuc"] == table


def test_a_message_says_whose_it_is_and_which_version_was_approved() -> None:
    table = [["nguon", "dich"], ["74", "79"]]
    drafts, numbered = (json.loads(sdmx.written(SAID, n, {"to_chuc": table}, AT)) for n in (0, 4))

    assert (drafts["meta"]["id"], drafts["meta"]["sender"]) == ("thu", {"id": "IOC-TINH"})
    assert [one["data"]["representationMaps"][0]["version"] for one in (drafts, numbered)] == ["0.0.0-draft", "4.0.0"]


def test_a_day_as_a_spreadsheet_writes_it_goes_out_as_a_day() -> None:
    table = [["nguon", "dich", "tu_ngay"], ["74", "79", "2025-07-01 00:00:00"]]
    back = sdmx.taken(sdmx.written(SAID, 0, {"to_chuc": table}, AT), {})

    assert back["to_chuc"][1] == ["74", "79", "2025-07-01"]


def test_what_a_message_does_not_have_stays_as_it_was(tmp_path: Path) -> None:
    _, tables = read(pack(tmp_path))
    back = sdmx.taken(sdmx.written(SAID, 0, {"to_chuc": [["nguon", "dich"], ["74", "79"]]}, AT), tables)

    assert {name: table for name, table in back.items() if name != "to_chuc"} == {
        name: table for name, table in tables.items() if name != "to_chuc"
    }
    assert [row[:2] for row in back["to_chuc"]] == [["nguon", "dich"], ["74", "79"]]


def test_a_message_of_another_tool_takes_the_columns_of_the_sheet_that_is_meant(tmp_path: Path) -> None:
    written, tables = read(pack(tmp_path))
    back = sdmx.taken(XML_21.encode(), tables, "to_chuc")

    [line] = build("x", written, back).lines["to_chuc"]
    assert (line["nguon"], line["dich"], str(line.valid_from)) == ("74", "79", "2025-07-01")


@pytest.mark.parametrize(
    ("payload", "sheet", "named"),
    [
        (XML_21.encode(), "", "“DON_VI”"),
        (XML_21.encode(), "don_vi_tinh", "“DON_VI”"),
        (b'{"data": {}}', "", "0"),
        (sdmx.written(SAID, 0, {"to_chuc": [["nguon", "dich"]], "ky": [["che_do", "loai"]]}, AT), "ky", "2"),
    ],
)
def test_a_message_that_fits_no_sheet_is_refused_by_name(payload: bytes, sheet: str, named: str) -> None:
    with pytest.raises(Rejected) as refused:
        sdmx.taken(payload, {}, sheet)
    assert (refused.value.problem.code, refused.value.problem.details["reason"]) == ("C-005", named)


def test_a_lookup_that_is_wider_than_the_sheet_is_refused() -> None:
    wide = {"id": "to_chuc", "agencyID": "A", "source": [{}, {}], "target": [{}]}
    with pytest.raises(Rejected) as refused:
        sdmx.taken(json.dumps({"data": {"representationMaps": [wide]}}).encode(), {})
    assert refused.value.problem.details["reason"] == "2 → 1"
