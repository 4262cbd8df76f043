"""Judge the reading of films of simulated people, with their hands' exact tracks, and with those that are found.

    python scripts/measure_simulated_reading.py --films 60 [--photos FOLDER --things FOLDER --rooms FOLDER] [--tracker]

Films are as `daml record --films people` makes them; every other one as its camera shows it, every other one as a
perfect camera would. A film shows its task where the item's first and last place are in the picture, and where at least
half of the item is seen in some picture before it is taken and in some picture after it was put; others are counted
apart. The reading is right as in `scripts/measure_reading.py`. `--tracker` finds the hands as in real films, beside the
exact tracks; it needs `pip install 'daml-imitation[hands]'`.
"""
# ruff: noqa: INP001 - a script, not a module of a package

import argparse
import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import mujoco
import numpy as np
from measure_reading import TOLERANCE, judge, report_reliability
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from daml.demos import FilmNotReadableError, Frames, HandTrack, HandTracks, HumanDemo, read_steps
from daml.demos.hands.landmarks import Hand
from daml.demos.hands.reader import link
from daml.demos.hands.rewinding import Rewinder
from daml.demos.hands.tracker import HandTracker
from daml.envs import ALL_KINDS, HUMAN_FRAME_RATE_HZ, Task, manner_of
from daml.envs.filming import as_people_see
from daml.envs.human.acting import Acting
from daml.envs.human_film import Performance
from daml.envs.lens import draw_lens, shoot
from daml.envs.rendering.renderer import OffscreenRenderer
from daml.envs.scene.assets import Assets
from daml.envs.shifts import PEOPLE
from daml.envs.shot import Shot

Places = NDArray[np.float64]
Row = dict[str, Any]
IN_SIGHT = 0.5
"""Share of the item that some picture shows."""
FEWEST_LANDMARKS = 15
"""Of 21: a hand with fewer in the picture is not seen."""
FAR = 100.0
"""Where a person is out of every picture, in metres."""
EDGE = 0.02
"""Places nearer to the picture's edge, as shares, are not in view."""


def main() -> None:
    """Film, read, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--films", type=int, default=60)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--split", default="train", help="whose bodies, and whose objects")
    parser.add_argument("--size", type=int, default=320, help="side of the picture in pixels")
    for name in ("photos", "things", "rooms"):
        parser.add_argument(f"--{name}", help=f"folder of {name} for every other four films")
    parser.add_argument("--tracker", action="store_true", help="find the hands as well")
    parser.add_argument("--output", type=Path, help="JSON file of all that was judged")
    options = parser.parse_args()
    console, rows = Console(), list[Row]()
    with OffscreenRenderer(options.size, options.size) as renderer:
        for seed in range(options.first_seed, options.first_seed + options.films):
            film, exact, truth = perform(seed, options, renderer)
            ways: dict[str, Callable[[], HandTracks]] = {"exact": lambda exact=exact: exact}
            if options.tracker:
                ways["found"] = lambda film=film: found(film)
            for name, hands in ways.items():
                told_of = {"seed": seed, "kind filmed": truth["kind"], "shows": truth["shows"], "hands": name}
                row = judged(film, hands(), truth) | told_of
                rows.append(row)
                seen = "" if truth["shows"] else "(not seen) "
                console.print(
                    f"{seed:4d} {truth['kind']:10s} {name} {seen}{told(row)}", highlight=False, soft_wrap=True
                )
    report(rows)
    if options.output is not None:
        options.output.write_text(json.dumps(rows, indent=0), encoding="utf-8")


def perform(seed: int, options: argparse.Namespace, renderer: OffscreenRenderer) -> tuple[HumanDemo, HandTracks, Row]:
    """Film one task: the film, the acting hand's exact track, and what it shows."""
    task = Task(ALL_KINDS[seed % len(ALL_KINDS)], options.split, seed)
    assets = Assets(options.photos, options.things, options.rooms) if seed // len(ALL_KINDS) % 2 else None
    shot = Shot(task, seed, options.size, shift=replace(PEOPLE, assets=assets))
    rng = np.random.default_rng((seed, 2))
    seen = as_people_see(shot, rng)
    performance = Performance.of(seen)
    renderer.load(performance.model)
    frames, items, hands, in_sight = list[Frames](), list[Places](), list[Places](), list[int]()
    first_whole = 0
    for number, now in enumerate(performance.play()):
        frames.append(renderer.render(performance.data, performance.camera.name, quality=seen.quality))
        items.append(np.array(performance.data.joint(f"item{performance.item}").qpos[:3]))
        hands.append(landmarks(performance, now))
        # Who is in front of what is drawn for every other picture: it takes as long as the picture itself.
        in_sight.append(in_sight[-1] if number % 2 else n_pixels(performance, renderer))
        first_whole = first_whole if number else n_pixels_alone(performance, renderer)
    film, shown = np.stack(frames), np.arange(len(frames))
    if seed // (2 * len(ALL_KINDS)) % 2:
        lens = draw_lens(rng)
        film = shoot(film, lens, rng, frame_rate_hz=HUMAN_FRAME_RATE_HZ)
        rate = min(lens.frame_rate_hz / HUMAN_FRAME_RATE_HZ, 1.0)
        shown = np.floor(np.floor(shown * rate) / rate).astype(int)
    places = 0.5 + 0.5 * performance.camera.project(np.stack([items[0], items[-1]])).astype(np.float64)
    course, manner = performance.choreography, manner_of(task)
    times_s = np.arange(len(film)) / HUMAN_FRAME_RATE_HZ
    last_whole = n_pixels_alone(performance, renderer)
    first, last = np.array(in_sight) / max(first_whole, 1), np.array(in_sight) / max(last_whole, 1)
    is_taken_in_view = first[times_s < course.grasped].max(initial=0) >= IN_SIGHT or manner == "place"
    is_put_in_view = last[times_s > course.released].max(initial=0) >= IN_SIGHT
    shows = bool(is_taken_in_view and is_put_in_view and ((places > EDGE) & (places < 1 - EDGE)).all())
    tracked = np.stack(hands)[shown]
    is_seen = np.array([is_in_picture(hand) for hand in tracked])
    tracks = (HandTrack(times_s[is_seen], tracked[is_seen]),) if is_seen.any() else ()
    truth = {"kind": manner, "item": places[0].tolist(), "destination": [places[1].tolist()], "shows": shows}
    return HumanDemo(film, HUMAN_FRAME_RATE_HZ), HandTracks(times_s, tracks), truth


