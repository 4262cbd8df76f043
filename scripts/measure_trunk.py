"""Measure what a prior's trunk sees in real films: do item and destination stand out, and is the item found again?

    python scripts/measure_trunk.py PRIOR FOLDER

FOLDER holds films and a `truth.json` as for `measure_reading.py`. Each film is read and framed as a policy is shown it.
A thing stands out where the likeliest class at its place, or beside it, is among the tenth of the picture's locations
that are likeliest to show something; two places drawn at random would in the share of pictures that is printed as
chance. The item is found again if what looks most like it in the last picture is within 14 of 96 pixels of where it was
put.
"""

# ruff: noqa: INP001 - a script, not a module of a package

import argparse
import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from daml.demos import FilmNotReadableError, Frames, Reading, read_film, read_video
from daml.deployment.guided_demo import guide
from daml.learners.methods import read_learner
from daml.policies.vision.feature_map import FeatureMap
from daml.policies.vision.images import float_images
from daml.policies.visuomotor import VisuomotorPolicy

LIKELIEST = 0.1
"""Share of the locations of a picture that count as standing out."""

NEAR = 14 / 48
"""Distance within which the item is found again, 1 for half the picture."""


class Shown(NamedTuple):
    """One film as a policy is shown it, and the truth of it; places are x and y in [-1, 1]."""

    first: Frames
    last: Frames
    item: NDArray[np.float64]
    destinations: NDArray[np.float64]


def show(path: Path, truth: dict[str, Any], *, size: tuple[int, int]) -> Shown | None:
    """Read a film and frame it; None where it cannot be read."""
    try:
        reading = read_film(path)
    except FilmNotReadableError:
        return None
    demo = guide(read_video(path), reading, size=size)
    places = _framed(np.array([truth["item"], *truth["destination"]]), reading)
    return Shown(demo.frames[0], demo.frames[-1], places[0], places[1:])


def _framed(shares: NDArray[np.float64], reading: Reading) -> NDArray[np.float64]:
    """Bring places of the whole picture, `(n, 2)` shares, into the square that is shown."""
    left, top, right, bottom = reading.crop
    height, width = reading.clean_first_frame.shape[:2]
    pixels = np.array([width, height])
    side = min((right - left) * width, (bottom - top) * height)
    return (shares - ((left + right) / 2, (top + bottom) / 2)) * pixels * 2 / side


@torch.no_grad()
def judge(policy: VisuomotorPolicy, film: Shown) -> dict[str, float]:
    """Look at the first and the last picture of a film."""
    maps = policy.trunk(float_images(torch.tensor(np.stack([film.first, film.last]))))
    height, width = maps.shape[-2:]
    seen = FeatureMap.split(maps)
    likely = torch.amax(seen.class_logits[0], -1).view(1, height, width)
    around = functional.max_pool2d(likely, kernel_size=3, stride=1, padding=1)[0]
    stands_out = around >= torch.quantile(likely, 1 - LIKELIEST)

    def location(place: NDArray[np.float64]) -> tuple[int, int]:
        column, row = (np.clip((place + 1) / 2, 0, 0.999) * (width, height)).astype(int)
        return int(row), int(column)

    features = torch.unflatten(functional.normalize(seen.features, dim=-1), 1, (height, width))
    likeness: Tensor = (features[1] * features[0][location(film.item)]).sum(-1)
    row, column = divmod(int(likeness.argmax()), width)
    found = 2 * (np.array([column, row]) + 0.5) / (width, height) - 1
    return {
        "item": float(stands_out[location(film.item)]),
        "destination": float(any(stands_out[location(place)] for place in film.destinations)),
        "again": float(np.linalg.norm(film.destinations - found, axis=1).min() < NEAR),
        "area": stands_out.float().mean().item(),
    }


def main() -> None:
    """Measure a trunk on every film of a folder, and print a table."""
    parser = argparse.ArgumentParser(description="Measure what a prior's trunk sees in real films.")
    parser.add_argument("prior", help="name of a shipped prior, or folder of one")
    parser.add_argument("folder", type=Path, help="folder of films and truth.json")
    arguments = parser.parse_args()
    learner = read_learner(arguments.prior)
    truths = json.loads((arguments.folder / "truth.json").read_text(encoding="utf-8"))
    rows: list[dict[str, float]] = []
    for name, truth in truths.items():
        film = show(arguments.folder / name, truth, size=learner.config.image_size)
        if film is None:
            print(f"{name:32s} not readable")  # noqa: T201 - a script
            continue
        rows.append(judge(learner.policy, film))
        told = ", ".join(f"{what} {'yes' if rows[-1][what] else 'no'}" for what in ("item", "destination", "again"))
        print(f"{name:32s} {told}", flush=True)  # noqa: T201
    both = sum(row["item"] * row["destination"] for row in rows)
    chance = np.mean([row["area"] ** 2 for row in rows])
    print(  # noqa: T201
        f"of {len(rows)} films: both stand out in {both:.0f} (chance {chance:.0%}), "
        f"the item is found again in {sum(row['again'] for row in rows):.0f}"
    )


if __name__ == "__main__":
    main()
