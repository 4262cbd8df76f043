"""Judge the scenes that are built of films against what these show.

    python scripts/measure_twins.py FOLDER [--things FILE] [--pictures FOLDER]

FILE (`things.json` in FOLDER when not given) holds for each film what lies on its table: `item` and `destination`, each
as shares of the first picture's width and height; `roles` that the destination may have; and `others`, each a place and
the role, or the roles, that it may have. A thing is right when the twin, drawn from its camera, has one of such a role
whose middle is within 8 % of the picture's shorter side of the place; the item and the destination acted on must be
those that the twin acts on.
"""

# ruff: noqa: INP001 - a script, not a module of a package

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from daml.demos import FilmNotReadableError, read_film, write_picture
from daml.twins import Thing, Twin, build_twin
from daml.twins.viewpoint import seen_at

TOLERANCE = 0.08
"""Shorter sides of the picture."""


def judge(twin: Twin, truth: dict[str, Any]) -> dict[str, Any]:
    """Compare a twin with the things that its film shows."""
    wanted = [("item", truth["item"], ["item"], True), ("destination", truth["destination"], truth["roles"], True)]
    wanted += [("other", (x, y), [role] if isinstance(role, str) else role, False) for x, y, role in truth["others"]]
    left = [thing for thing in twin.things if thing.place is not None]
    right: list[bool] = []
    misses: list[str] = []
    for name, place, roles, is_acted_on in wanted:
        near = [(distance(twin, thing, place), thing) for thing in left if thing.is_acted_on == is_acted_on]
        fitting = [pair for pair in near if pair[0] <= TOLERANCE and pair[1].role in roles]
        right.append(bool(fitting))
        if fitting:
            left.remove(min(fitting, key=lambda pair: pair[0])[1])
        else:
            seen = ", ".join(f"{thing.role} at {way:.2f}" for way, thing in near)
            misses.append(f"{name} at {place[0]:.2f}, {place[1]:.2f}: {seen or 'none'}")
    return {"right": right, "misses": misses, "extra": sum(not thing.is_acted_on for thing in left)}


def distance(twin: Twin, thing: Thing, place: tuple[float, float]) -> float:
    """Tell how far a thing is drawn from a place, in shorter sides of the picture."""
    height, width = twin.first_frame.shape[:2]
    drawn = seen_at(twin.camera, thing.position[None], aspect=width / height)[0]
    return float(np.linalg.norm((drawn - place) * [width, height]) / min(width, height))


def main() -> None:
    """Judge every film of a folder and print a table."""
    parser = argparse.ArgumentParser(description="Judge the scenes that are built of films against what these show.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--things", type=Path)
    parser.add_argument("--pictures", type=Path)
    arguments = parser.parse_args()
    file = arguments.things or arguments.folder / "things.json"
    rows: list[dict[str, Any]] = []
    for name, truth in json.loads(file.read_text(encoding="utf-8")).items():
        try:
            reading = read_film(arguments.folder / name)
        except FilmNotReadableError as error:
            rows.append({"right": [False] * (2 + len(truth["others"])), "extra": 0})
            print(f"{name:32s} refused: {error}", flush=True)  # noqa: T201 - a script
            continue
        began = time.perf_counter()
        twin = build_twin(reading)
        seconds = time.perf_counter() - began
        rows.append(judge(twin, truth))
        row = rows[-1]
        print(  # noqa: T201
            f"{name:32s} {sum(row['right'])} of {len(row['right'])}, {row['extra']} more, {seconds:.1f} s  "
            + "; ".join(row["misses"]),
            flush=True,
        )
        if arguments.pictures is not None:
            arguments.pictures.mkdir(parents=True, exist_ok=True)
            write_picture(arguments.pictures / f"{Path(name).stem}.png", twin.picture())
    right = [verdict for row in rows for verdict in row["right"]]
    acted_on = [verdict for row in rows for verdict in row["right"][:2]]
    print(  # noqa: T201
        f"right: {sum(right)} of {len(right)} things ({sum(right) / len(right):.0%}), of which {sum(acted_on)} of "
        f"{len(acted_on)} acted on; {sum(row['extra'] for row in rows)} things that are none"
    )


if __name__ == "__main__":
    main()
