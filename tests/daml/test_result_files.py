"""Laws of result files."""

import json
import os
from pathlib import Path

import pytest

import envs
from daml.result_files import (
    VIDEO_SUFFIXES,
    check_output_file,
    read_video_scene,
    read_video_task,
    scene_file,
    write_json,
    write_video_scene,
    write_video_task,
)
from demos import video

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


def test_a_simulated_video_is_known_by_its_task(film: Path):
    write_video_task(film, TASK, seed=5)
    assert read_video_task(film) == str(TASK)


def test_another_video_under_the_same_name_is_of_unknown_origin(film: Path):
    write_video_task(film, TASK, seed=5)
    film.write_bytes(b"a person's film")
    assert read_video_task(film) is None


def test_a_video_of_the_same_stem_is_another_one(film: Path):
    write_video_task(film, TASK, seed=5)
    other = film.with_suffix(".gif")
    other.write_bytes(film.read_bytes())
    assert read_video_task(other) is None


@pytest.mark.parametrize("text", [None, "", "[]", '{"task": 3}', "{", "\udcff"])
def test_a_video_without_a_readable_description_is_of_unknown_origin(text: str | None, film: Path):
    if text is not None:
        film.with_name("human.mp4.task.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert read_video_task(film) is None


def test_a_folder_of_images_is_of_unknown_origin(tmp_path: Path):
    assert read_video_task(tmp_path) is None


def test_a_video_is_known_by_its_scene_until_it_changes(film: Path):
    assert read_video_scene(film) is None
    write_video_scene(film, envs.describe(TASK))
    assert scene_file(film).name == "human.mp4.scene.toml"
    assert read_video_scene(film) == envs.describe(TASK)
    film.write_bytes(b"a person's film")
    with pytest.raises(ValueError, match="video_sha256: expected the digest of the video beside it"):
        read_video_scene(film)


def test_a_scene_that_somebody_wrote_beside_a_video_or_a_folder_is_taken(film: Path, tmp_path: Path):
    folder = tmp_path / "images"
    folder.mkdir()
    for path in (film, folder):
        envs.write_scene(scene_file(path), envs.describe(TASK))
        assert read_video_scene(path) == envs.describe(TASK)
