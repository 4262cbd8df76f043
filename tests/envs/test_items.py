"""Laws of items: which split owns what, and that a gripper can hold them."""

import itertools

import numpy as np
import pytest

from envs.items import FAMILIES_OF_SPLIT, Item, draw_item
from envs.palette import COLOURS
from envs.robot import FINGER_TRAVEL
from envs.task import SPLITS


def named(rgb: tuple[float, float, float]) -> str:
    return min(COLOURS, key=lambda name: float(np.linalg.norm(np.subtract(COLOURS[name], rgb))))


def drawn(split: str) -> list[Item]:
    rng = np.random.default_rng(0)
    return [draw_item(split, rng) for _ in range(400)]


def test_splits_share_no_combination_of_shape_colours_and_texture():
    combinations = {
        split: {(item.family, named(item.colour), named(item.accent), item.pattern) for item in drawn(split)}
        for split in SPLITS
    }
    for first, second in itertools.combinations(SPLITS, 2):
        assert combinations[first].isdisjoint(combinations[second]), (first, second)


def test_held_out_families_appear_in_their_split_alone():
    families = {split: {item.family for item in drawn(split)} for split in SPLITS}
    assert families == {split: set(names) for split, names in FAMILIES_OF_SPLIT.items()}
    assert families["validation"] & families["test"] == families["train"]


@pytest.mark.parametrize("split", SPLITS)
def test_the_open_gripper_takes_every_item_with_room_on_both_sides(split: str):
    for item in drawn(split):
        assert 0.01 < item.half_extents[1] < FINGER_TRAVEL - 0.015


@pytest.mark.parametrize("split", SPLITS)
def test_clearance_is_the_least_half_extent(split: str):
    for item in drawn(split):
        assert 0 < item.clearance == min(item.half_extents)
