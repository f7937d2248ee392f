"""A desk across the street: a standby copy of the example deployment, and a clerk who carries what lies there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from fallback import wiring
from fallback.desk import Desk
from fallback.folder import SIGNED, STATUSES, TO_SEND, TO_SIGN
from fallback.slips import SLIP
from fallback.standby import Known, write_standby
from gateway.domain.catalogue import Catalogue, Item
from gateway.journey.accept import Incoming
from gateway.ports import Clock
from gateway.sandbox.office import answer, read
from tests.journey.wires import SetClock

PROFILE = Path(__file__).parents[2] / "gateway" / "profiles" / "thanh-hoa"
ITEMS = (
    Item("0601", "Tổng thu ngân sách nhà nước", unit="ty_dong"),
    Item("0401", "Vốn đầu tư từ nguồn ngân sách nhà nước", unit="ty_dong"),
    Item("0101", "Tốc độ tăng GRDP", unit="phan_tram"),
)
CATALOGUE = Catalogue("VPCP-CT", "2026.1", date(2026, 1, 1), ITEMS)
FIGURES = [("T0601", "triệu đồng", "1050000.5"), ("T0401", "triệu đồng", "1103111"), ("T0101", "phan_tram", "12.50")]
AGREEMENT = "ktxh-thang"
UNJUDGED = {"agreements": {AGREEMENT: {"fallback": {"policy": "", "annex_policy": ""}}}}

# What no desk may need: a finder that refuses them stands first in a process of its own, and no socket is opened
# there. aiohttp is not among them: the PDF library imports it for its time-stamp client, which a desk never calls.
BLOCKED = ("psycopg", "psycopg_pool", "redis", "dramatiq", "httpx", "httpx_aiohttp", "fastapi", "starlette", "uvicorn")
_ALONE = """
import contextlib, io, json, sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked}:
            raise ImportError(f"no {{name}} on a desk")
sys.meta_path.insert(0, Refuse())
def heard(event, given):
    if event in ("socket.connect", "socket.bind", "socket.getaddrinfo"):
        raise OSError(f"{{event}} on a desk")
sys.addaudithook(heard)
from fallback.__main__ import main
said = []
for words in json.loads(sys.argv[1]):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        code = main(words)
    said.append([code, json.loads(out.getvalue())])
print(json.dumps(said))
"""


class DeskClock(SetClock):
    """Stands still; its identities are of no other house."""

    def new_id(self, prefix: str) -> str:
        return f"{super().new_id(prefix)}-ban"


def submission(reporter: str = "H56", period: str = "LICH:2026M11", revision: int = 1) -> bytes:
    values = [{"indicator": i, "organisation": "38", "unit": u, "value": v} for i, u, v in FIGURES]
    head = {"regime": "KTXH-THANG", "form": "01/KTXH", "period": period, "reporter": reporter, "revision": revision}
    return json.dumps({**head, "values": values}, ensure_ascii=False).encode()


def incoming(key: str, payload: bytes | None = None, agreement: str = AGREEMENT) -> Incoming:
    return Incoming(agreement, key, "văn thư", "application/json", payload or submission())


def stocked(home: Path, at: datetime, known: tuple[Known, ...] = (), key: bytes | None = None) -> Path:
    """`home` with a standby copy made at `at`, of a gateway that leaves it to people to judge signatures."""
    write_standby(PROFILE, home / "standby", local=UNJUDGED, catalogues=[CATALOGUE], known=known, at=at, key=key)
    return home


@contextmanager
def desk(home: Path, clock: Clock | None = None) -> Iterator[Desk]:
    with wiring.opened(home, clock or DeskClock(datetime(2026, 11, 19, 14, tzinfo=UTC))) as opened:
        yield opened


def alone(home: Path, *verbs: list[str]) -> list[tuple[int, Any]]:
    """Verbs of the desk, in a process that can import no database, queue or HTTP client: (exit code, JSON) of each."""
    words = json.dumps([[*verb, "--home", str(home), "--json"] for verb in verbs])
    command = [sys.executable, "-c", _ALONE.format(blocked=set(BLOCKED)), words]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=400, check=False)
    assert done.returncode == 0, done.stderr
    return [(code, said) for code, said in json.loads(done.stdout)]


# ── the clerk ────────────────────────────────────────────────────────────────────────────────────
def fill_in(home: Path, document: str, number: int, notation: str = "BC-UBND", issued: str = "20/11/2026") -> None:
    """Take a document from ``trinh-ky``, give it its number, and put it into ``cap-so``."""
    folder = home / TO_SIGN / document
    answers = {"Số": number, "Ký hiệu": notation, "Ngày ban hành": issued, "Người ký": "Nguyễn Văn Giả Lập"}
    answers["Chức vụ"] = "Chủ tịch"
    lines = (folder / SLIP).read_text("utf-8").splitlines()
    words = [line.partition(":")[0] for line in lines]
    filled = [f"{word}: {answers[word]}" if word in answers else line for word, line in zip(words, lines, strict=True)]
    (folder / SLIP).write_text("\n".join(filled), "utf-8")
    (home / SIGNED).mkdir(exist_ok=True)
    shutil.move(folder, home / SIGNED / document)


def sent(home: Path) -> list[Path]:
    return sorted((home / TO_SEND).glob("*.edxml"))


def says(home: Path, package: Path, code: str, at: float = 1_795_000_000) -> Path:
    """The receiving office's status about a package, brought into ``trang-thai``."""
    about = read(package.read_bytes())
    path = home / STATUSES / f"{package.stem}-{code}.xml"
    path.write_bytes(answer(about, about.recipients[0], code, at))
    return path
