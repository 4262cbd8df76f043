"""Measure in how many frames of simulated people a detector of real hands finds the acting hand, by camera view.

A frame counts where the hand is in view: at least 18 of its 21 landmarks in the picture, and at least half of them not
hidden by anything but the hand itself. It is found where the middle of some hand's landmarks is within 0.4 of the
hand's length from the true one. Needs `pip install 'daml-imitation[hands]'`; some minutes:

    python scripts/measure_people.py --films 100
"""
# ruff: noqa: INP001 - a script, not a module of a package

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import mujoco
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from daml.demos.hands.tracker import HandTracker
from daml.envs import KINDS, Task
from daml.envs.human.acting import Acting
from daml.envs.human_film import Performance
from daml.envs.rendering.quality import PERSON_QUALITY, POLICY_QUALITY
from daml.envs.rendering.renderer import OffscreenRenderer
from daml.envs.scene.cameras import draw_filming_camera

N_IN_PICTURE, N_SEEN = 18, 11
"""Of 21 landmarks."""

NEAR_ENOUGH = 0.4
"""Distance of the middles of found and true landmarks, in lengths of the hand's box."""

THUMB_TIP, INDEX_TIP = 4, 8

BANDS: dict[str, tuple[float, ...]] = {
    "camera's elevation [deg]": (15, 30, 45, 60, 81),
    "camera's distance [m]": (0.4, 0.7, 1.0, 1.4, 1.9),
    "picture's width at the table [m]": (0.4, 0.6, 0.8, 1.0, 1.31),
    "camera from the person's side [deg]": (0, 60, 90, 135, 181),
    "hand's length [px]": (0, 50, 70, 90, 120, 170, 1000),
    "brightness of skin": (0, 0.25, 0.35, 0.5, 0.65, 1.01),
}
"""Views that the rate is said for."""


@dataclass(frozen=True)
class Sight:
    """One frame with the hand in view."""

    found: bool
    error: float
    """Of the point between thumb and index finger, in pixels of a picture of 96; NaN where it was not found."""
    bands: tuple[float, ...]
    """What `BANDS` divide."""
    kind: str
    gloved: bool


def main() -> None:
    """Film, look, and print tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--films", type=int, default=60)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--every", type=int, default=6, help="look at each frame of so many")
    parser.add_argument("--split", default="train", help="whose bodies, and whose objects")
    parser.add_argument("--size", type=int, default=480, help="side of the picture in pixels")
    parser.add_argument("--plain", action="store_true", help="without shadows and smooth edges")
    options = parser.parse_args()
    sights: list[Sight] = []
    with OffscreenRenderer(options.size, options.size) as renderer:
        for seed in range(options.first_seed, options.first_seed + options.films):
            sights += look(seed, options, renderer)
    report(sights)


def look(seed: int, options: argparse.Namespace, renderer: OffscreenRenderer) -> Iterator[Sight]:
    """Film one task and look for the hand."""
    kind = KINDS[seed % len(KINDS)]
    camera = draw_filming_camera(np.random.default_rng((seed, 1)))
    task = Task(kind, options.split, seed)
    performance = Performance.draw(task, seed=seed, bodies=options.split, camera=camera)
    renderer.load(performance.model)
    actor, course, tracker = performance.actor, performance.choreography, HandTracker(n_threads=1)
    if not isinstance(actor, Acting):
        raise TypeError(f"expected a person with a body, got {type(actor).__name__}")
    for number, now in enumerate(performance.play()):
        if number % options.every:
            continue
        landmarks = actor.landmarks(course.position(now), openness=course.openness(now))
        places = (0.5 + 0.5 * camera.project(landmarks).astype(np.float64)) * options.size
        ahead = (landmarks - np.array(camera.position)) @ camera.axes()[:, 2] < 0
        if not is_in_view(places, ahead, performance, renderer):
            continue
        quality = POLICY_QUALITY if options.plain else PERSON_QUALITY
        hands = tracker.track(renderer.render(performance.data, camera.name, quality=quality))
        yield judge(places, [hand.landmarks for hand in hands], options.size, performance, kind)


def is_in_view(
    places: NDArray[np.float64], ahead: NDArray[np.bool_], performance: Performance, renderer: OffscreenRenderer
) -> bool:
    """Tell whether enough landmarks are in the picture, `(21, 2)`, and show the acting arm."""
    shown = renderer.identify(performance.data, performance.camera.name)
    inside = ahead & (places >= 0).all(axis=1) & (places < len(shown)).all(axis=1)
    if inside.sum() < N_IN_PICTURE:
        return False
    column, row = places[inside].astype(int).T
    skin = mujoco.mjtObj.mjOBJ_SKIN.value, performance.model.skin("acting_skin").id
    return bool((shown[row, column] == skin).all(axis=1).sum() >= N_SEEN)


def judge(
    places: NDArray[np.float64], found: list[NDArray[np.float64]], size: int, performance: Performance, kind: str
) -> Sight:
    """Compare the true landmarks, `(21, 2)` in pixels, with those of all hands that were found."""
    length = float(np.linalg.norm(np.ptp(places, axis=0)))
    gaps = [np.linalg.norm(hand.mean(axis=0) - places.mean(axis=0)) / length for hand in found]
    near = bool(gaps) and min(gaps) < NEAR_ENOUGH
    error = np.nan
    if near:
        tips = [THUMB_TIP, INDEX_TIP]
        off = found[int(np.argmin(gaps))][tips].mean(axis=0) - places[tips].mean(axis=0)
        error = float(np.linalg.norm(off)) * 96 / size
    way = np.subtract(performance.camera.position, performance.camera.target)
    distance = float(np.linalg.norm(way))
    aside = np.rad2deg((performance.camera.side - performance.choreography.entry) % (2 * np.pi))
    person = performance.actor.person if isinstance(performance.actor, Acting) else None
    tone = 0.0 if person is None else float(np.mean(person.complexion.tone))
    elevation = float(np.rad2deg(np.arcsin(way[2] / distance)))
    width = 2 * distance * float(np.tan(np.deg2rad(performance.camera.field_of_view_deg) / 2))
    bands = (elevation, distance, width, float(min(aside, 360 - aside)), length * 480 / size, tone)
    return Sight(near, error, bands, kind, gloved=person is not None and person.complexion.glove is not None)


def report(sights: list[Sight]) -> None:
    """Print how often the hand was found, in all and by view."""
    table = Table("view", "frames", "found")
    found = np.array([sight.found for sight in sights])
    table.add_row("all", str(len(sights)), f"{found.mean():.1%}")
    for number, (name, edges) in enumerate(BANDS.items()):
        values = np.array([sight.bands[number] for sight in sights])
        for low, high in pairwise(edges):
            within = (values >= low) & (values < high)
            if within.any():
                table.add_row(f"{escape(name)} {low:g} to {high:g}", str(within.sum()), f"{found[within].mean():.1%}")
    for name in KINDS:
        mine = np.array([sight.kind == name for sight in sights])
        if mine.any():
            table.add_row(f"task {name}", str(mine.sum()), f"{found[mine].mean():.1%}")
    gloved = np.array([sight.gloved for sight in sights])
    for name, chosen in (("bare hands", ~gloved), ("gloves", gloved)):
        if chosen.any():
            table.add_row(name, str(chosen.sum()), f"{found[chosen].mean():.1%}")
    console = Console()
    console.print(table)
    errors = np.array([sight.error for sight in sights])
    console.print(f"point between thumb and index finger: {np.nanmedian(errors):.1f} px of 96 off in the median")


if __name__ == "__main__":
    main()
