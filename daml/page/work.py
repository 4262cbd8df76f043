"""What the page has done in other processes: functions of a visit's folder, each a few calls of the library."""

import pickle
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

from daml import envs
from daml.demos import Reading, draw_reading, read_film, write_picture, write_video
from daml.page.corrections import corrected
from daml.page.film_intake import examine_film, find_film, remove_film
from daml.page.wording import describe_step
from daml.progress import Observer, Progress

torch.set_num_threads(1)  # jobs are forked from a process with this module; threads would not come along

EXAMPLES = {"pick-place": (1, 7), "push": (1, 7), "place": (2, 7)}
"""Test task and seed of the film that is made as an example of each kind: films that are read right."""
_FILM_SIDE = 480
"""Height and width of a simulated film, in pixels: hands are found in those."""
_PERCENT = 100

Show = Callable[[Mapping[str, Any]], None]
"""Shows something before the end."""


def take_in(folder: Path, arguments: Mapping[str, Any], observe: Observer, show: Show) -> dict[str, Any]:  # noqa: ARG001 - called as all jobs are
    """Examine a film that was received."""
    observe(Progress("looking at the film", 0, 1))
    return examine_film(folder)


def film_example(folder: Path, arguments: Mapping[str, Any], observe: Observer, show: Show) -> dict[str, Any]:
    """Film a simulated person; a film that was made before is taken again."""
    kind = arguments["kind"]
    if kind not in EXAMPLES:
        raise ValueError(f"kind: expected one of {', '.join(EXAMPLES)}, got {kind!r:.40}")
    index, seed = EXAMPLES[kind]
    kept = folder.parent / f"example-{kind}.mp4"
    if not kept.exists():
        observe(Progress("filming a simulated person", 0, 1))
        shot = envs.Shot(envs.Task(kind, "test", index), seed, _FILM_SIDE, quality=envs.PERSON_QUALITY, bodies="test")
        frames, frame_rate_hz = envs.film_human(shot)
        write_video(kept, frames, frame_rate_hz=frame_rate_hz)
    remove_film(folder)
    shutil.copyfile(kept, folder / "film.mp4")
    return take_in(folder, arguments, observe, show)


def read(folder: Path, arguments: Mapping[str, Any], observe: Observer, show: Show) -> dict[str, Any]:  # noqa: ARG001 - likewise
    """Read a stretch of the film."""
    reading = read_film(
        find_film(folder),
        start_s=float(arguments["start"]),
        end_s=float(arguments["end"]),
        observers=[lambda sighting: observe(Progress("looking for hands", round(_PERCENT * sighting.share), _PERCENT))],
    )
    (folder / "reading.pickle").write_bytes(pickle.dumps(reading))
    write_picture(folder / "frame.png", reading.clean_first_frame)
    return _told(folder, reading)


def correct(folder: Path, arguments: Mapping[str, Any], observe: Observer, show: Show) -> dict[str, Any]:  # noqa: ARG001 - likewise
    """Correct what was read."""
    return _told(folder, corrected(load_reading(folder), arguments["steps"]), arguments["steps"])


def load_reading(folder: Path) -> Reading:
    """Return what was read before, in this visit."""
    # A job wrote it, in a folder that nothing else is written to under that name.
    return pickle.loads((folder / "reading.pickle").read_bytes())  # noqa: S301


def _told(folder: Path, reading: Reading, corrections: list[Mapping[str, Any]] | None = None) -> dict[str, Any]:
    """Draw a reading for a download, and return it for the page."""
    write_picture(folder / "reading.png", draw_reading(reading))
    numbers = range(len(reading.steps)) if corrections is None else [step["number"] for step in corrections]
    return {
        "steps": [
            {
                **step.to_json(),
                "number": number,
                "outline": step.outline.round(4).tolist(),
                "words": f"{describe_step(reading, step)} ({step.confidence:.0%} sure)",
            }
            for number, step in zip(numbers, reading.steps, strict=True)
        ]
    }
