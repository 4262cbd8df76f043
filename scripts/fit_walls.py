"""Fit, on simulated pictures, the regression by which a thing's outline tells whether it has walls.

    python scripts/fit_walls.py --scenes 220 --photos FOLDER

Each scene has a flat destination, a container and two other things on a table with a photograph, seen from anywhere. Of
those that are seen whole the shares of `daml.twins.walls.outline_shares` are fitted; what is printed of right and wrong
is of fifths that the regression was not fitted to.
"""

# ruff: noqa: INP001, T201 - a script, not a module of a package

import argparse
from pathlib import Path

import mujoco
import numpy as np
from numpy.typing import NDArray

from daml.envs import POLICY_QUALITY
from daml.envs.objects.containers import FAMILIES, Container
from daml.envs.objects.items import Item, ranges_of
from daml.envs.objects.palette import COLOURS, jitter_colour
from daml.envs.objects.task_objects import Objects
from daml.envs.rendering.renderer import OffscreenRenderer
from daml.envs.scene.appearance import Appearance
from daml.envs.scene.assets import read_picture
from daml.envs.scene.cameras import Camera
from daml.envs.scene.specification import add_objects, build_scene, place_items
from daml.envs.tasks.layout import Layout, scatter
from daml.twins.segments import Segment, hull_of
from daml.twins.walls import outline_shares

FLAT = ("plate", "tray", "mat", "coaster", "oval mat", "hexagonal mat")
WALLED = ("bowl", "box", "basket", "cup", "hexagonal dish", "oval basin", "trough")
ITEMS = ("box", "stick", "bag", "fruit", "book", "brick")
WIDTH, HEIGHT = 300, 200
"""Of the pictures [px]."""
REGION = ((0.38, -0.24), (0.68, 0.24))
"""Rectangle that things are centred in, in metres."""
ELEVATIONS_DEG, DISTANCES, FIELDS_DEG = (18.0, 58.0), (0.55, 1.0), (35.0, 55.0)
"""Of the camera: angle to the table, distance in metres, and field of view."""
FEWEST, EDGE = 300, 2
"""Pixels of a thing, and pixels to the picture's edge, at least."""
SOLIDITY = 0.95
"""Least area of a thing that nothing hides, as a share of its convex hull's."""
THRESHOLDS = (0.5, 0.6, 0.7, 0.8)
N_PARTS = 5


def container(family: str, rng: np.random.Generator) -> Container:
    """Draw a destination of a family."""
    ranges = FAMILIES[family]
    width = rng.uniform(*ranges.radius)
    size = (width, width * rng.uniform(*ranges.aspect))
    colour = jitter_colour(str(rng.choice(list(COLOURS))), rng)
    return Container(family, size, rng.uniform(*ranges.height), rng.uniform(*ranges.flare), colour, colour, "plain")


def item(family: str, rng: np.random.Generator) -> Item:
    """Draw an item of a family."""
    length, width, height = (rng.uniform(*span) for span in ranges_of(family))
    colour = jitter_colour(str(rng.choice(list(COLOURS))), rng)
    return Item(family, (length, width, height), colour, colour, "plain")


