"""Judge the reading of films of simulated people, with their hands' exact tracks, and with those that are found.

    python scripts/measure_simulated_reading.py --films 60 [--tracker]

A film counts where the item's place at the start and its place at the end are in the picture. The reading is right as
in `scripts/measure_reading.py`. `--tracker` finds the hands as in real films, beside the exact tracks; it needs
`pip install 'daml-imitation[hands]'`.
"""
# ruff: noqa: INP001 - a script, not a module of a package

import argparse
import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from measure_reading import judge
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from daml.demos import FilmNotReadableError, Frames, HandTrack, HandTracks, HumanDemo, read_steps
from daml.demos.hands.linking import TrackLinker
from daml.demos.hands.tracker import HandTracker
from daml.envs import HUMAN_FRAME_RATE_HZ, KINDS, PERSON_QUALITY, Task
from daml.envs.human.acting import Acting
from daml.envs.human_film import Performance
from daml.envs.rendering.renderer import OffscreenRenderer
from daml.envs.scene.cameras import draw_filming_camera

Row = dict[str, Any]
FEWEST_LANDMARKS = 15
"""Of 21: a hand with fewer in the picture is not seen."""
EDGE = 0.02
"""Places nearer to the picture's edge, as shares, are not in view."""


def main() -> None:
    """Film, read, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--films", type=int, default=60)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--split", default="train", help="whose bodies, and whose objects")
    parser.add_argument("--size", type=int, default=320, help="side of the picture in pixels")
    parser.add_argument("--tracker", action="store_true", help="find the hands as well")
    parser.add_argument("--output", type=Path, help="JSON file of all that was judged")
    options = parser.parse_args()
    console, rows = Console(), list[Row]()
    with OffscreenRenderer(options.size, options.size) as renderer:
        for seed in range(options.first_seed, options.first_seed + options.films):
            film, exact, truth = perform(seed, options.split, renderer)
            if truth is None:
                continue
            ways: dict[str, Callable[[], HandTracks]] = {"exact": lambda exact=exact: exact}
            if options.tracker:
                ways["found"] = lambda film=film: found(film)
            for name, hands in ways.items():
                row = judged(film, hands(), truth) | {"seed": seed, "kind filmed": truth["kind"], "hands": name}
                rows.append(row)
                console.print(f"{seed:4d} {truth['kind']:10s} {name} {told(row)}", highlight=False, soft_wrap=True)
    report(rows)
    if options.output is not None:
        options.output.write_text(json.dumps(rows, indent=0), encoding="utf-8")


def perform(seed: int, split: str, renderer: OffscreenRenderer) -> tuple[HumanDemo, HandTracks, Row | None]:
    """Film one task: the film, the acting hand's exact track, and what it shows; None where that is not in view."""
    camera = draw_filming_camera(np.random.default_rng((seed, 1)))
    task = Task(KINDS[seed % len(KINDS)], split, seed)
    performance = Performance.draw(task, seed=seed, bodies=split, camera=camera)
    renderer.load(performance.model)
    actor, course = performance.actor, performance.choreography
    if not isinstance(actor, Acting):
        raise TypeError(f"expected a person with a body, got {type(actor).__name__}")
    frames: list[Frames] = []
    times_s: list[float] = []
    hands: list[NDArray[np.float64]] = []
    items: list[NDArray[np.float64]] = []
    for now in performance.play():
        frames.append(renderer.render(performance.data, camera.name, quality=PERSON_QUALITY))
        items.append(np.array(performance.data.joint(f"item{performance.item}").qpos[:3]))
        landmarks = actor.landmarks(course.position(now), openness=course.openness(now))
        shares = 0.5 + 0.5 * camera.project(landmarks).astype(np.float64)
        inside = (shares >= 0).all(axis=1) & (shares <= 1).all(axis=1)
        if inside.sum() >= FEWEST_LANDMARKS:
            times_s.append((len(frames) - 1) / HUMAN_FRAME_RATE_HZ)
            hands.append(shares)
    places = 0.5 + 0.5 * camera.project(np.stack([items[0], items[-1]])).astype(np.float64)
    is_shown = bool(((places > EDGE) & (places < 1 - EDGE)).all()) and len(hands) > 2
    all_s = np.arange(len(frames)) / HUMAN_FRAME_RATE_HZ
    tracks = (HandTrack(np.array(times_s), np.stack(hands)),) if is_shown else ()
    truth = {"kind": task.kind, "item": places[0].tolist(), "destination": [places[1].tolist()]}
    film = HumanDemo(np.stack(frames), HUMAN_FRAME_RATE_HZ)
    return film, HandTracks(all_s, tracks), truth if is_shown else None


def found(film: HumanDemo) -> HandTracks:
    """Find the hands of a film as in a real one."""
    tracker, linker = HandTracker(n_threads=1), TrackLinker(aspect_ratio=1.0)
    times_s = np.arange(len(film)) / film.frame_rate_hz
    for time_s, frame in zip(times_s, film.frames, strict=True):
        linker.add(float(time_s), [(hand.landmarks / len(frame), hand.rightness) for hand in tracker.track(frame)])
    return HandTracks(times_s, linker.tracks())


def judged(film: HumanDemo, hands: HandTracks, truth: Row) -> Row:
    """Read a film and judge the reading."""
    try:
        reading, reason = read_steps(film, hands), ""
    except FilmNotReadableError as error:
        reading, reason = None, str(error)
    return judge(reading, truth) | {"reason": reason}


def told(row: Row) -> str:
    """Tell one outcome."""
    if row["refused"]:
        return f"REFUSED  {row['reason']}"
    places = f"item {row['item']:.2f} destination {row['destination']:.2f}"
    return f"{'right' if row['right'] else 'WRONG'}  {places} {row['kind']}, {row['confidence']:.0%} sure"


def report(rows: list[Row]) -> None:
    """Print how often the reading was right, by kind of task."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        groups[row["hands"], row["kind filmed"]].append(row)
        groups[row["hands"], "all"].append(row)
    table = Table("hands", "task", "films", "right", "right places", "wrong", "refused")
    for (hands, kind), group in sorted(groups.items()):
        refused = sum(row["refused"] for row in group)
        right = sum(row["right"] for row in group)
        places = sum(not row["refused"] and max(row["item"], row["destination"]) <= 0.1 for row in group)
        table.add_row(hands, kind, *map(str, (len(group), right, places, len(group) - right - refused, refused)))
    Console().print(table)


if __name__ == "__main__":
    main()
