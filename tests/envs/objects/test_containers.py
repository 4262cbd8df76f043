"""Laws of containers: what is inside, what can be told apart, and which split owns what."""

import itertools

import numpy as np
import pytest

from daml.envs.objects.containers import (
    FAMILIES,
    FAMILIES_OF_SPLIT,
    FLAT_FAMILIES_OF_SPLIT,
    MINIMUM_COLOUR_DIFFERENCE,
    MOST_TILTED,
    TALL_FAMILIES_OF_SPLIT,
    WALL_THICKNESS,
    Container,
    colour_difference,
    draw_container,
    draw_containers,
)
from daml.envs.objects.palette import COLOURS
from daml.envs.tasks.task import SPLITS

CLEARANCE = 0.015
N_DRAWS = 400


def named(rgb: tuple[float, float, float]) -> str:
    """Return the colour that a jittered one was drawn from: the nearest."""
    return min(COLOURS, key=lambda name: float(np.linalg.norm(np.subtract(COLOURS[name], rgb))))


def combination(container: Container) -> tuple[str, str, str, str]:
    return (container.family, named(container.wall_colour), named(container.floor_colour), container.pattern)


def drawn(split: str, seed: int = 0) -> list[Container]:
    rng = np.random.default_rng(seed)
    return [draw_container(split, rng) for _ in range(N_DRAWS)]


def container_of(family: str) -> Container:
    drawn_from = FAMILIES[family]
    across = sum(drawn_from.radius) / 2
    return Container(
        family=family,
        half_extents=(across, across * sum(drawn_from.aspect) / 2),
        height=sum(drawn_from.height) / 2,
        flare=sum(drawn_from.flare) / 2,
        wall_colour=(1.0, 0.0, 0.0),
        floor_colour=(0.0, 0.0, 1.0),
        pattern="plain",
    )


def test_splits_share_no_combination_of_shape_colours_and_texture():
    combinations = {split: {combination(container) for container in drawn(split)} for split in SPLITS}
    for first, second in itertools.combinations(SPLITS, 2):
        assert combinations[first].isdisjoint(combinations[second]), (first, second)


def test_held_out_families_appear_in_their_split_alone():
    families = {split: {container.family for container in drawn(split)} for split in SPLITS}
    assert families == {split: set(names) for split, names in FAMILIES_OF_SPLIT.items()}
    held_out = {split: families[split] - families["train"] for split in ("validation", "test")}
    assert held_out["validation"]
    assert held_out["test"]
    assert held_out["validation"].isdisjoint(families["test"])
    assert held_out["test"].isdisjoint(families["validation"])


@pytest.mark.parametrize("split", SPLITS)
def test_two_containers_of_a_task_can_always_be_told_apart(split: str):
    rng = np.random.default_rng(1)
    for _ in range(100):
        for first, second in itertools.combinations(draw_containers(split, 3, rng), 2):
            assert colour_difference(first, second) >= MINIMUM_COLOUR_DIFFERENCE


def test_colour_difference_is_that_of_walls_or_of_floors():
    plain = container_of("bowl")
    other_walls = Container("bowl", (0.05, 0.05), 0.04, 0.4, (0.4, 0.0, 0.0), (0.0, 0.0, 1.0), "plain")
    other_floor = Container("bowl", (0.05, 0.05), 0.04, 0.4, (1.0, 0.0, 0.0), (0.0, 0.0, 0.7), "plain")
    assert colour_difference(plain, plain) == 0
    assert colour_difference(plain, other_walls) == pytest.approx(0.6)
    assert colour_difference(other_floor, plain) == pytest.approx(0.3)


@pytest.mark.parametrize("split", SPLITS)
def test_drawn_containers_lie_within_their_familys_ranges(split: str):
    for container in drawn(split):
        family = FAMILIES[container.family]
        assert family.radius[0] <= container.half_extents[0] <= family.radius[1]
        aspect = container.half_extents[1] / container.half_extents[0]
        assert family.aspect[0] - 1e-9 <= aspect <= family.aspect[1] + 1e-9
        assert family.height[0] <= container.height <= family.height[1]
        assert family.flare[0] <= container.flare <= family.flare[1]


