"""`daml record`: make a video of a human doing a task."""

import math
import time
from pathlib import Path

from daml import envs
from daml.app.videos.sidecars import scene_file, write_video_scene, write_video_task
from daml.demos import Frames, HumanDemo, check_camera, live_preview, record_webcam, write_video
from daml.reporting.clips import film_for_people
from daml.storage.result_files import VIDEO_SUFFIXES, check_output_file
from daml.terminal.console import progress_bar, say

CAMERA_FRAME_RATE_HZ = 10.0
"""Frames per second of a camera's film: plenty for the dozen frames that an adaptation looks at."""


def record(
    *,
    output: Path,
    camera: int | str | None = None,
    simulate: bool = False,
    duration: float = 5.0,
    countdown: int = 3,
    task: str = "place",
    split: str = "test",
    index: int = 0,
    scene: Path | None = None,
    seed: int = 0,
) -> None:
    """Record one video of a human doing a task: you before a camera (--camera), or the simulated human (--simulate).

    Args:
        output: Video file to write (.mp4, .webm or .gif). What a simulated video shows is written beside it.
        camera: Number or device of a camera to film you with: 0 or /dev/video0.
        simulate: Film the simulated human instead.
        duration: Longest time that the camera films, in seconds; Enter, or q in the window, stops it before.
        countdown: Seconds before the camera begins.
        task: Kind of task that the simulated human does: place, push or pick-place.
        split: Split of its objects: train, validation or test.
        index: Number of the task within the split.
        scene: TOML file that describes what lies on the table and what is done, in place of a task of a split. It is
            written beside the video, also beside one that a camera films.
        seed: Seed of layout, looks, camera, hand and movement.
    """
    if simulate == (camera is not None):
        raise ValueError("give one of --camera 0, which films you, and --simulate, which films the simulated human")
    check_output_file(output, suffixes=VIDEO_SUFFIXES)
    if camera is not None and (task, split, index, seed) != ("place", "test", 0, 0):
        raise ValueError(
            "--task, --split, --index and --seed are about the simulated human, but --camera films you; leave them "
            "out, and describe what lies on your table with --scene"
        )
    if scene is not None and (task, split, index) != ("place", "test", 0):
        raise ValueError(f"{scene} says what is done and with what; leave out --task, --split and --index")
    described = None if scene is None else envs.read_scene(scene)
    if not math.isfinite(duration):
        raise ValueError(f"duration: expected a number of seconds, got {duration}")
    if camera is not None:
        check_camera(camera)
        demo = _film_person(camera, duration, countdown)
        write_video(output, demo.frames, frame_rate_hz=demo.frame_rate_hz)
        say(f"{output}: {len(demo)} frames from camera {camera}")
        if described is not None:
            write_video_scene(output, described)
        say(f"see what could spoil it: daml inspect {output}")
        return
    if seed < 0:
        raise ValueError(f"seed is {seed}; expected an integer of at least 0")
    chosen = envs.Task(task, split, index) if described is None else described
    frames, frame_rate_hz = film_for_people(chosen, seed=seed)
    write_video(output, frames, frame_rate_hz=frame_rate_hz)
    if isinstance(chosen, envs.Task):
        write_video_task(output, chosen, seed=seed)
        write_video_scene(output, envs.describe(chosen))
        say(f"{output}: {len(frames)} frames of task {chosen}, whose scene is in {scene_file(output).name}")
    else:
        write_video_scene(output, chosen)
        say(f"{output}: {len(frames)} frames of the scene in {scene}")


def _film_person(camera: int | str, duration: float, countdown: int) -> HumanDemo:
    """Film with a camera, with a countdown and a bar that shows how much time is left."""
    say(f"camera {camera} films for {duration:g} s: begin with your hand out of the picture, the first frame matters")
    say("press Enter (or q in the window) to stop before")
    for seconds in range(countdown, 0, -1):
        say(f"{seconds} ...")
        time.sleep(1)
    with live_preview() as show, progress_bar() as progress:
        bar = progress.add_task("filming", total=round(duration * CAMERA_FRAME_RATE_HZ) + 1, figures="")

        def observe(frame: Frames) -> bool:
            progress.update(bar, advance=1)
            return show(frame)

        return record_webcam(camera, duration_s=duration, frame_rate_hz=CAMERA_FRAME_RATE_HZ, on_frame=observe)
