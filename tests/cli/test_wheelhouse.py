"""A site without a network: every package as a file, and the whole job installed from that folder and nowhere else."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.house import ROOT
from tests.cli.test_readme import shell

pytestmark = pytest.mark.soak


def test_a_closed_site_installs_from_a_wheelhouse_and_plays_the_whole_job(tmp_path: Path) -> None:
    checkout = tmp_path / "a closed site"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(checkout)], check=True)
    made = shell("make wheelhouse", checkout)
    assert made.returncode == 0, made.stderr
    nowhere = "PIP_INDEX_URL=http://127.0.0.1:9 PIP_NO_CACHE_DIR=1"
    done = shell(f"{nowhere} make demo WHEELHOUSE=wheelhouse ARGS='--once --json'", checkout)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["lost"], told["duplicates_at_receiver"]) == (0, 0)
