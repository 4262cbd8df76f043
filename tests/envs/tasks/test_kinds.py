"""Laws that every kind of task keeps."""

from collections.abc import Callable

import numpy as np
import pytest

from daml.envs.tasks.judging import Reading, verdict
from daml.envs.tasks.kinds import TASK_KINDS, draw_objects, n_targets, target_slot
from daml.envs.tasks.layout import START_REGION
from daml.envs.tasks.task import KINDS, SPLITS, Task

CHOICES = {"place": 3, "push": 2, "pick-place": 4}
N_TASKS = 120


def test_every_kind_of_task_is_known():
    assert tuple(TASK_KINDS) == KINDS == tuple(CHOICES)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_task_gives_the_same_objects_and_another_task_others(kind: str):
    first = draw_objects(Task(kind, "test", 5))
    TASK_KINDS[kind].draw_objects.cache_clear()
    assert draw_objects(Task(kind, "test", 5)) == first
    assert draw_objects(Task(kind, "test", 6)) != first
    assert draw_objects(Task(kind, "train", 5)) != first


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("kind", KINDS)
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
def test_a_kind_that_starts_with_an_item_in_the_gripper_has_just_that_one(kind: str):
    rules, objects = TASK_KINDS[kind], draw_objects(Task(kind, "train", 0))
    layout = rules.draw_layout(objects, np.random.default_rng(0))
    at_the_gripper = np.linalg.norm(layout.item_positions - layout.gripper[:2], axis=1) < 1e-9
    assert (len(objects.items) == 1 and at_the_gripper.all()) == rules.starts_holding


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
