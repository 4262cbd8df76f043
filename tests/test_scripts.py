"""Every script can be started: what it imports is there."""

import importlib.util
from importlib.util import find_spec
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parent.parent / "scripts"
EXTRAS = {"bake_people.py": "anny", "benchmark_maml.py": "torchopt", "benchmark_meta_step.py": "torchopt"}
"""Scripts that need what not every machine of a developer has, and what that is."""


@pytest.mark.parametrize("path", sorted(SCRIPTS.glob("**/*.py")), ids=lambda path: path.name)
def test_a_script_finds_all_that_it_imports(path: Path, monkeypatch: pytest.MonkeyPatch):
    if path.name in EXTRAS and find_spec(EXTRAS[path.name]) is None:
        pytest.skip(f"{path.name} needs {EXTRAS[path.name]}")
    monkeypatch.syspath_prepend(path.parent)  # where Python looks for the scripts beside it
    spec = importlib.util.spec_from_file_location(f"script_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
