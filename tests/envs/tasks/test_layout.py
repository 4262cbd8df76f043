"""Laws of layouts: places apart from each other, and a start clear of the containers."""

import itertools

import numpy as np
import pytest

from daml.envs.tasks.layout import START_CLEARANCE, START_REGION, Layout, Rectangle, draw_start, scatter

WIDE: Rectangle = ((0.40, -0.20), (0.66, 0.20))
NARROW: Rectangle = ((0.45, -0.05), (0.50, 0.05))


def random_gaps(n_things: int, rng: np.random.Generator) -> np.ndarray:
    gaps = rng.uniform(0.02, 0.10, (n_things, n_things))
    return (gaps + gaps.T) / 2


@pytest.mark.parametrize("n_things", [1, 2, 4])
def test_scattered_things_keep_their_gaps_and_their_regions(n_things: int):
    for seed in range(40):
        rng = np.random.default_rng(seed)
        regions = [(WIDE, NARROW)[number % 2] for number in range(n_things)]
        gaps = random_gaps(n_things, rng)
        places = scatter(regions, gaps, rng)
        assert places.shape == (n_things, 2)
        for place, (low, high) in zip(places, regions, strict=True):
            assert (place >= low).all()
            assert (place <= high).all()
        for i, j in itertools.combinations(range(n_things), 2):
            assert np.linalg.norm(places[i] - places[j]) >= gaps[i, j]


def test_a_first_place_that_leaves_no_room_for_the_second_is_given_up():
    # Two things in a square of side 0.1 that must be 0.12 apart: most first places leave no room.
    square: Rectangle = ((0.0, 0.0), (0.1, 0.1))
    gaps = np.full((2, 2), 0.12)
    for seed in range(10):
        first, second = scatter([square, square], gaps, np.random.default_rng(seed))
        assert np.linalg.norm(first - second) >= 0.12


def test_things_lie_all_over_their_region():
    rng = np.random.default_rng(0)
    places = np.concatenate([scatter([WIDE] * 2, np.full((2, 2), 0.1), rng) for _ in range(200)])
    shares = (places - WIDE[0]) / np.subtract(WIDE[1], WIDE[0])
    assert (shares.min(axis=0) < 0.05).all()
    assert (shares.max(axis=0) > 0.95).all()
    np.testing.assert_allclose(shares.mean(axis=0), 0.5, atol=0.06)


def test_the_same_seed_scatters_alike():
    first, again, other = (scatter([WIDE] * 3, np.full((3, 3), 0.1), np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@pytest.mark.parametrize("n_containers", [0, 1, 2])
def test_the_gripper_starts_in_its_region_and_over_no_container(n_containers: int):
    reaches = np.full(n_containers, 0.06)
    for seed in range(40):
        rng = np.random.default_rng(seed)
        positions = rng.uniform(*WIDE, size=(n_containers, 2))
        start = draw_start(positions, reaches, rng)
        assert (start >= START_REGION[0]).all()
        assert (start <= START_REGION[1]).all()
        assert (np.linalg.norm(positions - start[:2], axis=1) - reaches >= START_CLEARANCE).all()


def test_where_no_start_is_clear_the_gripper_starts_as_far_from_the_rims_as_it_can():
    low, high = np.array(START_REGION)
    # A rim that reaches over the whole region: away from it means at the opposite corner.
    start = draw_start(low[None, :2], np.ones(1), np.random.default_rng(0))
    assert np.linalg.norm(start[:2] - low[:2]) > 0.9 * np.linalg.norm(high[:2] - low[:2])
    assert (start <= high).all()


def test_a_layout_holds_nothing_but_what_it_is_given():
    layout = Layout(np.zeros(3))
    assert layout.item_positions.shape == layout.container_positions.shape == (0, 2)
    assert layout.item_yaws.shape == layout.container_yaws.shape == (0,)


def test_where_there_is_no_room_the_search_comes_to_an_end():
    with pytest.raises(ValueError, match="no room for 3 things this large"):
        scatter([NARROW] * 3, np.full((3, 3), 1.0), np.random.default_rng(0))
