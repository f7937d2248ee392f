"""A missing tool may hide a test on a developer's machine, never where the tool could have been installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT

_SKIPPED = "import pytest\n\n\ndef test_needs_a_tool():\n    pytest.skip('no tool')\n"
_SKIPPED_WHOLE = "import pytest\n\npytest.skip('no tool', allow_module_level=True)\n"
_EXPECTED_TO_FAIL = "import pytest\n\n\n@pytest.mark.xfail\ndef test_known():\n    assert 0\n"


@pytest.mark.parametrize("text", [_SKIPPED, _SKIPPED_WHOLE], ids=["a test", "a module"])
def test_a_skip_fails_where_every_tool_can_be_had(tmp_path: Path, text: str) -> None:
    assert _outcome(tmp_path, text, CI="") in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
    judged = _outcome(tmp_path, text, CI="true")
    assert (judged not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)) == (os.geteuid() == 0)


def test_what_is_known_to_fail_is_no_skip(tmp_path: Path) -> None:
    assert _outcome(tmp_path, _EXPECTED_TO_FAIL, CI="true") == pytest.ExitCode.OK


def _outcome(folder: Path, text: str, **environment: str) -> int:
    (folder / "test_it.py").write_text(text, "utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "tests.house.skips", "-p", "no:cacheprovider", "-c", os.devnull]
    told = {**os.environ, **environment}
    run = [*command, f"--rootdir={folder}", str(folder)]
    return subprocess.run(run, cwd=ROOT, env=told, capture_output=True, timeout=240, check=False).returncode
