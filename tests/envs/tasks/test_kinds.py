"""Laws that every kind of task keeps."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from daml.envs.tasks.description import Scene
from daml.envs.tasks.judging import Reading, verdict
from daml.envs.tasks.kinds import TASK_KINDS, draw_objects, n_targets, target_slot
from daml.envs.tasks.layout import START_REGION
from daml.envs.tasks.task import ALL_KINDS as KINDS
from daml.envs.tasks.task import SPLITS, Task

CHOICES = {"place": 3, "push": 2, "pick-place": 4}
"""Of each kind with scenes of its own."""

DIGESTS = {"place": "52cfbc742ee449cd", "push": "7171851ff5e9c4ec", "pick-place": "a4ef7aadfe2ec962"}
"""Of objects and layouts of each of these: priors have been trained in them, and figures published."""
N_TASKS = 120


def test_every_kind_of_task_is_known():
    assert tuple(TASK_KINDS) == KINDS == (*CHOICES, "tabletop")


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_task_gives_the_same_objects_and_another_task_others(kind: str):
    first = draw_objects(Task(kind, "test", 5))
    TASK_KINDS[kind].draw_objects.cache_clear()
    assert draw_objects(Task(kind, "test", 5)) == first
    assert draw_objects(Task(kind, "test", 6)) != first
    assert draw_objects(Task(kind, "train", 5)) != first


@pytest.mark.parametrize("kind", CHOICES)
def test_the_scenes_that_priors_were_trained_in_stay_as_they_were(kind: str):
    digester = hashlib.sha256()
    for split in SPLITS:
        for index in range(4):
            objects = draw_objects(Task(kind, split, index))
            layout = TASK_KINDS[kind].draw_layout(objects, np.random.default_rng(index))
            items = [value for item in objects.items for value in (*item.half_extents, *item.colour)]
            containers = [
                value for one in objects.containers for value in (*one.half_extents, one.height, *one.wall_colour)
            ]
            places = [layout.gripper, layout.item_positions, layout.container_positions, layout.zone_position]
            values = np.concatenate([[objects.target], items, containers, *(place.ravel() for place in places)])
            digester.update(np.round(values, 6).tobytes())
    assert digester.hexdigest()[:16] == DIGESTS[kind]


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("kind", CHOICES)
def test_every_choice_is_the_target_about_equally_often(kind: str, split: str):
    tasks = [Task(kind, split, index) for index in range(N_TASKS)]
    assert {n_targets(task) for task in tasks} == {CHOICES[kind]}
    counts = np.bincount([target_slot(task) for task in tasks], minlength=CHOICES[kind])
    # Four standard deviations about the mean.
    share = 1 / CHOICES[kind]
    np.testing.assert_allclose(counts, N_TASKS * share, atol=4 * np.sqrt(N_TASKS * share * (1 - share)))


@pytest.mark.parametrize("kind", KINDS)
def test_a_layout_has_a_place_for_every_object_and_comes_from_the_seed(kind: str):
    for index in range(30):
        objects = draw_objects(Task(kind, SPLITS[index % 3], index))
        first, again, other = (
            TASK_KINDS[kind].draw_layout(objects, np.random.default_rng(seed)) for seed in (index, index, 1000)
        )
        assert first.item_positions.shape == (len(objects.items), 2)
        assert first.item_yaws.shape == (len(objects.items),)
        assert first.container_positions.shape == (len(objects.containers), 2)
        assert first.container_yaws.shape == (len(objects.containers),)
        assert first.zone_position.shape == (2,)
        assert (first.gripper >= START_REGION[0]).all()
        assert (first.gripper <= START_REGION[1]).all()
        for name, value in vars(first).items():
            np.testing.assert_array_equal(value, vars(again)[name])
        assert any(np.any(value != vars(other)[name]) for name, value in vars(first).items())


@pytest.mark.parametrize("kind", KINDS)
def test_what_starts_in_the_gripper_is_one_item_of_a_task_that_holds_one(kind: str):
    rules, objects = TASK_KINDS[kind], draw_objects(Task(kind, "train", 0))
    layout = rules.draw_layout(objects, np.random.default_rng(0))
    at_the_gripper = np.linalg.norm(layout.item_positions - layout.gripper[:2], axis=1) < 1e-9
    assert at_the_gripper.sum() == rules.starts_holding(objects)


@pytest.mark.parametrize("kind", KINDS)
def test_a_scene_in_which_nothing_has_been_done_is_not_done(read: Callable[..., Reading], kind: str):
    rules = TASK_KINDS[kind]
    for index in range(30):
        objects = draw_objects(Task(kind, SPLITS[index % 3], index))
        layout = rules.draw_layout(objects, np.random.default_rng(index))
        for target in range(objects.n_targets):
            judgement = rules.judge(objects, layout, read(objects, layout), target=target)
            assert judgement.completed is None
            assert 0 <= judgement.reached < objects.n_targets
            assert verdict(objects, judgement, target=target) != "success"


def test_a_scene_is_acted_in_without_its_textures():
    objects = draw_objects(Task("pick-place", "train", 0))
    items = tuple(replace(item, texture="photo.png") for item in objects.items)
    assert draw_objects(Scene("pick-place", replace(objects, items=items))) == objects
