from pathlib import Path

import pytest

from daml.demos.storage.recordings import find_recordings


def filled(folder: Path, *names: str) -> Path:
    folder.mkdir()
    for name in names:
        if name.endswith("/"):
            (folder / name).mkdir()
        else:
            (folder / name).touch()
    return folder


def test_films_and_arrays_are_found_whatever_the_case_of_their_names(tmp_path: Path):
    folder = filled(tmp_path / "task", "Human-0.MP4", "human-1/", "robot-0.npz", "robot-0.MOV", "ROBOT-1.NPZ")
    found = find_recordings(folder, source=tmp_path)
    assert [path.name for path in found.humans] == ["Human-0.MP4", "human-1"]
    assert {path.name: film and film.name for path, film in found.robots} == {
        "robot-0.npz": "robot-0.MOV",
        "ROBOT-1.NPZ": None,
    }
    assert found.left_out == ()


def test_notes_and_what_lies_beside_a_recording_are_passed_over(tmp_path: Path):
    names = ("human-0.mp4.scene.toml", "human-0.json", "robot-0.txt", "notes.md", "Thumbs.db", ".DS_Store", ".cache/")
    folder = filled(tmp_path / "task", "human-0.mp4", "robot-0.npz", *names)
    assert find_recordings(folder, source=tmp_path).left_out == ()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("human-1.vob", "expected a video"),
        ("human-1", "expected a video"),
        ("human-0.npz", "expected a video"),
        ("person.mp4", "expected a name that begins with human or robot"),
        ("arrays.npz", "expected a name that begins with human or robot"),
        ("more/", "expected a name that begins with human or robot"),
        ("robot-1.mp4", "expected the robot's arrays robot-1.npz beside it"),
        ("robot-0.mov", "robot-0.npz has another film; remove one of the two"),
        ("robot-1.npy", "expected arrays"),
        ("robot-2/", "expected arrays"),
        ("robot-1.csv", "expected arrays"),
    ],
)
def test_what_would_be_left_out_is_named_with_the_reason(tmp_path: Path, name: str, why: str):
    folder = filled(tmp_path / "task", "human-0.mp4", "robot-0.npz", "robot-0.m4v", name)
    (left_out,) = find_recordings(folder, source=tmp_path).left_out
    assert left_out.startswith(f"{folder / name}: would be left out; {why}")


def test_a_link_out_of_the_recordings_is_refused(tmp_path: Path):
    folder = filled(tmp_path / "task", "human-0.mp4")
    (folder / "human-1.mp4").symlink_to("/dev/zero")
    (folder / "human-2.mp4").symlink_to("human-0.mp4")
    with pytest.raises(ValueError, match=r"human-1.mp4: leads out of .*, to /dev/zero; copy the file"):
        find_recordings(folder, source=tmp_path)
