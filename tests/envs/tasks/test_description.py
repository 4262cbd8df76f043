"""Laws of described scenes: what may lie on the table together."""

import dataclasses
import re
from typing import Any

import numpy as np
import pytest

from daml.envs.experts import find_expert
from daml.envs.objects.items import HOUSEHOLD_FAMILIES, ranges_of
from daml.envs.objects.task_objects import Objects
from daml.envs.tabletop import TabletopEnv
from daml.envs.tasks.description import N_CONTAINERS, N_ITEMS, Scene
from daml.envs.tasks.kinds import TASK_KINDS, draw_objects, n_targets, target_slot
from daml.envs.tasks.task import KINDS, SPLITS, Task


def scene(kind: str, index: int = 0) -> Scene:
    return Scene(kind, draw_objects(Task(kind, SPLITS[index % 3], index)))


def larger(kind: str) -> Scene:
    """Return a scene with as many things as there may be, from several tasks."""
    first, *others = (draw_objects(Task(kind, "train", index)) for index in (7, 8, 9))
    items = (first.items + others[0].items + others[1].items)[: N_ITEMS[kind][1]]
    containers = (first.containers + others[0].containers)[: N_CONTAINERS[kind][1]]
    objects = Objects(items, containers, first.zone, 0)
    return Scene(kind, dataclasses.replace(objects, target=objects.n_targets - 1))


@pytest.mark.parametrize("kind", KINDS)
def test_the_objects_of_every_task_are_a_scene(kind: str):
    for index in range(90):
        task = Task(kind, SPLITS[index % 3], index)
        described = Scene(kind, draw_objects(task))
        assert draw_objects(described) == draw_objects(task)
        assert (target_slot(described), n_targets(described)) == (target_slot(task), n_targets(task))
    assert str(described) == f"{kind}/scene"


@pytest.mark.parametrize("kind", KINDS)
def test_a_scene_is_set_as_a_task_of_the_same_objects_is(kind: str):
    task = Task(kind, "test", 4)
    env = TabletopEnv(kind, image_size=16)
    first, _ = env.reset(seed=3, options={"task": task})
    second, info = env.reset(seed=3, options={"task": Scene(kind, draw_objects(task))})
    env.close()
    np.testing.assert_array_equal(first["image"], second["image"])
    np.testing.assert_array_equal(first["state"], second["state"])
    assert info["task"] == f"{kind}/scene"


@pytest.mark.parametrize("kind", KINDS)
def test_the_expert_succeeds_in_the_largest_scenes(kind: str):
    described, expert = larger(kind), find_expert(kind)
    env = TabletopEnv(kind, image_size=8)
    done = 0
    for seed in range(3):
        _, info = env.reset(seed=seed, options={"task": described})
        truncated = False
        while not truncated:
            _, _, _, truncated, info = env.step(expert(info))
        done += info["is_success"]
    env.close()
    assert done >= 2


