"""Laws of building a twin."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest

from daml.demos import Reading
from daml.envs import TASK_KINDS
from daml.twins import Twin, build_twin
from daml.twins.viewpoint import seen_at

WITHIN = 0.08
"""Distance, in shorter sides, between a thing in the film and in the twin."""


def misses(twin: Twin) -> list[float]:
    """Return how far each thing is from where the film shows it, in shorter sides."""
    height, width = twin.first_frame.shape[:2]
    return [
        float(
            np.linalg.norm(
                (seen_at(twin.camera, thing.position[None], aspect=width / height)[0] - thing.place) * [width, height]
            )
        )
        / min(height, width)
        for thing in twin.things
        if thing.place is not None
    ]


def test_the_twin_has_what_the_film_shows_where_the_film_shows_it(reading: Reading):
    twin = build_twin(reading)
    assert twin.scene.kind == "pick-place"
    assert [(thing.role, thing.is_acted_on) for thing in twin.things] == [
        ("item", True),
        ("flat", True),
        ("item", False),
        ("flat", False),
    ]
    assert [thing.place is None for thing in twin.things] == [False, False, False, True]
    assert max(misses(twin)) < WITHIN
    red, blue, *_ = (thing.colours[0] for thing in twin.things)
    assert np.argmax(red) == 0
    assert np.argmax(blue) == 2


@pytest.mark.parametrize("kind", ["push", "place", "pick-place"])
@pytest.mark.parametrize("destination", [(0.65, 0.7), (0.15, 0.85)])
def test_every_kind_has_a_choice_and_room_for_new_layouts(
    scenery: np.ndarray, make_reading: Callable[..., Reading], kind: str, destination: tuple[float, float]
):
    twin = build_twin(make_reading(scenery, (0.3, 0.6), destination, kind=kind))
    assert twin.scene.kind == kind
    assert twin.scene.objects.n_targets >= 2
    for seed in range(10):
        TASK_KINDS[kind].draw_layout(twin.scene.objects, np.random.default_rng(seed))


def test_where_the_film_shows_one_thing_alone_another_is_added(
    bare_table: np.ndarray, make_reading: Callable[..., Reading]
):
    twin = build_twin(make_reading(bare_table, (0.3, 0.6), (0.65, 0.7)))
    added = [thing for thing in twin.things if thing.place is None]
    assert [thing.role for thing in added] == ["item", "flat"]


def test_a_crowded_table_still_leaves_room(bare_table: np.ndarray, make_reading: Callable[..., Reading]):
    picture = bare_table.copy()
    for number in range(12):
        place = (30 + 60 * (number % 6), 100 + 80 * (number // 6))
        cv2.circle(picture, place, 10 + number, (20 * number, 200 - 15 * number, 90), -1)
    twin = build_twin(make_reading(picture, (150 / 320, 100 / 240), (90 / 320, 180 / 240)))
    TASK_KINDS["pick-place"].draw_layout(twin.scene.objects, np.random.default_rng(0))


def test_the_same_reading_gives_the_same_twin(reading: Reading):
    one, other = build_twin(reading), build_twin(reading)
    assert one.scene == other.scene
    np.testing.assert_array_equal(one.layout.item_positions, other.layout.item_positions)


@pytest.mark.parametrize("seed", range(12))
def test_whatever_the_film_shows_a_twin_is_built(seed: int, make_reading: Callable[..., Reading]):
    rng = np.random.default_rng(seed)
    height, width = ((240, 320), (320, 180), (40, 60))[seed % 3]
    picture = rng.integers(256, size=(height, width, 3)).astype(np.uint8)
    if seed % 2:
        picture[:] = picture[0, 0]
        cv2.circle(picture, (width // 3, height // 2), height // 6, (200, 30, 30), -1)
    kind = ("push", "place", "pick-place")[seed % 3]
    item, destination = (tuple(rng.uniform(0, 1, 2)) for _ in range(2))
    step = make_reading(picture, item, destination, kind=kind).steps[0]
    if seed % 4 == 0:
        step = replace(step, outline=step.outline[:1], put_outline=step.put_outline[:1])
    reading = replace(make_reading(picture, item, destination), steps=(step,), crop=(0.2, 0.2, 0.8, 0.8))
    assert build_twin(reading).scene.objects.n_targets >= 2
