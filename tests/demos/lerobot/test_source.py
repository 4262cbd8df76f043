from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from daml.demos.lerobot import spool
from daml.demos.lerobot.source import Source
from daml.demos.video.film import Film

pa = pytest.importorskip("pyarrow", reason="the extra lerobot is not installed")
pq = pytest.importorskip("pyarrow.parquet")

Build = Callable[..., Path]
KEYS = ("observation.state", "action")


def steps_seen(source: Source, tasks: list[str], tmp_path: Path) -> list[tuple[int, int]]:
    """Read clips, and tell from the frames which episode and step each row shows; states must say the same."""
    seen: list[tuple[int, int]] = []
    for clips in source.clips(tasks, KEYS, size=(8, 8), fit="crop", beside=tmp_path):
        for clip in clips:
            levels = np.rint((clip.frames.mean(axis=(1, 2, 3)) - 20) / 4).astype(int)
            rows = [(level // 10, level % 10) for level in levels.tolist()]
            assert clip.columns["observation.state"][:, :2].astype(int).tolist() == [list(row) for row in rows]
            seen += rows
    return seen


def expected(*episodes: int, length: int = 6) -> list[tuple[int, int]]:
    return [(episode, step) for episode in episodes for step in range(length)]


def test_rows_and_frames_of_an_episode_belong_together_whatever_the_order(build: Build, tmp_path: Path):
    source = Source(build("a", ["x", "y", "x", "z"]))
    assert steps_seen(source, ["z", "x", "y"], tmp_path) == expected(3, 0, 2, 1)


def test_a_file_is_decoded_once_and_no_further_than_needed(
    build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    decoded = []
    frames = Film.frames
    monkeypatch.setattr(Film, "frames", lambda film: (decoded.append(1) or frame for frame in frames(film)))
    source = Source(build("a", ["x", "y", "x", "z"]))
    assert steps_seen(source, ["y", "x"], tmp_path) == expected(1, 0, 2)
    assert len(decoded) == 19  # three episodes of six, and the frame at which it stops


def test_nothing_is_left_on_the_disk(build: Build, tmp_path: Path):
    (tmp_path / "room").mkdir()
    source = Source(build("a", ["x", "y"]))
    clips = source.clips(["y"], (), size=(8, 8), fit="crop", beside=tmp_path / "room")
    assert next(clips)[0].frames.shape == (6, 8, 8, 3)
    assert list((tmp_path / "room").iterdir()) == []


def test_a_rate_that_is_rounded_shifts_no_frame(build: Build, tmp_path: Path):
    # After five episodes of six frames, a film at 10 * 1000 / 1101 Hz is three frames behind what the tables say.
    source = Source(build("a", list("uvwxy"), true_rate=Fraction(10_000, 1101)))
    assert steps_seen(source, list("uvwxy"), tmp_path) == expected(0, 1, 2, 3, 4)


def test_frames_of_no_episode_are_passed_over_by_their_time(build: Build, tmp_path: Path):
    source = Source(build("a", list("xyz"), gap=3))
    assert steps_seen(source, list("zx"), tmp_path) == expected(2, 0)


def test_the_only_camera_needs_no_name_and_of_several_one_is_chosen(build: Build, tmp_path: Path):
    assert Source(build("one", ["x"]), ["wrist"]).camera == "observation.images.front"
    several = build("several", ["x"], cameras=("front", "top"))
    with pytest.raises(ValueError, match=r"several cameras \(observation.images.front, .*top\); choose one with --cam"):
        Source(several)
    with pytest.raises(ValueError, match="and side names 0 of them; choose one"):
        Source(several, ["side"])
    with pytest.raises(ValueError, match="and front and top names 2 of them"):
        Source(several, ["front", "top"])
    for name in ("top", "observation.images.top"):
        source = Source(several, [name])
        (clips,) = source.clips(["x"], (), size=(8, 8), fit="crop", beside=tmp_path)
        assert round(float(clips[0].frames[0].mean())) == 21  # its pictures are one level brighter


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"length": None}, "length: expected int, got null"),
        ({"length": 0}, "length: expected int >= 1"),
        ({"tasks": None}, "tasks: expected array, got null"),
        ({"tasks": ["x", "y"]}, "tasks: expected array of length 1|at most 1|<= 1"),
        ({"data/file_index": None}, "data_file: expected int, got null"),
        ({"videos/observation.images.front/from_timestamp": None}, "start_s: expected float, got null"),
        ({"videos/observation.images.front/from_timestamp": float("nan")}, "start_s: expected float"),
        ({"videos/observation.images.front/chunk_index": -1}, "video_chunk: expected int >= 0"),
        ({"episode_index": 2**62}, "episode_index: expected int <="),
        ({"episode_index": 0}, "two episodes have one number"),
    ],
)
def test_what_is_wrong_with_an_episode_is_named(build: Build, changed: dict[str, Any], message: str):
    root = build("a", ["x", "y"], changed=changed)
    with pytest.raises(ValueError, match=message):
        Source(root)


def test_episodes_that_do_not_fit_their_files_are_named(build: Build, tmp_path: Path):
    root = build("a", ["x", "y"], changed={"length": 7})
    with pytest.raises(ValueError, match=r"file-000.mp4: 6 frames from 0.6 s on, but episode 1 has 7"):
        steps_seen(Source(root), ["x", "y"], tmp_path)
    root = build("b", ["x", "y"])
    rows = pq.read_table(root / "data/chunk-000/file-000.parquet").to_pylist()
    rows[0]["frame_index"] = 17
    pq.write_table(pa.Table.from_pylist(rows), root / "data/chunk-000/file-000.parquet")
    with pytest.raises(
        ValueError, match=r"file-000.parquet: 6 rows of episode \d, numbered from 0 to 17; expected one"
    ):
        steps_seen(Source(root), ["x", "y"], tmp_path)


def test_importing_takes_no_more_work_per_episode_when_there_are_more(
    build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    opened = []
    original = spool.opened_film
    monkeypatch.setattr(spool, "opened_film", lambda *args, **kwargs: opened.append(1) or original(*args, **kwargs))
    names = [f"place-{n}" for n in range(5)] * 5
    source = Source(build("a", names, length=2))
    assert sum(len(clips) for clips in source.clips(names[:5], (), size=(8, 8), fit="crop", beside=tmp_path)) == 25
    assert len(opened) == 1
