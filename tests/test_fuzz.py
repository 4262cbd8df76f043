"""A sample of what `scripts/fuzz.py` tries: broken input is read or refused, and never more than that."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("options", [("--n", "240"), ("--n", "40", "--commands")], ids=["library", "commands"])
def test_broken_input_is_read_or_refused(options: tuple[str, ...]):
    command = [sys.executable, str(ROOT / "scripts" / "fuzz.py"), "--seed", "1", *options]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    run = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "refused" in run.stdout
