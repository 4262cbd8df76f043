"""Laws of modelling what a film shows."""

import cv2
import numpy as np
import pytest

from daml.envs import Scene
from daml.envs.objects.items import MINIMUM_COLOUR_DIFFERENCE
from daml.envs.objects.palette import COLOURS
from daml.envs.objects.task_objects import Objects
from daml.twins.modelling import container_of, item_of, named_colors, spare_container, spare_item, spare_zone, zone_of
from daml.twins.segments import Segment


def drawn(shape: str) -> tuple[np.ndarray, Segment]:
    mask = np.zeros((120, 160), np.uint8)
    if shape == "round":
        cv2.circle(mask, (80, 60), 25, 1, -1)
    else:
        cv2.rectangle(mask, (50, 45), (110, 75), 1, -1)
    return np.where(mask[..., None] > 0, np.uint8(200), np.uint8(90)).repeat(3, axis=2), Segment(mask > 0)


@pytest.mark.parametrize("shape", ["round", "rectangular"])
@pytest.mark.parametrize("size", [(0.001, 0.001, 0.001), (0.04, 0.04, 0.04), (0.2, 0.05, 0.02), (0.05, 0.05, 0.3)])
@pytest.mark.parametrize("kind", ["pick-place", "push"])
def test_what_is_modelled_makes_a_scene_whatever_its_size(shape: str, size: tuple[float, float, float], kind: str):
    picture, segment = drawn(shape)
    is_pushed = kind == "push"
    items = (item_of(picture, segment, size, is_pushed=is_pushed), spare_item([(1, 1, 1)], is_pushed=is_pushed))
    if is_pushed:
        Scene(kind, Objects(items, (), zone_of(picture, segment, size[:2]), 0))
    else:
        for role in ("flat", "container"):
            Scene(kind, Objects(items, (container_of(picture, segment, size[:2], role=role),), None, 0))


def test_a_thing_keeps_its_colour():
    picture, segment = drawn("round")
    assert item_of(picture, segment, (0.04, 0.04, 0.04), is_pushed=False).colour == pytest.approx((200 / 255,) * 3)


def test_shapes_are_told_apart():
    families = {
        (shape, size): item_of(*drawn(shape), size, is_pushed=False).family
        for shape in ("round", "rectangular")
        for size in ((0.04, 0.04, 0.03), (0.08, 0.03, 0.03), (0.04, 0.04, 0.09))
    }
    assert list(families.values()) == ["ball", "egg", "ball", "box", "brick", "cube"]


def test_what_is_round_and_ripe_is_a_fruit():
    picture, segment = drawn("round")
    for color, family in (((200, 40, 40), "fruit"), ((240, 140, 20), "fruit"), ((30, 60, 200), "ball")):
        painted = np.where(segment.mask[..., None], np.array(color, np.uint8), picture)
        assert item_of(painted, segment, (0.04, 0.04, 0.03), is_pushed=False).family == family


def test_what_is_thin_and_oblong_is_a_book():
    assert item_of(*drawn("rectangular"), (0.05, 0.04, 0.01), is_pushed=False).family == "book"


def test_a_rectangle_with_rounded_corners_is_a_bag():
    mask = np.zeros((120, 160), np.uint8)
    cv2.rectangle(mask, (76, 56), (84, 64), 1, -1)
    mask = cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (45, 45)))
    picture = np.where(mask[..., None] > 0, np.uint8(200), np.uint8(90)).repeat(3, axis=2)
    assert item_of(picture, Segment(mask > 0), (0.045, 0.04, 0.02), is_pushed=False).family == "bag"


def test_what_is_added_has_a_colour_of_its_own():
    taken = [COLOURS["grey"], COLOURS["white"]]
    for colour in (
        spare_item(taken, is_pushed=False).colour,
        spare_container(taken).wall_colour,
        spare_zone(taken).colour,
    ):
        assert min(np.linalg.norm(np.subtract(colour, other)) for other in taken) > 0.4


def test_dull_colours_get_the_names_that_people_give_them():
    names = {colour: name for name, colour in COLOURS.items()}
    dull = {
        "red": (0.54, 0.19, 0.14),
        "yellow": (0.9, 0.83, 0.34),
        "orange": (0.66, 0.48, 0.2),
        "grey": (0.4, 0.37, 0.36),
    }
    assert [names[named_colors([colour])[0]] for colour in dull.values()] == list(dull)


@pytest.mark.parametrize("colour", [(0.1, 0.1, 0.1), (0.9, 0.9, 0.9), (0.5, 0.4, 0.4), (0.8, 0.7, 0.2)])
@pytest.mark.parametrize("n", [2, 3])
def test_things_of_one_colour_get_colours_that_differ(colour: tuple[float, float, float], n: int):
    chosen = named_colors([colour] * n)
    gaps = [np.linalg.norm(np.subtract(chosen[i], chosen[j])) for i in range(n) for j in range(i)]
    assert min(gaps) >= MINIMUM_COLOUR_DIFFERENCE


def test_a_named_colour_of_its_own_stays():
    assert named_colors([COLOURS["red"], COLOURS["blue"]]) == (COLOURS["red"], COLOURS["blue"])


@pytest.mark.parametrize(("neck", "family"), [(10, "jar"), (22, "jar"), (30, "cube")])
def test_what_stands_upright_is_told_by_its_shoulders(neck: int, family: str):
    mask = np.zeros((120, 160), np.uint8)
    cv2.rectangle(mask, (65, 50), (94, 100), 1, -1)
    cv2.rectangle(mask, (80 - neck // 2, 20), (79 + neck // 2, 50), 1, -1)
    picture = np.full((120, 160, 3), 100, np.uint8)
    assert item_of(picture, Segment(mask > 0), (0.04, 0.04, 0.1), is_pushed=False).family == family


def test_what_is_added_is_seen_from_all_that_is_there_and_needs_nothing_there():
    for taken in ([], [COLOURS["brown"], COLOURS["white"]], [COLOURS["black"]]):
        assert all(spare_item(taken, is_pushed=False).colour != colour for colour in taken)
