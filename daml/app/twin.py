"""`daml twin`: the scene that a video shows, as a scene file."""

import math
from pathlib import Path
from typing import Annotated

import tyro

from daml import envs
from daml.app.videos.excerpt import Excerpt
from daml.demos import write_picture
from daml.storage.result_files import check_output_file
from daml.terminal.console import say
from daml.twins import Thing, build_twin
from daml.twins.comparison import compare, render_scene


def twin(
    video: Annotated[Path, tyro.conf.Positional],
    /,
    *,
    output: Path,
    start: float = 0.0,
    end: float = math.inf,
    step: int = 1,
    scene: Path | None = None,
) -> None:
    """Build the scene that a video shows: what lies on the table, where, how large, in which colours.

    Args:
        video: Video file or folder of images.
        output: Scene file (.toml) to write; the film's first frame and the scene go side by side into NAME.png.
        start: Second of the video at which the demonstration begins.
        end: Second of the video at which the demonstration ends.
        step: Number of the step that the scene's target is of, where the video shows several.
        scene: Scene file that was written before, and edited: it is drawn beside the video, in place of a new one.
            The output is that picture (.png).
    """
    check_output_file(output, suffixes=(".toml",) if scene is None else (".png",))
    edited = None if scene is None else envs.read_scene(scene)
    reading = Excerpt(start, end).read(video)
    if not 1 <= step <= len(reading.steps):
        raise ValueError(
            f"{video}: step {step} is asked for, but the video shows {len(reading.steps)}; see daml inspect"
        )
    if edited is not None:
        height, width = reading.clean_first_frame.shape[:2]
        write_picture(output, compare(reading.clean_first_frame, render_scene(edited, size=(width, height)), ()))
        say(f"beside the video: {output}")
        return
    built = build_twin(reading, step=step - 1)
    say(f"{video}: {built.scene.kind}, {len(built.things)} things")
    for thing in built.things:
        say(_described(thing))
    built.write(output)
    say(f"scene: {output}")
    say(f"beside the video: {output.with_suffix('.png')}")


def _described(thing: Thing) -> str:
    """Say in a line what a thing is, and where the video shows it."""
    length, width, height = (round(100 * side, 1) for side in thing.size)
    seen = (
        "added, so that there is a choice"
        if thing.place is None
        else f"at ({thing.place[0]:.2f}, {thing.place[1]:.2f})"
    )
    acted_on = ", acted on" if thing.is_acted_on else ""
    return f"  {thing.role}: {thing.family}, {length:g} x {width:g} x {height:g} cm, {seen}{acted_on}"
