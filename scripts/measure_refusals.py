"""Film what shows no step, and count how many of the films are refused, hands being found as in real films.

    python scripts/measure_refusals.py --films 6 [--first-seed 0] [--output FILE.json]

Each film begins as one of `scripts/measure_simulated_reading.py`, a simulated person at a table; then something else
happens. The table stays empty; one picture is held; the person touches the item, goes on as if carrying it, and leaves
it where it is; waves above the table; walks past it; or the camera pans over it, with and without the person.
"""
# ruff: noqa: INP001 - a script, not a module of a package

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import mujoco
import numpy as np
from measure_simulated_reading import FAR, found
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from daml.demos import FilmNotReadableError, Frames, HumanDemo, read_steps
from daml.envs import ALL_KINDS, HUMAN_FRAME_RATE_HZ, Task
from daml.envs.filming import as_people_see
from daml.envs.human_film import Performance
from daml.envs.rendering.renderer import OffscreenRenderer
from daml.envs.shifts import PEOPLE
from daml.envs.shot import Shot

SIDE = 320
"""Of the pictures [px]."""
RAISED = 0.15
"""How far above the table a hand waves [m]."""
WALK = 1.6
"""How far somebody walks [m]."""
PAN = 0.5
"""How far a camera pans, in sides of the picture."""
NOISE = 2.0
"""Of a camera, in grey levels: no two pictures of a film are the same."""


def main() -> None:
    """Film, read, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--films", type=int, default=6, help="of each sort")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--split", default="validation", help="whose bodies, and whose objects")
    parser.add_argument("--sorts", nargs="+", choices=SORTS, default=[*SORTS])
    parser.add_argument("--output", type=Path, help="JSON file of all that was read")
    options = parser.parse_args()
    console, rows = Console(), list[dict[str, Any]]()
    with OffscreenRenderer(SIDE, SIDE) as renderer:
        for seed in range(options.first_seed, options.first_seed + options.films):
            for sort in options.sorts:
                outcome = read(SORTS[sort](stage(seed, options.split, renderer), renderer), seed)
                rows.append({"seed": seed, "sort": sort, "told": outcome})
                console.print(f"{seed:4d} {sort:24s} {outcome}", highlight=False, soft_wrap=True)
    report(rows)
    if options.output is not None:
        options.output.write_text(json.dumps(rows, indent=0), encoding="utf-8")


def stage(seed: int, split: str, renderer: OffscreenRenderer) -> Performance:
    """Set the scene of one film."""
    shot = Shot(Task(ALL_KINDS[seed % len(ALL_KINDS)], split, seed), seed, SIDE, shift=PEOPLE)
    performance = Performance.of(as_people_see(shot, np.random.default_rng((seed, 2))))
    renderer.load(performance.model)
    return performance


def read(frames: Frames, seed: int) -> str | dict[str, Any]:
    """Read a film: the reason why it is refused, or the first step that is told."""
    noise = np.random.default_rng(seed).normal(0, NOISE, frames.shape).astype(np.float32)
    film = HumanDemo(np.clip(frames + noise, 0, 255).astype(np.uint8), HUMAN_FRAME_RATE_HZ)
    try:
        return read_steps(film, found(film)).steps[0].to_json()
    except FilmNotReadableError as error:
        return str(error)


def played(performance: Performance) -> Iterator[float]:
    """Go through what the person does, the items staying as they are."""
    data = performance.data
    items = [number for number in range(performance.model.njnt) if performance.model.joint(number).type == 0]
    places = {number: data.joint(number).qpos.copy() for number in items}
    for now in performance.play():
        for number, place in places.items():
            data.joint(number).qpos = place
        yield now


def filmed(performance: Performance, renderer: OffscreenRenderer, change: Callable[[float], object]) -> Frames:
    """Film what the person does, changed by a function of the time."""
    frames: list[NDArray[np.uint8]] = []
    for now in played(performance):
        change(now)
        mujoco.mj_kinematics(performance.model, performance.data)
        frames.append(renderer.render(performance.data, performance.camera.name))
    return np.stack(frames)


def touching(performance: Performance, renderer: OffscreenRenderer) -> Frames:
    """Touch the item, and leave it."""
    return filmed(performance, renderer, lambda _: None)


def waving(performance: Performance, renderer: OffscreenRenderer) -> Frames:
    """Wave above the table."""
    course = performance.choreography
    up = np.array([0.0, 0.0, RAISED])
    return filmed(
        performance,
        renderer,
        lambda now: performance.actor.pose(performance.data, course.position(now) + up, openness=1.0),
    )


def walking(performance: Performance, renderer: OffscreenRenderer) -> Frames:
    """Walk past the table."""
    length_s, right = performance.choreography.end, np.array([1.0, 0.0, 0.0])

    def move(now: float) -> None:
        performance.data.mocap_pos[:] += (2 * now / length_s - 1) * WALK / 2 * right

    return filmed(performance, renderer, move)


def empty(performance: Performance, renderer: OffscreenRenderer) -> Frames:
    """Show the table alone."""

    def leave(_: float) -> None:
        performance.data.mocap_pos[:] = [0, 0, FAR]

    return filmed(performance, renderer, leave)


def static(performance: Performance, renderer: OffscreenRenderer) -> Frames:
    """Hold the picture of the middle."""
    frames = touching(performance, renderer)
    return np.repeat(frames[len(frames) // 2][None], len(frames), axis=0)


def panned(frames: Frames) -> Frames:
    """Pan over a film: what leaves the picture at one side is mirrored, so that there is always something to see."""
    moved: list[NDArray[np.uint8]] = []
    for share, frame in zip(np.linspace(0, PAN, len(frames)), frames, strict=True):
        shift = np.array([[1, 0, -share * SIDE], [0, 1, 0]])
        moved.append(np.asarray(cv2.warpAffine(frame, shift, (SIDE, SIDE), borderMode=cv2.BORDER_REFLECT), np.uint8))
    return np.stack(moved)


SORTS: dict[str, Callable[[Performance, OffscreenRenderer], Frames]] = {
    "empty table": empty,
    "one picture": static,
    "touching": touching,
    "waving": waving,
    "walking past": walking,
    "panning, nobody there": lambda performance, renderer: panned(empty(performance, renderer)),
    "panning over a person": lambda performance, renderer: panned(touching(performance, renderer)),
}


def report(rows: list[dict[str, Any]]) -> None:
    """Print how many films of each sort were refused, and with which words."""
    table = Table("sort", "films", "refused", "in the words")
    for sort in dict.fromkeys(row["sort"] for row in rows):
        told = [row["told"] for row in rows if row["sort"] == sort]
        reasons = Counter(reason.split(";")[0].split(",")[0] for reason in told if isinstance(reason, str))
        words = "; ".join(f"{reason} ({count})" for reason, count in reasons.most_common(3))
        table.add_row(sort, str(len(told)), str(reasons.total()), words)
    Console().print(table)


if __name__ == "__main__":
    main()
