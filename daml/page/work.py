"""What the page has done in other processes: functions of a visit's folder, each a few calls of the library."""

import pickle
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from daml import envs
from daml.chains.film_chain import twins_of_all
from daml.demos import Reading, draw_reading, read_film, write_picture, write_video
from daml.envs.dragged_film import film_dragged, picture_table
from daml.page.corrections import ALL, chosen_step, corrected
from daml.page.film_intake import examine_film, find_film
from daml.page.film_reception import remove_film
from daml.page.robot import judge_understood
from daml.page.robot_chain import judge_all
from daml.page.scene_table import edited, rows_of
from daml.page.wording import describe_step
from daml.progress import Observer, Progress, report_share
from daml.twins import Twin, build_twin
from daml.twins.comparison import render_scene

torch.set_num_threads(1)  # jobs are forked from a process with this module; threads would not come along

EXAMPLES = {"pick-place": (4, 632), "push": (5, 175)}
"""Test task and seed of the film that is made as an example of each kind: films that are read right.

A simulated person who puts down what the hand holds from the start comes into the picture late, and is not read.
"""
TABLES = {"pick-place": (2, 606), "push": (3, 40)}
"""Test task and seed of the table over which a hand can be led, for each of those kinds."""
_FILM_SIDE = 480
"""Height and width of a simulated film, in pixels: hands are found in those."""
_READ, _UNDERSTOOD = "reading.pickle", "reading.understood.pickle"
"""What is kept of a film for later jobs of the same visit: what was read, and that as a person has changed it, with the
step to be done and its scene."""

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


def show_table(folder: Path, arguments: Mapping[str, Any], observe: Observer, show: Show) -> dict[str, Any]:  # noqa: ARG001 - likewise
    """Draw a table over which a hand can be led."""
    observe(Progress("laying a table", 0, 1))
    task, seed = _table_of(arguments["kind"])
    write_picture(folder / "table.png", picture_table(task, seed=seed, image_size=_FILM_SIDE))
    return {}


def film_led(folder: Path, arguments: Mapping[str, Any], observe: Observer, show: Show) -> dict[str, Any]:
    """Film a simulated person whose hand was led."""
    observe(Progress("filming a simulated person", 0, 1))
    task, seed = _table_of(arguments["kind"])
    frames, frame_rate_hz = film_dragged(task, arguments["way"], seed=seed, image_size=_FILM_SIDE)
    remove_film(folder)
    write_video(folder / "film.mp4", frames, frame_rate_hz=frame_rate_hz)
    return take_in(folder, arguments, observe, show)


def _table_of(kind: str) -> tuple[envs.Task, int]:
    """Return the task and the seed of the table of a kind."""
    if kind not in TABLES:
        raise ValueError(f"kind: expected one of {', '.join(TABLES)}, got {kind!r:.40}")
    index, seed = TABLES[kind]
    return envs.Task(kind, "test", index), seed


def read(folder: Path, arguments: Mapping[str, Any], observe: Observer, show: Show) -> dict[str, Any]:  # noqa: ARG001 - likewise
    """Read a stretch of the film."""
    reading = read_film(
        find_film(folder),
        start_s=float(arguments["start"]),
        end_s=float(arguments["end"]),
        observers=[lambda sighting: report_share([observe], "looking for hands", sighting.share)],
    )
    (folder / _READ).write_bytes(pickle.dumps(reading))
    write_picture(folder / "frame.png", reading.clean_first_frame)
    return _told(folder, reading, chosen=0, numbers=range(len(reading.steps)))


def correct(folder: Path, arguments: Mapping[str, Any], observe: Observer, show: Show) -> dict[str, Any]:  # noqa: ARG001 - likewise
    """Correct what was read."""
    reading = corrected(_load(folder / _READ), arguments["steps"])
    return _told(
        folder,
        reading,
        chosen=chosen_step(reading, arguments["chosen"]),
        numbers=[correction["number"] for correction in arguments["steps"]],
    )


def edit(folder: Path, arguments: Mapping[str, Any], observe: Observer, show: Show) -> dict[str, Any]:  # noqa: ARG001 - likewise
    """Change the scene that was built of the film."""
    reading, step, twin = _load(folder / _UNDERSTOOD)
    return _save(folder, reading, step, _changed(twin, edited(twin.scene, arguments["rows"])))


def _changed(twin: Twin, scene: envs.Scene) -> Twin:
    """Return a twin with another scene of the same things: one that looks otherwise has no texture out of the film."""
    before, after = ({row["name"]: row for row in rows_of(one)} for one in (twin.scene, scene))
    looks_as_filmed = {
        name for name, row in before.items() if all(row[key] == after[name][key] for key in ("family", "colour"))
    }
    things = [replace(thing, is_seen=thing.is_seen and thing.name in looks_as_filmed) for thing in twin.things]
    return replace(twin, scene=scene, things=tuple(things))


def judge(folder: Path, arguments: Mapping[str, Any], observe: Observer, show: Show) -> dict[str, Any]:
    """Let the robot do in the scene what the film shows."""
    reading, step, twin = _load(folder / _UNDERSTOOD)
    rollouts = arguments["rollouts"]
    if step is None:
        return judge_all(reading, twin, folder, rollouts=rollouts, observe=observe, show=show)
    return judge_understood(reading, twin, folder, step=step, rollouts=rollouts, observe=observe, show=show)


def _load(path: Path) -> Any:  # noqa: ANN401 - what was saved
    """Return what an earlier job of this visit has kept; nothing else is written to its folder under such a name."""
    if not path.exists():
        raise ValueError("there is nothing read yet: have the film read first")
    return pickle.loads(path.read_bytes())  # noqa: S301 - see above


def _save(folder: Path, reading: Reading, step: int | None, twin: Twin) -> dict[str, Any]:
    """Keep what was understood of a film, draw the scene of the step to be done, and return that for the page."""
    (folder / _UNDERSTOOD).write_bytes(pickle.dumps((reading, step, twin)))
    taken_along = folder / "scene"
    shutil.rmtree(taken_along, ignore_errors=True)
    taken_along.mkdir()
    scene = twin.write(taken_along / "scene.toml")
    shutil.make_archive(str(taken_along), "zip", taken_along)
    height, width = reading.clean_first_frame.shape[:2]
    write_picture(folder / "scene.png", render_scene(scene, size=(width, height)))
    return {"kind": twin.scene.kind, "rows": rows_of(twin.scene)}


def _told(folder: Path, reading: Reading, *, chosen: int | None, numbers: Sequence[int]) -> dict[str, Any]:
    """Draw a reading for a download, build the scene of the step to be done, and return both for the page.

    Args:
        folder: The visit's folder.
        reading: What was read, as a person has corrected it.
        chosen: Which of its steps is to be done; all when None, in the scene of the first.
        numbers: Of its steps, as they were read.
    """
    write_picture(folder / "reading.png", draw_reading(reading))
    twins = [build_twin(reading, step=place) for place in range(len(reading.steps))]
    if chosen is None:
        twins[0] = build_twin(reading, further=range(1, len(twins)))
        twins_of_all(reading, twins[0])  # whether they can all be done is said before the robot tries
    steps = [
        {
            **step.to_json(),
            "number": number,
            "outline": step.outline.round(4).tolist(),
            "words": f"{describe_step(reading, step, twin)} ({step.confidence:.0%} sure)",
        }
        for number, step, twin in zip(numbers, reading.steps, twins, strict=True)
    ]
    shown = ALL if chosen is None else chosen
    return {"steps": steps, "chosen": shown, "scene": _save(folder, reading, chosen, twins[chosen or 0])}