def landmarks(performance: Performance, now: float) -> Places:
    """Return where the acting hand is in the picture, as shares, `(21, 2)`."""
    actor, course = performance.actor, performance.choreography
    if not isinstance(actor, Acting):
        raise TypeError(f"expected a person with a body, got {type(actor).__name__}")
    places = actor.landmarks(course.position(now), openness=course.openness(now))
    return 0.5 + 0.5 * performance.camera.project(places).astype(np.float64)


def is_in_picture(hand: Places) -> bool:
    """Tell whether enough of a hand is in the picture for it to be seen."""
    return int(((hand >= 0) & (hand <= 1)).all(axis=1).sum()) >= FEWEST_LANDMARKS


def n_pixels(performance: Performance, renderer: OffscreenRenderer) -> int:
    """Count the pixels in which the item is seen."""
    model, seen = performance.model, renderer.identify(performance.data, performance.camera.name)
    root = model.body_rootid[model.body(f"item{performance.item}").id]
    geoms = np.flatnonzero(model.body_rootid[model.geom_bodyid] == root)
    return int(((seen[..., 0] == mujoco.mjtObj.mjOBJ_GEOM) & np.isin(seen[..., 1], geoms)).sum())


def n_pixels_alone(performance: Performance, renderer: OffscreenRenderer) -> int:
    """Count the pixels in which the item would be seen if nobody were there."""
    places = performance.data.mocap_pos.copy()
    performance.data.mocap_pos[:] = [0, 0, FAR]
    mujoco.mj_kinematics(performance.model, performance.data)
    n = n_pixels(performance, renderer)
    performance.data.mocap_pos[:] = places
    mujoco.mj_kinematics(performance.model, performance.data)
    return n


def found(film: HumanDemo) -> HandTracks:
    """Find the hands of a film as in a real one."""
    tracker = HandTracker(n_threads=1)
    rewinder, hands = Rewinder(tracker.find), list[list[Hand]]()
    for frame in film.frames:
        hands.append(tracker.track(frame))
        rewinder.add(frame, hands[-1])
    times_s = (np.arange(len(film)) / film.frame_rate_hz).tolist()
    return link(times_s, hands, size=film.frames.shape[2:0:-1])


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
        if row["shows"]:
            groups[row["hands"], row["kind filmed"]].append(row)
        groups[row["hands"], "all" if row["shows"] else "not seen"].append(row)
    table = Table("hands", "task", "films", "right", "right places", "wrong", "refused")
    for (hands, kind), group in sorted(groups.items()):
        refused = sum(row["refused"] for row in group)
        right = sum(row["right"] for row in group)
        places = sum(not row["refused"] and max(row["item"], row["destination"]) <= TOLERANCE for row in group)
        table.add_row(hands, kind, *map(str, (len(group), right, places, len(group) - right - refused, refused)))
    console = Console()
    console.print(table)
    for name in sorted({row["hands"] for row in rows}):
        told = [row for row in rows if row["hands"] == name and not row["refused"]]
        right = [row["shows"] and max(row["item"], row["destination"]) <= TOLERANCE for row in told]
        console.print(f"hands {name}")
        report_reliability(console, np.array([row["confidence"] for row in told]), np.array(right, np.bool_))


if __name__ == "__main__":
    main()
