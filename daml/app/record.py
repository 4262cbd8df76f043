"""`daml record`: make a video of a human doing a task."""

from pathlib import Path
from typing import Literal

import envs
from daml.app.console import console
from daml.clips import film_human_for_people
from daml.result_files import video_task_file, write_json
from demos import record_webcam, write_video


def record(
    *,
    output: Path,
    camera: int | None = None,
    duration: float = 5.0,
    task: Literal["place"] = "place",
    split: Literal["train", "validation", "test"] = "test",
    index: int = 0,
    seed: int = 0,
) -> None:
    """Record one video of a human doing a task: the simulated human, or you before a camera.

    Args:
        output: Video file to write (.mp4, .webm or .gif). A simulated video's task is described beside it, in .json.
        camera: Number of a camera to film you with; without it the simulated human is filmed.
        duration: Length of a camera's film, in seconds.
        task: Kind of task that the simulated human does.
        split: Split of its objects.
        index: Number of the task within the split.
        seed: Seed of layout, looks, camera, hand and movement.
    """
    if camera is not None:
        demo = record_webcam(camera, duration_s=duration)
        write_video(output, demo.frames, frame_rate_hz=demo.frame_rate_hz)
        console.print(f"{output}: {len(demo.frames)} frames from camera {camera}")
        return
    chosen = envs.Task(task, split, index)
    frames, frame_rate_hz = film_human_for_people(chosen, seed=seed)
    write_video(output, frames, frame_rate_hz=frame_rate_hz)
    write_json(video_task_file(output), {"task": str(chosen), "seed": seed, "target": envs.target_slot(chosen)})
    console.print(f"{output}: {len(frames)} frames of task {chosen}")
