"""Laws of running a network, and of its absence."""

import importlib
from pathlib import Path

import pytest

from daml.demos.hands.network import Network, is_runtime_installed


def test_without_the_extra_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    def missing(name: str):
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(importlib, "import_module", missing)
    assert not is_runtime_installed()
    with pytest.raises(ImportError, match=r"pip install 'daml-imitation\[hands\]'"):
        Network(Path("any.tflite"), n_threads=1)


@pytest.mark.skipif(not is_runtime_installed(), reason="needs the extra `hands`")
def test_a_file_that_holds_no_network_is_refused(tmp_path: Path):
    path = tmp_path / "no.tflite"
    path.write_bytes(b"nothing")
    with pytest.raises(ValueError, match=r"(?i)model|flatbuffer"):
        Network(path, n_threads=1)
