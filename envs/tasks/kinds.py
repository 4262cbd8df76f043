"""The kinds of task: what the environment, the human and the experts need to know of each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from daml.envs.objects.task_objects import Objects
from daml.envs.tasks import pick_place, place, push
from daml.envs.tasks.description import Assignment, Scene
from daml.envs.tasks.judging import Judgement, Reading
from daml.envs.tasks.layout import Layout
from daml.envs.tasks.task import Task


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
        starts_holding: Whether the (only) item is in the gripper, or the hand, from the start.
    """

    horizon: int
    draw_objects: Callable[[Task], Objects]
    draw_layout: Callable[[Objects, np.random.Generator], Layout]
    judge: Judge
    starts_holding: bool


TASK_KINDS = {
    "place": TaskKind(place.HORIZON, place.draw_objects, place.draw_layout, place.judge, starts_holding=True),
    "push": TaskKind(push.HORIZON, push.draw_objects, push.draw_layout, push.judge, starts_holding=False),
    "pick-place": TaskKind(
        pick_place.HORIZON, pick_place.draw_objects, pick_place.draw_layout, pick_place.judge, starts_holding=False
    ),
}
"""Every kind, by the names in `task.KINDS`."""


def draw_objects(task: Assignment) -> Objects:
    """Return the objects of a task of any kind, the same on every machine, or those of a described scene."""
    return TASK_KINDS[task.kind].draw_objects(task) if isinstance(task, Task) else task.objects


def describe(task: Task) -> Scene:
    """Return the objects of a task as a scene of their own."""
    return Scene(task.kind, draw_objects(task))


def target_slot(task: Assignment) -> int:
    """Return the slot of a task's target."""
    return draw_objects(task).target


def n_targets(task: Assignment) -> int:
    """Return how many choices a task has."""
    return draw_objects(task).n_targets