@pytest.mark.parametrize("family", FAMILIES)
def test_an_object_is_inside_just_within_the_wall_and_outside_just_beyond_the_rim(family: str):
    container = container_of(family)
    height = container.floor_height + CLEARANCE
    wall, rim = container.polygon(min(height, container.height)), container.polygon(container.height)
    for within, beyond in zip(wall + np.roll(wall, -1, axis=0), rim + np.roll(rim, -1, axis=0), strict=True):
        assert container.contains(np.array([*(0.99 * within / 2), height]), CLEARANCE)
        assert not container.contains(np.array([*(1.01 * beyond / 2), height]), CLEARANCE)


@pytest.mark.parametrize("family", FAMILIES)
def test_an_object_is_inside_on_the_floor_and_outside_above_the_rim_or_under_the_table(family: str):
    container = container_of(family)
    assert container.contains(np.array([0.0, 0.0, container.floor_height + CLEARANCE]), CLEARANCE)
    above = container.height if container.sort == "walled" else MOST_TILTED
    assert not container.contains(np.array([0.0, 0.0, container.floor_height + 1.01 * above + CLEARANCE]), CLEARANCE)
    assert not container.contains(np.array([0.0, 0.0, -0.02]), CLEARANCE)


@pytest.mark.parametrize("families", [TALL_FAMILIES_OF_SPLIT, FLAT_FAMILIES_OF_SPLIT])
def test_destinations_of_the_one_table_have_families_of_their_own_in_validation_and_test(
    families: dict[str, tuple[str, ...]],
):
    rng = np.random.default_rng(0)
    found = {split: {draw_container(split, rng, families=families).family for _ in range(200)} for split in families}
    assert found == {split: set(names) for split, names in families.items()}
    assert found["test"] - found["train"]
    assert (found["validation"] - found["train"]).isdisjoint(found["test"])


def test_what_is_flat_can_be_pushed_onto_and_nothing_else():
    flat = {family for family in FAMILIES if container_of(family).is_flat}
    assert flat == {family for families in FLAT_FAMILIES_OF_SPLIT.values() for family in families}
    assert flat.isdisjoint(family for families in TALL_FAMILIES_OF_SPLIT.values() for family in families)


def test_a_ball_that_lies_against_a_leaning_wall_from_outside_is_not_inside():
    radius = 0.014
    for family, ranges in FAMILIES.items():
        wide = Container(
            family,
            (ranges.radius[0], ranges.radius[0] * ranges.aspect[1]),
            ranges.height[1],
            ranges.flare[1],
            (1.0, 0.0, 0.0),
            (0.0, 0.0, 1.0),
            "plain",
        )
        foot = wide.polygon()
        for start, end in zip(foot, np.roll(foot, -1, axis=0), strict=True):
            outward = np.array([end[1] - start[1], start[0] - end[0]]) / np.linalg.norm(end - start)
            distance = WALL_THICKNESS / np.cos(wide.flare) + radius / np.tan((np.pi / 2 - wide.flare) / 2)
            place = (start + end) / 2 + distance * outward
            assert not wide.contains(np.array([*place, radius]), radius), family


@pytest.mark.parametrize("family", FAMILIES)
def test_the_outline_is_counter_clockwise_widens_upwards_and_lies_within_reach(family: str):
    container = container_of(family)
    foot, rim = container.polygon(), container.polygon(container.height)
    assert foot.shape == (FAMILIES[family].sides, 2)
    edges, following = np.roll(foot, -1, axis=0) - foot, np.roll(foot, -2, axis=0) - np.roll(foot, -1, axis=0)
    assert (edges[:, 0] * following[:, 1] - edges[:, 1] * following[:, 0] > 0).all()
    assert (np.linalg.norm(rim, axis=1) >= np.linalg.norm(foot, axis=1)).all()
    assert np.linalg.norm(rim, axis=1).max() == pytest.approx(container.reach())
