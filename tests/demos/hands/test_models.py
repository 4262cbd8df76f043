"""Laws of fetching the hand models."""

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from daml.demos.hands import __main__, models


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DAML_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """pip brings a wheel of ours; the hashes are those of its networks."""
    commands: list[list[str]] = []
    contents = {"_PALMS": b"palms", "_LANDMARKS": b"landmarks"}
    for name, content in contents.items():
        model = getattr(models, name)
        monkeypatch.setattr(models, name, models._Model(model.member, hashlib.sha256(content).hexdigest()))

    def run(command: list[str], **_):
        commands.append(command)
        with zipfile.ZipFile(Path(command[command.index("--dest") + 1]) / "any.whl", "w") as wheel:
            for name, content in contents.items():
                wheel.writestr(getattr(models, name).member, content)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    return commands


def test_models_are_fetched_once_by_pinned_hash(folder: Path, fetched: list[list[str]]):
    assert not models.are_models_installed()
    assert models.install_models() == folder
    assert models.are_models_installed()
    assert models.palm_model().read_bytes() == b"palms"
    assert models.landmark_model().read_bytes() == b"landmarks"
    assert "--require-hashes" in fetched[0]
    models.install_models()
    assert len(fetched) == 1


@pytest.mark.usefixtures("folder")
def test_a_model_that_was_damaged_is_fetched_again(fetched: list[list[str]]):
    models.install_models()
    models.palm_model().write_bytes(b"damaged")
    models.install_models()
    assert models.palm_model().read_bytes() == b"palms"
    assert len(fetched) == 2


@pytest.mark.usefixtures("fetched")
def test_a_network_of_another_content_is_not_kept(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(models, "_PALMS", models._Model(models._PALMS.member, "0" * 64))
    with pytest.raises(ValueError, match="nothing is kept"):
        models.install_models()
    assert not models.are_models_installed()
    assert list(folder.glob("palm*")) == []


@pytest.mark.usefixtures("folder")
def test_without_a_network_one_line_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def fail(command: list[str], **_):
        return subprocess.CompletedProcess(command, 1, "", "WARNING: retrying\nERROR: No matching distribution\n")

    monkeypatch.setattr(subprocess, "run", fail)
    assert __main__.main() == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "No matching distribution" in told
    assert "python -m daml.demos.hands" in told
    with pytest.raises(FileNotFoundError, match=r"not installed; run: python -m daml\.demos\.hands"):
        models.palm_model()


def test_the_command_says_where_they_lie(folder: Path, fetched: list[list[str]], capsys: pytest.CaptureFixture[str]):
    assert __main__.main() == 0
    assert str(folder) in capsys.readouterr().out
    assert fetched[0][0] == sys.executable


def test_the_cache_folder_is_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.delenv("DAML_MODELS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert models.models_folder() == tmp_path / "daml" / "models"
