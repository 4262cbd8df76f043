"""Laws of picking and placing: the layout and what counts as done."""

import itertools
from collections.abc import Callable

import mujoco
import numpy as np
import pytest

from daml.envs.objects.containers import FLOOR_THICKNESS, MINIMUM_COLOUR_DIFFERENCE, colour_difference
from daml.envs.objects.items import MINIMUM_COLOUR_DIFFERENCE as ITEM_COLOUR_DIFFERENCE
from daml.envs.robot.arm import FINGER_TRAVEL, add_robot
from daml.envs.robot.control import REACH, GripperController
from daml.envs.scene.appearance import draw_appearance
from daml.envs.scene.specification import add_objects, build_scene, place_items
from daml.envs.tasks.judging import AT_REST_SPEED, DISPLACED, RELEASED_GAP, Reading
from daml.envs.tasks.pick_place import (
    CARRIED,
    CONTAINER_GAP,
    CONTAINER_REGION,
    FREE_OF_GRIPPER,
    ITEM_REGION,
    N_CONTAINERS,
    N_ITEMS,
    draw_layout,
    draw_objects,
    judge,
)
from daml.envs.tasks.task import SPLITS, Task

OBJECTS = draw_objects(Task("pick-place", "train", 0))
LAYOUT = draw_layout(OBJECTS, np.random.default_rng(0))
CHOICES = list(itertools.product(range(N_ITEMS), range(N_CONTAINERS)))


@pytest.mark.parametrize("split", SPLITS)
def test_items_and_containers_can_be_told_apart(split: str):
    for index in range(100):
        objects = draw_objects(Task("pick-place", split, index))
        assert (len(objects.items), len(objects.containers), objects.zone) == (N_ITEMS, N_CONTAINERS, None)
        first, second = objects.items
        assert not first.is_pushed
        assert not second.is_pushed
        assert np.linalg.norm(np.subtract(first.colour, second.colour)) >= ITEM_COLOUR_DIFFERENCE
        assert colour_difference(*objects.containers) >= MINIMUM_COLOUR_DIFFERENCE


def test_a_layout_keeps_things_apart_and_within_their_regions():
    rng = np.random.default_rng(0)
    for index in range(60):
        objects = draw_objects(Task("pick-place", SPLITS[index % 3], index))
        layout = draw_layout(objects, rng)
        reaches = [container.reach() for container in objects.containers]
        assert np.linalg.norm(np.subtract(*layout.container_positions)) - sum(reaches) >= CONTAINER_GAP
        for item, place in zip(objects.items, layout.item_positions, strict=True):
            assert (np.linalg.norm(layout.container_positions - place, axis=1) - reaches > item.reach).all()
        for places, region in ((layout.item_positions, ITEM_REGION), (layout.container_positions, CONTAINER_REGION)):
            assert (places >= region[0]).all()
            assert (places <= region[1]).all()


@pytest.mark.parametrize("split", SPLITS)
def test_the_open_fingers_fit_over_every_item(split: str):
    controller = GripperController()
    for index in range(8):
        objects = draw_objects(Task("pick-place", split, index))
        layout = draw_layout(objects, np.random.default_rng(index))
        spec = build_scene(draw_appearance(np.random.default_rng(0)))
        add_robot(spec)
        add_objects(spec, objects, layout)
        model = spec.compile()
        data = mujoco.MjData(model)
        place_items(data, objects, layout)
        pads = [model.geom(f"pad_{side}").id for side in ("left", "right")]
        for item, place in zip(objects.items, layout.item_positions, strict=True):
            grasp = np.array([*place, max(item.half_extents[2], REACH[0][2])])
            joints = controller.reset(grasp, opening=2 * FINGER_TRAVEL)
            names = [*(f"joint{number}" for number in range(1, 8)), "finger_left", "finger_right"]
            for name, value in zip(names, joints, strict=True):
                data.joint(name).qpos = value
            mujoco.mj_forward(model, data)
            np.testing.assert_allclose(data.site("tool").xpos, grasp, atol=2e-3)
            touched = [pair for pair in data.contact.geom[: data.ncon] if np.isin(pads, pair).any()]
            assert touched == []
            # The item lies between the pads: both ends of a line across it meet one.
            hits = []
            for way in ((0.0, 1.0, 0.0), (0.0, -1.0, 0.0)):
                geom = np.array([-1], dtype=np.int32)
                beside = grasp + np.array(way) * (FINGER_TRAVEL - 0.005)
                mujoco.mj_ray(model, data, beside, np.array(way), None, 1, -1, geom)
                hits.append(int(geom[0]))
            assert sorted(hits) == sorted(pads)


