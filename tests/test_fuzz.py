"""A sample of what `scripts/fuzz.py` tries: broken input is read or refused, and never more than that."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_broken_input_is_read_or_refused():
    command = [sys.executable, str(ROOT / "scripts" / "fuzz.py"), "--n", "240", "--seed", "1"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    run = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "refused" in run.stdout
