"""Laws of the versions beside a result."""

from pathlib import Path

import pytest

from daml.storage import versions as module
from daml.storage.versions import versions


def test_it_names_what_decides_a_result():
    found = versions()
    assert {"daml", "python", "torch", "mujoco", "numpy", "git"} <= set(found)
    assert all(isinstance(version, str) and version for version in found.values())


def test_a_caller_cannot_change_what_the_next_one_gets():
    versions()["torch"] = "other"
    assert versions()["torch"] != "other"


def test_what_is_not_installed_is_said_to_be(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_PACKAGES", ("no-such-distribution",))
    assert module._found.__wrapped__()["no-such-distribution"] == "not installed"


def test_an_installed_package_has_no_commit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(module, "__file__", str(tmp_path / "daml" / "storage" / "versions.py"))
    assert module._git_state() == "none"


def test_without_git_the_commit_is_unknown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / ".git").mkdir()
    monkeypatch.setattr(module, "__file__", str(tmp_path / "daml" / "storage" / "versions.py"))
    monkeypatch.setenv("PATH", "")
    assert module._git_state() == "unknown"
