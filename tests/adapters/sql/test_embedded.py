"""The PostgreSQL that comes with the package: started, shared, killed, started again."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from gateway.adapters.sql import EmbeddedPostgres, SqlJournal
from gateway.domain.errors import GatewayError, Unavailable
from tests.contracts.telling import opened

ROOT = Path(__file__).parents[3]

_HOLD = """
import sys
from pathlib import Path
from gateway.adapters.sql import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
print(server.start(), flush=True)
sys.stdin.read()
server.stop()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "postgres"
    yield place
    EmbeddedPostgres(place).discard()  # whatever a test left running: we are the last to leave


def holding(folder: Path) -> subprocess.Popen[str]:
    """Another process that uses the server until its input ends."""
    return subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(folder)], text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip


def ended(process: subprocess.Popen[str]) -> int:
    process.communicate(timeout=240)
    return process.returncode


def postmaster(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT pg_read_file('postmaster.pid')").fetchone()
    assert row is not None
    return int(row[0].split("\n", 1)[0])


def answers(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def until(true: Callable[[], bool], seconds: float = 30) -> None:
    last = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < last, "not in time"


def test_it_serves_on_a_private_socket_only(folder: Path) -> None:
    with EmbeddedPostgres(folder) as url, psycopg.connect(url) as connection:
        socket = Path(parse_qs(urlsplit(url).query)["host"][0])
        settings = {
            name: connection.execute(f"SHOW {name}").fetchone()
            for name in ("listen_addresses", "fsync", "synchronous_commit", "server_encoding")
        }

        assert socket.stat().st_mode & 0o777 == 0o700
        assert len(str(socket)) < 90
    assert settings == {
        "listen_addresses": ("",), "fsync": ("on",), "synchronous_commit": ("on",), "server_encoding": ("UTF8",),
    }  # fmt: skip


def test_what_was_written_is_there_after_a_stop_and_a_start(folder: Path) -> None:
    with EmbeddedPostgres(folder) as url:
        journal = SqlJournal.connect(url)
        x = opened(journal)
        journal.close()
    assert not answers(url)
    with EmbeddedPostgres(folder) as url:
        journal = SqlJournal.connect(url)
        assert journal.read(x.id) == x
        journal.close()


def test_a_killed_server_comes_back_with_everything_it_promised(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    url = server.start()
    journal = SqlJournal.connect(url)
    written = [opened(journal, f"k{n}") for n in range(20)]
    os.kill(postmaster(url), signal.SIGKILL)
    with pytest.raises(Unavailable) as caught:
        until(lambda: opened(journal, "later") is None)
    again = EmbeddedPostgres(folder)
    assert again.start() == url

    assert caught.value.problem.code == "F-003"
    assert [journal.read(x.id) for x in written] == written
    journal.close()
    server.stop()
    assert answers(url)
    again.stop()
    assert not answers(url)


def test_two_processes_share_one_server_and_the_last_one_takes_it_down(folder: Path) -> None:
    with holding(folder) as first, holding(folder) as second:
        urls = {process.stdout.readline().strip() for process in (first, second) if process.stdout}
        [url] = urls
        assert ended(first) == 0
        assert answers(url)
        assert ended(second) == 0
    assert not answers(url)


def test_a_killed_process_leaves_the_server_and_the_next_one_finds_it(folder: Path) -> None:
    with holding(folder) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        before = postmaster(url)
        process.kill()
    server = EmbeddedPostgres(folder)
    assert server.start() == url
    assert postmaster(url) == before
    server.stop()

    assert not answers(url)


def test_a_server_nobody_can_reach_any_more_is_replaced(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    url = server.start()
    old = postmaster(url)
    shutil.rmtree(parse_qs(urlsplit(url).query)["host"][0])
    other = EmbeddedPostgres(folder)
    fresh = other.start()

    assert fresh != url
    assert postmaster(fresh) != old
    server.stop()
    other.stop()


def test_a_process_number_given_to_somebody_else_since_keeps_nobody_out(folder: Path) -> None:
    with EmbeddedPostgres(folder) as url:
        os.kill(postmaster(url), signal.SIGQUIT)
        until(lambda: not answers(url))
    place = Path((folder / "place").read_text()) if (folder / "place").is_file() else folder / "server"
    lock = place / "data" / "postmaster.pid"
    lines = lock.read_text().splitlines() if lock.exists() else ["0", str(place / "data"), "1", "5432", "/tmp", ""]
    lock.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    shutil.chown(lock, place.stat().st_uid, place.stat().st_gid)
    lock.chmod(0o600)

    with EmbeddedPostgres(folder) as url:
        assert answers(url)


def test_stopping_what_was_never_started_is_harmless(folder: Path) -> None:
    EmbeddedPostgres(folder).stop()


def test_a_file_where_the_data_should_be_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises((GatewayError, OSError)):
        EmbeddedPostgres(tmp_path / "file").start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_an_ordinary_user_runs_it_too() -> None:
    nobody = pwd.getpwnam("nobody")
    python = _python_of(nobody)
    if python is None:
        pytest.skip("no Python here that the user nobody may run reads this checkout and its packages")
    folder = Path("/tmp") / f"gateway-nobody-{os.getpid()}"
    folder.mkdir(mode=0o700)
    shutil.chown(folder, nobody.pw_uid, nobody.pw_gid)
    try:
        with _as(nobody, [python, "-c", _HOLD, str(folder / "postgres")]) as process:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("postgresql://")
            assert ended(process) == 0
        assert (folder / "postgres" / "server" / "data" / "PG_VERSION").stat().st_uid == nobody.pw_uid
    finally:
        shutil.rmtree(folder)


def _python_of(user: pwd.struct_passwd) -> str | None:
    """Our Python may lie under a closed home; the system's does as well when it is of the same version."""
    for python in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        try:
            with _as(user, [python, "-c", "import gateway.adapters.sql"]) as probe:
                if ended(probe) == 0:
                    return python
        except OSError:
            continue
    return None


def _as(user: pwd.struct_passwd, command: list[str]) -> subprocess.Popen[str]:
    packages = str(Path(psycopg.__file__).parents[1])
    return subprocess.Popen(
        command, text=True, cwd="/", user=user.pw_uid, group=user.pw_gid, extra_groups=[],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}:{packages}", "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs it under another account")
def test_root_may_keep_the_deployment_in_a_closed_folder(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    server = EmbeddedPostgres(closed / "postgres")
    assert answers(server.start())
    place = Path((closed / "postgres" / "place").read_text())
    assert (place / "data" / "PG_VERSION").stat().st_uid != 0
    server.discard()

    assert not place.exists()
