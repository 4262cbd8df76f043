import json
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

pytest.importorskip("pyarrow", reason="the extra lerobot is not installed")

import pyarrow as pa
import pyarrow.parquet as pq

Build = Callable[..., Path]


def level(episode: int, step: int) -> int:
    """Grey level that tells an episode and a step."""
    return 20 + 40 * episode + 4 * step


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Write a LeRobot dataset, as other programs than ours would."""

    def build(
        name: str,
        tasks: Sequence[str],
        *,
        length: int = 6,
        stated_rate: float = 10,
        true_rate: Fraction = Fraction(10),
        cameras: Sequence[str] = ("front",),
        gap: int = 0,
        changed: dict[str, Any] | None = None,
    ) -> Path:
        root = tmp_path / name
        for folder in ("meta/episodes/chunk-000", "data/chunk-000"):
            (root / folder).mkdir(parents=True)
        keys = [f"observation.images.{camera}" for camera in cameras]
        episodes, rows = [], []
        for number, task in enumerate(tasks):
            episode = {"episode_index": number, "tasks": [task], "length": length}
            episode |= {"data/chunk_index": 0, "data/file_index": 0}
            for key in keys:
                start = number * (length + gap) / (stated_rate if not gap else float(true_rate))
                places = {"chunk_index": 0, "file_index": 0, "from_timestamp": start}
                episode |= {f"videos/{key}/{place}": value for place, value in places.items()}
            episodes.append(episode | (changed or {}))
            for step in range(length):
                state = [float(number), float(step), 0.1, 0.04]
                row = {"episode_index": number, "frame_index": step, "observation.state": state, "action": [0.0, 1.0]}
                rows.append(row)
        pq.write_table(pa.Table.from_pylist(episodes), root / "meta/episodes/chunk-000/file-000.parquet")
        order = np.random.default_rng(0).permutation(len(rows))  # a table has no order of its own
        pq.write_table(pa.Table.from_pylist([rows[i] for i in order]), root / "data/chunk-000/file-000.parquet")
        for camera, key in enumerate(keys):
            levels = [
                level(number, step) + camera if step < length else 0
                for number in range(len(tasks))
                for step in range(length + gap)
            ]
            video = root / "videos" / key / "chunk-000" / "file-000.mp4"
            video.parent.mkdir(parents=True)
            with av.open(video, "w") as container:
                stream = container.add_stream("libx264", rate=true_rate, options={"crf": "1", "g": "1000"})
                stream.height, stream.width, stream.pix_fmt = 32, 32, "yuv444p"
                for index, grey in enumerate(levels):
                    picture = av.VideoFrame.from_ndarray(np.full((32, 32, 3), grey % 256, np.uint8), format="rgb24")
                    picture.pts, picture.time_base = index, 1 / true_rate
                    container.mux(stream.encode(picture))
                container.mux(stream.encode(None))
        info = {
            "codebase_version": "v3.0",
            "fps": stated_rate,
            "data_path": "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet",
            "video_path": "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4",
            "features": {key: {"dtype": "video"} for key in keys} | {"action": {"dtype": "float32"}},
        }
        (root / "meta/info.json").write_text(json.dumps(info))
        return root

    return build
