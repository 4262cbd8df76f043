from pathlib import Path

import numpy as np
import pytest

from daml.demos import DatasetInfo, DemoDataset, find_problems, import_clips, write_video

INFO = DatasetInfo(image_size=(16, 16), human_frame_rate_hz=12.0, robot_frame_rate_hz=10.0)


def arrays(n_steps: int = 9, seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {"states": rng.normal(size=(n_steps, 4)), "actions": rng.uniform(-1, 1, size=(n_steps, 4))}


def film(n_frames: int = 9) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (n_frames, 4, 6, 3), dtype=np.uint8).repeat(8, 1).repeat(8, 2)


def record(source: Path, name: str = "train/place-000000") -> Path:
    folder = source / name
    folder.mkdir(parents=True)
    write_video(folder / "human-0.mp4", film(31), frame_rate_hz=30.0)
    write_video(folder / "robot-0.mp4", film(9), frame_rate_hz=10.0)
    np.savez(folder / "robot-0.npz", **arrays())
    np.savez(folder / "robot-1.npz", frames=film(5), **arrays(5))
    return folder


def test_recordings_become_a_dataset_that_validates(tmp_path: Path):
    record(tmp_path / "raw")
    record(tmp_path / "raw", "validation/pick-place-3")
    assert import_clips(tmp_path / "raw", tmp_path / "data", info=INFO) == (2, [])
    assert find_problems(tmp_path / "data") == []
    (task,) = DemoDataset(tmp_path / "data").tasks("train")
    assert (task.n_humans, task.n_robots, len(task.human(0))) == (1, 2, 13)  # one second at 12 Hz, both ends counted
    np.testing.assert_array_equal(task.robot_states(0), arrays()["states"].astype(np.float32))
    assert task.robot(1).frames.shape == (5, 16, 16, 3)
    (other,) = DemoDataset(tmp_path / "data").tasks("validation")
    assert (other.kind, other.index) == ("pick-place", 3)


def test_what_is_there_is_kept_and_the_rest_added(tmp_path: Path):
    record(tmp_path / "raw")
    import_clips(tmp_path / "raw", tmp_path / "data", info=INFO)
    record(tmp_path / "raw", "train/place-000001")
    assert import_clips(tmp_path / "raw", tmp_path / "data", info=INFO) == (1, [])


def test_every_bad_task_is_named_and_the_good_ones_written(tmp_path: Path):
    raw = tmp_path / "raw"
    record(raw)
    np.savez(record(raw, "train/place-000001") / "robot-0.npz", **arrays(7))
    (record(raw, "train/place-000002") / "human-0.mp4").unlink()
    (record(raw, "train/place-000003") / "robot-0.mp4").unlink()
    np.savez(record(raw, "train/place-000004") / "robot-0.npz", states=arrays()["states"])
    record(raw, "train/Place")
    folder = record(raw, "train/place-000005")
    (tmp_path / "outside.npz").write_bytes((folder / "robot-0.npz").read_bytes())
    (folder / "robot-0.npz").unlink()
    (folder / "robot-0.npz").symlink_to(tmp_path / "outside.npz")
    n_written, problems = import_clips(raw, tmp_path / "data", info=INFO)
    assert n_written == 1
    assert len(problems) == 6
    for part in (
        "robot-0.mp4: 9 frames, but there are 7 rows of numbers",
        "0 human and 2 robot clips",
        "no array frames, and no video robot-0.mp4",
        "no array actions; it holds states",
        "Place: expected a name such as place-000000",
        "robot-0.npz: leads out of",
    ):
        assert sum(part in problem for problem in problems) == 1, part


def test_tasks_that_are_one_by_number_are_named_together_and_neither_is_imported(tmp_path: Path):
    for name in ("train/place-0", "train/place-000000", "train/place-1", "validation/place-0"):
        record(tmp_path / "raw", name)
    n_written, (problem,) = import_clips(tmp_path / "raw", tmp_path / "data", info=INFO)
    assert n_written == 2
    assert "train/place-0 and " in problem
    assert "train/place-000000: all are task 0 of place in train; rename all but one" in problem


def test_a_task_with_a_recording_that_would_be_left_out_is_not_imported(tmp_path: Path):
    folder = record(tmp_path / "raw")
    (folder / "human-1.vob").write_bytes(b"a film")
    (folder / "robot-7.mp4").write_bytes((folder / "robot-0.mp4").read_bytes())
    n_written, problems = import_clips(tmp_path / "raw", tmp_path / "data", info=INFO)
    assert n_written == 0
    assert ["human-1.vob: would" in problems[0], "robot-7.mp4: would" in problems[1]] == [True, True]
    for name in ("human-1.vob", "robot-7.mp4"):
        (folder / name).unlink()
    assert import_clips(tmp_path / "raw", tmp_path / "data", info=INFO) == (1, [])


def test_recordings_outside_of_a_task_are_named(tmp_path: Path):
    folder = record(tmp_path / "raw")
    for place in (tmp_path / "raw", tmp_path / "raw" / "train"):
        (place / "human-9.MP4").write_bytes((folder / "human-0.mp4").read_bytes())
        (place / "notes.txt").touch()
    n_written, problems = import_clips(tmp_path / "raw", tmp_path / "data", info=INFO)
    assert n_written == 1
    assert [problem.partition(": ")[0] for problem in problems] == [
        str(tmp_path / "raw" / "human-9.MP4"),
        str(tmp_path / "raw" / "train" / "human-9.MP4"),
    ]


def test_row_t_of_a_robot_shows_frame_t(tmp_path: Path):
    folder = record(tmp_path / "raw")
    shown = np.broadcast_to((20 * np.arange(9))[:, None, None, None], (9, 32, 48, 3)).astype(np.uint8)
    for rate_hz in (3.0, 10.0, 30.0):  # whatever the film says of its rate
        write_video(folder / "robot-0.mp4", shown, frame_rate_hz=rate_hz)
        import_clips(tmp_path / "raw", tmp_path / f"data-{rate_hz}", info=INFO)
        (task,) = DemoDataset(tmp_path / f"data-{rate_hz}").tasks("train")
        seen = task.robot(0).frames.mean(axis=(1, 2, 3))
        assert np.abs(seen - 20 * np.arange(9)).max() < 5


def test_a_robot_with_two_films_of_one_clip_is_refused(tmp_path: Path):
    folder = record(tmp_path / "raw")
    write_video(folder / "robot-1.mp4", film(5), frame_rate_hz=10.0)
    assert (
        "holds frames, but robot-1.mp4 lies beside it"
        in import_clips(tmp_path / "raw", tmp_path / "d", info=INFO)[1][0]
    )


def test_numbers_too_large_are_refused_by_their_row(tmp_path: Path):
    folder = record(tmp_path / "raw")
    states = np.zeros((9, 4))
    states[3, 1] = 1e300
    np.savez(folder / "robot-0.npz", states=states, actions=states[:, :4] * 0)
    assert "row 3 is not finite" in import_clips(tmp_path / "raw", tmp_path / "d", info=INFO)[1][0]


@pytest.mark.parametrize(("make", "message"), [(False, "no such folder"), (True, "no tasks here")])
def test_a_folder_without_recordings_is_refused(tmp_path: Path, *, make: bool, message: str):
    if make:
        (tmp_path / "raw").mkdir()
    with pytest.raises(ValueError, match=message):
        import_clips(tmp_path / "raw", tmp_path / "data", info=INFO)
    assert not (tmp_path / "data").exists()
