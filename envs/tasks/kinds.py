"""The kinds of task: what the environment, the human and the experts need to know of each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from daml.envs.objects.task_objects import Objects
from daml.envs.tasks import one_table, pick_place, place, push
from daml.envs.tasks.description import Assignment, Scene
from daml.envs.tasks.judging import Judgement, Reading
from daml.envs.tasks.layout import Layout
from daml.envs.tasks.task import ONE_TABLE, Task


class Judge(Protocol):
    """Tells what has been done, from a reading of the scene."""

    def __call__(self, objects: Objects, layout: Layout, reading: Reading, *, target: int) -> Judgement:
        """Judge a moment of an episode whose target is the given slot."""
        ...


@dataclass(frozen=True)
class TaskKind:
    """What is particular to a kind of task.

    Args:
        horizon: Control steps of an episode.
        draw_objects: The objects of a task, the same on every machine.
        draw_layout: Where they are, from an episode's random numbers.
        judge: What has been done.
        starts_holding: Tells whether the first item is in the gripper, or the hand, from the start.
        most_distractors: Most things that lie about in every world.
        most_things: Most items, and most containers, where tasks differ in their number; 0 where they do not.
    """

    horizon: int
    draw_objects: Callable[[Task], Objects]
    draw_layout: Callable[[Objects, np.random.Generator], Layout]
    judge: Judge
    starts_holding: Callable[[Objects], bool]
    most_distractors: int = 0
    most_things: int = 0


def _always(_objects: Objects) -> bool:
    return True


def _never(_objects: Objects) -> bool:
    return False


TASK_KINDS = {
    "place": TaskKind(place.HORIZON, place.draw_objects, place.draw_layout, place.judge, _always),
    "push": TaskKind(push.HORIZON, push.draw_objects, push.draw_layout, push.judge, _never),
    "pick-place": TaskKind(
        pick_place.HORIZON, pick_place.draw_objects, pick_place.draw_layout, pick_place.judge, _never
    ),
    ONE_TABLE: TaskKind(
        one_table.HORIZON,
        one_table.draw_objects,
        one_table.draw_layout,
        one_table.judge,
        one_table.starts_holding,
        one_table.MOST_DISTRACTORS,
        one_table.MOST_THINGS,
    ),
}
"""Every kind, by the names in `task.ALL_KINDS`."""


def draw_objects(task: Assignment) -> Objects:
    """Return the objects of a task of any kind, the same on every machine, or those of a described scene.

    They come without textures, which priors never saw in training: with them the shipped one did what eight real films
    show in 27 of 40 rollouts in their twins, in plain colours in 32. A scene's `objects` keep them, for pictures.
    """
    return TASK_KINDS[task.kind].draw_objects(task) if isinstance(task, Task) else task.objects.plain


def describe(task: Task) -> Scene:
    """Return the objects of a task as a scene of their own."""
    return Scene(task.kind, draw_objects(task))


def target_slot(task: Assignment) -> int:
    """Return the slot of a task's target."""
    return draw_objects(task).target


def n_targets(task: Assignment) -> int:
    """Return how many choices a task has."""
    return draw_objects(task).n_targets


def manner_of(task: Assignment) -> str:
    """Return how a task is to be done: its kind, or on the one table that of its target."""
    objects = draw_objects(task)
    return objects.choice(objects.target).manner or task.kind