@pytest.mark.parametrize("family", HOUSEHOLD_FAMILIES)
@pytest.mark.parametrize("kind", ["push", "pick-place"])
def test_the_expert_handles_what_households_hold(kind: str, family: str):
    objects = draw_objects(Task(kind, "train", 7))
    length, width, height = (sum(span) / 2 for span in ranges_of(family, is_pushed=kind == "push"))
    size = (width if family == "toy" else length, width, height)
    held = dataclasses.replace(objects.items[0], family=family, half_extents=size)
    described = Scene(kind, dataclasses.replace(objects, items=(held, *objects.items[1:]), target=0))
    env, expert = TabletopEnv(kind, image_size=8), find_expert(kind)
    _, info = env.reset(seed=1, options={"task": described})
    truncated = False
    while not truncated:
        *_, truncated, info = env.step(expert(info))
    env.close()
    assert info["is_success"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_largest_scenes_are_laid_out(kind: str):
    described = larger(kind)
    for seed in range(5):
        layout = TASK_KINDS[kind].draw_layout(described.objects, np.random.default_rng(seed))
        assert len(layout.item_positions) == len(described.objects.items) == N_ITEMS[kind][1]
        assert len(layout.container_positions) == len(described.objects.containers) == N_CONTAINERS[kind][1]


def changed(kind: str, name: str, **changes: Any) -> dict[str, Any]:
    """Return the objects of a task with something changed in the first of some things."""
    objects = draw_objects(Task(kind, "train", 0))
    things = getattr(objects, name)
    replaced = [dataclasses.replace(things[0], **changes), *things[1:]]
    return {"kind": kind, "objects": dataclasses.replace(objects, **{name: tuple(replaced)})}


def with_things(kind: str, **changes: Any) -> dict[str, Any]:
    return {"kind": kind, "objects": dataclasses.replace(draw_objects(Task(kind, "train", 0)), **changes)}


PLACE, PUSH = draw_objects(Task("place", "train", 0)), draw_objects(Task("push", "train", 0))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kind": "fly", "objects": PLACE}, "kind: expected one of place, push, pick-place; got 'fly'"),
        ({"kind": "push", "objects": PLACE}, "items: expected 2 to 3 for push, got 1"),
        ({"kind": "place", "objects": PUSH}, "items: expected 1 for place, got 2"),
        (with_things("place", containers=()), "containers: expected 2 to 4 for place, got 0"),
        (with_things("place", containers=PLACE.containers * 2), "containers: expected 2 to 4 for place, got 6"),
        (with_things("place", containers=PLACE.containers[:1] * 2), "containers: expected things that can be told"),
        (with_things("push", items=PUSH.items[:1] * 2), "items: expected things that can be told apart"),
        (with_things("push", zone=None), "zone: expected a goal zone for push, got None"),
        (with_things("place", zone=PUSH.zone), "zone: expected no goal zone for place"),
        (with_things("place", target=3), "target slot is 3; expected 0 to 2"),
        (changed("place", "items", family="block"), "items[0].family: expected one of bag, ball, bar, bead pair, book"),
        (changed("push", "items", family="ball"), "items[0].family: expected one of bag, bar, block, book"),
        (
            changed("place", "items", family="mug", half_extents=(0.02, 0.018, 0.018)),
            "items[0].size: a mug with its handle is at least 1.35 times as long as wide, got 0.04 and 0.036 m",
        ),
        (changed("place", "items", pattern="tartan"), "items[0].pattern: expected one of plain"),
        (changed("place", "items", colour=(0.0, 0.0, 1.1)), "items[0].colour: expected red, green and blue from 0"),
        (changed("place", "items", accent=(float("nan"),) * 3), "items[0].accent: expected red, green and blue"),
        (
            changed("place", "items", family="box", half_extents=(0.015, 0.03, 0.015)),
            "items[0].size, width of a box: expected 0.028 to 0.04 m, got 0.06",
        ),
        (
            changed("place", "items", family="cylinder", half_extents=(0.015, 0.016, 0.015)),
            "items[0].size: a cylinder is as long as wide, got 0.03 and 0.032 m",
        ),
        (
            changed("place", "items", family="ball", half_extents=(0.015, 0.015, 0.016)),
            "items[0].size: a ball is as high as wide, got 0.032 and 0.03 m",
        ),
        (
            changed("place", "items", family="bead pair", half_extents=(0.031, 0.0135, 0.0135)),
            "items[0].size: a bead pair is at most twice as long as wide, got 0.062 and 0.027 m",
        ),
        (changed("place", "containers", family="bucket"), "containers[0].family: expected one of bowl, tray"),
        (changed("place", "containers", wall_colour=(-1.0, 0.0, 0.0)), "containers[0].colour: expected"),
        (changed("place", "containers", floor_colour=(2.0, 0.0, 0.0)), "containers[0].floor: expected"),
        (changed("place", "containers", half_extents=(0.3, 0.3)), "containers[0].size, width of a"),
        (
            changed("place", "containers", family="bowl", half_extents=(0.055, 0.065)),
            "containers[0].size, length of a bowl of this width: expected 0.11 to 0.11 m, got 0.13",
        ),
        (changed("place", "containers", height=float("nan")), "containers[0].height of a"),
        (changed("place", "containers", flare=1.5), "containers[0].flare of a"),
        (with_things("push", zone=dataclasses.replace(PUSH.zone, radius=0.5)), "zone.radius: expected 0.08 to 0.09 m"),
        (with_things("push", zone=dataclasses.replace(PUSH.zone, shape="star")), "zone.shape: expected one of disc"),
        (with_things("push", zone=dataclasses.replace(PUSH.zone, pattern="star")), "zone.pattern: expected one of"),
    ],
)
def test_what_is_no_scene_is_refused_with_its_key(arguments: dict[str, Any], message: str):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        Scene(**arguments)
