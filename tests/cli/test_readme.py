"""Every command a README names works, in its order, typed into a shell as a newcomer would."""

from __future__ import annotations

import fcntl
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.cli.house import PATIENCE, ROOT, Running

READMES = ["README.md", "README.vi.md"]
_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_ENDLESS = {"make demo"}  # the page and nothing else; its story is the one of `make demo ARGS=…`
_WHOLE_STORY = "make demo ARGS='--once --json'"
# What runs on, and the word in the line by which it says that it is there.
_RUNS_ON = {"gateway sandbox": "✓", "gateway serve": "✓"}
_PORTS = (8080, 8910, 8911, 8912)


def commands(readme: str) -> list[str]:
    """The commands of the shell blocks, continued lines joined."""
    blocks = _BLOCK.findall((ROOT / readme).read_text("utf-8"))
    return [line for block in blocks for line in block.replace("\\\n", " ").splitlines() if line.strip()]


def shell(command: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", command], check=False, capture_output=True, text=True, timeout=1200, cwd=cwd,
        env=_environment(environment),
    )  # fmt: skip


def _environment(more: dict[str, str]) -> dict[str, str]:
    ours = ("GATEWAY_", "MAKE", "MFLAGS", "PYTEST_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "PATH": f"{Path(sys.executable).parent}:{kept['PATH']}", **more}


@pytest.fixture(scope="module")
def whole_story() -> Callable[[], dict[str, Any]]:
    """The summary of the demonstration, told once however often it is asked for."""
    told: list[dict[str, Any]] = []

    def tell() -> dict[str, Any]:
        if not told:
            done = shell(_WHOLE_STORY, ROOT)
            assert done.returncode == 0, done.stderr
            told.append(json.loads(done.stdout))
        return told[0]

    return tell


@pytest.fixture
def running() -> Iterator[Callable[[str, Path, dict[str, str]], None]]:
    """Starts what runs on, and ends it in the order it may be ended in."""
    with ExitStack() as stack:

        def start(command: str, cwd: Path, environment: dict[str, str]) -> None:
            child = stack.enter_context(
                subprocess.Popen(
                    ["bash", "-c", f"exec {command}"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                    encoding="utf-8", cwd=cwd, env=_environment(environment),
                )
            )  # fmt: skip
            stack.callback(child.wait, PATIENCE)
            stack.callback(child.terminate)
            Running(child).said(_runs_on(command) or "")

        yield start


@pytest.fixture
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The READMEs name ports, so that one of them is read at a time, whatever the number of workers."""
    with (tmp_path_factory.getbasetemp().parent / "readme.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _runs_on(command: str) -> str | None:
    return next((word for start, word in _RUNS_ON.items() if command.startswith(start)), None)


def _free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.parametrize("readme", [READMES[0], pytest.param(READMES[1], marks=pytest.mark.soak)])
def test_every_command_of_a_readme_works_in_its_order(
    readme: str,
    tmp_path: Path,
    database: str,
    alone: None,
    whole_story: Callable[[], dict[str, Any]],
    running: Callable[[str, Path, dict[str, str]], None],
) -> None:
    if not all(map(_free, _PORTS)):
        pytest.skip(f"a port of {_PORTS} is taken")
    found = commands(readme)
    assert len(found) > 8
    environment = {"GATEWAY_DATABASE_URL": database}
    for command in found:
        if command == _WHOLE_STORY:
            whole_story()
        elif _runs_on(command):
            running(command, tmp_path, environment)
        elif command not in _ENDLESS:
            done = shell(command, tmp_path, **environment)
            assert done.returncode == 0, (command, done.stdout, done.stderr)


def test_the_demonstration_tells_the_whole_job(whole_story: Callable[[], dict[str, Any]]) -> None:
    told = whole_story()
    least = {"accepted": 20, "held": 1, "returned": 1, "partly": 1, "diverted": 1, "backfilled": 1, "replayed": 1}
    assert {name: told[name] for name, least_of in least.items() if told[name] < least_of} == {}
    assert (told["lost"], told["duplicates_at_receiver"]) == (0, 0)


def test_both_readmes_name_the_same_verbs() -> None:
    english, vietnamese = ({" ".join(line.split()[:2]) for line in commands(readme)} for readme in READMES)
    assert vietnamese <= english
