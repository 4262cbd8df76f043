"""Laws of the files beside a video."""

from pathlib import Path

import pytest

from daml import envs
from daml.app.videos.sidecars import (
    is_simulated,
    read_video_scene,
    read_video_task,
    scene_file,
    write_video_scene,
    write_video_task,
)

TASK = envs.Task("place", "test", 3)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Stand in for a video: its bytes are never decoded here."""
    path = tmp_path / "human.mp4"
    path.write_bytes(b"film")
    return path


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


def test_a_film_is_simulated_as_long_as_the_file_beside_it_names_it(film: Path):
    assert not is_simulated(film)
    scene_file(film).write_text("not TOML")
    assert not is_simulated(film)
    write_video_scene(film, envs.describe(TASK))
    assert is_simulated(film)
    scene_file(film).unlink()
    write_video_task(film, TASK, seed=5)
    assert is_simulated(film)
    film.write_bytes(b"a person's film")
    assert not is_simulated(film)


def test_a_scene_that_somebody_wrote_makes_no_film_a_simulated_one(film: Path):
    envs.write_scene(scene_file(film), envs.describe(TASK))
    assert not is_simulated(film)


def test_the_folder_where_one_is_has_a_name_and_the_root_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert scene_file(".") == tmp_path.with_name(f"{tmp_path.name}.scene.toml")
    with pytest.raises(ValueError, match="/: expected a video file or a folder of images"):
        scene_file("/")