def drawn(
    rng: np.random.Generator, renderer: OffscreenRenderer, photos: list[Path]
) -> list[tuple[str, NDArray[np.bool_]]]:
    """Draw a scene: the family of its flat thing and of its container, and where each is seen, `(H, W)`."""
    containers = tuple(container(str(rng.choice(families)), rng) for families in (FLAT, WALLED))
    items = tuple(item(str(rng.choice(ITEMS)), rng) for _ in range(2))
    reaches = np.array([*(one.reach() for one in containers), *(one.reach for one in items)])
    places = scatter([REGION] * 4, reaches[:, None] + reaches + 0.015, rng)
    turns = rng.uniform(-np.pi, np.pi, 4)
    layout = Layout(np.zeros(3), places[2:], turns[2:], places[:2], turns[:2])
    plain = np.full((8, 8, 3), rng.integers(40, 235, 3), np.uint8)
    table = read_picture(photos[int(rng.integers(len(photos)))], (256, 256)) if photos else plain
    spec = build_scene(Appearance(table, plain, (0.9, 0.3, 2.0), (0.5, 0.5, 0.5), (0.45, 0.45, 0.45)))
    elevation, azimuth = np.deg2rad(rng.uniform(*ELEVATIONS_DEG)), rng.uniform(-np.pi, np.pi)
    away = np.array([np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation)])
    target = np.array([0.53, 0.0, 0.0])
    x, y, z = target + rng.uniform(*DISTANCES) * away
    camera = Camera("film", (x, y, z), (0.53, 0.0, 0.0), rng.uniform(*FIELDS_DEG))
    camera.add_to(spec)
    objects = Objects(items, containers, None, 0)
    add_objects(spec, objects, layout)
    model = spec.compile()
    data = mujoco.MjData(model)
    place_items(data, objects, layout)
    mujoco.mj_forward(model, data)
    renderer.load(model)
    renderer.render(data, camera.name, quality=POLICY_QUALITY)
    seen = renderer.identify(data, camera.name)
    is_geom = seen[..., 0] == mujoco.mjtObj.mjOBJ_GEOM
    own = [np.flatnonzero(model.geom_bodyid == model.body(f"container{slot}").id) for slot in range(2)]
    return [(one.family, is_geom & np.isin(seen[..., 1], geoms)) for one, geoms in zip(containers, own, strict=True)]


def is_whole(mask: NDArray[np.bool_]) -> bool:
    """Tell whether a thing is seen large enough, and cut off neither by the picture's edge nor by another thing."""
    if mask.sum() < FEWEST or mask[EDGE:-EDGE, EDGE:-EDGE].sum() < mask.sum():
        return False
    return bool(mask.sum() >= SOLIDITY * hull_of(mask).sum())


def fitted(shares: NDArray[np.float64], walled: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Fit a logistic regression to shares of unit deviation, `(n, k)`: weights, and the constant last, `(k + 1,)`."""
    values = np.column_stack([shares, np.ones(len(shares))])
    weights = np.zeros(values.shape[1])
    for _ in range(50):
        chances = 1 / (1 + np.exp(-values @ weights))
        slope = values.T @ (chances - walled) + np.append(weights[:-1], 0.0)
        weights -= np.linalg.solve((values.T * (chances * (1 - chances))) @ values + np.eye(len(weights)), slope)
    return weights


def main() -> None:
    """Draw, fit, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=int, default=220)
    parser.add_argument("--photos", type=Path, help="folder of photographs for tables")
    options = parser.parse_args()
    photos = sorted(options.photos.glob("*.jpg")) if options.photos is not None else []
    rows: list[tuple[float, float, float]] = []
    families: list[str] = []
    with OffscreenRenderer(HEIGHT, WIDTH) as renderer:
        for seed in range(options.scenes):
            for family, mask in drawn(np.random.default_rng(seed), renderer, photos):
                if is_whole(mask):
                    rows.append(outline_shares(Segment(mask)))
                    families.append(family)
    shares, walled = np.array(rows), np.isin(families, WALLED)
    means, deviations = shares.mean(axis=0), shares.std(axis=0)
    unit = (shares - means) / deviations
    print(f"means {means.round(4)}, deviations {deviations.round(4)}, weights {fitted(unit, walled).round(3)}")
    chances = np.zeros(len(unit))
    for part in np.array_split(np.random.default_rng(0).permutation(len(unit)), N_PARTS):
        rest = np.setdiff1d(np.arange(len(unit)), part)
        weights = fitted(unit[rest], walled[rest])
        chances[part] = 1 / (1 + np.exp(-(unit[part] @ weights[:-1] + weights[-1])))
    for threshold in THRESHOLDS:
        told = chances > threshold
        kinds = ", ".join(f"{family} {told[np.array(families) == family].mean():.2f}" for family in (*FLAT, *WALLED))
        print(f"beyond {threshold}: flat {told[~walled].mean():.2f}, walled {told[walled].mean():.2f} ({kinds})")


if __name__ == "__main__":
    main()
