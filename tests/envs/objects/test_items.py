"""Laws of items: which split owns what, that a gripper can hold or push them, and that they can be told apart."""

import itertools
from collections.abc import Callable, Mapping

import numpy as np
import pytest

from daml.envs.objects.items import (
    FAMILIES_OF_SPLIT,
    MINIMUM_COLOUR_DIFFERENCE,
    PUSHED_FAMILIES_OF_SPLIT,
    Item,
    draw_distinct,
    draw_item,
    draw_pushed_item,
)
from daml.envs.objects.palette import COLOURS
from daml.envs.robot.arm import FINGER_TRAVEL
from daml.envs.tasks.task import SPLITS

Draw = Callable[[str, np.random.Generator], Item]

CLOSED_FINGERS = 0.024
"""Width of the two closed finger pads, in metres."""

carried_and_pushed = pytest.mark.parametrize(
    ("draw", "families_of_split"),
    [(draw_item, FAMILIES_OF_SPLIT), (draw_pushed_item, PUSHED_FAMILIES_OF_SPLIT)],
    ids=["carried", "pushed"],
)


def named(rgb: tuple[float, float, float]) -> str:
    """Return the colour that a jittered one was drawn from: the nearest."""
    return min(COLOURS, key=lambda name: float(np.linalg.norm(np.subtract(COLOURS[name], rgb))))


def drawn(draw: Draw, split: str) -> list[Item]:
    rng = np.random.default_rng(0)
    return [draw(split, rng) for _ in range(300)]


@carried_and_pushed
def test_splits_share_no_combination_of_shape_colours_and_texture(
    draw: Draw, families_of_split: Mapping[str, tuple[str, ...]]
):
    combinations = {
        split: {(item.family, named(item.colour), named(item.accent), item.pattern) for item in drawn(draw, split)}
        for split in families_of_split
    }
    for first, second in itertools.combinations(SPLITS, 2):
        assert combinations[first].isdisjoint(combinations[second]), (first, second)


@carried_and_pushed
def test_held_out_families_appear_in_their_split_alone(draw: Draw, families_of_split: Mapping[str, tuple[str, ...]]):
    families = {split: {item.family for item in drawn(draw, split)} for split in SPLITS}
    assert families == {split: set(names) for split, names in families_of_split.items()}
    assert families["validation"] & families["test"] == families["train"]
    assert families["validation"] != families["train"] != families["test"]


@pytest.mark.parametrize("split", SPLITS)
def test_the_open_gripper_takes_every_carried_item_with_room_on_both_sides(split: str):
    for item in drawn(draw_item, split):
        assert not item.is_pushed
        assert 0.01 < item.half_extents[1] < FINGER_TRAVEL - 0.015


@pytest.mark.parametrize("split", SPLITS)
def test_a_pushed_item_is_wider_than_the_closed_fingers(split: str):
    for item in drawn(draw_pushed_item, split):
        assert item.is_pushed
        assert 2 * item.half_extents[1] > CLOSED_FINGERS


@carried_and_pushed
def test_clearance_and_reach_bound_the_half_extents(draw: Draw, families_of_split: Mapping[str, tuple[str, ...]]):
    for split in families_of_split:
        for item in drawn(draw, split):
            length, width, height = item.half_extents
            assert 0 < item.clearance == min(length, width, height)
            assert max(length, width) <= item.reach <= np.hypot(length, width)


@pytest.mark.parametrize("split", SPLITS)
@carried_and_pushed
def test_distinct_items_can_be_told_apart_by_their_colours(
    draw: Draw, families_of_split: Mapping[str, tuple[str, ...]], split: str
):
    rng = np.random.default_rng(0)
    for _ in range(20):
        items = draw_distinct(draw, split, 3, rng)
        assert len(items) == 3
        assert {item.family for item in items} <= set(families_of_split[split])
        for first, second in itertools.combinations(items, 2):
            assert np.linalg.norm(np.subtract(first.colour, second.colour)) >= MINIMUM_COLOUR_DIFFERENCE


@carried_and_pushed
def test_the_same_seed_draws_the_same_item(draw: Draw, families_of_split: Mapping[str, tuple[str, ...]]):
    for split in families_of_split:
        first, again, other = (draw(split, np.random.default_rng(seed)) for seed in (1, 1, 2))
        assert first == again != other
