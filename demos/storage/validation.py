"""Everything that is wrong with a dataset, not only the first of it."""

from pathlib import Path

import numpy as np

from daml.demos.storage.dataset import DemoDataset
from daml.demos.storage.stored_task import StoredTask

TRAINING_SPLIT = "train"
"""What `daml train` learns from."""
LEAST_STATES = 4
"""The first states are the gripper's position x, y, z, off which it is read where things were, and its opening."""


def find_problems(root: str | Path) -> list[str]:
    """Read all of a dataset and name what would keep it from being trained on.

    Args:
        root: Folder of the dataset.

    Returns:
        A sentence for each problem, with its file or folder; none for a dataset that trains.
    """
    try:
        dataset = DemoDataset(root)
    except ValueError as error:
        return [str(error)]
    problems: list[str] = []
    if TRAINING_SPLIT not in dataset.splits:
        problems.append(f"{root}: no split {TRAINING_SPLIT!r} (a folder of that name), which is what is trained on")
    widths: dict[tuple[int, int], Path] = {}
    for split in dataset.splits:
        try:
            tasks = dataset.tasks(split)
        except ValueError as error:
            problems.append(str(error))
            continue
        known = {task.folder.name for task in tasks}
        strangers = sorted(path for path in (dataset.root / split).iterdir() if path.name not in known)
        problems += [
            f"{path}: is not read; expected a folder with a name such as place-000000"
            for path in strangers
            if not path.name.startswith(".")  # what killed writers leave behind
        ]
        for task in tasks:
            problems += _task_problems(task, widths)
    if len(widths) > 1:
        found = "; ".join(f"{states} and {actions} in {folder}" for (states, actions), folder in sorted(widths.items()))
        problems.append(f"{root}: states and actions of several widths, but one policy has one robot: {found}")
    return problems


def _task_problems(task: StoredTask, widths: dict[tuple[int, int], Path]) -> list[str]:
    """Name what is wrong with one task; remember the widths of its states and actions."""
    try:
        n_humans, n_robots = task.n_humans, task.n_robots
        for i in range(n_humans):
            task.human(i)
        robots = [task.robot(i) for i in range(n_robots)]
    except ValueError as error:
        message = str(error)
        return [message if str(task.folder) in message else f"{task.folder}: {message}"]
    if not n_humans or not robots:
        return [f"{task.folder}: {n_humans} human and {n_robots} robot clips; at least one of each is needed"]
    problems: list[str] = []
    for i, robot in enumerate(robots):
        widths.setdefault((robot.states.shape[1], robot.actions.shape[1]), task.folder)
        where = f"{task.folder}: robot clip {i}"
        if robot.states.shape[1] < LEAST_STATES or robot.actions.shape[1] < 2:
            problems.append(
                f"{where} has {robot.states.shape[1]} states and {robot.actions.shape[1]} actions per step; expected "
                "at least the gripper's position x, y, z and its opening, and a velocity and the gripper's command"
            )
        elif np.abs(robot.actions).max() > 1:
            step = int(np.abs(robot.actions).max(axis=1).argmax())
            problems.append(f"{where} has the action {robot.actions[step].tolist()} at step {step}; expected -1 to 1")
    return problems
