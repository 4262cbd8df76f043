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
        "7 rows for 9 frames",
        "0 human and 2 robot clips",
        "no array frames, and no video robot-0.mp4",
        "no array actions; it holds states",
        "Place: expected a name such as place-000000",
        "robot-0.npz: leads out of",
    ):
        assert sum(part in problem for problem in problems) == 1, part


@pytest.mark.parametrize(("make", "message"), [(False, "no such folder"), (True, "no tasks here")])
def test_a_folder_without_recordings_is_refused(tmp_path: Path, *, make: bool, message: str):
    if make:
        (tmp_path / "raw").mkdir()
    with pytest.raises(ValueError, match=message):
        import_clips(tmp_path / "raw", tmp_path / "data", info=INFO)
    assert not (tmp_path / "data").exists()