def put(number: int, container: int, *, height: float | None = None) -> np.ndarray:
    """Return the items' centres, `(2, 3)`, with one of them on the floor of a container or at a height over it."""
    places = np.array(
        [[*place, item.half_extents[2]] for place, item in zip(LAYOUT.item_positions, OBJECTS.items, strict=True)]
    )
    on_the_floor = FLOOR_THICKNESS + OBJECTS.items[number].half_extents[2]
    places[number] = [*LAYOUT.container_positions[container], on_the_floor if height is None else height]
    return places


def moved(number: int, *, other: float = 0.0) -> np.ndarray:
    """Return displacements, `(2,)`: far for one item, and as given for the other."""
    displacements = np.full(N_ITEMS, other)
    displacements[number] = 0.2
    return displacements


@pytest.mark.parametrize(("number", "container"), CHOICES)
def test_what_has_been_put_where_is_told_whatever_was_asked_for(
    read: Callable[..., Reading], number: int, container: int
):
    reading = read(OBJECTS, LAYOUT, item_positions=put(number, container), displacements=moved(number))
    slot = OBJECTS.slot(number, container)
    for target in range(OBJECTS.n_targets):
        assert judge(OBJECTS, LAYOUT, reading, target=target) == (slot, slot)


@pytest.mark.parametrize("number", range(N_ITEMS))
@pytest.mark.parametrize(
    ("slack", "distance", "done"),
    [
        (1.01 * RELEASED_GAP, 0.0, True),
        (0.99 * RELEASED_GAP, 0.99 * FREE_OF_GRIPPER, False),
        (0.99 * RELEASED_GAP, 1.01 * FREE_OF_GRIPPER, True),
        # Closed upon nothing, far away.
        (-0.02, 0.2, True),
    ],
)
def test_done_means_that_the_gripper_has_let_go_or_gone(
    read: Callable[..., Reading], number: int, slack: float, distance: float, *, done: bool
):
    reading = read(
        OBJECTS,
        LAYOUT,
        item_positions=put(number, 1),
        displacements=moved(number),
        opening=2 * OBJECTS.items[number].half_extents[1] + slack,
        distances=np.full(N_ITEMS, distance),
    )
    slot = OBJECTS.slot(number, 1)
    assert judge(OBJECTS, LAYOUT, reading, target=slot) == (slot if done else None, slot)


@pytest.mark.parametrize("number", range(N_ITEMS))
@pytest.mark.parametrize(("share", "done"), [(0.99, True), (1.01, False)])
def test_done_means_that_the_other_item_was_not_moved(
    read: Callable[..., Reading], number: int, share: float, *, done: bool
):
    displacements = moved(number, other=share * DISPLACED)
    reading = read(OBJECTS, LAYOUT, item_positions=put(number, 0), displacements=displacements)
    slot = OBJECTS.slot(number, 0)
    assert judge(OBJECTS, LAYOUT, reading, target=slot) == (slot if done else None, slot)


@pytest.mark.parametrize(("share", "done"), [(0.99, True), (1.01, False)])
def test_done_means_at_rest(read: Callable[..., Reading], share: float, *, done: bool):
    speeds = np.array([share * AT_REST_SPEED, 0.0])
    reading = read(OBJECTS, LAYOUT, item_positions=put(0, 1), displacements=moved(0), item_speeds=speeds)
    slot = OBJECTS.slot(0, 1)
    assert judge(OBJECTS, LAYOUT, reading, target=slot) == (slot if done else None, slot)


@pytest.mark.parametrize(("number", "container"), CHOICES)
def test_an_item_on_its_way_has_reached_the_container_nearest_to_it(
    read: Callable[..., Reading], number: int, container: int
):
    positions = put(number, container, height=0.2)
    for target in range(OBJECTS.n_targets):
        displacements = moved(number)
        on_its_way = judge(
            OBJECTS, LAYOUT, read(OBJECTS, LAYOUT, item_positions=positions, displacements=displacements), target=target
        )
        assert on_its_way == (None, OBJECTS.slot(number, container))
        # Before it is on its way, no container was chosen wrongly.
        displacements[number] = 0.99 * CARRIED
        before = judge(
            OBJECTS, LAYOUT, read(OBJECTS, LAYOUT, item_positions=positions, displacements=displacements), target=target
        )
        assert before == (None, OBJECTS.slot(number, OBJECTS.choice(target).container))
