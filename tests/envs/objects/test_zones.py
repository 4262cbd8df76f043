"""Laws of goal zones: which split owns what, and that what is pushed there fits in."""

import itertools

import numpy as np
import pytest

from daml.envs.objects.items import draw_pushed_item
from daml.envs.objects.palette import COLOURS
from daml.envs.objects.zones import RADIUS, SHAPES_OF_SPLIT, Zone, draw_zone
from daml.envs.tasks.task import SPLITS

SPARE = 0.025


def named(rgb: tuple[float, float, float]) -> str:
    """Return the colour that a jittered one was drawn from: the nearest."""
    return min(COLOURS, key=lambda name: float(np.linalg.norm(np.subtract(COLOURS[name], rgb))))


def drawn(split: str) -> list[Zone]:
    rng = np.random.default_rng(0)
    return [draw_zone(split, rng) for _ in range(400)]


def test_splits_share_no_combination_of_shape_colours_and_texture():
    combinations = {
        split: {(zone.shape, named(zone.colour), named(zone.accent), zone.pattern) for zone in drawn(split)}
        for split in SPLITS
    }
    for first, second in itertools.combinations(SPLITS, 2):
        assert combinations[first].isdisjoint(combinations[second]), (first, second)


def test_every_shape_of_a_split_is_drawn_and_no_other():
    shapes = {split: {zone.shape for zone in drawn(split)} for split in SPLITS}
    assert shapes == {split: set(names) for split, names in SHAPES_OF_SPLIT.items()}
    assert shapes["test"] > shapes["train"] == shapes["validation"]


@pytest.mark.parametrize("split", SPLITS)
def test_the_texture_shows_and_the_radius_is_in_range(split: str):
    for zone in drawn(split):
        assert named(zone.colour) != named(zone.accent)
        assert RADIUS[0] <= zone.radius <= RADIUS[1]


@pytest.mark.parametrize("split", SPLITS)
def test_every_item_that_is_pushed_fits_into_every_zone_with_room_to_spare(split: str):
    rng = np.random.default_rng(0)
    widest = max(draw_pushed_item(split, rng).reach for _ in range(400))
    assert widest + SPARE < min(zone.radius for zone in drawn(split))


def test_the_same_seed_draws_the_same_zone():
    first, again, other = (draw_zone("test", np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first == again != other
