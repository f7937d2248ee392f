"""What people do with one exchange; each act gives its reason and is refused where it makes no sense."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.domain.exchange import Exchange, Stage
from gateway.signers import signed_papers
from tests.api.house import VALUE, as_json
from tests.cli.house import Office

WHY = ("--because", "đã hỏi nơi nhận", "--by", "chị Hoa")
REGISTERED = (
    "--number", "128", "--notation", "BC-UBND", "--issued", "2026-11-20", "--signer", "Nguyễn Văn A",
    "--position", "Chủ tịch",
)  # fmt: skip


def test_park_release_and_cancel_leave_who_and_why(office: Office) -> None:
    identity = office.submitted()
    for verb, stage in (("park", "parked"), ("release", "accepted"), ("cancel", "cancelled")):
        told = office.run(verb, identity, *WHY, "--json")
        assert (told.code, told.document["stage"]) == (0, stage), told.err
        assert identity in told.err
    facts = office.run("show", identity, "--facts", "--json").document["facts"]
    assert [fact["fact"] for fact in facts] == ["Accepted", "Parked", "Released", "Cancelled"]
    assert all(word in json.dumps(fact, ensure_ascii=False) for fact in facts[1:] for word in ("chị Hoa", WHY[1]))


@pytest.mark.parametrize("verb", ["resend", "release", "divert"])
def test_an_act_at_the_wrong_stage_is_a_conflict_told_in_both_languages(office: Office, verb: str) -> None:
    identity = office.submitted()
    told = office.run(verb, identity, *WHY, "--json")
    assert told.code == 6
    assert told.document["problems"][0]["code"] == "F-007"
    assert f"Giao dịch {identity}" in told.err
    assert f"Exchange {identity}" in told.err
    assert office.stage(identity) == "accepted"


def test_what_was_cancelled_stays_so(office: Office) -> None:
    identity = office.submitted()
    office.run("cancel", identity, *WHY)
    for verb in ("resend", "divert", "park", "release", "cancel"):
        assert office.run(verb, identity, *WHY).code == 6
    assert office.stage(identity) == "cancelled"


@pytest.mark.parametrize("verb", ["resend", "replay", "divert", "park", "release", "cancel"])
def test_every_act_needs_a_reason_and_an_exchange(office: Office, verb: str) -> None:
    silent = office.run(verb, office.submitted())
    assert silent.code == 2
    assert "--because" in silent.err
    unknown = office.run(verb, "gd-0", *WHY)
    assert unknown.code == 5
    assert "gd-0" in unknown.err


def test_a_replay_by_a_version_that_never_was_opens_nothing(office: Office) -> None:
    identity = office.submitted()
    told = office.run("replay", identity, *WHY, "--pack", "kt-xh-tinh@99", "--json")
    assert (told.code, told.document["problems"][0]["code"]) == (1, "D-009")
    assert "kt-xh-tinh@1" not in told.err
    assert office.run("replay", identity, *WHY, "--pack", "kt-xh-tinh@1", "--json").code == 0


def test_replay_opens_a_new_exchange_linked_to_the_old_one(office: Office) -> None:
    identity = office.submitted()
    told = office.run("replay", identity, *WHY, "--pack", "kt-xh-tinh", "--json")
    assert told.code == 0
    assert told.document["parent"] == identity
    assert told.document["id"] != identity


def test_resend_lets_the_same_parcel_go_once_more(office: Office) -> None:
    office.at_rest()
    identity = office.submitted()
    office.other_side.mode(unaskable=True)
    office.other_side.fault("reset_before_storing")
    office.walked(identity, Stage.PARKED)
    told = office.run("resend", identity, *WHY, "--json")
    office.other_side.clear()
    office.other_side.mode(unaskable=False)
    assert (told.code, told.document["stage"]) == (0, "in_doubt"), told.err
    office.walked(identity, Stage.DELIVERED, Stage.ACKNOWLEDGED, Stage.RECONCILED)
    assert office.other_side.count(identity) == 1


def test_a_report_goes_as_a_document_is_numbered_and_sent(office: Office, tmp_path: Path) -> None:
    document = diverted(office)
    out = tmp_path / "to" / "sign"
    told = office.run("fallback", "files", document, "--out", str(out), "--json")
    assert told.code == 0
    assert sorted(told.document) == sorted(map(str, out.iterdir()))
    assert any(path.suffix == ".pdf" for path in out.iterdir())

    files = [word for path in signed(office, document, out) for word in ("--file", str(path))]
    numbered = office.run("fallback", "number", document, *REGISTERED, *files, *WHY, "--json")
    assert (numbered.code, numbered.document["stage"]) == (0, "numbered"), numbered.err
    assert "128/BC-UBND" in numbered.err
    assert office.run("fallback", "number", document, *REGISTERED, *files, *WHY).code == 6
    office.walked(document, Stage.SENT, Stage.ARRIVED, Stage.DOCUMENT_ACCEPTED)
    assert office.run("show", document, "--blob", "edxml").stdout


def test_files_no_document_can_be_made_of_are_refused_at_once(office: Office, tmp_path: Path) -> None:
    document = diverted(office)
    file = tmp_path / "report.pdf"
    file.write_bytes(b"")
    told = office.run("fallback", "number", document, *REGISTERED, "--file", str(file), *WHY)
    assert told.code == 1
    assert office.stage(document) == "prepared"


@pytest.mark.parametrize("changed", [("--issued", "20/11/2026"), ("--file", "/none.pdf")])
def test_a_registration_typed_wrongly_is_a_slip_of_the_hand(
    office: Office, tmp_path: Path, changed: tuple[str]
) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    words = (*REGISTERED, "--file", str(tmp_path / "a.pdf"), *WHY, *changed)
    assert office.run("fallback", "number", "vb-1", *words).code == 2


def test_what_is_no_document_has_no_files(office: Office, tmp_path: Path) -> None:
    for verb in (("fallback", "files"), ("fallback", "number", *REGISTERED, *WHY, "--file", str(_a_file(tmp_path)))):
        out = ("--out", str(tmp_path / "out")) if "files" in verb else ()
        told = office.run(*verb, office.submitted(), *out)
        assert told.code == 6
        assert "F-007" in told.err
    assert not (tmp_path / "out").exists()


def diverted(office: Office) -> str:
    """A report of ours on its way as a document; the document's id, prepared to be signed."""
    identity = office.submitted(as_json({**VALUE, "value": "7.5"}))
    office.prepare()
    told = office.run("divert", identity, *WHY, "--json")
    assert (told.code, told.document["stage"]) == (0, "diverted"), told.err
    office.prepare("truc-van-ban")
    document = str(told.document["document"])
    assert office.stage(document) == "prepared"
    return document


def signed(office: Office, document: str, out: Path) -> list[Path]:
    """The files as the agency's document system gives them back."""
    with office.opened() as gateway:
        x: Exchange = gateway.journal.read(document)
    assert x.prepared is not None
    paths = sorted(out.iterdir())
    given = office.other_side.register(x.prepared.subject, [(path.name, path.read_bytes()) for path in paths])
    papers = [path for path in paths if path.suffix == ".pdf"]
    made = signed_papers(office.other_side.issue, "H56", [given.files[path.name] for path in papers])
    for path, content in zip(papers, made, strict=True):
        path.write_bytes(content)
    return [*papers, *(path for path in paths if path not in papers)]


def _a_file(folder: Path) -> Path:
    path = folder / "a.pdf"
    path.write_bytes(b"%PDF")
    return path
