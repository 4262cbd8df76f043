"""Laws of result files."""

import json
import os
from pathlib import Path

import pytest

from daml import envs
from daml.demos.video import video_file as video
from daml.storage.result_files import VIDEO_SUFFIXES, check_output_file, write_json

TASK = envs.Task("place", "test", 3)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Stand in for a video: its bytes are never decoded here."""
    path = tmp_path / "human.mp4"
    path.write_bytes(b"film")
    return path


def test_json_reads_back_and_leaves_nothing_else(tmp_path: Path):
    path = tmp_path / "new" / "out.json"
    write_json(path, {"rate": 0.5, "episodes": [{"seed": 1}]})
    write_json(path, {"rate": 0.25, "episodes": []})
    assert json.loads(path.read_text(encoding="utf-8")) == {"rate": 0.25, "episodes": []}
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object()])
def test_what_json_cannot_hold_is_refused_and_the_old_file_stays(value: object, tmp_path: Path):
    path = tmp_path / "out.json"
    write_json(path, {"rate": 1.0})
    with pytest.raises((ValueError, TypeError)):
        write_json(path, {"rate": value})
    assert json.loads(path.read_text(encoding="utf-8")) == {"rate": 1.0}
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def fail(self: Path, *_: object, **__: object):
        self.touch()
        raise OSError(28, "No space left on device", str(self))

    monkeypatch.setattr(Path, "write_text", fail)
    with pytest.raises(OSError, match="No space left"):
        write_json(tmp_path / "out.json", {})
    assert list(tmp_path.iterdir()) == []


def test_checking_a_file_name_creates_nothing(tmp_path: Path):
    check_output_file(tmp_path / "a" / "b" / "out.json")
    assert list(tmp_path.iterdir()) == []


def test_names_that_cannot_be_written_are_refused(film: Path):
    with pytest.raises(ValueError, match="found a folder"):
        check_output_file(film.parent)
    with pytest.raises(ValueError, match="is a file and no folder"):
        check_output_file(film / "out.json")
    with pytest.raises(ValueError, match=r"ends in \.mp4"):
        check_output_file(film.with_suffix(".txt"), suffixes=VIDEO_SUFFIXES)


def test_a_folder_without_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anywhere
    with pytest.raises(PermissionError, match="no permission"):
        check_output_file(tmp_path / "out.json")


def test_the_suffixes_are_those_that_can_be_written():
    assert set(VIDEO_SUFFIXES) == set(video._ENCODINGS)
